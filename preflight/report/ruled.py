"""Waivers and attestations at the end of a run on the terminal: what was let through, by whom, for how long."""

from __future__ import annotations

from collections import Counter

from preflight.report.text import Line, fold, wrap
from preflight.run.model import Run
from preflight.run.model_rulings import RulingResult
from preflight.values.counted import counted

SOON_DAYS = 30  # rulings that end within so many days are flagged
_LAID = {"waiver": "WAIVED", "attestation": "ATTESTED"}


def ruling_lines(run: Run, width: int = 100, ascii_only: bool = False) -> list[Line]:
    """Those in use, then those that are expired, overruled or unneeded; no rulings: no lines.

    One that is for no case of the run is named in full runs only: a selection leaves most of them without any.
    """
    shown = [r for r in run.rulings if r.state != "no case" or run.full]
    ordered = sorted(shown, key=lambda ruling: _ORDER.index(ruling.state))
    denied = denied_by(run)
    lines = [line for ruling in ordered for line in _entry(ruling, width, denied_text(denied[ruling.id]))]
    return [Line(fold(line.text, ascii_only), line.style) for line in lines]


_ORDER = ("used", "expired", "overruled", "unneeded", "no case")


def scope_text(ruling: RulingResult) -> str:
    """`S04, P* on mfp*`, with the ends where it is for some only."""
    ends = ends_of(ruling)
    return f"{', '.join(ruling.requirement)}{' ' if ends.startswith(('from', 'to')) else ' on '}{ends}"


def ends_of(ruling: RulingResult) -> str:
    """`mfp*`, or `from cml1 to mfp*`, or both."""
    said = [("from", ruling.source), ("to", ruling.destination)]
    ends = " ".join(f"{word} {', '.join(names)}" for word, names in said if names)
    hosts = "" if ends and ruling.hosts == ("*",) else ", ".join(ruling.hosts)
    return " ".join(filter(None, (hosts, ends)))


def ends_text(ruling: RulingResult) -> str:
    """`until 2027-01-31`, and how soon that is where it is soon."""
    days = ruling.ends_in_days
    if days < 0:
        return f"expired on {ruling.until}, {_days(-days)} ago"
    soon = "" if days > SOON_DAYS else " (ENDS TODAY)" if not days else f" (ENDS IN {_days(days).upper()})"
    return f"until {ruling.until}{soon}"


def denied_by(run: Run) -> Counter[str]:
    """How many cases that were observed to fail, and block, each attestation is for without covering them."""
    return Counter(name for case in run.cases if case.standing.blocks for name in case.denied)


def denied_text(count: int) -> str:
    """`not over 2 that were observed to fail`; empty for none."""
    return f"not over {count} that {'was' if count == 1 else 'were'} observed to fail" if count else ""


def _days(count: int) -> str:
    return counted(count, "day")


def _entry(ruling: RulingResult, width: int, denied: str) -> list[Line]:
    scope = f"{scope_text(ruling)} ({ruling.file})"
    if ruling.state == "used":
        cases = f"{counted(ruling.cases, 'case')}{', ' + denied.upper() if denied else ''}"
        by = "looked at" if ruling.kind == "attestation" else "asked"
        people = f"{by} by {ruling.asked_by}, approved by {ruling.approved_by}"
        ticket = f", {ruling.ticket}" if ruling.ticket else ""
        head = f"{ruling.id} {ends_text(ruling)}: {cases}, {people}{ticket}: {scope}"
        style = "yellow" if ruling.ends_in_days <= SOON_DAYS or denied else ""
        lines = wrap(head, width, f"{_LAID[ruling.kind]}  ", "    ", 3)
        lines += wrap(ruling.reason, width, "    why:   ", " " * 11, 1)
        return [Line(text, style) for text in lines]
    who = f"{ruling.kind} {ruling.id} of {ruling.asked_by}"
    word, said, style = {
        "expired": ("EXPIRED", f"{ends_text(ruling)}, and counts for nothing: renew it or take it out", "red"),
        "overruled": ("OVERRULED", "lies over nothing: a closer ruling does, or the failure was observed", "yellow"),
        "unneeded": ("unneeded", "nothing that it is for is failed or unverified; take it out", "yellow"),
        "no case": ("no case", "nothing that it is for was asked", "dim"),
    }[ruling.state]
    return [Line(text, style) for text in wrap(f"{who}, {said}: {scope}", width, f"{word}  ", "    ", 2)]
