"""Three answers to "does it match": yes, no, and maybe with the reason why it cannot be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Answer = Literal["yes", "no", "maybe"]


@dataclass(frozen=True, slots=True)
class Match:
    """Whether something matches; `why` says what keeps it open, `bound` the program that it depends on."""

    answer: Answer
    why: str = ""
    bound: str = ""


YES = Match("yes")
NO = Match("no")


def maybe(why: str, bound: str = "") -> Match:
    """It cannot be told, and why."""
    return Match("maybe", why, bound)


def all_of(parts: Iterable[Match]) -> Match:
    """Conditions that must hold together: one that does not decides, then one that is open."""
    kept = YES
    for part in parts:
        if part.answer == "no":
            return NO
        # What is not understood weighs more than a program that is only not known.
        if part.answer == "maybe" and (kept.answer == "yes" or (kept.bound and not part.bound)):
            kept = part
    return kept


def any_of(parts: Iterable[Match]) -> Match:
    """Alternatives: one that holds decides, then one that is open."""
    kept = NO
    for part in parts:
        if part.answer == "yes":
            return YES
        if part.answer == "maybe" and kept.answer == "no":
            kept = part
    return kept


def negated(match: Match) -> Match:
    """The opposite; what is open stays open."""
    return {"yes": NO, "no": YES}.get(match.answer, match)
