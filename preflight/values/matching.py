"""Globs and version ranges as the site writes them: `7-Zip*`, `>=8.0, <10`, `9.*`, `9.0.1`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest

_TERM_PATTERN = r"(?:>=|<=|>|<|=)?\s*\d{1,9}(?:\.\d{1,9}){0,5}(?:\.\*)?"
RANGE_PATTERN = rf"{_TERM_PATTERN}(?:\s*,\s*{_TERM_PATTERN}){{0,7}}"
_TERM = re.compile(r"(>=|<=|>|<|=)?\s*([0-9.]+?)(\.\*)?\s*\Z")
_NUMBERS = re.compile(r"\d{1,9}(?:\.\d{1,9})*")
_LESS, _SAME, _MORE = -1, 0, 1
_HOLDS: Mapping[str, Callable[[int], bool]] = {
    ">=": lambda order: order >= _SAME,
    "<=": lambda order: order <= _SAME,
    ">": lambda order: order > _SAME,
    "<": lambda order: order < _SAME,
    "=": lambda order: order == _SAME,
}


def glob_matches(pattern: str, text: str) -> bool:
    """Whether the whole text is like the pattern; `*` is any text, `?` one character, case does not count.

    Nothing else is special: names of programs hold brackets. Takes no longer than both lengths multiplied, whatever a
    host calls its programs.
    """
    wanted, given = pattern.casefold(), text.casefold()
    at = here = 0
    star, resume = -1, 0  # the last star, and where the text went on behind it
    while here < len(given):
        if at < len(wanted) and wanted[at] == "*":
            star, resume, at = at, here, at + 1
        elif at < len(wanted) and wanted[at] in ("?", given[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            at, resume = star + 1, resume + 1
            here = resume
        else:
            return False
    return not wanted[at:].strip("*")


def version_parts(text: str) -> tuple[int, ...]:
    """The numbers that a version begins with: "10.0.40219 (x64)" is 10, 0, 40219; empty where it has none."""
    found = _NUMBERS.match(text.strip().removeprefix("v"))
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def version_order(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    """-1, 0 or 1; a part that is not written counts as 0."""
    for a, b in zip_longest(left, right, fillvalue=0):
        if a != b:
            return _LESS if a < b else _MORE
    return _SAME


@dataclass(frozen=True, slots=True)
class VersionRange:
    """A range as written: comparisons that must all hold, separated by commas; a bare version is that version."""

    text: str

    def holds(self, version: str) -> bool:
        """Whether a version lies in it; one without numbers lies in none."""
        parts = version_parts(version)
        return bool(parts) and all(_term_holds(term.strip(), parts) for term in self.text.split(","))


def _term_holds(term: str, parts: tuple[int, ...]) -> bool:
    found = _TERM.match(term)
    if found is None:
        return False
    wanted = version_parts(found.group(2))
    if found.group(3):  # 9.* is every 9; with a comparison, the star says nothing more than the numbers do
        parts = parts[: len(wanted)]
    return _HOLDS[found.group(1) or "="](version_order(parts, wanted))
