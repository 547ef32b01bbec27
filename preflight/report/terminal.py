"""The end of a run on the terminal: a table by section, and what blocks. Pure: lines come out, nothing is printed."""

from __future__ import annotations

from preflight.report.decision import verdict_line
from preflight.report.groups import Group, LostHost, grouped, lost_hosts
from preflight.report.phases import OtherPhase, other_phases
from preflight.report.ports import used_ports
from preflight.report.progress import ProgressState, progress_line
from preflight.report.text import Line, columns, fit, fold, wrap
from preflight.run.model import CaseResult, OutcomeCounts, Run
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

__all__ = ["Line", "ProgressState", "blocking", "progress_line", "summary_table", "verdict_line", "where"]

# Heads on narrow terminals: each is used where those before it leave too little room for the sections' names.
_SHORT = {Outcome.NOT_APPLICABLE.value: "n/a"}
_SHORTER = _SHORT | {
    Outcome.ADVISORY.value: "adv.",
    Outcome.UNVERIFIED.value: "unv.",
    Outcome.WAIVED.value: "waiv.",
    Outcome.ATTESTED.value: "att.",
}
_LABEL = 17  # columns at least for the sections' names, before columns without any case go
_PORTS = 6  # ports or ranges in the heading of an entry
_NAMED = 3  # machines named in an entry; the others are counted


def summary_table(run: Run, width: int, ascii_only: bool = False) -> list[Line]:
    """Cases by section and outcome, a line a section and a TOTAL line; rulings have columns where there are any."""
    seldom = (Outcome.WAIVED, Outcome.ATTESTED)
    shown = [outcome.value for outcome in Outcome if outcome not in seldom or run.counts.total[outcome]]
    names = [fold(section.replace("_", " "), ascii_only) for section in run.counts.sections]
    needed = max(map(columns, ["section", *names]))
    told = [key for key in shown if run.counts.total[key]]
    for keys, short, room in (
        ([*shown, "total"], {}, needed),
        ([*shown, "total"], _SHORT, needed),
        ([*shown, "total"], _SHORTER, min(needed, _LABEL)),
        ([*told, "total"], _SHORTER, 0),
    ):
        heads = [short.get(key, key) for key in keys]
        cells = [[str(counts[key]) for key in keys] for counts in (*run.counts.sections.values(), run.counts.total)]
        wide = _widths(heads, cells)
        if room + sum(wide) <= width:
            break
    label = min(needed, max(8, width - sum(wide)))

    def line(name: str, values: list[str]) -> str:
        name = fit(name, label)
        shown = "".join(f"{value:>{wide[i]}}" for i, value in enumerate(values))
        return name + " " * (label - columns(name)) + shown

    header = line("section", heads)
    rule = ("-" if ascii_only else "\u2500") * len(header)
    lines = [Line(header, "bold"), Line(rule, "dim")]
    for name, row, counts in zip(names, cells, run.counts.sections.values(), strict=False):
        lines.append(Line(line(name, row), _style(counts)))
    return [*lines, Line(rule, "dim"), Line(line("TOTAL", cells[-1]), "bold")]


def _widths(heads: list[str], cells: list[list[str]]) -> list[int]:
    return [2 + max(len(head), *(len(row[i]) for row in cells)) for i, head in enumerate(heads)]


def _style(counts: OutcomeCounts) -> str:
    if any(counts[outcome] for outcome in Outcome if outcome.blocks):
        return "red"
    return "yellow" if counts[Outcome.ADVISORY] else ""


def blocking(run: Run, limit: int = 40, width: int = 100, ascii_only: bool = False) -> list[Line]:
    """What keeps the site from being accepted: lost hosts, then those in another phase than was stated, then failed and
    unverified cases, then advisories.

    Like cases are one entry; at most `limit` entries, and a line for those left over. Nothing blocks: no lines.
    """
    lost, taken = lost_hosts(run)
    phases, theirs = other_phases(run)
    taken |= theirs
    rest = [case for case in run.cases if case.standing.blocks and case.id not in taken]
    groups = grouped([c for c in rest if c.standing is Outcome.FAILED], run.hosts)
    groups += grouped([c for c in rest if c.standing is not Outcome.FAILED], run.hosts)
    entries: list[LostHost | OtherPhase | Group] = [*lost, *phases, *groups]
    lines = [line for entry in entries[:limit] for line in _entry(entry, width, last=phases[:limit][-1:])]
    if len(entries) > limit:
        hidden = counted(sum(len(entry.cases) for entry in entries[limit:]), "case")
        more = counted(len(entries) - limit, "more entry", "more entries")
        lines.append(Line(fit(f"... and {more} ({hidden}): see the report", width)))
    lines += _advisories(run, limit, width)
    return [Line(fold(line.text, ascii_only), line.style) for line in lines]


def _lost(entry: LostHost, width: int) -> list[Line]:
    host, count = entry.host, len(entry.cases)
    way = f", asked by {host.via}" if host.via else ""
    cases = "no case is" if not count else "1 case is" if count == 1 else f"{count} cases are"
    title = f"{host.name} ({host.address}){way}: {cases} unverified because of it"
    return [
        *_lines(title, width, "UNREACHED  ", "    ", "red", 2),
        *_field("seen", host.cause or host.failure, width),
        *_field("do", host.remedy, width, 2),
    ]


def _entry(entry: LostHost | OtherPhase | Group, width: int, last: list[OtherPhase]) -> list[Line]:
    if isinstance(entry, OtherPhase):
        lines = _lines(entry.line, width, "UNVERIFIED  ", "    ", "yellow", 2)
        return [*lines, *(_field("do", entry.remedy, width, 2) if entry in last else [])]  # the same for all of them
    return _lost(entry, width) if isinstance(entry, LostHost) else _like(entry, width)


def _like(group: Group, width: int) -> list[Line]:
    case, more = group.first, len(group.cases) - 1
    also = f", and {more} more like it" if more else ""
    style = "red" if case.standing is Outcome.FAILED else "yellow"
    lines = _lines(f"{where(case)}{also}", width, f"{case.standing.upper()}  ", "", style)
    if more:
        lines += _field("all", f"from {_some(group.sources)} to {_some(group.destinations)}", width)
    return [
        *lines,
        *_field("why", case.reason, width, 2),
        *_field("asked", case.asked, width),
        *_field("seen", case.seen, width),
        *_field("do", case.remedy, width, 2),
    ]


def where(case: CaseResult) -> str:
    """Which case it is, in a few words: row, ports, from whom to whom."""
    ports = used_ports(case, _PORTS)
    ends = f", {case.source} to {case.destination or '-'}" if case.source else ""
    if case.destination and not case.source:  # a checklist item asks nobody but the host itself
        ends = f", on {case.destination}"
    stand_in = f" ({case.stand_in} stands in)" if case.stand_in else ""
    return f"{case.row}{f' {ports}' if case.ports else ''}{ends}{stand_in}"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (", ".join(names[:_NAMED]) or "-") + more


def _field(name: str, text: str, width: int, most: int = 1) -> list[Line]:
    return _lines(text, width, f"    {name + ':':<7}", " " * 11, "", most) if text else []


def _lines(text: str, width: int, first: str, rest: str, style: str, most: int = 1) -> list[Line]:
    return [Line(line, style) for line in wrap(text, width, first, rest, most)]


def _advisories(run: Run, limit: int, width: int) -> list[Line]:
    groups = grouped((case for case in run.cases if case.standing is Outcome.ADVISORY), run.hosts)
    lines = []
    for group in groups[:limit]:
        times = f" x{len(group.cases)}" if len(group.cases) > 1 else ""
        lines.append(Line(fit(f"advisory  {where(group.first)}{times}: {group.first.reason}", width), "dim"))
    if len(groups) > limit:
        more = counted(len(groups) - limit, "more advisory", "more advisories")
        lines.append(Line(fit(f"... and {more}: see the report", width), "dim"))
    return lines
