"""Services and devices that are there before SafeQ: a connection passes, a known protocol's answer passes better."""

from __future__ import annotations

from preflight.values.case import Case
from preflight.values.observation import Attempt, ProbeObservation
from preflight.values.outcome import Outcome
from preflight.values.probe import Probe
from preflight.values.spans import port_list
from preflight.verdict.evidence import Evidence, short
from preflight.verdict.finding import LOOPBACK, OPEN, SHUT, Finding, closed_port, last, words
from preflight.verdict.policy import explain
from preflight.wire.registry import wire


def judge_existing(case: Case, probe: Probe, seen: ProbeObservation, evidence: Evidence) -> Finding:
    """One port of a device or of a service that is not the product's."""
    port, attempt = seen.port, last(seen)
    if attempt is None:
        return Finding(Outcome.UNVERIFIED, port, "not asked", seen.detail or "not asked", "Run again.", probe=probe.id)
    if probe.serving == "device" and (probe.address.startswith(LOOPBACK) or evidence.is_ours(probe.address)):
        return Finding(
            Outcome.UNVERIFIED,
            port,
            f"{probe.address} is a server's own address: a temporary listener of ours may have answered for the device",
            words(attempt),
            f"Correct the address of {probe.destination} in the inventory.",
            probe=probe.id,
        )
    told = _told(probe, attempt.received) if attempt.outcome == "answered" else None
    if told and not told.startswith("not "):
        return Finding(Outcome.PASSED, port, "open", told, strength="protocol answer", probe=probe.id)
    what = words(attempt)
    if probe.protocol == "tcp" and attempt.outcome in OPEN and _nobody_there(probe, port, evidence):
        return Finding(
            Outcome.FAILED,
            port,
            f"something in between accepted it: nothing listens there, {probe.destination} itself says so",
            what,
            f"Start the service on {probe.destination} that should hold TCP {{ports}}, and look for a proxy between.",
            probe=probe.id,
        )
    if probe.protocol == "tcp" and told:
        return Finding(
            Outcome.UNVERIFIED,
            port,
            "what answered does not speak the expected protocol",
            told,
            f"See what serves TCP {{ports}} on {probe.destination}, or what answers in its place.",
            probe=probe.id,
        )
    if probe.protocol == "tcp" and attempt.outcome in OPEN:
        return Finding(Outcome.PASSED, port, "open", told or what, strength="connection accepted", probe=probe.id)
    if probe.protocol == "udp" and attempt.outcome in ("silent", "answered", "accepted", "sent", "dropped"):
        return Finding(
            Outcome.UNVERIFIED,
            port,
            "UDP, and no expected answer came: that proves neither open nor shut",
            told or what,
            _silence_remedy(probe),
            probe=probe.id,
        )
    if attempt.outcome not in SHUT:
        return Finding(Outcome.UNVERIFIED, port, "could not be asked", what, "Run again.", probe=probe.id)
    if case.notation == "sample" and probe.serving == "device":
        return Finding(
            Outcome.UNVERIFIED,
            port,
            "a device listens here only while it transfers, so nothing shows whether the way is open",
            what,
            "Try a transfer by hand.",
            probe=probe.id,
        )
    return _shut(probe, port, attempt, evidence)


def judge_broadcast(probe: Probe, seen: ProbeObservation) -> Finding:
    """A broadcast passes when another machine of the same subnet heard it."""
    if seen.heard:
        heard = seen.heard[0]
        text = f"{probe.destination} heard the broadcast from {heard.address}"
        return Finding(
            Outcome.PASSED, seen.port, "heard", text, strength="nonce heard by a temporary listener", probe=probe.id
        )
    attempt = last(seen)
    return Finding(
        Outcome.UNVERIFIED,
        seen.port,
        "the broadcast was not heard in its own subnet",
        words(attempt) if attempt else seen.detail,
        f"Look at the firewalls of {probe.source} and {probe.destination} for UDP {seen.port}.",
        probe=probe.id,
    )


def _shut(probe: Probe, port: int, attempt: Attempt, evidence: Evidence) -> Finding:
    where, what = probe.destination, words(attempt)
    remarks: tuple[str, ...] = ()
    closed = None
    listening = evidence.listening(where, probe.protocol, port)
    if listening:
        reason = f"the way is shut: on {where} itself, {short(listening)} listens there"
        explained = explain(probe, port, attempt, evidence, listening[0])
        remedy, remarks = explained.remedy, explained.remarks
        closed = closed_port(probe, port, explained.doors, explained.profiles)
    elif listening == []:
        reason = f"nothing listens there: {where} itself says so"
        remedy = f"Start the service on {where} that should hold {probe.protocol.upper()} {{ports}}."
    elif others := _other_ports(probe, port, evidence):
        reason = f"shut, while {others} of the same machine answered"
        remedy = (
            f"Switch port {{ports}} on at {where}, or let it through from {probe.source}; the machine itself is up."
        )
    else:
        reason = "shut, and no other port of the machine answered: it, or the way to it, may be down"
        remedy = f"See that {where} ({probe.address}) is switched on and reachable from {probe.source}."
    shut = listening != []
    return Finding(
        Outcome.FAILED, port, reason, what, remedy, shut=shut, findings=remarks, probe=probe.id, closed=closed
    )


def _nobody_there(probe: Probe, port: int, evidence: Evidence) -> bool:
    listening = evidence.listening(probe.destination, "tcp", port)
    return listening is not None and not any(not s.local.startswith(LOOPBACK) for s in listening)


def _other_ports(probe: Probe, port: int, evidence: Evidence) -> str:
    ports = sorted(evidence.open_ports(probe.source, probe.destination) - {port})
    if not ports:
        return ""
    return ("port " if len(ports) == 1 else "ports ") + port_list(ports[:4])


def _told(probe: Probe, received: str) -> str | None:
    if not probe.speak:
        return None
    told = wire(probe.speak).describe(bytes.fromhex(received))
    return told or f"not {probe.speak.upper()}: what answered does not speak it"


def _silence_remedy(probe: Probe) -> str:
    if probe.speak == "snmp":
        return f"Look at SNMP and the community on {probe.destination}, and at UDP 161 on the way from {probe.source}."
    return f"Look at the service on {probe.destination} and at UDP {probe.port} on the way from {probe.source}."
