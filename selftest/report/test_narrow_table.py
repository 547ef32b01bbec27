"""The table at the end on narrow terminals: every line fits, numbers are whole, what the heads mean can be told."""

from __future__ import annotations

import pytest
from generated import OBSERVED, case, ruling, run_of

from preflight.report.terminal import summary_table
from preflight.report.text import columns
from preflight.run.model import Run
from preflight.values.outcome import Outcome, Verdict


def run_with(rulings: bool, times: int = 1) -> Run:
    """Cases of every outcome; with rulings also waived and attested ones."""
    outcomes = [None if outcome is Outcome.NOT_RUN else outcome for outcome in OBSERVED] * times
    judged = [
        (case("S04", "cml1", "mfp1", id=f"S04:{n}"), Verdict(one, "why") if one else None)
        for n, one in enumerate(outcomes)
    ]
    judged += [(case("P05", "cml1", "mfp1", id=f"P05:{n}"), Verdict(Outcome.UNVERIFIED, "why")) for n in range(2)]
    given = [ruling("W1", "waiver"), ruling("A1", "attestation")] if rulings else []
    over = {"P05:0": "W1", "P05:1": "A1"} if rulings else {}
    return run_of(judged, rulings=given, laid_over=over, rows=["S04", "P05"])


@pytest.mark.parametrize("rulings", [False, True], ids=["plain", "rulings"])
@pytest.mark.parametrize("times", [1, 4000])
@pytest.mark.parametrize("width", [80, 100, 120])
def test_every_line_fits(width: int, times: int, rulings: bool) -> None:
    run = run_with(rulings, times)
    lines = [line.text for line in summary_table(run, width)]
    assert max(map(columns, lines)) <= width
    assert lines[-1].split()[1:] == [
        str(run.counts.total[outcome])
        for outcome in Outcome
        if rulings or outcome not in (Outcome.WAIVED, Outcome.ATTESTED)
    ] + [str(run.counts.total["total"])]


def test_heads_are_shortened_only_where_they_must() -> None:
    assert "unverified" in summary_table(run_with(rulings=True), 120)[0].text
    assert "unverified" in summary_table(run_with(rulings=False), 80)[0].text
    narrow = summary_table(run_with(rulings=True), 80)[0].text
    assert narrow.split()[1:] == ["passed", "failed", "adv.", "unv.", "waiv.", "att.", "n/a", "not", "run", "total"]
    assert [line.text[:17] for line in summary_table(run_with(rulings=True), 80)][2] == "server to printer"


def test_columns_without_any_case_go_last_of_all() -> None:
    run = run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.PASSED, "heard"))], rows=["S04"])
    lines = [line.text for line in summary_table(run, 40)]
    assert lines[0].split() == ["section", "passed", "total"]
    assert max(map(columns, lines)) <= 40
