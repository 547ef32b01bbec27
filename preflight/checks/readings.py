"""What a check has read: the evidence of its verdict, fact by fact, with values short enough for a report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from preflight.values.observation import Fact, SiteFact

EACH = 120  # characters of one read's value; the whole of it stands in the run's observations
ALL = 360  # characters of a fact's values


@dataclass(frozen=True, slots=True)
class Reading:
    """One fact that a check has read, or was refused."""

    fact: str
    source: str  # which host, by which way
    at: float  # seconds since the epoch
    of_site: bool = False  # asked by the machine that runs the suite, not by the host
    told: str = ""  # values, or why there are none

    def __str__(self) -> str:
        when = f"{datetime.fromtimestamp(self.at, UTC):%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.fact}: {self.source}, {when}" + (f": {self.told}" if self.told else "")


def values(fact: str, facts: Mapping[str, Fact | SiteFact], names: Iterable[str]) -> str:
    """What was told by the reads that a fact rests on, each under its own name unless that is the fact's."""
    parts = []
    for name in names:
        if (one := facts.get(name)) is None:
            continue
        value = json.dumps(one.value, ensure_ascii=False, sort_keys=True, default=str)
        text = value if one.status == "ok" else one.status
        own = name.removeprefix(f"{fact}:")
        parts.append(_clipped(text, EACH) if name == fact else f"{own} {_clipped(text, EACH)}")
    return _clipped(", ".join(parts), ALL)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
