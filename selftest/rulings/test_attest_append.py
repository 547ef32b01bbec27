"""Entries are added to attestations.yaml without touching what stands in it; drafts are for their cases alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruled import ROWS, TOPOLOGY, case

from preflight.errors import InventoryError
from preflight.rulings.append import appended
from preflight.rulings.drafts import Statement, drafts_for, free_ids
from preflight.rulings.loader import read_rulings
from preflight.values.case import Case

ENTRY = {
    "id": "A7",
    "requirement": "C09",
    "hosts": ["cml1", "cml2"],
    "asked_by": "Eva: Nova #1",
    "approved_by": "Jan",
    "reason": "- 'yes', \"no\": {x}",
    "until": date(2027, 1, 31),
}
OLD = "id: A1, requirement: C04, hosts: cml1, asked_by: Eva, approved_by: Jan, reason: r, until: 2027-01-31"
KEPT = [  # nothing that stands there changes: the new text begins with the old one
    "attestations:\n  - {OLD}\n",
    "attestations:\n- {OLD}\n",
    "attestations:\n      -   {OLD}   # why\n      # the end\n",
    "# before\n\nattestations:   # here\n  - {OLD}\n\n\n# behind\n",
    "attestations:\n  - {OLD}",
    "# comments only\n",
    "---\nattestations:\n  - {OLD}\n",
]
ANEW = ["attestations: [{OLD}] # why\n", "attestations: []\n# behind\n", "{attestations: [{OLD}]}\n"]


def entries(text: str) -> list[Any]:
    found: list[Any] = YAML(typ="safe", pure=True).load(text)["attestations"]
    return found


@pytest.mark.parametrize("text", [*KEPT, *ANEW, ""])
def test_old_entries_stay_and_the_new_one_loads(text: str, tmp_path: Path) -> None:
    text = text.replace("OLD", OLD)
    new = appended(text, [ENTRY, ENTRY | {"id": "A8"}])
    assert [entry["id"] for entry in entries(new)] == [*(["A1"] if "A1" in text else []), "A7", "A8"]
    assert "&" not in new, "no aliases, which people do not read"
    found = read_rulings(tmp_path, {"attestations.yaml": new}, TOPOLOGY, list(ROWS)).all[-1]
    assert (found.asked_by, found.reason, found.until) == (ENTRY["asked_by"], ENTRY["reason"], ENTRY["until"])
    for comment in ("# why", "# before", "# here", "# behind", "# the end", "# comments only"):
        assert (comment in new) == (comment in text)


@pytest.mark.parametrize("text", KEPT)
def test_not_a_letter_of_the_old_text_changes(text: str) -> None:
    text = text.replace("OLD", OLD)
    assert appended(text, [ENTRY]).startswith(text)


@pytest.mark.parametrize("text", ["attestations: 5\n", "- a\n", "other: 1\n", "{OLD}\n"])
def test_refused_where_something_would_be_lost(text: str) -> None:
    with pytest.raises(InventoryError, match="add it by hand"):
        appended(text.replace("OLD", OLD), [ENTRY])


words = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=40).filter(str.strip)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(before=st.lists(words, max_size=1), reason=words, name=words)
def test_any_words_come_back_as_they_were_said(before: list[str], reason: str, name: str) -> None:
    text = ""
    for number, old in enumerate(before):
        text = appended(text, [ENTRY | {"id": f"B{number}", "reason": old}])
    new = appended(text, [ENTRY | {"reason": reason, "asked_by": name}])
    assert new.startswith(text)
    assert [entry["reason"] for entry in entries(new)] == [*before, reason]
    assert entries(new)[-1]["asked_by"] == name


SAID = Statement("Eva", "Jan", "looked at", date(2027, 1, 31), "T-1")
MACHINES = ("cml1", "cml2", "mfp1", "mfp2", "mfp10")
FLOWS = [case(f"{row}:{a}>{b}") for row in ("S14", "P10") for a in MACHINES for b in MACHINES if a != b]
ITEMS = [case(f"{row}:{name}") for row in ("C09", "C04") for name in MACHINES] + [case("L01:corp"), case("L02:corp")]
UNIVERSE = FLOWS + ITEMS


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(UNIVERSE), unique_by=lambda c: c.id, min_size=1))
def test_drafts_are_for_their_cases_and_no_others(chosen: list[Case]) -> None:
    drafts = drafts_for(chosen, SAID)
    text = appended("", [d.entry(name) for d, name in zip(drafts, free_ids([], len(drafts)), strict=True)])
    found = read_rulings(Path("site"), {"attestations.yaml": text}, TOPOLOGY, list(ROWS))
    covered = {c.id for c in UNIVERSE if found.of(c)}
    assert covered == {c.id for c in chosen}


def test_a_printer_fleet_is_one_draft() -> None:
    cases = [case(f"{row}:{cml}>{mfp}") for row in ("S14", "P10") for cml in ("cml1", "cml2") for mfp in MACHINES[2:]]
    (draft,) = drafts_for(cases, SAID)
    assert draft.entry("A1") == {
        "id": "A1",
        "requirement": ["S14", "P10"],
        "source": ["cml1", "cml2"],
        "destination": ["mfp1", "mfp2", "mfp10"],
        "asked_by": "Eva",
        "approved_by": "Jan",
        "reason": "looked at",
        "ticket": "T-1",
        "until": date(2027, 1, 31),
    }


def test_a_case_of_the_whole_site_is_met_by_its_draft() -> None:
    (draft,) = drafts_for([case("I08:site")], SAID)
    assert draft.ends == {"hosts": ("*",)}


@pytest.mark.parametrize(
    ("taken", "ids"),
    [([], ["A1", "A2"]), (["W1", "A3", "A1", "Ax", "A²"], ["A4", "A5"]), (["A07"], ["A8", "A9"])],
)
def test_ids_go_on_behind_the_highest(taken: list[str], ids: list[str]) -> None:
    assert free_ids(taken, 2) == ids
