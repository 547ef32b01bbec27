"""A test item that carries many cases: it holds when each of them passes or is allowed, and shows the worst."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruled import TOPOLOGY, case, rulings

from fixtures.cases import Flow
from fixtures.state import Session
from preflight.catalogue.loader import load_catalogue
from preflight.values.outcome import Outcome, Verdict

NAMES = ("S14:mfp1>cml1", "S14:mfp2>cml1", "S14:mfp10>cml1")


def item(folder: Path, hosts: str, until: str, *outcomes: Outcome) -> Flow:
    """An item with one case a printer, and a waiver for some of the printers."""
    cases = tuple(case(name) for name in NAMES)
    session = Session(
        inventory=folder / "inventory.yaml",
        inventory_read=folder / "inventory.yaml",
        topology=TOPOLOGY,
        catalogue=load_catalogue(),
        plan=list(cases),
        expected_phase=None,
        rulings=rulings(folder, [{"id": "W1", "requirement": "S14", "hosts": hosts, "until": until}]),
        asked=datetime(2026, 11, 26, 12, tzinfo=UTC),
        checked={one.id: Verdict(outcome, f"saw {one.source}") for one, outcome in zip(cases, outcomes, strict=True)},
    )
    return Flow("group", cases, session)


@pytest.mark.parametrize(
    ("hosts", "outcomes", "shown", "holds"),
    [
        ("mfp*", (Outcome.FAILED, Outcome.UNVERIFIED, Outcome.PASSED), Outcome.WAIVED, True),
        ("mfp1", (Outcome.FAILED, Outcome.ADVISORY, Outcome.PASSED), Outcome.WAIVED, True),
        ("mfp1", (Outcome.FAILED, Outcome.UNVERIFIED, Outcome.PASSED), Outcome.UNVERIFIED, False),
        ("mfp2", (Outcome.FAILED, Outcome.FAILED, Outcome.PASSED), Outcome.FAILED, False),
        ("mfp1", (Outcome.PASSED, Outcome.PASSED, Outcome.PASSED), Outcome.PASSED, True),
    ],
)
def test_worst_of_what_stands(
    hosts: str, outcomes: tuple[Outcome, ...], shown: Outcome, holds: bool, tmp_path: Path
) -> None:
    group = item(tmp_path, hosts, "2027-01-31", *outcomes)
    assert (group.outcome, group.holds) == (shown, holds)


def test_the_story_tells_of_what_still_blocks_alone(tmp_path: Path) -> None:
    group = item(tmp_path, "mfp1", "2027-01-31", Outcome.FAILED, Outcome.FAILED, Outcome.PASSED)
    assert group.story == "S14:mfp2>cml1 failed: saw mfp2"


def test_the_story_of_an_expired_one_names_it(tmp_path: Path) -> None:
    group = item(tmp_path, "mfp1", "2026-11-25", Outcome.FAILED, Outcome.PASSED, Outcome.PASSED)
    assert group.story == "S14:mfp1>cml1 failed: waiver W1 of Eva expired on 2026-11-25; saw mfp1"
