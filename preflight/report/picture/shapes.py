"""Plain values of the layout: rectangles, texts with the room they take, and the lines of a way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from preflight.report.picture.lettering import fitted, width
from preflight.report.picture.scene import Node, Way

BOLD = frozenset({"pt-site", "pt-net", "pt-f", "pt-w"})


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; y grows downwards."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.h

    def meets(self, other: Rect) -> bool:
        """Whether they share any area; touching edges do not."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: Rect) -> bool:
        """Whether the other lies inside."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True)
class Letters:
    """One line of text at its baseline."""

    x: float
    y: float
    text: str
    size: float
    style: str  # a class of the style sheet
    anchor: Literal["start", "middle", "end"] = "start"

    @property
    def room(self) -> Rect:
        """The most that it takes, whatever the font."""
        wide = width(self.text, self.size, is_bold(self.style))
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return Rect(left, self.y - self.size * 0.95, wide, self.size * 1.2)


def is_bold(style: str) -> bool:
    """Whether a class of the style sheet is in bold."""
    return style in BOLD


def centred(rect: Rect, y: float, text: str, size: float, style: str) -> Letters:
    """A line in the middle of a rectangle, cut to its width."""
    return Letters(
        rect.x + rect.w / 2, y, fitted(text, rect.w - 4, size, middle=True, bold=is_bold(style)), size, style, "middle"
    )


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A machine or a stack: its icon and up to three lines beneath."""

    node: Node
    rect: Rect
    lines: tuple[Letters, ...]


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A network with what is in it."""

    rect: Rect
    lines: tuple[Letters, ...]
    nodes: tuple[PlacedNode, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A site around its boxes."""

    rect: Rect
    label: Letters
    boxes: tuple[PlacedBox, ...]


@dataclass(frozen=True, slots=True)
class Stub:
    """The end of a way below a machine: with an arrow where it arrives, else with a dot."""

    x: float
    top: float  # the machine's lower edge
    bottom: float  # the street
    arrives: bool


@dataclass(frozen=True, slots=True)
class Route:
    """The lines of a way: streets below the rows of machines, joined by an upright in the middle of the picture."""

    way: Way
    streets: tuple[tuple[float, float, float], ...]  # y, from x, to x
    upright: tuple[float, float, float]  # x, from y, to y
    stubs: tuple[Stub, ...]
    badge: Rect  # its number and sign


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything with its place."""

    width: float
    height: float
    frames: tuple[Frame, ...]
    routes: tuple[Route, ...]
    trunk: tuple[float, float, float] | None  # x, from y, to y: the network between
    branches: tuple[tuple[float, float, float], ...]  # y, from x, to x: each box to it
    keys: tuple[tuple[Way | None, Rect, tuple[Letters, ...]], ...]  # what each number means
    legend: tuple[tuple[str, Rect, Letters], ...]  # what each shape and line means

    @property
    def boxes(self) -> tuple[PlacedBox, ...]:
        """All boxes."""
        return tuple(box for frame in self.frames for box in frame.boxes)
