"""What judging a fact comes to, where that is more than one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence and what to do."""

    text: str
    do: str = ""


@dataclass(slots=True)
class Findings:
    """All that can be said, filled while looking."""

    seen: list[str] = field(default_factory=list)
    wrong: list[Remark] = field(default_factory=list)
    unknown: list[Remark] = field(default_factory=list)
    advice: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
