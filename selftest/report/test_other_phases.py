"""A phase that was stated and is not there: one line a machine on the terminal, one finding on the page."""

from __future__ import annotations

from typing import Any

from generated import case, ruling, run_of

from preflight.report.signoff.blocking import blocking_html, findings_of
from preflight.report.summary import summary_md
from preflight.report.terminal import blocking
from preflight.run.model import Run
from preflight.values.outcome import Outcome, Verdict
from preflight.values.stated_phase import disagreement, stated_phase

ROWS = ("S04", "P05", "I10")
DO = "    do:    Correct --phase, or see why the product is not there."


def run_with(stated: Any = "after", **changes: Any) -> Run:
    """Three rows on two servers in the other phase, and one case that failed."""
    judged = [
        (case(row, "mfp1", host), Verdict(Outcome.UNVERIFIED, disagreement(stated, host), remedy="Correct --phase."))
        for row in ROWS
        for host in ("cml1", "cml2")
    ]
    judged.append((case("S04", "cml1", "mfp2"), Verdict(Outcome.FAILED, "refused")))
    return run_of(judged, rows=ROWS, selection={"phase": stated}, **changes)


def told(run: Run, limit: int = 40) -> list[str]:
    return [line.text for line in blocking(run, limit, 120)]


def test_a_line_a_machine_and_once_what_to_do() -> None:
    assert told(run_with())[:3] == [
        "UNVERIFIED  the product is not on cml1 although --phase=after says so: 3 cases",
        "UNVERIFIED  the product is not on cml2 although --phase=after says so: 3 cases",
        DO,
    ]
    assert told(run_with())[3].startswith("FAILED  S04")
    assert len([text for text in told(run_with()) if not text.startswith(" ")]) == 3
    assert "is on cml1 although --phase=before denies it" in told(run_with("before"))[0]


def test_the_lab_names_the_scenario_that_has_the_product() -> None:
    assert told(run_with(lab="default"))[2] == f"{DO} In the lab write --scenario=installed."
    assert told(run_with("before", lab="default"))[2].endswith("write --scenario=healthy.")


def test_the_limit_counts_machines_too() -> None:
    assert told(run_with(), 1)[1:] == [DO, "... and 2 more entries (4 cases): see the report"]


def test_page_and_summary_have_one_entry_a_machine() -> None:
    run = run_with()
    findings = findings_of(run)
    assert [len(finding.cases) for finding in findings] == [3, 3, 1]
    page = blocking_html(findings)
    assert "the product is not on cml2 although --phase=after says so</h3>" in page
    assert "holds up 3 cases of 3 rows" in page
    assert summary_md(run, "").decode().count("- **unverified** `the product is not on cml") == 2


def test_what_a_ruling_covers_is_not_counted_and_an_expired_one_hides_nothing() -> None:
    name = "S04:mfp1>cml1"
    over = run_with(rulings=[ruling("W1", "waiver")], laid_over={name: "W1"})
    assert told(over)[1].endswith("on cml1 although --phase=after says so: 2 cases")
    assert stated_phase(f"waiver W1 of Eva expired on 2026-01-01; {disagreement('after', 'cml1')}") == "after"
    assert stated_phase("refused") is None
