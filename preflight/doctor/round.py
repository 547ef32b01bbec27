"""Examines all selected machines side by side and puts together what it means for the plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from preflight.doctor.blocked import needs_of, with_blocked
from preflight.doctor.examine import Switchboard, examine
from preflight.doctor.model import Diagnosis, Examination
from preflight.doctor.notebook import Notebook
from preflight.doctor.spans import spans
from preflight.topology.model import Machine
from preflight.values.case import Case
from preflight.values.counted import counted

DEVICES = frozenset({"printer", "terminal", "card_reader"})
TICK_S = 0.2
_SAME_CLOCK_S = 30.0
_WRONG_CLOCK_S = 60.0

Show = Callable[[int, int, float], None]  # hosts done, hosts, seconds


@dataclass(frozen=True, slots=True)
class Page:
    """What the plan asks: cases, every row id in order, patterns of the product's service names."""

    cases: Sequence[Case]
    rows: tuple[str, ...]
    services: tuple[str, ...]


def examine_all(
    machines: Sequence[Machine], switchboard: Switchboard, page: Page, hosts_at_once: int, show: Show
) -> Diagnosis:
    """Look at all of them, `hosts_at_once` at a time. Errors of hosts are findings; what is raised is ours."""
    began = time.monotonic()
    managed = [m for m in machines if m.manage is not None]
    found: dict[str, Examination] = {}
    pool = ThreadPoolExecutor(max(1, min(hosts_at_once, len(managed))), thread_name_prefix="preflight-doctor")
    try:
        running: dict[Future[Examination], str] = {
            pool.submit(_one, machine, switchboard, page.services): machine.name for machine in managed
        }
        waiting = set(running)
        while waiting:
            show(len(found), len(managed), time.monotonic() - began)
            done, waiting = wait(waiting, TICK_S, FIRST_COMPLETED)
            found.update({running[future]: future.result() for future in done})
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    needs = needs_of(page.cases, page.rows)
    hosts = tuple(
        with_blocked(found[m.name], needs) if m.name in found else Examination(m.name, m.address, "")
        for m in machines
        if m.name in found or not m.roles & DEVICES
    )
    asked = sum(1 for c in page.cases if c.not_applicable is None and c.not_built is None)
    devices = len(machines) - len(hosts)
    return Diagnosis(hosts, devices, asked, page.rows, _notes(hosts, page), time.monotonic() - began)


def _one(machine: Machine, switchboard: Switchboard, services: tuple[str, ...]) -> Examination:
    notes = Notebook(machine, switchboard.describe(machine.name))
    try:
        examine(notes, switchboard, services)
    except Exception as error:  # one host's trouble must not hide what is known of the others
        seen = f"{type(error).__name__}: {error}"
        notes.lost("login", "program-error", notes.way, seen, "Report this as an error of Preflight.")
    return notes.done()


def _notes(hosts: Sequence[Examination], page: Page) -> tuple[str, ...]:
    notes = []
    skews = [h.skew_s for h in hosts if h.skew_s is not None]
    wrong = min((abs(s) for s in skews), default=0.0) > _WRONG_CLOCK_S
    if len(skews) > 1 and wrong and max(skews) - min(skews) < _SAME_CLOCK_S:
        notes.append("All clocks differ from this machine's by the same: it is this machine's clock that is wrong.")
    nobody = [c for c in page.cases if c.unasked is not None and not c.not_built and c.not_applicable is None]
    if nobody:
        rows = {c.row for c in nobody}
        named = spans([r for r in page.rows if r in rows], page.rows)
        notes.append(
            f"Besides, {counted(len(nobody), 'case')} can be asked by nobody, whatever the hosts "
            f"say (row{'s' if len(rows) > 1 else ''} {named}): --collect-only names them, a run says why."
        )
    return tuple(notes)
