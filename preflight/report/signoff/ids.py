"""The ids of many cases in little room: every one of them can be read off the page."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.report.signoff.markup import safe
from preflight.run.model import CaseResult

_APART = (",", ">", ":")  # what the short form is taken apart by: a name that holds one is written with its whole id


def ids_html(cases: Iterable[CaseResult]) -> str:
    """Cases of one row: `cml1 > mfp1, mfp2` stands for ROW:cml1>mfp1 and ROW:cml1>mfp2; others stand with their whole
    id. Each line holds what has the same source, or the same destination where that makes fewer lines.
    """
    pairs: list[tuple[str, str]] = []
    whole: list[str] = []
    for case in cases:
        source, destination = case.source, case.destination
        if source and destination and case.id == f"{case.row}:{source}>{destination}" and _plain(source, destination):
            pairs.append((source, destination))
        else:
            whole.append(case.id)
    lines = [f"<li>{line}</li>" for line in _lines(pairs)]
    if whole:
        lines.append(f"<li>{_joined(whole)}</li>")
    return f'<ul class="ids">{"".join(lines)}</ul>'


def _lines(pairs: list[tuple[str, str]]) -> list[str]:
    by_source: dict[str, list[str]] = {}
    by_destination: dict[str, list[str]] = {}
    for source, destination in pairs:
        by_source.setdefault(source, []).append(destination)
        by_destination.setdefault(destination, []).append(source)
    if len(by_source) <= len(by_destination):
        return [f"{safe(source)} &gt; {_joined(names)}" for source, names in by_source.items()]
    return [f"{_joined(names)} &gt; {safe(destination)}" for destination, names in by_destination.items()]


def _joined(names: Iterable[str]) -> str:
    # Each is made safe by itself: a text is cut at a length that a list of thousands passes.
    return ", ".join(map(safe, names))


def _plain(*names: str) -> bool:
    return not any(mark in name for name in names for mark in _APART)
