"""Evidence: every fact that a check has read, with its source, its time and its value, also where it was refused."""

from __future__ import annotations

from pathlib import Path

from checklist.item_cases import play, recorded_cases

from preflight.checks.readings import ALL, Reading, values
from preflight.values.observation import Fact


def evidence(item: str, name: str, folder: Path) -> tuple[str, ...]:
    case = next(case for case in recorded_cases() if (case.item, case.row["name"]) == (item, name))
    return play(case, folder).evidence


def test_a_value_stands_beside_its_source_and_time(tmp_path: Path) -> None:
    lines = evidence("C05", "fixed, known by name, in step", tmp_path)
    assert any(line.startswith("adapters: cml1, recorded, 2023-11-14 22:13:20 UTC: cim [{") for line in lines), lines
    assert any("10.1.1.12" in line for line in lines if line.startswith("addresses: cml2")), lines


def test_what_was_refused_is_evidence_too(tmp_path: Path) -> None:
    lines = evidence("C05", "adapters were refused", tmp_path)
    assert [line for line in lines if line.startswith("adapters:")] == [
        "adapters: cml1, recorded, 2023-11-14 22:13:20 UTC: cim denied"
    ]


def test_values_are_cut_to_what_a_report_can_hold() -> None:
    facts = {f"big:{n}": Fact(f"big:{n}", "ok", "x" * 1000) for n in range(9)}
    text = values("big", facts, facts)
    assert len(text) == ALL
    assert text.startswith('0 "xxx')
    assert text.endswith("…")
    assert str(Reading("big", "here", 0.0)) == "big: here, 1970-01-01 00:00:00 UTC"
