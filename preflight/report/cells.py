"""The columns that a test of ours has in pytest-html's table, and what unfolds beneath it. Everything is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from preflight.report.ports import used_ports
from preflight.report.text import clean_text, fit
from preflight.run.clean import LIMIT
from preflight.run.model import CaseResult
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

_COLUMNS = (("Row", "pfRow"), ("From", "pfFrom"), ("To", "pfTo"), ("Ports", "pfPorts"), ("Verdict", "pfVerdict"))
_WORST = (
    Outcome.FAILED,
    Outcome.UNVERIFIED,
    Outcome.WAIVED,
    Outcome.ATTESTED,
    Outcome.ADVISORY,
    Outcome.NOT_RUN,
    Outcome.PASSED,
)
_NAMED = 3
_IN_FULL = 50  # cases of one test told in full; a group of a fleet holds hundreds, and run.json has them all


def safe(text: object, limit: int = LIMIT) -> str:
    """The text for HTML, in element or attribute: cleaned, cut at `limit` characters, then escaped."""
    return escape(clean_text(str(text), limit), quote=True)


def item_id(case_id: str) -> str:
    """A case's id as a pytest id: plain ASCII without backslash, bracket, `<` or control character.

    pytest-html 4 decodes ids by `unicode_escape` (a backslash breaks it) and puts them into its page unescaped.
    """
    return "".join(c if c.isascii() and c.isprintable() and c not in "\\[]<&\"'" else "_" for c in case_id)


def header_cells() -> list[str]:
    """The <th> to put into pytest_html_results_table_header; as many as `row_cells` gives."""
    heads = [f'<th class="sortable" data-column-type="{key}">{name}</th>' for name, key in _COLUMNS]
    return [*heads, '<th class="sortable" data-column-type="pfReason">Reason</th>']


def row_cells(cases: Sequence[CaseResult]) -> list[str]:
    """The <td> for pytest_html_results_table_row: of one case, or of the group that one test carries.

    Without cases (a test of the site's own) the cells are empty.
    """
    if not cases:
        return [f'<td class="col-{key}"></td>' for key in (*(key for _, key in _COLUMNS), "pfReason")]
    worst = min(cases, key=lambda case: _WORST.index(case.standing) if case.standing in _WORST else len(_WORST))
    texts = (
        _some(case.row for case in cases),
        _some(case.source or "" for case in cases),
        _some(case.destination or "" for case in cases),
        _some(_ports(case) for case in cases),
    )
    cells = [f'<td class="col-{key}">{safe(text)}</td>' for text, (_, key) in zip(texts, _COLUMNS, strict=False)]
    tags = Counter(case.standing for case in cases)
    shown = " ".join(tag(outcome, tags[outcome] if len(cases) > 1 else None) for outcome in Outcome if tags[outcome])
    return [
        *cells,
        f'<td class="col-pfVerdict">{shown}</td>',
        f'<td class="col-pfReason">{safe(fit(worst.reason, 240))}</td>',
    ]


def tag(outcome: Outcome, count: int | None = None) -> str:
    """An outcome as a coloured word, told by the word as much as by the colour."""
    times = f" {count}" if count is not None else ""
    return f'<span class="pf-tag pf-{outcome.value.replace(" ", "-")}">{outcome.value}{times}</span>'


def details_html(cases: Sequence[CaseResult]) -> str:
    """What was asked and seen, and what to do, for the cases of one test; blocking ones first, 50 of them in full."""
    ordered = sorted(cases, key=lambda case: not case.standing.blocks)
    blocks = "".join(_case(case) for case in ordered[:_IN_FULL])
    more = len(ordered) - _IN_FULL
    rest = f"<p>{counted(more, 'more case')} of this test: see run.json.</p>" if more > 0 else ""
    return f'<div class="pf-details">{blocks}{rest}</div>'


def _case(case: CaseResult) -> str:
    told = [
        ("required", case.requirement),
        ("purpose", case.purpose),
        ("why", case.reason),
        ("ruling", f"{case.ruling}, over: {case.outcome}" if case.ruling else ""),
        ("asked", case.asked),
        ("seen", case.seen),
        ("do", case.remedy),
        ("evidence", case.strength),
        ("stand-in", f"{case.stand_in} stood in" if case.stand_in else ""),
        *(("finding", finding) for finding in case.findings),
        *(("read", line) for line in case.evidence),
        ("note", case.note),
        ("recorded as", ", ".join(case.probes[:8]) + (" ..." if len(case.probes) > 8 else "")),
    ]
    lines = "".join(f"<dt>{name}</dt><dd>{safe(text)}</dd>" for name, text in told if text)
    return f'<div class="pf-case"><b>{safe(case.id)}</b> {tag(case.standing)}<dl>{lines}</dl></div>'


def _ports(case: CaseResult) -> str:
    return used_ports(case)


def _some(texts: Iterable[str]) -> str:
    names = [text for text in dict.fromkeys(texts) if text]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
