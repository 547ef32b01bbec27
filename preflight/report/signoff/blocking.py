"""What keeps the site from being accepted: numbered findings with evidence and remedy, the gravest first."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.report.groups import Group, LostHost, grouped, lost_hosts
from preflight.report.phases import OtherPhase, other_phases
from preflight.report.ports import used_ports
from preflight.report.signoff.ids import ids_html
from preflight.report.signoff.markup import ends, facts, plural, room, row_link, safe, tag
from preflight.run.model import CaseResult, Run
from preflight.values.outcome import Outcome

_MOST = 400  # findings told in full
_PORTS = 8  # ports or ranges in a heading
_NAMED = 12  # more cases than these are folded away
_LEVELS = {"mandatory": 0, "recommended": 1, "optional": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be put right: a machine that could not be reached or is in another phase, or like cases of a row."""

    number: int
    about: LostHost | OtherPhase | Group

    @property
    def cases(self) -> list[CaseResult]:
        """The cases that it blocks."""
        return self.about.cases


def findings_of(run: Run) -> list[Finding]:
    """Unreached machines by the cases that they hold up, those in another phase than was stated, then failed before
    unverified, mandatory before optional."""
    lost, taken = lost_hosts(run)
    phases, theirs = other_phases(run)
    taken |= theirs
    # A machine that nothing is unverified because of keeps nobody from accepting: the machines' table shows it.
    machines = sorted((entry for entry in lost if entry.cases), key=lambda entry: -len(entry.cases))
    rest = [case for case in run.cases if case.standing.blocks and case.id not in taken]
    groups: list[Group] = sorted(grouped(rest, run.hosts), key=lambda group: _gravity(group.first))
    entries: list[LostHost | OtherPhase | Group] = [*machines, *phases, *groups]
    return [Finding(number, about) for number, about in enumerate(entries, 1)]


def _gravity(case: CaseResult) -> tuple[bool, int]:
    return (case.standing is not Outcome.FAILED, _LEVELS.get(case.level, len(_LEVELS)))


def blocking_html(findings: list[Finding]) -> str:
    """All findings; beyond the first 400 only how many there are, since the tables tell the others."""
    if not findings:
        return room("blocking", "Blocking findings", "<p>Nothing blocks.</p>")
    count = sum(len(finding.cases) for finding in findings)
    head = (
        f"<p>{plural(len(findings), 'finding')} about {plural(count, 'case')}. Like cases are one finding; the "
        "evidence is that of the first case named.</p>"
    )
    rest = findings[_MOST:]
    more = f"<p>{plural(len(rest), 'more finding')}: see the tables of the sections below.</p>" if rest else ""
    return room("blocking", "Blocking findings", head + "".join(map(_finding, findings[:_MOST])) + more)


def link(finding: Finding) -> str:
    """The way from a table to a finding."""
    name = f"finding {finding.number}"
    return f'<a href="#finding-{finding.number}">{name}</a>' if finding.number <= _MOST else name


def _finding(finding: Finding) -> str:
    about = finding.about
    if isinstance(about, LostHost):
        host = about.host
        told = [("Seen", host.cause or host.failure), ("Asked by", host.via), ("Do", host.remedy)]
        return _machine(finding, f"{safe(host.name)} could not be reached", f"{safe(host.address)}; ", told)
    if isinstance(about, OtherPhase):
        return _machine(finding, safe(about.title), "", [("Do", about.remedy)])
    return _like(finding, about)


def _machine(finding: Finding, title: str, under: str, told: list[tuple[str, str]]) -> str:
    """What holds up cases of many rows."""
    by_row: dict[str, list[CaseResult]] = {}
    for case in finding.cases:
        by_row.setdefault(case.row, []).append(case)
    lists = "".join(f"<dt>{row_link(row)}</dt><dd>{ids_html(cases)}</dd>" for row, cases in by_row.items())
    rows = " ".join(row_link(row) for row in by_row)
    return _article(
        finding,
        Outcome.UNVERIFIED,
        title,
        f"{under}holds up {plural(len(finding.cases), 'case')} of {plural(len(by_row), 'row')}: {rows}",
        facts(told, "facts evidence"),
        _folded(len(finding.cases), f'<dl class="byrow">{lists}</dl>', always=True),
    )


def _like(finding: Finding, group: Group) -> str:
    case = group.first
    who = ends(group.sources, group.destinations)
    told = [
        ("Required", case.requirement),
        ("Why", case.reason),
        ("Asked", case.asked),
        ("Seen", case.seen),
        ("Evidence", case.strength),
        ("Stand-in", f"{case.stand_in} asked or listened in the place of the real machine" if case.stand_in else ""),
        *(("Also", finding_) for finding_ in case.findings),
        *(("Read", line) for line in case.evidence),
        ("Do", case.remedy),
    ]
    where = f"{_ports(case)} {who}".strip()
    return _article(
        finding,
        case.standing,
        f"{row_link(case.row)} {where}",
        f"{case.level}, {plural(len(group.cases), 'case')}",
        facts(told, "facts evidence"),
        _folded(len(group.cases), ids_html(group.cases)),
    )


def _ports(case: CaseResult) -> str:
    protocol, _, ports = used_ports(case, _PORTS).partition(" ")
    return f"{protocol.upper()} {ports}".strip()


def _folded(count: int, content: str, *, always: bool = False) -> str:
    if count <= _NAMED and not always:
        return f'<p class="label">Cases</p>{content}'
    return f"<details><summary>{plural(count, 'case')}</summary>{content}</details>"


def _article(finding: Finding, outcome: Outcome, title: str, under: str, evidence: str, cases: str) -> str:
    name = f"finding-{finding.number}"
    return (
        f'<article id="{name}" class="finding {outcome.value}" aria-labelledby="{name}-title">'
        f'<h3 id="{name}-title"><span class="number">{finding.number}</span> {tag(outcome)} {title}</h3>'
        f'<p class="under">{under}</p>{evidence}{cases}</article>\n'
    )
