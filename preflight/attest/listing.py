"""Waivers and attestations as `preflight attest --list` shows them."""

from __future__ import annotations

from preflight.attest.open_cases import Site
from preflight.report.ruled import SOON_DAYS, denied_by, denied_text
from preflight.report.text import wrap
from preflight.rulings.model import Ruling
from preflight.run.model import Run
from preflight.run.model_rulings import RulingResult
from preflight.values.counted import counted


def listed(site: Site, run: Run | None, width: int) -> list[str]:
    """A few lines for each, in the files' order; `run`: what each of them did there is said, too."""
    if not site.rulings.all:
        return [f"no waivers and no attestations beside {site.inventory}"]
    did = {result.id: result for result in run.rulings} if run else {}
    lines: list[str] = []
    for ruling in site.rulings.all:
        state = f"{_today(ruling, (ruling.until - site.today).days)}{_then(did.get(ruling.id), run)}"
        scope = [", ".join(ruling.requirement.words)]
        ends = (("on", ruling.hosts), ("from", ruling.source), ("to", ruling.destination))
        scope += [f"{word} {', '.join(named.words)}" for word, named in ends if named]
        by = "looked at" if ruling.kind == "attestation" else "asked"
        ticket = f", {ruling.ticket}" if ruling.ticket else ""
        told = f"{' '.join(scope)}; {by} by {ruling.asked_by}, approved by {ruling.approved_by}{ticket}"
        lines += wrap(f"{ruling.kind} {ruling.id} ({ruling.file}): {state}", width, "", "    ", 3)
        lines += wrap(told, width, "    ", "    ", 4)
        lines += wrap(ruling.reason, width, "    ", "    ", 12)
    return lines


def _today(ruling: Ruling, days: int) -> str:
    if days < 0:
        return f"EXPIRED on {ruling.until}"
    if days <= SOON_DAYS:
        return f"in force until {ruling.until}, ENDS {'TODAY' if not days else f'IN {days} DAY' + 'S' * (days != 1)}"
    return f"in force until {ruling.until}, {counted(days, 'day')} left"


def _then(result: RulingResult | None, run: Run | None) -> str:
    if run is None:
        return ""
    if result is None:
        return f"; run {run.run_id} did not have it yet"
    if result.state == "used":
        told = f"; over {counted(result.cases, 'case')}"
        denied = denied_text(denied_by(run)[result.id])
        return f"{told}{', ' + denied.upper() if denied else ''} in run {run.run_id}"
    return f"; {result.state} in run {run.run_id}"
