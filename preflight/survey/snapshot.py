"""While connections are held: the destination's own TCP table, to see who really took them."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.agents import contract
from preflight.agents.session import SessionEnd
from preflight.survey.desk import Desk
from preflight.survey.gathering import checked_fact
from preflight.survey.options import SurveyOptions
from preflight.survey.prepare import Ask
from preflight.survey.recorder import Recorder
from preflight.values.observation import Fact, Socket

_SNAPSHOT_S = 8.0
_LINES_KEPT = 20


def look_up(desk: Desk, recorder: Recorder, asks: Iterable[Ask], options: SurveyOptions, window: str) -> None:
    """Read the tables of all destinations that took a held connection, and keep the lines that concern each probe."""
    accepted = [a for a in asks if _accepted(recorder, a)]
    request = f"{window}-table"
    pending: set[str] = set()
    facts: dict[str, Fact] = {}

    def handle(machine: str, agent: str, event: contract.Event | SessionEnd) -> None:
        if agent != "gather":
            return
        if isinstance(event, SessionEnd):
            pending.discard(machine)
        elif isinstance(event, contract.FactEvent) and event.id == request and event.name == "sockets":
            facts[machine] = checked_fact(event)
        elif isinstance(event, contract.DoneEvent) and event.id == request:
            pending.discard(machine)

    for machine in {a.probe.destination for a in accepted}:
        if (session := desk.session(machine, "gather")) is not None:
            pending.add(machine)
            session.send(contract.Gather(id=request, facts=("sockets",), services=options.services))
    desk.wait(handle, lambda: not pending, _SNAPSHOT_S)
    for ask in accepted:
        fact = facts.get(ask.probe.destination)
        if fact is not None and fact.status == "ok":
            recorder.table(ask.probe.id, _lines(fact, ask, recorder))


def _accepted(recorder: Recorder, ask: Ask) -> bool:
    attempts = recorder.probes[ask.probe.id].attempts
    return bool(attempts) and attempts[-1].outcome in ("accepted", "answered")


def _lines(fact: Fact, ask: Ask, recorder: Recorder) -> tuple[Socket, ...]:
    attempt = recorder.probes[ask.probe.id].attempts[-1]
    lines = [
        Socket(**line)
        for line in fact.value
        if line["protocol"] == "tcp"
        and line["local_port"] == ask.port
        and line["state"] != "LISTEN"
        and (line["peer_port"] == attempt.local_port or line["peer"] == attempt.local)
    ]
    # The exact line first, so that it survives the cut.
    lines.sort(key=lambda s: (s.peer_port != attempt.local_port, s.peer != attempt.local))
    return tuple(lines[:_LINES_KEPT])
