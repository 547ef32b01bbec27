"""What the picture shows, without a place for anything yet: boxes of machines by site, and ways between them."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.report.kinds import Kind
from preflight.values.outcome import Outcome

Pair = tuple[str, str]  # names of the asking and of the asked machine


@dataclass(frozen=True, slots=True)
class Node:
    """One machine, or a stack of like ones in one box."""

    key: int  # unique in the scene
    kind: Kind
    label: str
    note: str  # its address; of a stack: what they are
    members: tuple[str, ...]
    failing: int = 0  # members at an end of a flow that failed
    unverified: int = 0  # members at an end of one that is unverified
    lost: int = 0  # members that could not be reached


@dataclass(frozen=True, slots=True)
class Box:
    """A network; on large sites, several of them."""

    key: int
    label: str
    note: str  # its addresses
    place: str  # as the key below the picture names it
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A site with its boxes."""

    label: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """Flows with the same standing from machines of one box to machines of one box."""

    number: int  # as written on its arrow, from 1
    standing: Outcome  # failed or unverified
    sources: tuple[int, ...]  # keys of nodes, ascending
    destinations: tuple[int, ...]
    pairs: tuple[Pair, ...]  # sorted
    rows: tuple[str, ...]
    ports: tuple[tuple[str, int], ...]  # protocol and port, sorted
    cases: int
    whole: bool  # every source to every destination; else only some of these pairs are meant
    drawn: bool  # a picture holds so many arrows only


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole picture. Every pair of machines with a failed or unverified flow is in one of the ways."""

    title: str
    places: tuple[Place, ...]
    ways: tuple[Way, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """All boxes, in order."""
        return tuple(box for place in self.places for box in place.boxes)
