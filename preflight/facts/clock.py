"""How far a host's clock is from that of the machine that runs the suite, and from other hosts' clocks."""

from __future__ import annotations

import math
from collections.abc import Mapping

from preflight.facts.model import FactKind, Told, UnobservedError

LIMIT_S = 60.0


def parse_clock(told: Told) -> float:
    """Seconds that the host is ahead; good to the time that its answer travelled. Raises UnobservedError."""
    value = told.value("time")
    epoch = value.get("epoch") if isinstance(value, dict) else None
    if isinstance(epoch, bool) or not isinstance(epoch, int | float) or not math.isfinite(epoch):
        raise UnobservedError(f"{told.host} did not tell its time", "Look at its clock by hand.")
    return float(epoch) - told.at


def judge_clock(name: str, skew: float, others: Mapping[str, float]) -> str:
    """What is wrong with a host's clock, empty for nothing; `others` are the skews of the nodes beside it, by name."""
    apart = {other: skew - its for other, its in others.items() if abs(skew - its) > LIMIT_S}
    if abs(skew) > LIMIT_S and others and not apart:
        return (
            f"the clock of {name} is {way(skew)} this machine's, and the other nodes agree with it: "
            "look at the clock of the machine that runs the suite first"
        )
    if abs(skew) > LIMIT_S:
        return f"the clock of {name} is {way(skew)} this machine's" + (
            f", {', '.join(f'{way(s)} that of {other}' for other, s in apart.items())}" if apart else ""
        )
    # Where the other is far from this machine's clock, it is the one that is told of.
    far = {other: s for other, s in apart.items() if abs(others[other]) <= LIMIT_S}
    return f"the clock of {name} is {', '.join(f'{way(s)} that of {o}' for o, s in far.items())}" if far else ""


def way(seconds: float) -> str:
    """`75 s ahead of`, `3 s behind`."""
    return f"{abs(seconds):.0f} s {'ahead of' if seconds >= 0 else 'behind'}"


CLOCK = FactKind("clock", parse_clock, rests_on=("time",))
