"""Whatever is written where in an inventory or its CSV: it loads, or it is refused with a place. Nothing else."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.errors import InventoryError
from preflight.topology.loader import load_inventory

GOOD = Path(__file__).parent / "good"
TEXT = (GOOD / "inventory.yaml").read_text(encoding="utf-8")
CSV = (GOOD / "printers.csv").read_text(encoding="utf-8")
WORDS = [(m.start(), m.end()) for m in re.finditer(r"[\w./-]+", TEXT)]
CELLS = [(m.start(), m.end()) for m in re.finditer(r"[^;\n]+", CSV)]
AWKWARD = r"""
~ null true .inf .nan -.inf 0 -1 1e999 010 0o17 0x1F 1_000 99999999999999999999999 2020-99-99 2020-01-01 12:30:45
'' "" [] {} [[]] {a:1} [~] {~:~} {1:2} ? & * ! !!int !!str !!binary &a &a.b *a << = - -- --- ... % %YAML @ ` | > # : ::
"\0" "\u202e" "\ud800" 'a {{}} none None yes fe80::1%eth0 ::ffff:10.0.0.1 1.2.3.4/33 ::/0 0.0.0.0/0 ../../etc/passwd
. / // ~root ~/x %s {0} &a[*a] <<:
"""
SCALARS = (
    st.sampled_from(AWKWARD.split())
    | st.sampled_from(["a\nb", "{a: b}", "{<<: *a}", "!!int x", "&a [*a]", "&a x\n\t"])
    | st.text(max_size=12)
)
SETTINGS = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def loads_or_is_refused(text: str, csv: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "printers.csv").write_bytes(csv.encode("utf-8", "surrogatepass"))
        (folder / "inventory.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            load_inventory(folder / "inventory.yaml")
        except InventoryError as error:
            for line in str(error).split("\n"):
                assert re.match(r".*(inventory\.yaml|printers\.csv):[0-9]+: .|and [0-9]+ more; ", line), line
                assert line.isprintable()


@pytest.mark.slow
@SETTINGS
@given(st.lists(st.tuples(st.sampled_from(WORDS), SCALARS), min_size=1, max_size=3, unique_by=lambda change: change[0]))
def test_scalars_in_the_inventory(changes: list[tuple[tuple[int, int], str]]) -> None:
    text = TEXT
    for (start, end), scalar in sorted(changes, reverse=True):
        text = text[:start] + scalar + text[end:]
    loads_or_is_refused(text, CSV)


@pytest.mark.slow
@SETTINGS
@given(st.sampled_from(CELLS), SCALARS)
def test_cells_of_the_csv(cell: tuple[int, int], scalar: str) -> None:
    loads_or_is_refused(TEXT, CSV[: cell[0]] + scalar + CSV[cell[1] :])


@SETTINGS
@given(st.lists(st.sampled_from(TEXT.splitlines()), max_size=12))
def test_lines_in_any_order(lines: list[str]) -> None:
    loads_or_is_refused("\n".join(lines), CSV)


@SETTINGS
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    loads_or_is_refused(text, text)


def test_aliases_that_explode(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (tmp_path / "inventory.yaml").write_text("\n".join(levels), encoding="utf-8")
    loads_or_is_refused("\n".join(levels), CSV)
