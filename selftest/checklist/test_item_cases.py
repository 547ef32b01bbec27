"""Every checklist item against its recorded facts: good, bad and unobservable, before and after installation."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from item_cases import Recorded, item_tests, play, recorded_cases

ROWS = list(recorded_cases())
LEAST_ROWS = 6


@pytest.mark.parametrize("recorded", ROWS, ids=lambda r: r.id)
def test_recorded_facts_give_the_outcome(recorded: Recorded, tmp_path: Path) -> None:
    verdict = play(recorded, tmp_path)
    row = recorded.row
    assert verdict.outcome == row["expect"], verdict
    for where, pieces in (("reason", "says"), ("remedy", "do"), ("seen", "seen"), ("findings", "notes")):
        told = getattr(verdict, where)
        text = told if isinstance(told, str) else " / ".join(told)
        wanted = row.get(pieces, [])
        for piece in [wanted] if isinstance(wanted, str) else wanted:
            assert piece in text, f"{pieces}: {text!r}"
    if verdict.outcome.blocks:
        assert verdict.remedy, "what blocks must say what to do"


def test_every_item_has_rows_of_every_sort() -> None:
    rows: dict[str, Counter[str]] = {}
    for recorded in ROWS:
        rows.setdefault(recorded.item, Counter())[recorded.row["expect"]] += 1
    assert set(rows) == set(item_tests())
    for item, counts in rows.items():
        assert counts.total() >= LEAST_ROWS, item
        assert counts["passed"], item
        assert counts["failed"] or counts["advisory"], item
        assert counts["unverified"], item
