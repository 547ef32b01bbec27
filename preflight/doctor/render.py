"""The diagnosis on a terminal: a line a host, then each problem with what to type. Pure: lines come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from preflight.doctor.model import COLUMNS, Blocked, Diagnosis, Effect, Examination, Finding, Stage, Step
from preflight.doctor.spans import spans
from preflight.report.text import Line, columns, fit, fold, wrap
from preflight.values.counted import counted

_HEADS: dict[Stage, str] = {"tls": "TLS"}
_GAP = 2
_SHORTEST_NAME = 10
_SHORTEST_WAY = 36
_NAMED = 3  # hosts named in a problem's first line; the others are counted
_ROW_LINES = 4
_STYLES = {"not ok": "red", "warning": "yellow"}
_RESULT = {"not ok": "NOT OK", "warning": "warning", "ok": "ok"}
_NO_AGENT = "no agent: asked from others"
# "12 cases of 3 rows need ...", and of the clock a sentence of its own.
_NEEDED: dict[Effect, str] = {
    "agent": "an agent there",
    "low-ports": "listeners on its ports below 1024",
    "owners": "the owners of its ports, as the product is or may be installed there",
    "management": "Windows' management interface (CIM) there",
    "product-unknown": "to know whether the product is installed there",
    "kerberos": "no port row by itself: Kerberos logins (domain accounts, LDAP, shares) fail",
}


@dataclass(frozen=True, slots=True)
class _Problem:
    """Equal findings of several hosts."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def hosts(self) -> list[str]:
        return list(dict.fromkeys(f.host for f in self.findings))


def diagnosis_lines(diagnosis: Diagnosis, width: int, ascii_only: bool = False) -> list[Line]:
    """Everything, for a terminal of `width` columns. What is to be typed is never cut or wrapped."""
    lines = host_table(diagnosis, width)
    problems = _problems(diagnosis)
    for problem in problems:
        lines += [Line(""), *_told(problem, diagnosis, width)]
    if diagnosis.notes:
        lines += [Line(""), *(Line(text) for note in diagnosis.notes for text in wrap(note, width, most=4))]
    last = summary_line(diagnosis)
    lines += [Line(""), *(Line(text, last.style) for text in wrap(last.text, width))]
    return [Line(fold(line.text, ascii_only), line.style) for line in lines]


def host_table(diagnosis: Diagnosis, width: int) -> list[Line]:
    """One line a host."""
    managed = [host for host in diagnosis.hosts if host.managed]
    shown = [c for c in COLUMNS if any(_step(h, c).state != "not looked at" for h in managed)]
    heads = ["result", *(_HEADS.get(c, c) for c in shown)]
    cells = [[_RESULT[h.state], *(_step(h, c).word for c in shown)] for h in managed]
    wide = [max(map(columns, column)) + _GAP for column in zip(heads, *cells, strict=True)]
    names = [columns(h.host) for h in diagnosis.hosts]
    label = max(4, min(max(names, default=4), max(_SHORTEST_NAME, width - sum(wide))))
    way = width - label - sum(wide) - _GAP
    least = min(_SHORTEST_WAY, max((columns(h.way) for h in managed), default=0))

    def line(name: str, values: Sequence[str], asked_by: str = "") -> str:
        name = fit(name, label)
        text = name + " " * (label - columns(name))
        text += "".join(" " * _GAP + v + " " * (wide[i] - _GAP - columns(v)) for i, v in enumerate(values))
        return fit((f"{text}{' ' * _GAP}{fit(asked_by, way)}" if way >= least else text).rstrip(), width)

    lines = [Line(line("host", heads, "asked by"), "bold")] if managed else []
    rows = iter(cells)
    for host in diagnosis.hosts:
        if host.managed:
            lines.append(Line(line(host.host, next(rows), host.way), _STYLES.get(host.state, "")))
        else:
            lines.append(Line(fit(f"{fit(host.host, label):<{label}}{' ' * _GAP}{_NO_AGENT}", width), "dim"))
    if diagnosis.devices:
        many = "printer, terminal or reader" if diagnosis.devices == 1 else "printers, terminals and readers"
        lines.append(Line(fit(f"and {diagnosis.devices} {many}: {_NO_AGENT}", width), "dim"))
    legend = _legend(managed, shown)
    return [*lines, *([Line(fit(legend, width), "dim")] if legend else [])]


def summary_line(diagnosis: Diagnosis) -> Line:
    """The last line: how many hosts are well, and how much is blocked."""
    states = [host.state for host in diagnosis.hosts if host.managed]
    if not states:
        return Line("No selected machine can run an agent: there is nobody to look at.", "bold")
    parts = [f"{states.count('ok')} ok"]
    parts += [f"{n} with warnings" for n in (states.count("warning"),) if n]
    parts += [f"{n} NOT OK" for n in (states.count("not ok"),) if n]
    blocked, rows = len(diagnosis.blocked_cases), len(diagnosis.blocked_rows)
    text = f"{counted(len(states), 'host')} examined in {diagnosis.took_s:.1f} s: {', '.join(parts)}"
    if blocked:
        text += f"; {blocked} of {counted(diagnosis.cases, 'case')} ({counted(rows, 'row')}) cannot be asked"
    return Line(text, "bold red" if diagnosis.exit_code else "bold green")


def _step(host: Examination, stage: Stage) -> Step:
    return host.steps[COLUMNS.index(stage)]


def _legend(hosts: list[Examination], shown: list[Stage]) -> str:
    states = {_step(h, c).state for h in hosts for c in shown}
    texts = {"not reached": "-  not reached", "not looked at": "n/a  nothing to look at, or not from here"}
    return "   ".join(text for state, text in texts.items() if state in states)


def _problems(diagnosis: Diagnosis) -> list[_Problem]:
    """What blocks first, then warnings; equal ones together, in the inventory's order."""
    grouped: dict[tuple[bool, Stage, str, str, tuple[Effect, ...]], list[Finding]] = {}
    for host in diagnosis.hosts:
        for f in host.findings:
            effects = tuple(b.effect for b in f.blocked)
            grouped.setdefault((not f.blocks, f.stage, f.kind, f.remedy, effects), []).append(f)
    order = sorted(grouped, key=lambda key: key[0])
    return [_Problem(tuple(grouped[key])) for key in order]


def _told(problem: _Problem, diagnosis: Diagnosis, width: int) -> list[Line]:
    first, hosts = problem.first, problem.hosts
    more = f" and {len(hosts) - _NAMED} more" if len(hosts) > _NAMED else ""
    word, style = ("NOT OK", "red") if first.blocks else ("warning", "yellow")
    kind = f" ({first.kind})" if first.kind != first.stage else ""
    title = f"{', '.join(hosts[:_NAMED])}{more}: {_HEADS.get(first.stage, first.stage)}{kind}"
    about = f"({first.host}) " if len(hosts) > 1 else ""
    lines = [Line(text, style) for text in wrap(title, width, f"{word}  ", " " * 8)]
    for name, text, most in (("asked", about + first.asked, 2), ("seen", first.seen, 6), ("do", first.remedy, 6)):
        lines += [Line(t) for t in wrap(text, width, f"    {name + ':':<8}", " " * 12, most)] if text else []
    head = "type:"
    places = max((columns(t.where) for t in first.typed), default=0)
    for typed in first.typed:
        lines.append(Line(f"    {head:<8}{typed.where + ':':<{places + 1}}  {typed.line}"))
        head = ""
    return lines + _blocks(problem, diagnosis, width)


def _blocks(problem: _Problem, diagnosis: Diagnosis, width: int) -> list[Line]:
    lines, head = [], "blocks:" if problem.first.blocks else "rows:"
    effects = dict.fromkeys(b.effect for f in problem.findings for b in f.blocked)
    for effect in effects:
        found = [b for f in problem.findings for b in f.blocked if b.effect == effect]
        text = _sentence(effect, found, diagnosis)
        lines += [Line(t) for t in wrap(text, width, f"    {head:<8}", " " * 12, _ROW_LINES)]
        head = ""
    return lines


def _sentence(effect: Effect, found: list[Blocked], diagnosis: Diagnosis) -> str:
    cases = frozenset().union(*(b.cases for b in found))
    rows = {row for b in found for row in b.rows}
    if not cases:
        return _NEEDED[effect] if effect == "kerberos" else "no row of this plan needs it"
    named = spans([row for row in diagnosis.page if row in rows], diagnosis.page)
    verb = "needs" if len(cases) == 1 else "need"
    return f"{counted(len(cases), 'case')} of {counted(len(rows), 'row')} {verb} {_NEEDED[effect]}: {named}"
