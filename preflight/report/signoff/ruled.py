"""Waivers and attestations: who asked, who approved, why, until when, and which of them end soon."""

from __future__ import annotations

from preflight.report.ruled import SOON_DAYS, denied_by, denied_text, ends_of
from preflight.report.signoff.markup import LONG, known_rows, room, row_link, safe, table
from preflight.report.text import fit
from preflight.run.model import Run
from preflight.run.model_rulings import RulingResult

_ORDER = {"expired": 0, "overruled": 1, "no case": 2, "unneeded": 3, "used": 4}


def rulings_html(run: Run) -> str:
    """A table of all rulings of the site: those that need somebody's attention first."""
    if not run.rulings:
        return room("rulings", "Waivers and attestations", "<p>The site has none.</p>")
    soon = sum(map(_ends_soon, run.rulings))
    text = "<p>A ruling lies over what was observed and never replaces it: both are shown in the tables.</p>"
    if soon:
        text += f'<p class="flag">{soon} of {len(run.rulings)} end within {SOON_DAYS} days.</p>'
    known = known_rows(run)
    denied = denied_by(run)
    body = [_line(ruling, known, denied_text(denied[ruling.id])) for ruling in sorted(run.rulings, key=_key)]
    heads = ("ruling", "rows, hosts", "asked by", "approved by", "until", "cases", "reason")
    return room("rulings", "Waivers and attestations", text + table("Rulings", heads, body, "rulings", hidden=True))


def _key(ruling: RulingResult) -> tuple[bool, int, int]:
    return (not _ends_soon(ruling), _ORDER[ruling.state], ruling.ends_in_days)


def _ends_soon(ruling: RulingResult) -> bool:
    return 0 <= ruling.ends_in_days <= SOON_DAYS


def _line(ruling: RulingResult, known: set[str], denied: str) -> str:
    rows = ", ".join(row_link(row, known) for row in ruling.requirement)
    ticket = f" (ticket {safe(ruling.ticket)})" if ruling.ticket else ""
    return (
        f'<tr><th scope="row">{safe(ruling.id)}<br><small>{ruling.kind}, {safe(ruling.file)}</small></th>'
        f"<td>{rows}<br><small>{safe(ends_of(ruling))}</small></td>"
        f"<td>{safe(ruling.asked_by)}</td><td>{safe(ruling.approved_by)}</td>"
        f"<td>{safe(ruling.until)}<br>{_term(ruling)}</td><td>{_effect(ruling, denied)}</td>"
        f"<td>{safe(fit(ruling.reason, LONG))}{ticket}</td></tr>"
    )


def _term(ruling: RulingResult) -> str:
    days = ruling.ends_in_days
    if days < 0:
        return '<strong class="flag">expired</strong>'
    when = "today" if days == 0 else "in 1 day" if days == 1 else f"in {days} days"
    return f'<strong class="flag">ends {when}</strong>' if _ends_soon(ruling) else f"<small>ends {when}</small>"


def _effect(ruling: RulingResult, denied: str) -> str:
    if ruling.state == "used":
        return f"{ruling.cases:,}" + (f'<br><strong class="flag">{denied}</strong>' if denied else "")
    told = {
        "expired": "counts for nothing",
        "overruled": "lies over nothing: a closer ruling does, or a failure was observed",
        "unneeded": "not needed: nothing of it is failed or unverified",
        "no case": "nothing of it was asked, or not all of it",
    }
    return told[ruling.state]
