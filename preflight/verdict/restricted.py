"""The second place: a port that should not be reachable from there. Reachable is an advisory, never a failure."""

from __future__ import annotations

from preflight.values.case import Case
from preflight.values.outcome import Outcome, Verdict
from preflight.values.probe import Probe
from preflight.values.spans import port_list
from preflight.verdict.evidence import Evidence
from preflight.verdict.finding import OPEN, SHUT, last, words

AFTER_ONLY = "asked after installation only"


def judge_restricted(case: Case, evidence: Evidence, asked: str) -> Verdict:
    """All ports of the case from the second place."""
    found = [(p, *_reach(p, evidence)) for p in case.probes]
    seen = "; ".join(f"{probe.port}: {text}" for probe, _, text in found)
    ids = tuple(p.id for p in case.probes)

    def verdict(outcome: Outcome, reason: str, remedy: str = "") -> Verdict:
        return Verdict(outcome, reason, asked, seen, remedy, "second place", case.stand_in, (), ids)

    states = [state for _, state, _ in found]
    if "open" in states:
        ports = port_list(p.port for p, state, _ in found if state == "open")
        reason = f"{ports} of {case.destination} can be reached from {case.source}, which no row allows"
        return verdict(Outcome.ADVISORY, reason, case.remedy)
    if "unknown" in states:
        reason = "whether it can be reached from there could not be observed"
        return verdict(Outcome.UNVERIFIED, reason, "See what kept the host from being asked, then run again.")
    if "after only" in states:
        return Verdict(Outcome.NOT_APPLICABLE, f"{AFTER_ONLY}; nothing is installed on {case.destination}", asked)
    return verdict(Outcome.PASSED, f"not reachable from {case.source}")


def _reach(probe: Probe, evidence: Evidence) -> tuple[str, str]:
    seen = evidence.observations.probes.get(probe.id)
    if seen is None:
        return "unknown", "not asked"
    if seen.way == "not-asked":
        return ("after only", seen.detail) if seen.detail == AFTER_ONLY else ("unknown", seen.detail)
    attempt = last(seen)
    if attempt is None:
        return "unknown", "not asked"
    what = words(attempt)
    if seen.heard:
        return "open", f"a listener on {probe.destination} heard it"
    if seen.way == "listener" and seen.listener not in ("", "up"):
        return "unknown", f"{what}; the listener on {probe.destination} was not proven to stand"
    if attempt.outcome in SHUT:
        if seen.way == "plain" and evidence.listening(probe.destination, probe.protocol, seen.port) is None:
            return "unknown", f"{what}; {probe.destination} could not tell what listens there"
        return "shut", what
    if attempt.outcome in OPEN:
        listening = evidence.listening(probe.destination, probe.protocol, seen.port)
        if seen.way == "listener":
            return "shut", f"{what}, but by something in between: the listener heard nothing"
        if seen.way == "held" and seen.table_read and not seen.table:
            return "unknown", f"{what}, perhaps by something in between: not in {probe.destination}'s own table"
        if listening is None:
            return "unknown", f"{what}; {probe.destination} could not tell what listens there"
        return "open", what
    return "unknown", what
