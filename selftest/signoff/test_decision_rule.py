"""The decision: one rule, and the same word on the terminal and on the page."""

from __future__ import annotations

from typing import Any

import pytest
from generated import ROWS, case, ruling, run_of, runs
from hypothesis import HealthCheck, given, settings
from signoff_runs import recorded_of

from preflight.report.decision import RULES, decide, verdict_line
from preflight.report.signoff.assembly import signoff_html
from preflight.report.signoff.decided import decision_html
from preflight.run.model import Run
from preflight.values.outcome import Outcome, Verdict


def run_with(*outcomes: Outcome | None, **changes: Any) -> Run:
    """One passed case a row, and one of each outcome; waived and attested ones by rulings of those names."""
    kinds = {Outcome.WAIVED: "waiver", Outcome.ATTESTED: "attestation"}
    judged: list[Any] = [(case(row, "cml1", "mfp1"), Verdict(Outcome.PASSED, "heard")) for row in ROWS]
    laid = {}
    for number, outcome in enumerate(outcomes):
        one = case("S04", "cml1", f"p{number}")
        below = {Outcome.WAIVED: Outcome.FAILED, Outcome.ATTESTED: Outcome.UNVERIFIED}.get(outcome, outcome)
        judged.append((one, Verdict(below, "why") if below else None))
        if outcome in kinds:
            laid[one.id] = kinds[outcome]
    rulings = [ruling(kind, kind) for kind in set(laid.values())]
    return run_of(judged, rulings=rulings, laid_over=laid, **changes)


@pytest.mark.parametrize(
    ("outcomes", "changes", "word", "line"),
    [
        ([], {}, "accept", "accept: nothing blocks"),
        ([Outcome.ADVISORY, Outcome.NOT_APPLICABLE], {}, "accept", "accept: nothing blocks"),
        ([Outcome.WAIVED], {}, "accept with exceptions", "accept with exceptions: nothing blocks; 1 waived"),
        (
            [Outcome.WAIVED, Outcome.ATTESTED, Outcome.ADVISORY],
            {},
            "accept with exceptions",
            "accept with exceptions: nothing blocks; 1 waived, 1 attested",
        ),
        ([Outcome.UNVERIFIED], {}, "reject", "reject: 1 unverified"),
        ([Outcome.FAILED, Outcome.WAIVED], {}, "reject", "reject: 1 failed; 1 waived"),
        ([None], {}, "partial, no decision", "partial, no decision: 1 case not run (left out of this run)"),
        ([Outcome.WAIVED], {"interrupted": True}, "partial, no decision", "partial, no decision: interrupted"),
        ([], {"lab": "default"}, "lab run", "lab run: never a sign-off decision (nothing blocks)"),
        (
            [None, Outcome.FAILED],
            {"lab": "default", "selection": {"hosts": "cml1"}},
            "lab run",
            "lab run: never a sign-off decision (partial, --hosts=cml1; blocks: 1 failed)",
        ),
    ],
)
def test_the_rule(outcomes: list[Outcome | None], changes: dict[str, Any], word: str, line: str) -> None:
    run = run_with(*outcomes, **changes)
    told = decide(run)
    assert told.word == word
    assert told.rule == RULES[told.word]
    assert told.decides is (word in ("accept", "accept with exceptions", "reject"))
    assert verdict_line(run).text == line
    assert verdict_line(run).style == told.colour


def test_a_run_without_any_case_accepts_nothing() -> None:
    run = run_of([], rows=[])
    assert run.full
    assert verdict_line(run).text == "partial, no decision: no case at all"


@pytest.mark.parametrize("outcome", [None, Outcome.NOT_APPLICABLE])
def test_a_run_that_asked_nothing_does_not_say_that_nothing_blocks(outcome: Outcome | None) -> None:
    judged: list[Any] = [
        (case("S04", "cml1", "mfp1"), None),
        (case("S04", "cml1", "mfp2"), Verdict(outcome, "no printer") if outcome else None),
    ]
    left = "1 case" if outcome else "2 cases"
    for changes, line in (
        ({}, f"partial, no decision: {left} not run (-k none); nothing was asked"),
        ({"lab": "default"}, "lab run: never a sign-off decision (partial, -k none; nothing was asked)"),
    ):
        run = run_of(judged, selection={"k": "none"}, rows=["S04"], **changes)
        assert verdict_line(run).text == line
        assert decide(run).state == "nothing was asked"
        assert "nothing blocks" not in decision_html(run)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(runs())
def test_terminal_and_page_say_the_same(run: Run) -> None:
    told, line, page = decide(run), verdict_line(run).text, decision_html(run)
    assert line.startswith(told.word)
    shown = "No decision: lab run" if told.word == "lab run" else told.word.capitalize()
    assert f">{shown}</h2>" in page
    assert told.rule in page
    if told.decides:
        assert run.lab is None
        assert run.full
        assert not run.counts.total[Outcome.NOT_RUN]
        blocks = run.counts.total[Outcome.FAILED] + run.counts.total[Outcome.UNVERIFIED]
        assert (told.word == "reject") is bool(blocks)
    assert (">LAB</strong>" in page) is (run.lab is not None)


def test_a_lab_run_is_not_to_be_signed() -> None:
    page = signoff_html(recorded_of(run_with(lab="default"))).decode("utf-8")
    assert page.count("Not to be signed") == 2
    assert "Not to be signed" not in signoff_html(recorded_of(run_with())).decode("utf-8")
