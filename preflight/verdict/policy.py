"""Whose door is shut: the hosts' own firewall policies made into remedies. They explain; they change no outcome."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.firewall.model import Flow, Policy, PolicyVerdict
from preflight.firewall.windows import PROFILES
from preflight.values.observation import Attempt, Socket
from preflight.values.outcome import Door
from preflight.values.probe import Probe
from preflight.verdict.evidence import Evidence
from preflight.verdict.finding import LOOPBACK


@dataclass(frozen=True, slots=True)
class Explained:
    """What to do about a way that was observed to be shut, and what else is worth a word."""

    remedy: str  # ports stand as {ports}, so that those with the same remedy share one sentence
    remarks: tuple[str, ...] = ()
    doors: tuple[Door, ...] = ("unknown",)  # whose firewall it is
    profiles: tuple[tuple[Door, str], ...] = ()  # of Windows' own firewalls among them, where it is one


def explain(
    probe: Probe,
    port: int,
    attempt: Attempt | None,
    evidence: Evidence,
    owner: Socket | None = None,
    *,
    temporary: bool = False,
) -> Explained:
    """The remedy for a way that is shut though its end stands.

    `owner` is who listens there; `temporary`: a listener of ours did, which is another program than the product, so
    what was observed is what the policy says of the listener.
    """
    here = there = None
    if not probe.loopback:  # what a host sends to itself is not filtered
        here, there = _outbound(probe, port, attempt, evidence), _inbound(probe, port, attempt, evidence, owner)
    sent = here.listener if here is not None else None
    met = (there.listener if temporary else there.verdict) if there is not None else None
    remarks = _remarks(probe, port, here, sent, there, met)
    doors = [
        *_door(probe, probe.source, "outbound", here, sent),
        *_door(probe, probe.destination, "inbound", there, met),
    ]
    blocking: tuple[Door, ...] = ("source",) if sent == "block" else ()
    blocking += ("destination",) if met == "block" else ()
    answered = attempt is not None and attempt.outcome in ("refused", "unreachable")
    if doors and answered and sent != "block" and there is not None and there.silent:
        doors.append("That firewall drops in silence, so what answered stands before it: look at the network, too.")
        blocking += ("network",)
    if doors:
        return Explained(
            " ".join(doors), remarks, blocking, _profiles(("source", here), ("destination", there), blocking)
        )
    what, way = f"{probe.protocol.upper()} {{ports}}", _way(probe)
    if there is not None and met == "allow":
        told = "has no packet filter in force" if there.because == "off" else "lets it in by its own firewall"
        between = f"{_asker(probe, attempt, evidence) or probe.source} and {probe.address}"
        text = f"{probe.destination} {told}: look at the network between {between}, and open {what} {way} there."
        return Explained(text, remarks, ("network",))
    return Explained(f"Open {what} {way}: in {probe.destination}'s own firewall and on the network between.", remarks)


def _profiles(
    source: tuple[Door, Policy | None], destination: tuple[Door, Policy | None], blocking: tuple[Door, ...]
) -> tuple[tuple[Door, str], ...]:
    """Where the interface is not known the policy names several, and a rule for one of them might be for the wrong."""
    return tuple(
        (door, policy.profile)
        for door, policy in (source, destination)
        if door in blocking and policy is not None and policy.profile.lower() in PROFILES
    )


def _door(probe: Probe, machine: str, side: str, policy: Policy | None, verdict: PolicyVerdict | None) -> list[str]:
    if policy is None or verdict != "block":
        return []
    what = f"{probe.protocol.upper()} {{ports}} {side}"
    if policy.verdict != "block":
        # The real program may be treated otherwise: the remark beside says how.
        return [f"Open {what} on {machine}'s own firewall, {_way(probe)}, for every program: it blocks ours."]
    profiles = f" ({policy.profile} profile{'s' if ',' in policy.profile else ''})" if policy.profile else ""
    return [f"Open {what} on {machine}'s own firewall{profiles}, {_way(probe)}: {_why(policy, side)}."]


def _why(policy: Policy, side: str) -> str:
    rule = policy.rules[0] if policy.rules else None
    if rule is not None:
        stored = rule.store in ("local", "policy")
        return f"rule '{rule.name}' ({rule.store} store) blocks it" if stored else f"{rule.name} blocks it"
    if policy.because == "shield":
        return "it blocks everything inbound, whatever its rules say"
    return f"it has no {side} rule for it"


def _way(probe: Probe) -> str:
    return f"from {probe.source} to {probe.destination} ({probe.address})"


def _remarks(
    probe: Probe,
    port: int,
    here: Policy | None,
    sent: PolicyVerdict | None,
    there: Policy | None,
    met: PolicyVerdict | None,
) -> tuple[str, ...]:
    """What keeps the answer open, and where our own programs are treated otherwise than the product may be."""
    told = []
    for machine, policy, verdict in ((probe.source, here, sent), (probe.destination, there, met)):
        if policy is None:
            continue
        if verdict != policy.verdict and policy.listener_note:
            told.append((machine, policy.listener_note))
        elif verdict == "unknown":
            told.append((machine, policy.sentence))
    protocol = probe.protocol.upper()
    words = [
        text.replace("the host's firewall", f"{m}'s own firewall").replace(f"{protocol} {port}", protocol)
        for m, text in told
    ]
    return tuple(f"{m}: {w}" if w.startswith("cannot be told") else w for (m, _), w in zip(told, words, strict=True))


def _inbound(
    probe: Probe, port: int, attempt: Attempt | None, evidence: Evidence, owner: Socket | None
) -> Policy | None:
    firewall = evidence.firewall(probe.destination)
    if firewall is None:
        return None
    program = (owner.path or ("System" if owner.pid == 4 else None)) if owner is not None else None
    flow = Flow(
        "in",
        probe.protocol,
        probe.address,
        port,
        _asker(probe, attempt, evidence),
        attempt.local_port or None if attempt is not None else None,
        program,
        owner.service if owner is not None else None,
        probe.serving == "product",
        evidence.networks(probe.destination),
        evidence.system_version(probe.destination),
    )
    return firewall.ask(flow)


def _outbound(probe: Probe, port: int, attempt: Attempt | None, evidence: Evidence) -> Policy | None:
    firewall = evidence.firewall(probe.source)
    if firewall is None:
        return None
    flow = Flow(
        "out",
        probe.protocol,
        _asker(probe, attempt, evidence),
        None,
        probe.address,
        port,
        foreign=probe.serving == "product",
        networks=evidence.networks(probe.source),
        version=evidence.system_version(probe.source),
    )
    return firewall.ask(flow)


def _asker(probe: Probe, attempt: Attempt | None, evidence: Evidence) -> str:
    """The address that the source asks from, as far as it is known: nobody tells it of a packet that was lost."""
    if attempt is not None and attempt.local and not attempt.local.startswith(("0.0.0.0", "::")):  # noqa: S104
        return attempt.local
    own = [address for address in evidence.addresses(probe.source) if not address.startswith(LOOPBACK)]
    same = [address for address in own if (":" in address) == (":" in probe.address)]
    return same[0] if len(same) == 1 else ""
