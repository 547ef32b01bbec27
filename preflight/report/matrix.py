"""The flow matrix, who asks by who is asked: a piece of HTML that needs no script and no colours to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from preflight.report.cells import safe
from preflight.report.marks import BY_SEVERITY, COLOURS, SIGNS, worst
from preflight.report.matrix_ends import End, Matrix, matrix_of
from preflight.report.matrix_style import matrix_css as matrix_css
from preflight.report.ports import used_ports
from preflight.report.text import fit
from preflight.run.model import CaseResult, Run
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

_WIDE, _WIDER = 16, 26  # columns; more need a page in landscape, and then smaller letters
# What stands in full below the matrix. Beyond that, rows are named only, so that a large site's matrix stays small.
_LINES, _LINES_OF_A_PAIR, _NAMED, _IDS = 1200, 12, 3, 60
_TOLD = (Outcome.FAILED, Outcome.UNVERIFIED, Outcome.ADVISORY, Outcome.WAIVED, Outcome.ATTESTED)


def matrix_html(run: Run) -> str:
    """The matrix, its legend, and for each cell the rows behind it, which the cell's link brings up.

    Large sites: like machines of one network are one row or column, so that it stays within 40 by 40.
    """
    matrix = matrix_of(run)
    if not matrix.cells:
        return f'<div class="pm-matrix"><p>No flow between two machines is in this run.</p>{_unpaired(matrix)}</div>'
    columns = len(matrix.destinations)
    wide = " pm-wide pm-wider" if columns > _WIDER else " pm-wide" if columns > _WIDE else ""
    heads = "".join(
        f'<th scope="col" title="{_whole(end)}"><span class="pm-down">{_short(end)}</span></th>'
        for end in matrix.destinations
    )
    body = "".join(_row(matrix, number, end) for number, end in enumerate(matrix.sources))
    told = sum(any(case.standing in _TOLD for case in cases) for cases in matrix.cells.values())
    lines = min(_LINES_OF_A_PAIR, _LINES // max(1, told))
    known = {row.id for row in run.rows}
    pairs = "".join(_pair(matrix, at, cases, lines, known) for at, cases in matrix.cells.items())
    return (
        f'<div class="pm-matrix{wide}" id="pm-matrix">{_legend(matrix)}'
        '<div class="pm-scroll" role="region" aria-label="Flow matrix" tabindex="0"><table class="pm-table">'
        "<caption>Each cell: the worst of its cases, and how many stand so. Its link shows the rows.</caption>"
        f'<thead><tr><th class="pm-corner" scope="col">from \u2193 &nbsp; to \u2192</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{_unpaired(matrix)}{pairs}</div>"
    )


def _legend(matrix: Matrix) -> str:
    there = {case.standing for cases in matrix.cells.values() for case in cases}
    items = "".join(
        f'<span><b class="pm-{COLOURS[outcome]}">{SIGNS[outcome]}</b> {outcome.value}</span>'
        for outcome in BY_SEVERITY
        if outcome in there
    )
    return f'<p class="pm-legend">{items}</p>'


def _row(matrix: Matrix, number: int, source: End) -> str:
    cells = "".join(
        _cell(source, end, matrix.cells[(number, column)], f"pm-{number}-{column}")
        if (number, column) in matrix.cells
        else "<td></td>"
        for column, end in enumerate(matrix.destinations)
    )
    return f'<tr><th scope="row" title="{_whole(source)}">{_short(source)}</th>{cells}</tr>'


def _cell(source: End, destination: End, cases: Sequence[CaseResult], link: str) -> str:
    tally = Counter(case.standing for case in cases)
    shown = worst(tally)
    told = f"{_name(source)} to {_name(destination)}: {_counted(tally)}"
    return (
        f'<td class="pm-{COLOURS[shown]}"><a href="#{link}" title="{told}">{SIGNS[shown]}\u00a0{tally[shown]}</a></td>'
    )


def _pair(matrix: Matrix, at: tuple[int, int], cases: Sequence[CaseResult], lines: int, known: Collection[str]) -> str:
    """The rows of one cell: those that did not pass each with its reason, as far as there is room, then the others.

    `known`: rows of the page, which a report shows with the anchor `row-<id>`.
    """
    source, destination = matrix.sources[at[0]], matrix.destinations[at[1]]
    groups: dict[tuple[Outcome, str], list[CaseResult]] = {}
    for case in cases:
        groups.setdefault((case.standing, case.row), []).append(case)
    ordered = sorted(groups.items(), key=lambda item: BY_SEVERITY.index(item[0][0]))
    told = [item for item in ordered if item[0][0] in _TOLD][:lines]
    items = [_told(outcome, alike, source, destination, row in known) for (outcome, row), alike in told]
    rest: dict[Outcome, list[str]] = {}
    for (outcome, row), alike in ordered:
        if ((outcome, row), alike) not in told:
            times = f"\u00a0\u00d7{len(alike)}" if len(alike) > 1 else ""
            rest.setdefault(outcome, []).append(safe(fit(row, 12)) + times)
    for outcome, rows in rest.items():
        more = f" and {counted(len(rows) - _IDS, 'more row')}" if len(rows) > _IDS else ""
        items.append(f"<li>{_mark(outcome)} {', '.join(rows[:_IDS])}{more}</li>")
    return (
        f'<div class="pm-pair" id="pm-{at[0]}-{at[1]}"><p><b>{_whole(source)} \u2192 {_whole(destination)}</b> '
        f'<a href="#pm-matrix">back to the matrix</a></p><ul>{"".join(items)}</ul></div>'
    )


def _told(outcome: Outcome, cases: Sequence[CaseResult], source: End, destination: End, linked: bool) -> str:
    first = cases[0]
    ports = used_ports(first)
    who = ""
    if len(source.members) > 1 or len(destination.members) > 1:
        more = f" and {len(cases) - _NAMED} more" if len(cases) > _NAMED else ""
        who = f", {', '.join(_who(case, source, destination) for case in cases[:_NAMED])}{more}"
    times = f" {len(cases)}" if len(cases) > 1 else ""
    text = fit(f"{ports}{who}: {first.reason}", 240)
    row = safe(fit(first.row, 12))
    name = f'<a href="#row-{safe(first.row)}">{row}</a>' if linked else f"<b>{row}</b>"
    return f"<li>{_mark(outcome)}{times} {name} {safe(text)}</li>"


def _who(case: CaseResult, source: End, destination: End) -> str:
    """The machine of a group that the case is about, both where both ends are groups."""
    ends = ((case.source or "", source), (case.destination or "", destination))
    return " \u2192 ".join(fit(name, 30) for name, end in ends if len(end.members) > 1)


def _unpaired(matrix: Matrix) -> str:
    if not matrix.unpaired:
        return ""
    tally = Counter(case.standing for case in matrix.unpaired)
    return (
        f'<p class="pm-unpaired">Not in the matrix, for they name no two machines: {len(matrix.unpaired)} '
        f"{'case' if len(matrix.unpaired) == 1 else 'cases'} ({_counted(tally)}).</p>"
    )


def _mark(outcome: Outcome) -> str:
    return f'<b class="pm-{COLOURS[outcome]}">{SIGNS[outcome]} {outcome.value}</b>'


def _counted(tally: Counter[Outcome]) -> str:
    return ", ".join(f"{tally[outcome]} {outcome.value}" for outcome in BY_SEVERITY if tally[outcome])


def _short(end: End) -> str:
    """For the edge of the matrix, where the place of a single machine would only be noise."""
    if len(end.members) == 1 or not end.place:
        return safe(fit(end.label, 24))
    return f'{safe(fit(end.place, 24))}<span class="pm-of">{safe(end.label)}</span>'


def _name(end: End) -> str:
    return safe(fit(_joined(end) if len(end.members) > 1 else end.label, 40))


def _whole(end: End) -> str:
    """For its own heading: the place, and the first members of a group."""
    if len(end.members) == 1:
        return safe(fit(f"{end.label} ({end.place})" if end.place else end.label, 60))
    more = f" and {len(end.members) - _NAMED} more" if len(end.members) > _NAMED else ""
    return safe(f"{fit(_joined(end), 60)} ({', '.join(_fitted(end.members[:_NAMED]))}{more})")


def _joined(end: End) -> str:
    return f"{end.label}, {end.place}" if end.place else end.label


def _fitted(names: Iterable[str]) -> list[str]:
    return [fit(name, 30) for name in names]
