"""What came out of one row of the page: like cases in one entry, with reason, evidence and their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from preflight.report.groups import Group, grouped
from preflight.report.signoff.ids import ids_html
from preflight.report.signoff.markup import LONG, SEVERITY, facts, plural, safe, tag
from preflight.report.text import fit
from preflight.run.model import CaseResult
from preflight.run.model_site import HostResult

_MOST = 40  # entries of a row that are told in full; beyond them each entry is a line
_SHORT = 120  # characters of the reason in such a line


def sorted_groups(cases: Sequence[CaseResult], hosts: Sequence[HostResult]) -> list[Group]:
    """Cases of one row, like ones together, the gravest first."""
    return sorted(grouped(cases, hosts, closely=True), key=lambda group: SEVERITY.index(group.first.standing))


def entries_html(groups: Sequence[Group], findings: Mapping[str, str], note: str) -> str:
    """All groups of a row; `findings`: id of a case -> link to the finding that tells its remedy; `note`: the row's."""
    return "".join(_entry(group, findings, note) for group in groups[:_MOST]) + "".join(map(_brief, groups[_MOST:]))


def summary_text(groups: Sequence[Group]) -> str:
    """What the folded entries hold, safe: the gravest reason, and how many other ways it came out."""
    if not groups:
        return "no case"
    more = len(groups) - 1
    rest = f"; and {plural(more, 'other result')}" if more else ""
    return safe(fit(groups[0].first.reason or groups[0].first.standing.value, 160)) + rest


def _entry(group: Group, findings: Mapping[str, str], note: str) -> str:
    case = group.first
    links = list(dict.fromkeys(findings[c.id] for c in group.cases if c.id in findings))
    told = [
        ("asked", case.asked),
        ("seen", case.seen),
        ("stand-in", case.stand_in or ""),
        *(("also", finding) for finding in case.findings),
        *(("read", line) for line in case.evidence),
        ("do", case.remedy if not links else ""),
        ("note", case.note if case.note != note else ""),
    ]
    cut = [(name, fit(text, LONG)) for name, text in told if text and text != case.reason]
    strength = f" <small>({safe(case.strength)})</small>" if case.strength else ""
    ruling = f" <small>(over {case.outcome}, by ruling {safe(case.ruling)})</small>" if case.ruling else ""
    see = f' <span class="see">(see {", ".join(links[:6])})</span>' if links else ""
    return (
        f'<div class="entry" data-o="{case.standing.value}"><p>{tag(case.standing, len(group.cases))} '
        f"{safe(fit(case.reason, LONG))}{strength}{ruling}{see}</p>{ids_html(group.cases)}{facts(cut, 'told')}</div>"
    )


def _brief(group: Group) -> str:
    if len(group.cases) == 1:
        case = group.first
        return (
            f'<p class="entry" data-o="{case.standing.value}">{tag(case.standing)} <b>{safe(case.id)}</b> '
            f"{safe(fit(case.reason, _SHORT))}</p>"
        )
    return (
        f'<div class="entry" data-o="{group.first.standing.value}"><p>{tag(group.first.standing, len(group.cases))} '
        f"{safe(fit(group.first.reason, _SHORT))}</p>{ids_html(group.cases)}</div>"
    )
