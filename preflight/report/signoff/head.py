"""Whose report it is: customer, site, scope, versions, who ran it, from where, when."""

from __future__ import annotations

from preflight.report.recorded import Recorded
from preflight.report.signoff.markup import facts, plural, room

_LEAVE_NOTHING_OUT = ("probe_timeout", "phase", "no_listeners")  # options that say how it was asked


def head_html(recorded: Recorded) -> str:
    """The particulars, with the digest of the run.json that all of this was made from."""
    run = recorded.run
    catalogue = run.catalogue
    cuts = ", ".join(f"{key}={value}" for key, value in run.selection.items() if key not in _LEAVE_NOTHING_OUT)
    said = [key for key in _LEAVE_NOTHING_OUT[1:] if key in run.selection]
    how = ", ".join(f"{key.replace('_', ' ')} {run.selection[key]}" for key in said)
    rows = len(run.rows) or len({case.row for case in run.cases})
    scope = f"{plural(rows, 'row')} of the vendor's page, {plural(len(run.cases), 'case')}"
    told = [
        ("Customer", run.customer),
        ("Site", run.site),
        ("Scope", f"{scope}; {f'cut by {cuts}' if cuts else 'nothing was left out by an option'}"),
        ("Asked with", how),
        ("Catalogue", f"{catalogue.product} {catalogue.version}, revision {catalogue.revision}"),
        ("Suite", f"SafeQ Preflight {run.suite_version}"),
        ("Run by", f"{run.controller.user} on {run.controller.hostname} ({run.controller.platform})"),
        ("Started", f"{_moment(run.started)} UTC"),
        ("Finished", f"{_moment(run.finished)} UTC, after {_span(run.duration_s)}"),
        ("Time zone of the site", run.timezone),
        ("Run", run.run_id),
        ("Judged again from", run.replay_of or ""),
        ("Inventory", f"{run.inventory_file}, SHA-256 {run.inventory_digest}"),
        ("Record", f"run.json, SHA-256 {recorded.sha256}"),
    ]
    return room("particulars", "Particulars", facts(told, "facts wide"))


def _moment(text: str) -> str:
    """2026-11-22T23:59:59.000Z -> 2026-11-22 23:59:59."""
    return text.replace("T", " ")[:19]


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return (
        f"{whole // 60} min {whole % 60:02d} s" if whole < 7200 else f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    )
