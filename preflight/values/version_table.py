"""A dated table of newest versions, and where an installed version stands against it on a given day.

No version is guessed: what a table that is fresh enough does not tell is `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Literal

from preflight.values.counted import counted

Version = tuple[int, ...]
Kind = Literal["current", "newer", "behind", "unknown"]
VERSION_PATTERN = r"[0-9]{1,9}(\.[0-9]{1,9}){0,4}"


def parse_version(text: object) -> Version | None:
    """The numbers that a text begins with ("158.0.1 (x64 en-US)" -> 158, 0, 1), or None."""
    found = re.match(rf"\s*({VERSION_PATTERN})(?![0-9])", text) if isinstance(text, str) else None
    return tuple(int(part) for part in found[1].split(".")) if found else None


def dotted(version: Iterable[int]) -> str:
    """158.0.1"""
    return ".".join(map(str, version))


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """The newest version of a line, the day on which its source said so, and that source."""

    version: Version
    as_of: date
    source: str
    line: Version = ()  # versions that begin so are judged by this entry; (): all that no other line takes


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands; `words` is a sentence's middle for a report."""

    kind: Kind
    words: str
    known: KnownVersion | None = None
    outdated: bool = False  # older than what was the newest on an earlier day, whether that day counts still or not

    @property
    def good(self) -> bool:
        """Up to date, as far as a table can tell."""
        return self.kind in ("current", "newer")


@dataclass(frozen=True, slots=True)
class VersionTable:
    """Newest versions by product; an entry counts as fresh for `fresh_days` from its day on."""

    versions: Mapping[str, tuple[KnownVersion, ...]] = field(default_factory=dict)
    fresh_days: int = 0
    origin: str = "no table"  # for reports: whose table it is
    file: str = ""  # absolute path of the site's own; empty: shipped, or in the inventory itself
    digest: str = ""  # SHA-256 of the site's file

    def stand(self, product: str, version: Version, on: date) -> Standing:
        """Where this version of a product stood on a day."""
        entries = self._line(product, version)
        if not entries:
            return Standing("unknown", f"{dotted(version)} belongs to no line that {self.origin} knows")
        newest = max(entries, key=lambda entry: _filled(entry.version))
        mine, best = dotted(version), dotted(newest.version)
        order = _compare(version, newest.version)
        same = any(_compare(version, entry.version) == 0 for entry in entries)
        age = (on - newest.as_of).days
        if age > self.fresh_days:  # a newer version, too: it may have been followed by others
            what = "the newest" if same else f"{'newer' if order > 0 else 'behind'}: {best} was the newest"
            told = f"{mine} was {what} on {newest.as_of}, {self._too_old(age)}"
            return Standing("unknown", told, newest, outdated=order < 0 and not same)
        if order > 0:
            return Standing("newer", f"{mine} is newer than {best}, the newest of {newest.as_of}", newest)
        if same:
            return Standing("current", f"{mine} is the newest of {newest.as_of}", newest)
        if age < 0:
            return Standing("unknown", f"{mine} is behind {best}, but that is of {newest.as_of}, a later day", newest)
        return Standing("behind", f"{mine} is behind {best}, the newest of {newest.as_of}", newest, outdated=True)

    def _line(self, product: str, version: Version) -> tuple[KnownVersion, ...]:
        entries = self.versions.get(product, ())
        own = tuple(entry for entry in entries if entry.line and version[: len(entry.line)] == entry.line)
        return own or tuple(entry for entry in entries if not entry.line)

    def _too_old(self, age: int) -> str:
        return f"{counted(age, 'day')} before the host was asked; {self.origin} counts for {self.fresh_days}"


def _filled(version: Version) -> Version:
    return version + (0,) * (8 - len(version))


def _compare(one: Version, other: Version) -> int:
    for a, b in zip_longest(one, other, fillvalue=0):
        if a != b:
            return 1 if a > b else -1
    return 0
