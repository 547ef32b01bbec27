"""While connections are held: the destination's own TCP table, to see who really took them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from preflight.agents import contract
from preflight.agents.session import SessionEnd
from preflight.survey.desk import Desk
from preflight.survey.gathering import checked_fact
from preflight.survey.options import FACT_S, SurveyOptions
from preflight.survey.prepare import Ask
from preflight.survey.recorder import Recorder
from preflight.values.observation import Fact, Socket

Handler = Callable[[str, str, contract.Event | SessionEnd], None]
_SNAPSHOT_S = 8.0
_LINES_KEPT = 20


def look_up(
    desk: Desk, recorder: Recorder, asks: Iterable[Ask], options: SurveyOptions, window: str, others: Handler
) -> None:
    """Read the tables of all destinations that held probes asked, and keep the lines that concern each probe.

    Who listens is read again with them: what a destination said minutes ago proves nothing about the probe. Events of
    other agents, which go on meanwhile, are handed to `others`.
    """
    asks = list(asks)
    request = f"{window}-table"
    pending: set[str] = set()
    facts: dict[str, dict[str, Fact]] = {}

    def handle(machine: str, agent: str, event: contract.Event | SessionEnd) -> None:
        if agent != "gather":
            others(machine, agent, event)
        elif isinstance(event, SessionEnd):
            pending.discard(machine)
        elif isinstance(event, contract.FactEvent) and event.id == request:
            facts.setdefault(machine, {})[event.name] = checked_fact(event)
        elif isinstance(event, contract.DoneEvent | contract.FaultEvent) and event.id == request:
            pending.discard(machine)

    for machine in {a.probe.destination for a in asks}:
        if (session := desk.session(machine, "gather")) is not None:
            pending.add(machine)
            patience = FACT_S if desk.lag(machine, "gather") == 0 else _SNAPSHOT_S
            asked = contract.Gather(
                id=request, facts=("sockets", "listeners"), services=options.services, fact_deadline_s=patience
            )
            session.send(asked)
    late = max((desk.lag(machine, "gather") for machine in pending), default=0.0)
    desk.wait(handle, lambda: not pending, _SNAPSHOT_S + late)
    for machine, found in facts.items():
        if "listeners" in found and machine in recorder.hosts:
            recorder.fact(machine, found["listeners"])
    for ask in asks:
        found = facts.get(ask.probe.destination, {})
        if all(name in found and found[name].status == "ok" for name in ("sockets", "listeners")):
            recorder.table(ask.probe.id, _lines(found["sockets"], ask, recorder))


def _lines(fact: Fact, ask: Ask, recorder: Recorder) -> tuple[Socket, ...]:
    attempts = recorder.probes[ask.probe.id].attempts
    if not attempts or attempts[-1].outcome not in ("accepted", "answered"):
        return ()
    attempt = attempts[-1]
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
