"""Orders of events that real hosts produce only by chance, played by scripted agents: no race may blame a network."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from preflight.agents import contract
from preflight.agents.scripts import AgentName
from preflight.agents.session import SessionEnd
from preflight.errors import TransportError
from preflight.survey.desk import Inbox
from preflight.survey.options import SurveyOptions
from preflight.survey.recorder import Recorder
from preflight.survey.run import survey
from preflight.topology.model import Machine, Manage
from preflight.values.case import Case
from preflight.values.probe import Probe

PEER = {"protocol": "tcp", "local": "10.0.0.2", "peer": "10.0.0.1", "peer_port": 40001, "pid": 9, "service": "YSoftX"}
Say = Callable[[contract.Event], None]


@dataclass
class Turn:
    """One request to one agent, and what it can do about it."""

    agent: str
    request: contract.Request
    say: Say
    end: Callable[[], None]


Script = Callable[[Turn], bool]  # True: the script has answered


def machine(name: str, address: str) -> Machine:
    return Machine(name, frozenset({"cml"}), address, "main", None, Manage("ssh", address))


MACHINES = {m.name: m for m in (machine("src", "10.0.0.1"), machine("dst", "10.0.0.2"))}


@dataclass
class Agent:
    """Answers as a healthy agent would, unless the script has answered."""

    machine: str
    agent: AgentName
    inbox: Inbox
    script: Script
    installed: bool
    lag_s: float = 0.0

    def __post_init__(self) -> None:
        self.say(
            contract.HelloEvent(
                event="hello", contract=1, agent=self.agent, language="script", pid=1, user="u", elevated=True
            )
        )

    def say(self, event: contract.Event) -> None:
        self.inbox.put((self.machine, self.agent, event))

    def end(self) -> None:
        lost = TransportError("closed", "the host went away.", "See whether it runs.")
        self.inbox.put((self.machine, self.agent, SessionEnd(self.machine, self.agent, lost)))

    def close(self) -> None:
        pass

    def send(self, request: contract.Request) -> None:
        if self.script(Turn(self.agent, request, self.say, self.end)):
            return
        if isinstance(request, contract.Gather):
            self.gather(request)
        elif isinstance(request, contract.Listen):
            for listener in request.listeners:
                self.say(contract.ListenerEvent(event="listener", id=request.id, key=listener.key, status="up"))
            self.say(contract.ReadyEvent(event="ready", id=request.id))
        elif isinstance(request, contract.Close):
            self.say(contract.ClosedEvent(event="closed", id=request.id, reason="asked"))
        elif isinstance(request, contract.Exchange):
            for probe in request.probes:
                self.say(result(request.id, probe.key, "refused"))
            self.say(contract.DoneEvent(event="done", id=request.id))

    def gather(self, request: contract.Gather) -> None:
        listening = [
            {
                "protocol": "tcp",
                "local": "10.0.0.2",
                "local_port": 5012,
                "state": "LISTEN",
                "pid": 9,
                "service": "YSoftX",
            }
        ]
        values = {
            "services": [{"name": "YSoftX", "state": "running"}] if self.installed and self.machine == "dst" else [],
            "listeners": listening if self.installed and self.machine == "dst" else [],
            "sockets": [{**PEER, "local_port": 5012, "state": "ESTABLISHED"}] if request.id != "facts" else [],
            "addresses": [{"interface": "e", "address": MACHINES[self.machine].address, "prefix": 24}],
        }
        for name in request.facts:
            if name in values:
                self.say(contract.FactEvent(event="fact", id=request.id, name=name, status="ok", value=values[name]))
        self.say(contract.DoneEvent(event="done", id=request.id))


def result(window: str, key: str, outcome: str) -> contract.ResultEvent:
    return contract.ResultEvent.model_validate(
        {
            "event": "result",
            "id": window,
            "key": key,
            "outcome": outcome,
            "at": time.time(),
            "took_ms": 1.0,
            "local": "10.0.0.1",
            "local_port": 40001,
        }
    )


@dataclass
class Scripted:
    script: Script
    installed: bool = False

    def open(self, machine: str, agent: AgentName, inbox: Inbox) -> Agent:
        return Agent(machine, agent, inbox, self.script, self.installed)

    def describe(self, machine: str) -> str:
        return f"script {machine}"

    def close(self) -> None:
        pass


def run(script: Script, *probes: Probe, installed: bool = False) -> Recorder:
    recorder = Recorder()
    case = Case(
        "X01:src>dst",
        "X01",
        "other",
        "mandatory",
        "r",
        "d",
        "p",
        "tcp",
        (),
        "one",
        "src",
        "dst",
        frozenset(),
        "product",
        probes,
    )
    survey([case], MACHINES, Scripted(script, installed), SurveyOptions(probe_timeout_s=0.5), recorder)
    return recorder


PRODUCT = Probe("src", "dst", "10.0.0.2", "tcp", 5012, "product")
EXISTING = Probe("src", "dst", "10.0.0.2", "tcp", 636, "existing")


def test_a_refusal_with_a_living_listener_counts() -> None:
    seen = run(lambda _: False, PRODUCT).probes[PRODUCT.id]
    assert (seen.way, seen.listener, seen.attempts[-1].outcome) == ("listener", "up", "refused")


def test_a_listener_that_dies_after_the_answer_proves_nothing() -> None:
    """A host loses power: its listener is silent at once, the transport notices seconds later."""

    def script(turn: Turn) -> bool:
        if turn.agent == "listen" and isinstance(turn.request, contract.Close):
            turn.end()
            return True
        return False

    seen = run(script, PRODUCT).probes[PRODUCT.id]
    assert seen.way == "not-asked"
    assert "was gone before it could hear" in seen.detail


def test_a_window_that_ends_by_its_deadline_proves_nothing() -> None:
    def script(turn: Turn) -> bool:
        if turn.agent == "listen" and isinstance(turn.request, contract.Close):
            turn.say(contract.ClosedEvent(event="closed", id=turn.request.id, reason="deadline"))
            return True
        return False

    assert run(script, PRODUCT).probes[PRODUCT.id].way == "not-asked"


def test_answers_that_come_while_tables_are_read_are_kept() -> None:
    held: list[tuple[str, str]] = []
    sayers: dict[str, Say] = {}

    def script(turn: Turn) -> bool:
        if isinstance(turn.request, contract.Exchange):
            sayers["exchange"] = turn.say
            for probe in turn.request.probes:
                if probe.port == 5012:
                    turn.say(result(turn.request.id, probe.key, "accepted"))
                else:
                    held.append((turn.request.id, probe.key))
            return True
        if isinstance(turn.request, contract.Gather) and turn.request.id.endswith("-table"):
            for window, key in held:
                sayers["exchange"](result(window, key, "accepted"))
        return False

    recorder = run(script, PRODUCT, EXISTING, installed=True)
    assert recorder.probes[EXISTING.id].attempts[-1].outcome == "accepted"
    assert recorder.probes[PRODUCT.id].table_read
    assert recorder.probes[PRODUCT.id].table[0].peer_port == 40001


def test_a_port_that_was_in_use_for_a_moment_is_no_taken_port() -> None:
    def script(turn: Turn) -> bool:
        if isinstance(turn.request, contract.Listen):
            turn.say(contract.ListenerEvent(event="listener", id=turn.request.id, key="tcp/5012", status="in-use"))
            turn.say(contract.ReadyEvent(event="ready", id=turn.request.id))
            return True
        return False

    seen = run(script, PRODUCT).probes[PRODUCT.id]
    assert seen.way == "not-asked"
    assert "by nobody it shows" in seen.detail


def test_an_asking_agent_that_is_lost_is_told() -> None:
    def script(turn: Turn) -> bool:
        if isinstance(turn.request, contract.Exchange):
            turn.end()
            return True
        return False

    seen = run(script, PRODUCT).probes[PRODUCT.id]
    assert seen.way == "not-asked"
    assert "the asking agent on src was lost: the host went away" in seen.detail
