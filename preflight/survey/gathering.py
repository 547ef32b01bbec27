"""First round: facts of every machine that asks or is asked, several machines at once."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping

from preflight.agents import contract, contract_facts
from preflight.agents.reads import Read
from preflight.agents.session import SessionEnd
from preflight.errors import TransportError
from preflight.survey.desk import Desk
from preflight.survey.options import FACT_S, SLOW_FACT_S, SurveyOptions
from preflight.survey.passwords import Passwords, with_passwords
from preflight.survey.recorder import Recorder
from preflight.values.observation import Fact, HostObservation


def gather_all(
    desk: Desk,
    recorder: Recorder,
    machines: Iterable[str],
    options: SurveyOptions,
    askers: frozenset[str] = frozenset(),
    reads: Mapping[str, tuple[Read, ...]] | None = None,
    passwords: Passwords | None = None,
) -> None:
    """Ask all facts of all machines; one that cannot be reached is recorded with its cause and remedy.

    `reads` are what checklist items want of a machine besides, `passwords` those that some of them are asked with.

    On `askers` the agent that will ask is started as soon as the connection stands: a start costs round trips.
    """
    todo = deque(dict.fromkeys(machines))
    active: dict[str, float] = {}
    faults: dict[str, str] = {}
    unasked: dict[str, dict[str, str]] = {}  # reads that could not be asked, by machine
    desk.progress.hosts = len(todo)
    desk.progress.doing = "gathering facts"

    def finish(machine: str) -> None:
        active.pop(machine, None)
        desk.progress.hosts_done += 1
        _fill_gaps(desk, recorder, machine, faults.get(machine, ""))
        for name, why in unasked.get(machine, {}).items() if recorder.hosts[machine].reached else ():
            recorder.fact(machine, Fact(name, "error", None, why))

    def handle(machine: str, agent: str, event: contract.Event | SessionEnd) -> None:
        if agent != "gather" or machine not in active:  # a word of a host that was given up is no answer any more
            return
        if isinstance(event, contract.HelloEvent):
            recorder.hosts[machine] = HostObservation(machine, True, desk.switchboard.describe(machine), time.time())
            if machine in askers:
                desk.session(machine, "exchange")
        elif isinstance(event, contract.FactEvent) and machine in recorder.hosts:
            recorder.fact(machine, checked_fact(event))
        elif isinstance(event, contract.DoneEvent | contract.FaultEvent | SessionEnd):
            if isinstance(event, contract.FaultEvent):
                faults[machine] = f"its agent said: {event.text}"
            finish(machine)

    def start() -> None:
        while todo and len(active) < options.hosts_at_once:
            machine = todo.popleft()
            began = time.monotonic()
            session = desk.session(machine, "gather")  # this or `send` may ask the engineer for a password
            if session is not None:
                wanted, unasked[machine] = with_passwords((reads or {}).get(machine, ()), passwords or {})
                # PowerShell loads its modules first, and takes seconds for it on a busy server.
                patience = FACT_S if desk.lag(machine, "gather") == 0 else SLOW_FACT_S
                asked = contract.Gather(id="facts", services=options.services, reads=wanted, fact_deadline_s=patience)
                session.send(asked)
            now = time.monotonic()
            for other in active:  # what the engineer took for a password is no silence of theirs
                active[other] += now - began
            active[machine] = now
            if session is None:
                finish(machine)

    def overdue() -> None:
        now = time.monotonic()
        for machine, since in list(active.items()):
            limit = options.connect_timeout_s + (options.gather_timeout_s if machine in recorder.hosts else 0)
            if now - since > limit:
                text = f"{machine} gave no answer within {limit:.0f} s."
                desk.give_up(machine, "gather", TransportError("timeout", text, "Look at its load and at the network."))
                finish(machine)

    start()
    while active:
        count = len(active)
        desk.wait(handle, lambda count=count: len(active) < count, 0.5)  # type: ignore[misc]
        overdue()
        start()


def checked_fact(event: contract.FactEvent) -> Fact:
    """A fact whose value has the shape that the contract promises; anything else becomes an error of that fact."""
    shape = contract_facts.FACT_TYPES.get(event.name)
    if event.status == "ok" and shape is not None:
        try:
            value = shape.dump_python(shape.validate_python(event.value), mode="json")
        except ValueError as error:
            detail = f"the agent's answer does not follow the contract: {str(error).splitlines()[0]}"
            return Fact(event.name, "error", None, detail, event.took_ms)
        return Fact(event.name, "ok", value, event.detail, event.took_ms)
    return Fact(event.name, event.status, event.value, event.detail, event.took_ms)


def _fill_gaps(desk: Desk, recorder: Recorder, machine: str, fault: str) -> None:
    error = desk.ended.get((machine, "gather"))
    via = desk.switchboard.describe(machine)
    if machine not in recorder.hosts:
        told = f"The agent on {machine} ended at once." + (f" {fault[:1].upper()}{fault[1:]}." if fault else "")
        error = error or TransportError("ended", told, "Run again; if it comes back, report it.")
        recorder.hosts[machine] = HostObservation(
            machine, False, via, time.time(), error.kind, error.cause, error.remedy
        )
        return
    why = error.cause if error else fault or "the agent did not tell"
    for name in contract_facts.FACTS:
        if name not in recorder.hosts[machine].facts:
            recorder.fact(machine, Fact(name, "error", None, why))
