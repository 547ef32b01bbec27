"""Outcomes and verdicts: what an observation means for a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from preflight.values.probe import Protocol


class Outcome(StrEnum):
    """The outcomes. Waived and attested are laid over a failed or unverified one by a person; nothing observes them."""

    PASSED = "passed"
    FAILED = "failed"
    ADVISORY = "advisory"
    UNVERIFIED = "unverified"
    WAIVED = "waived"
    ATTESTED = "attested"
    NOT_APPLICABLE = "not applicable"
    NOT_RUN = "not run"

    @property
    def blocks(self) -> bool:
        """True for outcomes that keep a site from being accepted."""
        return self in (Outcome.FAILED, Outcome.UNVERIFIED)


Door = Literal["source", "destination", "network", "unknown"]


@dataclass(frozen=True, slots=True)
class ShutPort:
    """One port whose way was seen shut while the destination itself proved that it listened there.

    `doors`: whose firewall shuts it, as far as the hosts' own policies tell: that of the source, of the destination,
    of something in the network between; `unknown` where they do not tell. `profiles`: of a Windows host's own firewall
    the profile (Domain, Private, Public) that shuts it, by the door; only where it is known to be one.
    """

    protocol: Protocol
    port: int
    address: str  # the destination's, as it was connected to
    doors: tuple[Door, ...]
    profiles: tuple[tuple[Door, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out of one case, in sentences for a person in a hurry."""

    outcome: Outcome
    reason: str  # one sentence: why this outcome
    asked: str = ""  # what was asked, by whom
    seen: str = ""  # what was seen, from which address
    remedy: str = ""  # what to do; empty when nothing is to be done
    strength: str = ""  # how good the evidence is: nonce, own TCP table, protocol answer, accepted, passive
    stand_in: str | None = None
    findings: tuple[str, ...] = field(default=())  # remarks that do not change the outcome
    probes: tuple[str, ...] = field(default=())  # ids of the observations read
    evidence: tuple[str, ...] = field(default=())  # facts read: name, host and way, time
    shut: tuple[ShutPort, ...] = field(default=())  # what a firewall change would open
