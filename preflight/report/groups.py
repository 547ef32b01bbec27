"""Puts like cases together: two hundred printers that fail in the same way are one entry with a count."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from preflight.run.model import CaseResult, Run
from preflight.run.model_site import HostResult
from preflight.values.outcome import Outcome

_WORD = re.compile(r"\w[\w.-]*\w|\w")
_DURATION = re.compile(r"\b\d+(?:\.\d+)? (ms|s)\b")


@dataclass(slots=True)
class Group:
    """Cases of one row with the same level, outcome, reason and remedy, but for the names of the machines."""

    first: CaseResult
    cases: list[CaseResult] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        """Who asks, each once."""
        return list(dict.fromkeys(case.source for case in self.cases if case.source))

    @property
    def destinations(self) -> list[str]:
        """Who is asked, each once."""
        return list(dict.fromkeys(case.destination for case in self.cases if case.destination))


@dataclass(slots=True)
class LostHost:
    """A machine that could not be reached, with the unverified cases that say so."""

    host: HostResult
    cases: list[CaseResult] = field(default_factory=list)


def grouped(cases: Iterable[CaseResult], hosts: Iterable[HostResult], *, closely: bool = False) -> list[Group]:
    """Like cases together, in the order of the first of each.

    `closely`: what was seen, how good the evidence is, ports, stand-in, findings, note and ruling must be alike, too,
    so that what is told of the first holds for all of them.
    """
    addresses = {host.name: host.address for host in hosts}
    groups: dict[tuple[str, ...], Group] = {}
    for case in cases:
        names = _roles(case, addresses)
        key: tuple[str, ...] = (
            case.row,
            case.standing,
            case.level,
            str(case.restricted),
            _alike(case.reason, names),
            _alike(case.remedy, names),
        )
        if closely:
            key = (*key, case.outcome, *_details(case, names))
        groups.setdefault(key, Group(case)).cases.append(case)
    return list(groups.values())


def _details(case: CaseResult, names: dict[str, str]) -> tuple[str, ...]:
    told = (case.seen, case.strength, case.note, *case.findings)
    shut = [(port.protocol, port.port, port.doors) for port in case.shut]
    fixed = (case.stand_in or "", case.ruling or "", case.phase or "", repr(case.ports), repr(shut))
    return (*fixed, *(_alike(text, names) for text in told))


def lost_hosts(run: Run) -> tuple[list[LostHost], set[str]]:
    """The unreached hosts, and the ids of the cases that are unverified because of them.

    A case counts for a host only where its reason names the host or tells its failure: an unverified case that has
    another reason keeps its own entry, or its remedy would be hidden.
    """
    lost = {host.name: LostHost(host) for host in run.hosts if host.reached is False}
    taken: set[str] = set()
    for case in run.cases if lost else ():
        if case.standing is not Outcome.UNVERIFIED:
            continue
        for name in case.hosts:
            entry = lost.get(name)
            if entry is not None and _blames(case, entry.host):
                entry.cases.append(case)
                taken.add(case.id)
                break
    return list(lost.values()), taken


def _blames(case: CaseResult, host: HostResult) -> bool:
    said = f"{case.reason} {case.seen}"
    return (bool(host.cause) and host.cause in said) or _as_said(host.name) in _WORD.findall(said)


def _as_said(name: str) -> str:
    """A machine as sentences name it: a merged run writes its site in front (north/cml1), they were written before."""
    return name.rpartition("/")[2]


def _roles(case: CaseResult, addresses: dict[str, str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, role in ((case.source, "<from>"), (case.destination, "<to>"), (case.stand_in, "<stand-in>")):
        if name is not None:
            names.setdefault(_as_said(name), role)
            if name in addresses:
                names.setdefault(addresses[name], role)
    return names


def _alike(text: str, names: dict[str, str]) -> str:
    """The text with the case's own machines and measured times left open."""
    if " ms" in text or " s" in text:
        text = _DURATION.sub(r"<time> \1", text)
    if not any(name in text for name in names):  # most texts name nobody, and there are hundreds of thousands
        return text
    for name, role in names.items():
        if ":" in name:  # an IPv6 address is no word
            text = text.replace(name, role)
    return _WORD.sub(lambda match: names.get(match.group(), match.group()), text)
