"""One case and all observations -> one verdict. Pure: a recorded run is judged again by the same function."""

from __future__ import annotations

from preflight.topology.model import Topology
from preflight.values.case import Case, Phase
from preflight.values.outcome import Outcome, Verdict
from preflight.values.probe import Probe
from preflight.values.spans import port_list
from preflight.values.stated_phase import disagreement
from preflight.verdict.after import judge_held, judge_udp
from preflight.verdict.before import judge_listener, judge_taken, judge_unknown
from preflight.verdict.combine import combine
from preflight.verdict.evidence import Evidence
from preflight.verdict.existing import judge_broadcast, judge_existing
from preflight.verdict.finding import Finding
from preflight.verdict.restricted import judge_restricted
from preflight.verdict.silence import soften


def judge(case: Case, evidence: Evidence, topology: Topology, expected: Phase | None = None) -> Verdict:
    """The verdict of one case. `expected` is the phase that --phase states; a host that disagrees is unverified."""
    if case.not_applicable is not None:
        return Verdict(Outcome.NOT_APPLICABLE, case.not_applicable)
    if case.not_built is not None:
        return Verdict(Outcome.NOT_RUN, case.not_built)
    asked = _asked(case, topology)
    if otherwise := _phase_disagreement(case, evidence, expected):
        remedy = (
            f"Correct --phase, or see why the product is {'not' if expected == 'after' else 'already'} on that host."
        )
        return Verdict(Outcome.UNVERIFIED, otherwise, asked, "", remedy, stand_in=case.stand_in)
    if case.restricted:
        return judge_restricted(case, evidence, asked)
    passive = _passive(case, evidence)
    if case.unasked is not None and not (case.ports and len(passive) == len(case.ports)):
        return _nobody_asks(case, asked, passive)
    findings = list(passive.values())
    done = set(passive)
    findings += [f for p in case.probes if (f := _port(case, p, evidence)).port not in done]
    return combine(case, [soften(case, f, evidence) for f in findings], asked)


def _port(case: Case, probe: Probe, evidence: Evidence) -> Finding:
    seen = evidence.observations.probes.get(probe.id)
    if seen is None:
        reason = "the survey was interrupted before it was asked"
        return Finding(Outcome.UNVERIFIED, probe.port, reason, "not asked", "Run again.", probe=probe.id)
    if seen.way == "not-asked":
        return _not_asked(probe, seen.port or probe.port, seen.detail, evidence)
    if seen.way == "broadcast":
        return judge_broadcast(probe, seen)
    if probe.serving != "product":
        return judge_existing(case, probe, seen, evidence)
    if seen.way == "listener":
        return judge_listener(probe, seen, evidence, case.stand_in is not None)
    if seen.way == "held":
        return judge_held(probe, seen, evidence, resting=case.notation == "sample")
    phase = evidence.phase(probe.destination)
    if phase == "after" and probe.protocol == "udp":
        return judge_udp(probe, seen, evidence)
    return judge_taken(probe, seen, evidence) if phase == "before" else judge_unknown(probe, seen)


def _not_asked(probe: Probe, port: int, why: str, evidence: Evidence) -> Finding:
    for machine in (probe.source, probe.destination):
        host = evidence.host(machine)
        if host is not None and not host.reached and machine in why:
            reason = f"{machine} could not be reached: {host.cause}"
            return Finding(Outcome.UNVERIFIED, port, reason, f"by {host.via}", host.remedy, probe=probe.id)
    remedy = "" if probe.port_from else "Run again."  # the row knows what to do about the SQL browser
    return Finding(Outcome.UNVERIFIED, port, why or "not asked", "not asked", remedy, probe=probe.id)


def _passive(case: Case, evidence: Evidence) -> dict[int, Finding]:
    found = {}
    for look in case.passive:
        line = evidence.device_on(look.server, look.port, look.device_address)
        # In other hands the port says nothing about the product, whoever is connected to it.
        if line is not None and (line.service or case.serving != "product"):
            found[look.port] = Finding(
                Outcome.PASSED,
                look.port,
                "in use by the real device",
                f"{look.server}'s own table shows {look.device} ({line.peer}) on TCP {look.port}, {line.state}",
                strength="observed passively",
            )
    return found


def _nobody_asks(case: Case, asked: str, passive: dict[int, Finding]) -> Verdict:
    seen = "; ".join(f.seen for f in passive.values()) or "nothing"
    remedy = case.remedy
    if case.source and "vantage" in (case.unasked or ""):
        remedy = f"Name a vantage host for the network of {case.source}, or check it by hand from the device."
    return Verdict(Outcome.UNVERIFIED, case.unasked or "", asked, seen, remedy, stand_in=case.stand_in)


def _phase_disagreement(case: Case, evidence: Evidence, expected: Phase | None) -> str | None:
    if expected is None or case.serving != "product":
        return None
    phase = evidence.phase(case.destination)
    if phase is None or phase == expected:
        return None
    return disagreement(expected, case.destination or "")


def _asked(case: Case, topology: Topology) -> str:
    if case.source is None or case.destination is None:
        return case.requirement
    destination = topology.machines[case.destination]
    ports = "/".join(map(str, case.ports)) if case.notation == "slash" else port_list(case.ports)
    ports = ports or ("the instance's port" if case.row_names_instance else "(port not known)")
    way = f"{case.destination} ({destination.address}) {(case.protocol or '').upper()} {ports}"
    if case.source == case.destination:
        return f"{case.source} asked itself: {(case.protocol or '').upper()} {ports} on 127.0.0.1"
    asker = f"{case.stand_in} in the place of {case.source}" if case.stand_in and case.probes else case.source
    return f"{asker} asked {way}"
