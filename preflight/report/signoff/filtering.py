"""The filter above the tables: hidden in the file, shown by the script, so that nobody sees one that does nothing."""

from __future__ import annotations

from preflight.report.signoff.markup import SEVERITY
from preflight.run.model import Run


def filter_html(run: Run) -> str:
    """A search field and a box for each outcome that the run has."""
    boxes = "".join(
        f'<label><input type="checkbox" name="outcome" value="{outcome.value}" checked> {outcome.value}</label>'
        for outcome in SEVERITY
        if run.counts.total[outcome]
    )
    return (
        '<form id="filter" class="filter" role="search" aria-label="Filter the tables" hidden>'
        '<label for="find">Find <small>(press / to come here, Esc to clear)</small></label>'
        '<input id="find" type="search" autocomplete="off" spellcheck="false" '
        'placeholder="row, machine, case, word">'
        f'<fieldset><legend>Outcomes</legend>{boxes}</fieldset><button type="reset">Show all</button>'
        '<output id="shown" for="find" aria-live="polite"></output></form>'
    )
