"""Rulings laid over cases: what stands, by which ruling, and what is said of those that do nothing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from ruled import ruled, rulings

from preflight.run.model import OutcomeCounts
from preflight.values.outcome import Outcome
from preflight.values.shipped_yaml import load as load_yaml

TABLE: list[dict[str, Any]] = load_yaml(Path(__file__).with_name("laid.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line["name"].replace(" ", "-"))
def test_what_stands(line: dict[str, Any], tmp_path: Path) -> None:
    found = rulings(tmp_path, line.get("waivers", ()), line.get("attestations", ()))
    out = ruled(found, line["cases"])
    assert {name: out.standing(name) for name in line["cases"]} == line["expect"]
    assert out.uses == line["uses"]
    results = {case.id: case for case in out.run.cases}
    assert {name: str(results[name].outcome) for name in line["cases"]} == line["cases"], "never replaced"
    assert {name: results[name].reason for name in line.get("reason", {})} == line.get("reason", {})
    for name, sentence in line.get("finding", {}).items():
        assert any(finding.startswith(sentence) for finding in results[name].findings), results[name].findings
    for start in line.get("notes", ()):
        assert sum(note.startswith(start) for note in out.run.notes) == 1, out.run.notes


def test_the_table_shows_every_state() -> None:
    states = {state.split(",")[0] for line in TABLE for state in line["uses"].values()}
    assert states == {"used", "unneeded", "overruled", "expired", "no case"}


def test_the_choice_does_not_hang_on_the_order_of_the_file(tmp_path: Path) -> None:
    """Unless they fit alike and end alike, which the last step of the choice is for."""
    entries = [
        {"id": "W1", "requirement": "*", "hosts": "*"},
        {"id": "W2", "requirement": "S04", "hosts": "mfp*"},
        {"id": "W3", "requirement": "S*", "hosts": "mfp1"},
        {"id": "W4", "requirement": "S04", "hosts": "mfp1"},
        {"id": "W5", "requirement": "S04", "hosts": "mfp1", "until": "2027-02-01"},
    ]
    cases = {"S04:cml1>mfp1": "failed", "S04:cml1>mfp2": "failed", "S03:mfp1>cml1": "failed", "P05:mfp1>cml1": "failed"}
    chosen = set()
    for order in itertools.permutations(entries):
        out = ruled(rulings(tmp_path, order), cases)
        chosen.add(tuple(out.standing(name) for name in cases))
    assert chosen == {("waived by W5", "waived by W2", "waived by W3", "waived by W1")}


def test_counts_follow_what_stands(tmp_path: Path) -> None:
    found = rulings(tmp_path, [{"id": "W1", "requirement": "S04", "hosts": "*"}])
    totals: OutcomeCounts = ruled(found, {"S04:cml1>mfp1": "failed", "P05:mfp1>cml1": "failed"}).run.counts.total
    assert (totals[Outcome.WAIVED], totals[Outcome.FAILED], totals["total"]) == (1, 1, 2)
