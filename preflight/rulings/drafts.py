"""Entries of attestations.yaml for given cases: the fewest that are for these cases and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from preflight.rulings.model import EVERYTHING
from preflight.values.case import Case


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person says about some cases."""

    asked_by: str
    approved_by: str
    reason: str
    until: date
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An attestation that has no id yet."""

    requirement: tuple[str, ...]
    ends: Mapping[str, tuple[str, ...]] = field(hash=False)  # hosts, or source and destination
    said: Statement = field(hash=False)

    def entry(self, name: str) -> dict[str, Any]:
        """The entry as it is written."""
        told: dict[str, Any] = {"id": name, "requirement": _short(self.requirement)}
        told |= {key: _short(names) for key, names in self.ends.items()}
        told |= {"asked_by": self.said.asked_by, "approved_by": self.said.approved_by, "reason": self.said.reason}
        return told | ({"ticket": self.said.ticket} if self.said.ticket else {}) | {"until": self.said.until}


def _short(words: Sequence[str]) -> str | list[str]:
    return words[0] if len(words) == 1 else list(words)


def drafts_for(cases: Iterable[Case], said: Statement) -> list[Draft]:
    """Drafts that cover the cases; rows that concern the same machines are one draft."""
    rows: dict[str, list[Case]] = {}
    for case in cases:
        rows.setdefault(case.row, []).append(case)
    together: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for row, members in rows.items():
        for ends in _ends(members):
            together.setdefault(tuple(ends.items()), []).append(row)
    return [Draft(tuple(names), dict(ends), said) for ends, names in together.items()]


def _ends(cases: Sequence[Case]) -> list[dict[str, tuple[str, ...]]]:
    """Hosts of the items; of flows the sources that ask the same destinations, together."""
    single: list[str] = []
    asked: dict[str, list[str]] = {}
    for case in cases:
        if case.source and case.destination:
            asked.setdefault(case.source, []).append(case.destination)
        else:
            about = case.source or case.about
            single += [about] if about else sorted(case.hosts) or [EVERYTHING]
    found = [{"hosts": tuple(dict.fromkeys(single))}] if single else []
    sources: dict[tuple[str, ...], list[str]] = {}
    for source, destinations in asked.items():
        sources.setdefault(tuple(dict.fromkeys(destinations)), []).append(source)
    return found + [{"source": tuple(names), "destination": ends} for ends, names in sources.items()]


def free_ids(taken: Iterable[str], count: int) -> list[str]:
    """The next ids: A1, A2 ... behind the highest that is in use."""
    used = set(taken)
    numbers = [int(name[1:]) for name in used if name[:1] == "A" and name[1:].isascii() and name[1:].isdigit()]
    first = max(numbers, default=0) + 1
    return [f"A{number}" for number in range(first, first + count)]
