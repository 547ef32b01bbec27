"""What a run shows to be shut though its end listens, and what the page asks for at all: the two sides of a request."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from preflight.run.model import CaseResult, Run
from preflight.values.outcome import Door, Outcome
from preflight.values.probe import Protocol
from preflight.values.spans import Spans, spans_of


class End(NamedTuple):
    """A machine of the inventory at the address that it serves on or asks from; `address` may be unknown: ''."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Need:
    """One way that must be opened: seen shut by a required flow, while its end was proven to be listening."""

    case: CaseResult
    source: End
    destination: End
    protocol: Protocol
    ports: Spans
    doors: tuple[Door, ...]
    profiles: tuple[tuple[Door, str], ...] = ()  # of Windows hosts' own firewalls, as preflight.values.outcome.ShutPort


def is_open_question(case: CaseResult) -> bool:
    """A required flow that failed, and that nobody has waived."""
    failed = case.outcome is Outcome.FAILED and case.standing is Outcome.FAILED
    return failed and not case.restricted and case.protocol is not None


def is_waived(case: CaseResult) -> bool:
    """A way that was seen shut, and that the site has agreed to leave shut for a time."""
    return bool(case.shut) and case.standing is Outcome.WAIVED and not case.restricted


def needs_of(run: Run) -> list[Need]:
    """All needs, in the cases' order. What a machine sends to itself is filtered by nobody and is none.

    Where a stand-in asked in the place of the source both are needs: opened for one of them alone, either the real
    machine stays shut out, or the next run cannot show that it is not.
    """
    ends = _ends(run)
    found = []
    for case in run.cases:
        if not case.shut or not is_open_question(case) or case.source is None or case.destination is None:
            continue
        places: dict[tuple[Protocol, str, tuple[Door, ...], tuple[tuple[Door, str], ...]], list[int]] = {}
        for shut in case.shut:
            key = shut.protocol, shut.address, shut.doors, tuple(sorted(shut.profiles.items()))
            places.setdefault(key, []).append(shut.port)
        for (protocol, address, doors, profiles), ports in places.items():
            destination = End(case.destination, address)
            # Of a range only a sample is asked; whoever opens just that has not opened the range.
            spans = case.spans or spans_of(tuple(ports))
            for name in _askers(case):
                source = ends.get(name, End(name, ""))
                if not same_machine(source, destination):
                    found.append(Need(case, source, destination, protocol, spans, doors, profiles))
    return found


def asked_for(run: Run) -> Iterator[tuple[Protocol, End, End, Spans]]:
    """Every way that some case of the run asks for: a rule may hold these and no other.

    Cases that do not apply, that must stay shut, or over which somebody laid a ruling (the site has agreed that they
    stay shut) ask for nothing.
    """
    ends = _ends(run)
    for case in run.cases:
        if case.protocol is None or case.restricted or case.source is None or case.destination is None:
            continue
        if case.standing in (Outcome.NOT_APPLICABLE, Outcome.WAIVED, Outcome.ATTESTED):
            continue
        # Of a slash row that is chosen from, the others are asked, too, and told; the site has no use for them.
        spans = case.spans or spans_of(case.chosen or case.ports)
        destination = ends.get(case.destination, End(case.destination, ""))
        for name in _askers(case) if spans else ():
            yield case.protocol, ends.get(name, End(name, "")), destination, spans


def same_machine(one: End, other: End) -> bool:
    """A machine needs no rule to reach itself, by whatever address."""
    return one.name == other.name or is_loopback(other.address)


def _askers(case: CaseResult) -> list[str]:
    stand_in = case.stand_in
    asked = stand_in is not None and any(probe.startswith(f"{stand_in}>") for probe in case.probes)
    # A stand-in may also be the one that listens, for a broadcast: then it asks nothing.
    return [name for name in (case.source, stand_in if asked else None) if name]


def _ends(run: Run) -> dict[str, End]:
    return {host.name: End(host.name, host.address) for host in run.hosts}


@lru_cache(maxsize=4096)  # the same few servers for thousands of machines
def is_loopback(address: str) -> bool:
    """Whether a machine reaches only itself by the address; False for what is none."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
