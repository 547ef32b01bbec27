"""Waivers and attestations as values, and which cases each of them is for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from preflight.values.case import Case
from preflight.values.outcome import Outcome

Kind = Literal["waiver", "attestation"]
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Scope:
    """Names or globs as they were written, and the names of the site or the page that they stand for."""

    words: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.words)

    def holds(self, name: str | None) -> bool:
        """Whether the name is one of them; a missing name is held by `*` alone."""
        return name in self.names or EVERYTHING in self.words

    def in_full(self, name: str | None) -> bool:
        """Whether the name was written out, and not only met by a glob."""
        return name in self.words


@dataclass(frozen=True, slots=True)
class Ruling:
    """One waiver or attestation of the site."""

    id: str
    kind: Kind
    requirement: Scope  # row ids
    hosts: Scope  # either end of a flow, the host or directory of an item; empty: every one
    source: Scope  # empty: every one
    destination: Scope
    asked_by: str  # waiver: who wants it; attestation: who has looked
    approved_by: str
    reason: str
    ticket: str
    until: date  # the last day on which it holds, in the site's time zone
    file: str  # name and line
    place: int  # among all rulings, waivers first

    def in_force(self, today: date) -> bool:
        """Whether it still counts; its last day counts whole."""
        return today <= self.until

    def may_cover(self, outcome: Outcome) -> bool:
        """A waiver lies over anything that blocks; a person's word only over what nobody observed."""
        return outcome.blocks and (self.kind == "waiver" or outcome is Outcome.UNVERIFIED)

    def is_for(self, case: Case) -> bool:
        """Whether row, hosts and ends of the case are what was written. A stand-in is no host of the case."""
        return self.requirement.holds(case.row) and self._meets(case, ends_of(case))

    def _meets(self, case: Case, ends: frozenset[str]) -> bool:
        if self.source and not self.source.holds(case.source):
            return False
        if self.destination and not self.destination.holds(case.about):
            return False
        return not self.hosts or EVERYTHING in self.hosts.words or not ends.isdisjoint(self.hosts.names)

    def closeness(self, case: Case) -> tuple[int, bool, date, int]:
        """The greater, the closer it fits: hosts written in full, row in full, ends later, stands earlier."""
        named = {end for end in ends_of(case) if self.hosts.in_full(end)}
        for scope, end in ((self.source, case.source), (self.destination, case.about)):
            if end is not None and scope.in_full(end):
                named.add(end)
        return len(named), self.requirement.in_full(case.row), self.until, -self.place

    @property
    def title(self) -> str:
        """`waiver W3 of Eva Nova`."""
        return f"{self.kind} {self.id} of {self.asked_by}"


def ends_of(case: Case) -> frozenset[str]:
    """The machines or the directory that a case is about; of a case without any, the hosts that select it."""
    ends = frozenset(name for name in (case.source, case.about) if name)
    return ends or case.hosts


@dataclass(frozen=True, slots=True)
class Rulings:
    """All of a site, waivers before attestations, each in the order of its file."""

    all: tuple[Ruling, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)  # of the files, by name: what a run keeps copies of
    by_row: Mapping[str, tuple[Ruling, ...]] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 over names and texts of the files; empty where the site has none."""
        if not self.texts:
            return ""
        whole = hashlib.sha256()
        for name, text in sorted(self.texts.items()):
            content = text.encode("utf-8")
            whole.update(f"{name} {len(content)}\n".encode())  # with its length: no text can pass for two
            whole.update(content)
        return whole.hexdigest()

    def meeting(self, case: Case) -> list[Ruling]:
        """Those that are for the case, expired ones included, in the files' order."""
        candidates = self.by_row.get(case.row, ())
        if not candidates:
            return []
        ends = ends_of(case)
        return [ruling for ruling in candidates if ruling._meets(case, ends)]

    def of(self, case: Case) -> list[Ruling]:
        """As `meeting`, the closest first."""
        found = self.meeting(case)
        return sorted(found, key=lambda r: r.closeness(case), reverse=True) if len(found) > 1 else found


def rulings_of(found: Iterable[Ruling], texts: Mapping[str, str]) -> Rulings:
    """The rulings, ready to be looked up by row."""
    every = tuple(found)
    rows: dict[str, list[Ruling]] = {}
    for ruling in every:
        for row in ruling.requirement.names:
            rows.setdefault(row, []).append(ruling)
    return Rulings(every, texts, {row: tuple(members) for row, members in rows.items()})
