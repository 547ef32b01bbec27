"""Product ports after installation: the destination's own tables decide, not the wire."""

from __future__ import annotations

from preflight.values.observation import Attempt, ProbeObservation, Socket
from preflight.values.outcome import Outcome
from preflight.values.probe import Probe
from preflight.verdict.evidence import Evidence, holder, short
from preflight.verdict.finding import LOOPBACK, OPEN, SHUT, Finding, closed_port, last, words
from preflight.verdict.policy import explain
from preflight.wire.registry import wire

_NOT_TAKEN = ("LISTEN", "SYN_RECV", "SYN_RECEIVED", "SYN_SENT")  # a mere SYN proves nothing
_LIVING = ("ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT1", "FIN_WAIT2", "FIN_WAIT_1", "FIN_WAIT_2")


def judge_held(probe: Probe, seen: ProbeObservation, evidence: Evidence, resting: bool = False) -> Finding:
    """TCP: listening there by the product, connected, and the connection stands in the destination's own table.

    `resting`: a port that even a healthy product opens only while it transfers (data ports of FTP).
    """
    port, attempt, where = seen.port, last(seen), probe.destination
    listening = evidence.listening(where, "tcp", port)
    if attempt is None:
        return Finding(Outcome.UNVERIFIED, port, "not asked", seen.detail or "not asked", "Run again.", probe=probe.id)
    what = words(attempt)
    if listening is None or (not seen.table_read and attempt.outcome not in OPEN):
        reason = f"{where} could not tell what listens there"
        return Finding(Outcome.UNVERIFIED, port, reason, what, "Give the account the rights, see docs.", probe=probe.id)
    if not listening and resting:
        reason = "the product listens here only while it transfers, so nothing shows whether the way is open"
        return Finding(Outcome.UNVERIFIED, port, reason, what, "Try a transfer by hand.", probe=probe.id)
    outward = [s for s in listening if not s.local.startswith(LOOPBACK)]
    if not listening:
        return _dead(probe, port, what, "nothing listens on it, though the product is installed")
    if not outward and not probe.loopback:
        return _dead(probe, port, what, f"it listens on {listening[0].local} only")
    if attempt.outcome in OPEN:
        return _connected(probe, seen, attempt, outward or listening, evidence)
    if attempt.outcome in SHUT:
        explained = explain(probe, port, attempt, evidence, (outward or listening)[0])
        return Finding(
            Outcome.FAILED,
            port,
            f"the way is shut: {short(listening)} listens there",
            what,
            explained.remedy,
            shut=True,
            findings=explained.remarks,
            probe=probe.id,
            closed=closed_port(probe, port, explained.doors, explained.profiles),
        )
    return Finding(Outcome.UNVERIFIED, port, "could not be asked", what, "Run again.", probe=probe.id)


def judge_udp(probe: Probe, seen: ProbeObservation, evidence: Evidence) -> Finding:
    """UDP after installation: an expected answer passes, a refusal fails, silence proves nothing."""
    port, attempt = seen.port, last(seen)
    if attempt is None:
        return Finding(Outcome.UNVERIFIED, port, "not asked", seen.detail or "not asked", "Run again.", probe=probe.id)
    what = words(attempt)
    if attempt.outcome == "answered" and probe.speak:
        told = wire(probe.speak).describe(bytes.fromhex(attempt.received))
        if told:
            return Finding(Outcome.PASSED, port, "answered as expected", told, strength="answer", probe=probe.id)
    listening = evidence.listening(probe.destination, "udp", port)
    if listening == []:
        return _dead(probe, port, what, "nothing listens on it, though the product is installed")
    if attempt.outcome in SHUT and attempt.outcome != "dropped":
        explained = explain(probe, port, attempt, evidence, listening[0] if listening else None)
        return Finding(
            Outcome.FAILED,
            port,
            "the way is shut",
            what,
            explained.remedy,
            shut=True,
            findings=explained.remarks,
            probe=probe.id,
            closed=closed_port(probe, port, explained.doors, explained.profiles) if listening else None,
        )
    reason = "UDP, and no expected answer came: that proves neither open nor shut"
    return Finding(Outcome.UNVERIFIED, port, reason, what, "Look at the service and the way to it.", probe=probe.id)


def _connected(
    probe: Probe, seen: ProbeObservation, attempt: Attempt, listening: list[Socket], evidence: Evidence
) -> Finding:
    port, where = seen.port, probe.destination
    line, remarks = _own_line(probe, seen, attempt, evidence)
    if line is None:
        reason = "connected, but the destination's own table does not show it: a proxy or firewall may have answered"
        if not seen.table_read:
            reason = f"connected, but {where}'s own table could not be read to prove it"
        return Finding(
            Outcome.UNVERIFIED,
            port,
            reason,
            f"connected from {attempt.local}:{attempt.local_port}; not in the table of {where}",
            f"Look for a proxy, load balancer or firewall between {probe.source} and {where}.",
            probe=probe.id,
        )
    # A connection that the service has closed already has no owner any more: then the listener's owner is the word.
    owners = [line] if line.service or line.pid is not None else listening
    if any(s.service for s in owners):
        return Finding(
            Outcome.PASSED,
            port,
            "open",
            f"{where}'s own table shows the connection from {line.peer}:{line.peer_port}, {holder(owners)}",
            strength="connection in the destination's own table",
            findings=remarks,
            probe=probe.id,
        )
    if all(s.pid is None for s in owners):
        return Finding(
            Outcome.UNVERIFIED,
            port,
            f"the account used on {where} may not see who owns the port",
            "connected, owner unknown",
            f"Let the agent on {where} run with administrator rights (sudo: true).",
            probe=probe.id,
        )
    return Finding(
        Outcome.FAILED,
        port,
        f"the port is held by {holder(owners)}, not by the product",
        "connected",
        f"Stop {short(owners)} on {where}, or move it to another port.",
        probe=probe.id,
    )


def _own_line(
    probe: Probe, seen: ProbeObservation, attempt: Attempt, evidence: Evidence
) -> tuple[Socket | None, tuple[str, ...]]:
    taken = [s for s in seen.table if s.state not in _NOT_TAKEN]
    exact = [s for s in taken if s.peer_port == attempt.local_port and s.peer == attempt.local]
    if exact:
        return exact[0], ()
    # Address translation keeps the port where it can. A line that stood before we asked, one that is already over, or
    # one of another machine of the site is a stranger's that happens to have our port; several would be a guess.
    moved = [
        s
        for s in taken
        if s.peer_port == attempt.local_port
        and s.state in _LIVING
        and not evidence.stood_before(probe.destination, s)
        and not evidence.is_ours(s.peer)
    ]
    if len(moved) == 1:
        return moved[0], (f"translated: {attempt.local} to itself, {moved[0].peer} to the destination",)
    return None, ()


def _dead(probe: Probe, port: int, what: str, why: str) -> Finding:
    return Finding(
        Outcome.FAILED,
        port,
        f"dead service: on {probe.destination} itself, {why}",
        f"{what}; own table of {probe.destination}: not listening",
        f"Start the product's service on {probe.destination}, or look into its log why it does not open {{ports}}.",
        probe=probe.id,
    )
