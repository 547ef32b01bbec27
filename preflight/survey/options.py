"""What the engineer may turn about a survey, and the times that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 28.0  # a listen window; DESIGN allows 30 s at most
HEARD_GRACE_S = 1.0  # how long a listener may lag behind the prober's word, besides the lag of its transport
START_S = 4.0  # asking agents that start late: PowerShell over WinRM
DEFAULT_HOSTS_AT_ONCE = 64
FACT_S, SLOW_FACT_S = 4.0, 10.0  # a fact's own deadline; the second over transports whose words lag
READ_S = 2.0  # how long a reply is waited for once connected


@dataclass(frozen=True, slots=True)
class SurveyOptions:
    """Settings of one survey; durations in seconds."""

    probe_timeout_s: float = 5.0
    hosts_at_once: int = DEFAULT_HOSTS_AT_ONCE
    probes_at_once: int = 400
    no_listeners: bool = False
    community: str = "public"
    services: tuple[str, ...] = ()  # regular expressions of the product's services
    connect_timeout_s: float = 20.0  # a host that has not said hello by then is not reached
    gather_timeout_s: float = 20.0

    @property
    def ready_s(self) -> float:
        """How long the slowest host may take to open its listeners: the others' windows have begun meanwhile."""
        return max(6.0, min(14.0, WINDOW_S - self.probe_timeout_s - 1.5))

    @property
    def window_capacity(self) -> int:
        """Probes that one host can finish within a listen window even when every one of them is dropped."""
        waves = max(1, int((WINDOW_S - self.ready_s - START_S) // (self.probe_timeout_s + 0.5)))
        return self.probes_at_once * waves
