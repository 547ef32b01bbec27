"""The sections of the vendor's page as tables, in the page's own order; each row unfolds into its cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from preflight.report.signoff.counts import section_title
from preflight.report.signoff.entries import entries_html, sorted_groups, summary_text
from preflight.report.signoff.markup import SEVERITY, plural, safe, tag
from preflight.run.model import CaseResult, Run
from preflight.run.model_site import RowResult
from preflight.values.outcome import Outcome

_HEADS = ("row", "requirement", "flow", "outcome")


def sections_html(run: Run, findings: Mapping[str, str]) -> str:
    """A table a section; `findings`: id of a case -> link to the finding that tells its remedy."""
    by_row: dict[str, list[CaseResult]] = {}
    for case in run.cases:
        by_row.setdefault(case.row, []).append(case)
    by_section: dict[str, list[RowResult]] = {}
    for row in _rows(run, by_row):
        by_section.setdefault(row.section, []).append(row)
    return "".join(_section(name, rows, run, by_row, findings) for name, rows in by_section.items())


def _rows(run: Run, by_row: Mapping[str, Sequence[CaseResult]]) -> list[RowResult]:
    """The page's rows; rows that only cases tell of come after them."""
    known = {row.id for row in run.rows}
    return [*run.rows, *(_row_of(cases[0]) for row, cases in by_row.items() if row not in known)]


def _row_of(case: CaseResult) -> RowResult:
    return RowResult(
        id=case.row,
        section=case.section,
        kind="flow" if case.protocol else "check",
        level=case.level,
        requirement=case.requirement,
        purpose=case.purpose,
        when="",
        protocol=case.protocol,
        ports=", ".join(map(str, case.ports)),
        source="",
        destination="",
        note=case.note,
    )


def _section(
    name: str,
    rows: Sequence[RowResult],
    run: Run,
    by_row: Mapping[str, Sequence[CaseResult]],
    findings: Mapping[str, str],
) -> str:
    counts: Counter[Outcome] = Counter(case.standing for row in rows for case in by_row.get(row.id, ()))
    title = safe(section_title(name))
    anchor = f"section-{safe(name)}"
    head = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    body = "".join(_row(row, by_row.get(row.id, ()), run, findings) for row in rows)
    return (
        f'<section id="{anchor}" class="vendor" aria-labelledby="{anchor}-title"><h3 id="{anchor}-title">{title}</h3>'
        f'<p class="chips">{_tags(counts)}</p>'
        f'<div class="scroll"><table class="page"><caption class="quiet">{title}: {plural(len(rows), "row")} of the '
        f"vendor's page</caption><thead><tr>{head}</tr></thead>{body}</table></div></section>\n"
    )


def _row(row: RowResult, cases: Sequence[CaseResult], run: Run, findings: Mapping[str, str]) -> str:
    groups = sorted_groups(cases, run.hosts)
    counts = Counter(case.standing for case in cases)
    # The page's word where it has one; checklist items have none, their cases do.
    level = row.level or (cases[0].level if cases else "")
    when = f"<br><small>When {safe(row.when)}</small>" if row.when else ""
    purpose = f"<br><small>{safe(row.purpose)}</small>" if row.purpose else ""
    ends = f"<br><small>{safe(row.source)} to {safe(row.destination)}</small>" if row.source or row.destination else ""
    note = f'<p class="note">{safe(row.note)}</p>' if row.note else ""
    protocol = f"{row.protocol.upper()} " if row.protocol else ""
    return (
        f'<tbody id="row-{safe(row.id)}" class="row">'
        f'<tr><th scope="row">{safe(row.id)}<br><small>{safe(level)}</small></th>'
        f"<td>{safe(row.requirement)}{purpose}{when}</td><td>{protocol}{safe(row.ports)}{ends}</td>"
        f'<td class="outcome">{_tags(counts) or "no case"}</td></tr>'
        f'<tr class="cases"><td colspan="4"><details><summary>{plural(len(cases), "case")}: {summary_text(groups)}'
        f"</summary>{entries_html(groups, findings, row.note)}{note}</details></td></tr></tbody>"
    )


def _tags(counts: Mapping[Outcome, int]) -> str:
    return " ".join(tag(outcome, counts[outcome]) for outcome in SEVERITY if counts.get(outcome))
