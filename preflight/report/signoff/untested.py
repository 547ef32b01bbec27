"""What was not tested: as prominent as what failed. Unverified, not run and not applicable, each with its reasons."""

from __future__ import annotations

from preflight.report.groups import grouped
from preflight.report.signoff.markup import LONG, plural, room, row_link, safe, table, tag
from preflight.report.text import fit
from preflight.run.model import CaseResult, Run
from preflight.values.outcome import Outcome

_MOST = 200  # reasons of one outcome
_WHAT = {
    Outcome.UNVERIFIED: "Required here, and it could not be observed. This blocks.",
    Outcome.NOT_RUN: "Left out of this run. As long as anything is, there is no decision.",
    Outcome.NOT_APPLICABLE: "The site lacks what these rows are about, by its inventory. If one of these reasons is "
    "wrong, the inventory is, and the run is to be made again.",
}


def untested_html(run: Run) -> str:
    """A table an outcome, a line a reason."""
    parts = [_outcome(run, outcome, what) for outcome, what in _WHAT.items()]
    total = sum(run.counts.total[outcome] for outcome in _WHAT)
    head = f"<p>{plural(total, 'case')} of {len(run.cases):,} tell nothing about the site.</p>"
    return room("untested", "What was not tested", head + "".join(parts))


def _outcome(run: Run, outcome: Outcome, what: str) -> str:
    count = run.counts.total[outcome]
    title = f"<h3>{tag(outcome, count)}</h3>"
    if not count:
        return f"{title}<p>None.</p>"
    reasons = _reasons(run, [case for case in run.cases if case.standing is outcome])
    body = [_line(reason, cases) for reason, cases in reasons[:_MOST]]
    rest = sum(len(cases) for _, cases in reasons[_MOST:])
    more = f"<p>{plural(rest, 'more case')} of other reasons: see the tables of the sections below.</p>" if rest else ""
    heads = ("why", "rows of the page", "cases")
    return f"{title}<p>{what}</p>{table(f'Reasons: {outcome}', heads, body, 'reasons', hidden=True)}{more}"


def _reasons(run: Run, cases: list[CaseResult]) -> list[tuple[str, list[CaseResult]]]:
    """Reason -> its cases, the commonest first; reasons that differ by the machines' names count as one."""
    found: dict[str, list[CaseResult]] = {}
    for group in grouped(cases, run.hosts):
        found.setdefault(group.first.reason, []).extend(group.cases)
    return sorted(found.items(), key=lambda entry: -len(entry[1]))


def _line(reason: str, cases: list[CaseResult]) -> str:
    rows = " ".join(row_link(row) for row in dict.fromkeys(case.row for case in cases))
    like = " (and like it)" if len({case.reason for case in cases}) > 1 else ""
    return f'<tr><td>{safe(fit(reason, LONG))}{like}</td><td>{rows}</td><td class="n">{len(cases):,}</td></tr>'
