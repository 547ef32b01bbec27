"""Problems of an inventory with the place they are at, collected and raised at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from preflight.errors import InventoryError
from preflight.topology.nearest import shown

Path = tuple[str | int, ...]
LIMIT = 100  # problems written out; the rest is counted


@dataclass(frozen=True, slots=True)
class Place:
    """A spot of an inventory or CSV file: the path of keys down to it, and the lines of that file's paths."""

    file: str
    path: Path = ()
    lines: Mapping[Path, int] = field(default_factory=dict, repr=False, compare=False)

    def of(self, *keys: str | int) -> Place:
        """The place below this one."""
        return replace(self, path=self.path + keys)

    @property
    def line(self) -> int:
        """Line of the nearest written thing at or above this place, counted from 1."""
        for end in range(len(self.path), -1, -1):
            if self.path[:end] in self.lines:
                return self.lines[self.path[:end]]
        return 1

    @property
    def label(self) -> str:
        """The path as people write it: features.scan.ftp, printers[3].address (list items count from 0)."""
        label = ""
        for key in self.path:
            text = shown(key)[1:-1] if isinstance(key, str) else ""
            label += f"[{key}]" if isinstance(key, int) else f".{text}" if label else text
        return label

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problems:
    """What is wrong with an inventory, so that the user hears of everything in one go."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, int]] = {}
        self._more = 0
        self._places: set[tuple[str, Path]] = set()

    def __bool__(self) -> bool:
        return bool(self._found)

    def told_of(self, place: Place) -> bool:
        """Whether something at or below that place was noted."""
        length = len(place.path)
        return any(file == place.file and path[:length] == place.path for file, path in self._places)

    def add(self, place: Place, sentence: str | Callable[[], str]) -> None:
        """Note a problem. A callable is asked for its sentence only while there is room (looking for names costs)."""
        self._places.add((place.file, place.path))
        if len(self._found) >= LIMIT:
            self._more += 1
            return
        text = sentence if isinstance(sentence, str) else sentence()
        self._found.setdefault(": ".join(filter(None, (str(place), place.label, text))), (place.file, place.line))

    def raise_any(self) -> None:
        """Raise InventoryError, one problem a line in the order of the files' lines, when there are any."""
        if not self._found:
            return
        lines = sorted(self._found, key=lambda text: self._found[text])
        if self._more:
            lines.append(f"and {self._more} more; they are shown when these are mended")
        raise InventoryError("\n".join(lines))
