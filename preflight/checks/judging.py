"""Runs the test of a checklist item and makes a verdict of what it asserted, advised or could not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from preflight.checks.subject import Subject
from preflight.facts.model import UnobservedError
from preflight.values.outcome import Outcome, Verdict

MAX_WORDS = 2000
BY_HAND = "Look at it by hand, and attest the item."


def run_check(test: Callable[..., Any], server: Subject) -> Verdict:
    """The verdict. What is neither a failed assert nor a fact that could not be had is the test's own fault: raised."""
    try:
        test(server)
    except AssertionError as error:
        return _verdict(server, Outcome.FAILED, said(error), server.remedy or server.case.remedy)
    except UnobservedError as error:
        return _verdict(server, Outcome.UNVERIFIED, error.reason, error.remedy or BY_HAND)
    if server.advice:
        return _verdict(server, Outcome.ADVISORY, "; ".join(server.advice), server.remedy or server.case.remedy)
    return _verdict(server, Outcome.PASSED, server.words[0] if server.words else server.case.requirement, "")


def said(error: AssertionError) -> str:
    """The words of an assert, without what pytest's rewriting adds."""
    text = str(error.args[0]) if error.args else ""
    return text.partition("\nassert ")[0].strip()[:MAX_WORDS] or "an assertion of the check does not hold"


def _verdict(server: Subject, outcome: Outcome, reason: str, remedy: str) -> Verdict:
    facts = ", ".join(reading.fact for reading in server.readings if not reading.of_site)
    ours = [f"{reading.source}: {reading.fact}" for reading in server.readings if reading.of_site]
    told = [f"{server.name}: {facts}"] if facts else []
    return Verdict(
        outcome,
        reason,
        asked="; ".join(told + ours) or server.name,
        seen="; ".join(server.words)[:MAX_WORDS],
        remedy=remedy,
        strength="facts of the host" if told else "asked by the machine that runs the suite" if ours else "",
        findings=tuple(server.remarks) + (tuple(server.advice) if outcome is not Outcome.ADVISORY else ()),
        evidence=tuple(map(str, server.readings)),
    )
