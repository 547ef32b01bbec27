"""Every checklist item against its recorded facts: good, bad and unobservable, before and after installation."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from item_cases import Recorded, item_tests, play, recorded_cases

ROWS = list(recorded_cases())
ITEMS = 24  # of the vendor's page
LEAST_ROWS, LEAST_IN_ALL = 6, 150  # rows as they stand in the files, however often each is played
SORTS = {"passed": "good", "failed": "bad", "advisory": "bad", "unverified": "unobservable"}


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


def test_every_item_has_rows_of_every_sort_before_and_after_installation() -> None:
    rows: dict[str, set[str]] = {}
    sorts: Counter[tuple[str, str, str]] = Counter()
    for recorded in ROWS:
        rows.setdefault(recorded.item, set()).add(recorded.row["name"])
        sorts[recorded.item, recorded.phase, SORTS[recorded.row["expect"]]] += 1
    assert set(rows) == set(item_tests())
    assert len(rows) >= ITEMS
    assert {item: len(names) for item, names in rows.items() if len(names) < LEAST_ROWS} == {}
    assert sum(map(len, rows.values())) > LEAST_IN_ALL
    wanted = {(item, phase, sort) for item in rows for phase in ("before", "after") for sort in set(SORTS.values())}
    assert wanted - set(sorts) == set()


def test_no_two_rows_of_an_item_have_one_name() -> None:
    # pytest would number them, and a count by name would lose one.
    assert [id_ for id_, times in Counter(r.id for r in ROWS).items() if times > 1] == []
