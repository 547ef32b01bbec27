"""Product ports before installation: a temporary listener stood in, or the port was taken."""

from __future__ import annotations

from preflight.values.observation import ProbeObservation, listener_key
from preflight.values.outcome import Outcome
from preflight.values.probe import Probe
from preflight.verdict.evidence import Evidence, holder
from preflight.verdict.finding import OPEN, SHUT, Finding, closed_port, last, words
from preflight.verdict.policy import explain


def judge_listener(probe: Probe, seen: ProbeObservation, evidence: Evidence, stand_in: bool = False) -> Finding:
    """The listener's word decides: only a nonce that it heard proves the way."""
    port, attempt = seen.port, last(seen)
    destination = probe.destination
    listener = evidence.observations.listeners.get(listener_key(destination, probe.protocol, port))
    proven = (seen.listener or (listener.status if listener else "")) == "up"
    if seen.heard:
        heard = seen.heard[0]
        remarks = _translation(probe, heard.address, attempt.local if attempt else "", evidence)
        return Finding(
            Outcome.PASSED,
            port,
            "open",
            f"a listener on {destination} heard it from {heard.address}",
            strength="nonce heard by a temporary listener",
            findings=remarks,
            probe=probe.id,
        )
    if attempt is None:
        return Finding(Outcome.UNVERIFIED, port, "not asked", seen.detail or "not asked", "Run again.", probe=probe.id)
    what = words(attempt)
    if not proven:
        told = listener.detail if listener and listener.detail else "the host itself could not reach it"
        return Finding(
            Outcome.UNVERIFIED,
            port,
            "the temporary listener was not proven to stand",
            f"{what}; listener on {destination}: {told}",
            f"Look at {destination}'s own firewall and addresses, then run again.",
            probe=probe.id,
        )
    if attempt.outcome in OPEN and probe.protocol == "tcp":
        return Finding(
            Outcome.FAILED,
            port,
            "something in between accepted it: the listener heard nothing",
            f"{what}, but the listener on {destination} heard nothing",
            f"Look for a proxy, load balancer or firewall between {probe.source} and {destination} that accepts "
            f"connections itself, and let TCP {{ports}} pass.",
            probe=probe.id,
            closed=closed_port(probe, port, ("network",)),
        )
    if attempt.outcome == "denied" and stand_in:
        reason = "the stand-in's own system forbade it, which says nothing of the real machine"
        remedy = f"Let {probe.source} connect outwards, then run again."
        return Finding(Outcome.UNVERIFIED, port, reason, what, remedy, probe=probe.id)
    explained = explain(probe, port, attempt, evidence, temporary=True)
    if attempt.outcome in SHUT:
        return Finding(
            Outcome.FAILED,
            port,
            "the way is shut: a listener stood there, proven by the host itself",
            what,
            explained.remedy,
            shut=True,
            findings=explained.remarks,
            probe=probe.id,
            closed=closed_port(probe, port, explained.doors, explained.profiles),
        )
    if probe.protocol == "udp" and attempt.outcome in ("silent", "answered", "sent"):
        return Finding(
            Outcome.UNVERIFIED,
            port,
            "UDP, and the listener heard nothing: lost, filtered or answered by another",
            f"{what}; the listener on {destination} heard nothing",
            explained.remedy,
            findings=explained.remarks,
            probe=probe.id,
        )
    return Finding(Outcome.UNVERIFIED, port, "could not be asked", what, "Run again.", probe=probe.id)


def judge_taken(probe: Probe, seen: ProbeObservation, evidence: Evidence) -> Finding:
    """The product could not bind the port; the path to whoever holds it is told beside."""
    port, attempt = seen.port, last(seen)
    who = holder(evidence.listening(probe.destination, probe.protocol, port) or [])
    path = words(attempt) if attempt else "not asked"
    way = "open" if attempt and attempt.outcome in OPEN else "not shown to be open"
    return Finding(
        Outcome.FAILED,
        port,
        f"taken on {probe.destination} by {who}: the product could not bind it",
        f"{path}; the way there is {way}",
        f"Stop {who.split(' (')[0]} on {probe.destination}, or move it to another port.",
        probe=probe.id,
    )


def judge_unknown(probe: Probe, seen: ProbeObservation) -> Finding:
    """The destination itself could not be asked, so whatever answered proves nothing."""
    attempt = last(seen)
    return Finding(
        Outcome.UNVERIFIED,
        seen.port,
        f"{probe.destination} itself could not be asked what listens there",
        words(attempt) if attempt else seen.detail,
        f"Give the suite a way to manage {probe.destination} (hosts.{probe.destination}.manage).",
        probe=probe.id,
    )


def _translation(probe: Probe, heard: str, local: str, evidence: Evidence) -> tuple[str, ...]:
    if not local or heard in evidence.addresses(probe.source) | {local}:
        return ()
    return (f"translated: {probe.source} is {local} to itself and {heard} to {probe.destination}",)
