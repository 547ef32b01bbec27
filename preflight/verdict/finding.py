"""What one port's observation means, before the ports of a case are put together."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.values.observation import Attempt, ProbeObservation
from preflight.values.outcome import Door, Outcome, ShutPort
from preflight.values.probe import Probe


@dataclass(frozen=True, slots=True)
class Finding:
    """Outcome and sentences of one port."""

    outcome: Outcome
    port: int
    reason: str
    seen: str
    remedy: str = ""  # "{ports}" stands for the ports that share it
    shut: bool = False  # the way is shut, so what the row says of opening it helps
    strength: str = ""
    findings: tuple[str, ...] = ()
    probe: str = ""
    closed: ShutPort | None = None  # the way is shut, and the destination was proven to be listening


LOOPBACK = ("127.", "::1")
OPEN = ("accepted", "answered")
SHUT = ("refused", "dropped", "unreachable", "denied")


def words(attempt: Attempt, timeout_hint: bool = True) -> str:
    """What an attempt saw, in words."""
    code = f" ({attempt.code})" if attempt.code else ""
    again = ", also when asked again alone" if attempt.alone else ""
    seconds = f"{attempt.took_ms / 1000:.1f} s"
    return {
        "accepted": "connected",
        "answered": "answered",
        "refused": f"refused{code}{again}",
        "dropped": "no answer" + (f" within {seconds}" if timeout_hint else "") + again,
        "unreachable": f"reported unreachable on the way{code}",
        "silent": f"no answer within {seconds}",
        "sent": "sent",
        "denied": f"forbidden by the asking host's own system{code}",
        "error": f"error{code} {attempt.detail}".rstrip(),
        "not-asked": "not asked",
    }[attempt.outcome]


def last(observation: ProbeObservation) -> Attempt | None:
    """The attempt that counts."""
    return observation.attempts[-1] if observation.attempts else None


def closed_port(
    probe: Probe, port: int, doors: tuple[Door, ...], profiles: tuple[tuple[Door, str], ...] = ()
) -> ShutPort:
    """What a firewall change would have to open."""
    return ShutPort(probe.protocol, port, probe.address, doors, profiles)


def target(probe: Probe, port: int) -> str:
    """The asked end, as in firewall rules."""
    return f"{probe.destination} {probe.address} {probe.protocol.upper()} {port}"
