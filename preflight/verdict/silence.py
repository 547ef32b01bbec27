"""Rows on which silence or a shut way is no failure: the page only recommends them."""

from __future__ import annotations

from dataclasses import replace

from preflight.values.case import Case
from preflight.values.outcome import Outcome
from preflight.verdict.evidence import Evidence
from preflight.verdict.finding import Finding


def soften(case: Case, finding: Finding, evidence: Evidence) -> Finding:
    """Turn a failure into what the row's level allows: passed with a word on it, or an advisory."""
    if finding.outcome is not Outcome.FAILED or case.level != "recommended":
        return finding
    destination = case.destination or ""
    silent = evidence.phase(destination) == "after" and evidence.listening(destination, "tcp", finding.port) == []
    if silent and case.silence == "allowed":
        return replace(
            finding,
            outcome=Outcome.PASSED,
            reason="nothing listens on it, and the row is optional",
            remedy="",
            strength="own table",
        )
    return replace(finding, outcome=Outcome.ADVISORY)
