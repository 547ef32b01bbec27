"""What is not as it was in the run that this one is compared with."""

from __future__ import annotations

from typing import get_args

from preflight.report.signoff.markup import LONG, known_rows, plural, room, row_link, safe, table, tag
from preflight.report.text import fit
from preflight.run.model import Run
from preflight.run.model_rulings import Change, ChangeKind
from preflight.values.outcome import Outcome

_MOST = 300  # entries; a run in which more has changed is another site


def changes_html(run: Run) -> str:
    """Counts by kind, then a table of like changes, what got worse first."""
    told = run.comparison
    if told is None:
        return room("changes", "Changes since the last run", "<p>There is no earlier run to compare this one with.</p>")
    which = "the accepted baseline" if told.accepted else "the last full run"
    head = f"<p>Compared with {which}, {safe(told.run_id)}, of {safe(told.started.replace('T', ' ')[:16])} UTC: "
    counts = [(kind, sum(1 for change in told.changes if change.kind == kind)) for kind in get_args(ChangeKind)]
    shown = ", ".join(f"{count:,} {kind}" for kind, count in counts if count) or "nothing changed"
    head += f"<strong>{shown}</strong>, {plural(told.unchanged, 'case')} as before.</p>"
    entries = _entries(told.changes)
    known = known_rows(run)
    body = [_line(cases, known) for cases in entries[:_MOST]]
    more = (
        f"<p>{plural(len(entries) - _MOST, 'more entry', 'more entries')}: see run.json.</p>" if entries[_MOST:] else ""
    )
    heads = ("change", "row", "before", "now", "why now", "cases")
    lines = table("Cases that came out otherwise", heads, body) if body else ""
    return room("changes", "Changes since the last run", head + lines + more)


def _entries(changes: tuple[Change, ...]) -> list[list[Change]]:
    """Like changes together: by kind, in the order of the kinds, then as they come."""
    order = {kind: place for place, kind in enumerate(get_args(ChangeKind))}
    entries: dict[tuple[object, ...], list[Change]] = {}
    for change in sorted(changes, key=lambda change: order[change.kind]):
        key = (change.kind, change.row, change.before, change.after, change.reason)
        entries.setdefault(key, []).append(change)
    return list(entries.values())


def _line(changes: list[Change], known: set[str]) -> str:
    first = changes[0]
    ids = ", ".join(safe(change.case) for change in changes)
    return (
        f'<tr><th scope="row">{first.kind}</th><td>{row_link(first.row, known)}</td><td>{_outcome(first.before)}</td>'
        f'<td>{_outcome(first.after)}</td><td>{safe(fit(first.reason, LONG))}</td><td class="ids">{ids}</td></tr>'
    )


def _outcome(outcome: Outcome | None) -> str:
    return tag(outcome) if outcome is not None else "not there"
