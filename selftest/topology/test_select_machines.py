"""--hosts and --row: what a term matches, what excludes, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.errors import SelectionError
from preflight.topology.loader import load_inventory
from preflight.topology.selection import select_machines, selection_rows

SITE = load_inventory(Path(__file__).parent / "good" / "inventory.yaml")
ALL = frozenset(SITE.machines)
ROWS = [f"{letter}{number:02}" for letter in "SWP" for number in range(1, 20)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cml1", {"cml1"}),
        ("cml1, ors1", {"cml1", "ors1"}),
        ("cml", {"cml1", "cml2"}),
        ("brno", {"ors1", "ors2", "ws2", "brno1", "brno2", "tp2"}),
        ("floor2", {"mfp2"}),
        ("mfp?", {"mfp1", "mfp2"}),
        ("*[12],!mfp*,!brno", {"cml1", "cml2", "crs1", "sql1", "dir1", "ap1", "files1", "ws1", "v1", "tp1", "cr1"}),
        ("10.1.1.30", {"sql1"}),
        ("fd00:1:0:0::1", {"dir1"}),
        ("fd00:1::/64", {"dir1"}),
        ("10.3.0.0/24", {"ws1", "ws2"}),
        ("10.3.0.9/24", {"ws1", "ws2"}),
        ("terminal,card_reader,!tp1", {"tp2", "cr1"}),
        ("printer,", {"mfp1", "mfp2", "brno1", "brno2"}),
    ],
)
def test_terms(expression: str, expected: set[str]) -> None:
    assert select_machines(SITE, expression) == expected


def test_only_exclusions_start_from_everything() -> None:
    assert select_machines(SITE, "!cml, !printer") == ALL - {"cml1", "cml2", "mfp1", "mfp2", "brno1", "brno2"}


def test_a_name_wins_over_a_role(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    hosts = "  ors: {roles: cml, address: 10.0.0.1}\n  other: {roles: ors, address: 10.0.0.2}\n"
    file.write_text(f"customer: a\nsite: b\nhosts:\n{hosts}", encoding="utf-8")
    assert select_machines(load_inventory(file), "ors") == {"ors"}


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("cm1", "--hosts: 'cm1' matches no machine; did you mean 'cml1'"),
        ("printr", "--hosts: 'printr' matches no machine; did you mean 'printer' or 'printers'"),
        ("Brno", "--hosts: 'Brno' matches no machine; did you mean 'brno'"),
        ("cml,!orz1", "--hosts: 'orz1' matches no machine; did you mean 'ors1'"),
        ("zzzz*", "--hosts: 'zzzz*' matches no machine; there are: cml1, "),
        ("10.77.0.1", "--hosts: '10.77.0.1' matches no machine"),
        ("payment_system", "--hosts: 'payment_system' matches no machine"),
        ("", "--hosts: nothing is written; write a name, role, site"),
        (" , ", "--hosts: nothing is written; write a name, role, site"),
        ("!", "--hosts: '' matches no machine"),
        ("cml1,!cml", "--hosts: 'cml1,!cml' leaves nothing"),
    ],
)
def test_refused(expression: str, message: str) -> None:
    with pytest.raises(SelectionError) as caught:
        select_machines(SITE, expression)
    assert str(caught.value).startswith(message)


TERMS = st.sampled_from([*sorted(ALL), "cml", "hq", "branch", "mfp*", "*1", "10.2.0.0/16"])


@given(st.lists(TERMS, min_size=1, max_size=5), st.lists(TERMS, max_size=3))
def test_selection_is_union_minus_union(included: list[str], excluded: list[str]) -> None:
    def union(terms: list[str]) -> frozenset[str]:
        return frozenset().union(*(select_machines(SITE, term) for term in terms))

    expected = union(included) - union(excluded)
    expression = ",".join([*(f"!{t}" for t in excluded), *included])
    if expected:
        assert select_machines(SITE, expression) == expected
    else:
        with pytest.raises(SelectionError, match="leaves nothing"):
            select_machines(SITE, expression)


@given(st.text(max_size=40))
def test_any_text_selects_machines_or_is_refused(expression: str) -> None:
    try:
        selected = select_machines(SITE, expression)
    except SelectionError as error:
        refusal = str(error)
    else:
        assert selected
        assert selected <= ALL
        return
    assert refusal.isprintable()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("S04", {"S04"}),
        ("S04,P*,!P05", {"S04", *(r for r in ROWS if r[0] == "P" and r != "P05")}),
        ("!S*,!W*", {r for r in ROWS if r[0] == "P"}),
        ("?01", {"S01", "W01", "P01"}),
    ],
)
def test_rows(expression: str, expected: set[str]) -> None:
    assert selection_rows(expression, ROWS) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("S99", "--row: 'S99' matches no row; did you mean S"),
        ("s04", "--row: 's04' matches no row; did you mean S04"),
        ("X*", "--row: 'X*' matches no row; row ids are like S04, a glob like S*"),
        ("", "--row: nothing is written; write a row id or glob"),
        ("S01,!S01", "--row: 'S01,!S01' leaves nothing"),
    ],
)
def test_rows_refused(expression: str, message: str) -> None:
    with pytest.raises(SelectionError) as caught:
        selection_rows(expression, ROWS)
    assert str(caught.value).startswith(message)
