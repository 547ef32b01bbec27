"""Outcomes and verdicts: what an observation means for a case."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """The seven outcomes; DESIGN's table says when each is given and whether it blocks a sign-off."""

    PASSED = "passed"
    FAILED = "failed"
    ADVISORY = "advisory"
    UNVERIFIED = "unverified"
    NOT_APPLICABLE = "not applicable"
    NOT_RUN = "not run"

    @property
    def blocks(self) -> bool:
        """True for outcomes that keep a site from being accepted."""
        return self in (Outcome.FAILED, Outcome.UNVERIFIED)


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
