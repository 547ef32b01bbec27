"""One question to a service and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# ok: as asked. failed: `code` and `said` tell why. timeout: our own deadline. not-asked: an earlier step stood in the
# way, or nothing was to be asked; `said` tells which.
StepOutcome = Literal["ok", "failed", "timeout", "not-asked"]


@dataclass(frozen=True, slots=True)
class Step:
    """One question and how it ended; `code` is a short word for tests, `said` and `remedy` are sentences."""

    outcome: StepOutcome = "not-asked"
    code: str = ""
    said: str = ""
    remedy: str = ""
    took_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether it went as asked."""
        return self.outcome == "ok"


NOT_ASKED = Step()
