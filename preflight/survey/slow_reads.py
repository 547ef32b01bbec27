"""Last round: what takes a host a minute or more to tell, once nothing else is asked of it, by an agent of its own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping

from preflight.agents import contract
from preflight.agents.reads import Read
from preflight.agents.scripts import AgentName
from preflight.agents.session import SessionEnd
from preflight.survey.desk import Desk
from preflight.survey.gathering import checked_fact
from preflight.survey.options import SurveyOptions
from preflight.survey.recorder import Recorder
from preflight.values.observation import Fact, FactStatus

AGENT: AgentName = "scan"  # its script goes to a host here and nowhere else
REQUEST = "slow"
_START_S = 20.0  # beyond the reads' own time: PowerShell's start on a busy server, and a way back


def apart(reads: Iterable[Read]) -> tuple[tuple[Read, ...], tuple[Read, ...]]:
    """Those that are asked with all else, and those that have more time than the facts around them."""
    wanted = tuple(reads)
    return tuple(r for r in wanted if not r.patience_s), tuple(r for r in wanted if r.patience_s)


def gather_slow(desk: Desk, recorder: Recorder, reads: Mapping[str, tuple[Read, ...]], options: SurveyOptions) -> None:
    """Ask each machine its slow reads, by a request with their own deadline, and wait until all have told or are late.

    A machine that was not reached is not asked, and nothing is started on one that is asked in Python. One that does
    not answer stays reached: it has told its facts, and only these reads are late.
    """
    todo = deque(m for m, wanted in reads.items() if wanted and m in recorder.hosts and recorder.hosts[m].reached)
    if not todo:
        return
    active: dict[str, float] = {}  # machine -> the moment when it is late
    desk.progress.doing = "waiting for what takes hosts longer"

    def finish(machine: str, why: str, status: FactStatus = "error") -> None:
        active.pop(machine, None)
        for read in reads[machine]:
            if read.name not in recorder.hosts[machine].facts:
                recorder.fact(machine, Fact(read.name, status, None, why))

    def handle(machine: str, agent: str, event: contract.Event | SessionEnd) -> None:
        if agent != AGENT or machine not in active:
            return
        if isinstance(event, SessionEnd):
            finish(machine, desk.ended[(machine, agent)].cause)
        elif getattr(event, "id", "") != REQUEST:
            return
        elif isinstance(event, contract.FactEvent) and any(event.name == read.name for read in reads[machine]):
            recorder.fact(machine, checked_fact(event))
        elif isinstance(event, contract.FaultEvent):
            finish(machine, f"its agent said: {event.text}")
        elif isinstance(event, contract.DoneEvent):
            finish(machine, "the agent did not tell")

    def start() -> None:
        while todo and len(active) < options.hosts_at_once:
            machine = todo.popleft()
            patience = max(read.patience_s for read in reads[machine])
            session = desk.session(machine, AGENT)
            if session is None:
                lost = desk.ended[(machine, AGENT)]
                finish(machine, lost.cause, "absent" if lost.kind == "no-agent" else "error")
                continue
            session.send(contract.Gather(id=REQUEST, facts=(), reads=reads[machine], fact_deadline_s=patience))
            active[machine] = time.monotonic() + patience + _START_S + session.lag_s

    start()
    while active:
        desk.finish_by = max(active.values())
        count = len(active)
        desk.wait(handle, lambda count=count: len(active) < count, 0.5)  # type: ignore[misc]
        for machine, until in list(active.items()):
            if time.monotonic() > until:
                finish(machine, "no answer within its deadline", "timeout")
        start()
    desk.finish_by, desk.progress.left_s = None, None
