"""What the engineer may turn about a survey, and the times that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 28.0  # a listen window; DESIGN allows 30 s at most
HEARD_GRACE_S = 1.0  # how long a listener may lag behind the prober's word
DEFAULT_HOSTS_AT_ONCE = 64
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
    gather_timeout_s: float = 15.0

    @property
    def window_capacity(self) -> int:
        """Probes that one host can finish within a listen window even when every one of them is dropped."""
        waves = max(1, int((WINDOW_S - 4.0) // (self.probe_timeout_s + 0.5)))
        return self.probes_at_once * waves
