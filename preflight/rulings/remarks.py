"""What the notes of a run say of rulings that did not do what they were written for."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.rulings.overlay import Use

_SAYS = {
    "unneeded": "is unneeded: all that it is for was asked, and nothing of it is failed or unverified",
    "overruled": "lies over nothing: what it is for is covered by a ruling that fits closer, or was observed to fail",
    "expired": "expired on {until} and counts for nothing",
}


def remarks(uses: Iterable[Use]) -> list[str]:
    """A sentence for each ruling that is expired, unneeded or overruled, with file and line."""
    return [
        f"{use.ruling.title} ({use.ruling.file}) {_SAYS[use.state].format(until=use.ruling.until)}"
        for use in uses
        if use.state in _SAYS
    ]
