"""How many cases came out how: by requirement level, and by section of the vendor's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import get_args

from preflight.report.signoff.markup import room, safe, table
from preflight.run.model import Run
from preflight.values.case import Level
from preflight.values.outcome import Outcome

_COLUMNS = tuple(Outcome)


def counts_html(run: Run) -> str:
    """Two tables whose totals agree with run.json."""
    levels: dict[str, Counter[str]] = {level: Counter() for level in get_args(Level)}
    for case in run.cases:
        levels[case.level][case.standing] += 1
    whole = run.counts.total
    content = (
        _counted("Cases by requirement level", "level", levels.items(), whole)
        + "<p>A case is one row of the page for one source and one destination. Optional rows are asked where the "
        "site uses what they are for; they then count like mandatory ones.</p>"
        + _counted("Cases by section of the page", "section", _sections(run), whole)
    )
    return room("counts", "Counts", content)


def section_title(section: str) -> str:
    """server_to_printer -> Server to printer; not safe yet."""
    return section.replace("_", " ").capitalize().replace("Ldap", "LDAP")


def _sections(run: Run) -> Iterable[tuple[str, Mapping[str, int]]]:
    return ((section_title(section), counts) for section, counts in run.counts.sections.items())


def _counted(caption: str, first: str, lines: Iterable[tuple[str, Mapping[str, int]]], whole: Mapping[str, int]) -> str:
    body = [_line(name, counts) for name, counts in lines]
    heads = [first, *(outcome.value for outcome in _COLUMNS), "total"]
    return table(caption, heads, [*body, _line("total", whole, "total")], "numbers")


def _line(name: str, counts: Mapping[str, int], css: str = "") -> str:
    numbers = [counts.get(outcome.value, 0) for outcome in _COLUMNS]
    cells = "".join(
        f"<td{_look(number, outcome)}>{number:,}</td>" for number, outcome in zip(numbers, _COLUMNS, strict=True)
    )
    return f'<tr class="{css}"><th scope="row">{safe(name)}</th>{cells}<td>{sum(numbers):,}</td></tr>'


def _look(number: int, outcome: Outcome) -> str:
    if not number:
        return ' class="none"'
    return ' class="blocks"' if outcome.blocks else ""
