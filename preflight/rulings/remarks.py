"""What the notes of a run say of rulings that did not do what they were written for."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.rulings.overlay import Use
from preflight.values.counted import counted

_SAYS = {
    "unneeded": "is unneeded: all that it is for was asked, and nothing of it is failed or unverified",
    "overruled": "lies over nothing: what it is for is covered by a ruling that fits closer, or was observed to fail",
    "expired": "expired on {until} and counts for nothing",
}


def remarks(uses: Iterable[Use]) -> list[str]:
    """A sentence for each ruling that is expired, unneeded, or overruled in whole or in part, with file and line."""
    return [f"{use.ruling.title} ({use.ruling.file}) {said}" for use in uses if (said := _said(use))]


def _said(use: Use) -> str:
    if use.state == "used" and use.denied:
        were = "was" if use.denied == 1 else "were"
        return f"lies over {counted(use.cases, 'case')}, and not over {use.denied} that {were} observed to fail"
    return _SAYS[use.state].format(until=use.ruling.until) if use.state in _SAYS else ""
