"""The lab through the suite's own sessions: start, talk, end, and the machines that cannot be reached."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import pytest

from preflight.agents import contract, contract_facts
from preflight.agents.session import AgentSession, Inbox, SessionEnd
from preflight.errors import TransportError
from preflight.lab.backend import LabBackend, lab_factory
from preflight.lab.world import World
from preflight.transports.registry import open_backend, register

PATIENCE_S = 20


@pytest.fixture
def backend(world: Callable[[str], World]) -> Callable[..., LabBackend]:
    factories: dict[str, Any] = {}

    def make(machine: str, scenario: str = "healthy") -> LabBackend:
        played = world(scenario)
        factory = factories.setdefault(scenario, lab_factory(played, wire=False))
        register("lab", factory)
        made = open_backend(played.topology.machines[machine], _no_secret, None)
        assert isinstance(made, LabBackend)
        return made

    return make


def _no_secret(reference: object) -> Any:
    raise AssertionError(f"the lab needs no secret: {reference}")


def until(inbox: Inbox, *kinds: str) -> list[Any]:
    """Everything that arrives, up to the last of the kinds."""
    wanted, found = set(kinds), []
    while wanted:
        event = inbox.get(timeout=PATIENCE_S)[2]
        found.append(event)
        wanted.discard(getattr(event, "event", "end"))
    return found


def test_a_session_gathers_and_ends(backend: Callable[..., LabBackend]) -> None:
    inbox: Inbox = queue.SimpleQueue()
    session = AgentSession(backend("cml1"), "gather", inbox, 60.0)
    session.send(contract.Gather(id="g"))
    events = until(inbox, "done")
    assert events[0].event == "hello"
    assert {e.name for e in events if e.event == "fact"} == set(contract_facts.FACTS)
    session.close()
    assert until(inbox, "end") == [SessionEnd("cml1", "gather")]


def test_two_sessions_share_one_network(backend: Callable[..., LabBackend]) -> None:
    inbox: Inbox = queue.SimpleQueue()
    ear = AgentSession(backend("cml2"), "listen", inbox, 60.0)
    mouth = AgentSession(backend("cml1"), "exchange", inbox, 60.0)
    run = "0123456789abcdef"
    wanted = contract.ListenerRequest(key="l", protocol="tcp", port=4111, prove="10.10.1.12")
    ear.send(contract.Listen(id="w", token=run, window_s=20, listeners=(wanted,)))
    until(inbox, "ready")
    said = f"PREFLIGHT/1 {run} n7\n".encode().hex()
    asked = contract.ProbeRequest(
        key="p", protocol="tcp", address="10.10.1.12", port=4111, timeout_s=5, send=said, read_s=5
    )
    mouth.send(contract.Exchange(id="x", probes=(asked,)))
    events = until(inbox, "heard", "result")
    assert {getattr(e, "nonce", "n7") for e in events} == {"n7"}
    ear.close()
    mouth.close()
    assert {end.error for end in until(inbox, "end") + until(inbox, "end") if isinstance(end, SessionEnd)} == {None}


def test_an_unreachable_machine_ends_with_its_cause(backend: Callable[..., LabBackend]) -> None:
    inbox: Inbox = queue.SimpleQueue()
    AgentSession(backend("cml2", "cml-node-unreachable"), "gather", inbox, 60.0)
    (end,) = until(inbox, "end")
    assert (end.machine, end.error.kind) == ("cml2", "unreachable")
    with pytest.raises(TransportError, match="cml2 did not answer"):
        backend("cml2", "cml-node-unreachable").run("hostname")


def test_a_foreign_script_is_an_error(backend: Callable[..., LabBackend]) -> None:
    with pytest.raises(TransportError, match="none of its agents"):
        backend("cml1").start(["python3"], b"print('hello')\n", lambda _: None, lambda _: None)


def test_commands(backend: Callable[..., LabBackend]) -> None:
    lab = backend("cml1")
    assert (lab.run("hostname").stdout, lab.run("true").rc) == ("cml1\n", 0)
    refused = lab.run("systemctl status %s", "cups")
    assert refused.rc == 127
    assert "the lab runs no commands" in refused.stderr


def test_a_killed_agent_ends_once(backend: Callable[..., LabBackend]) -> None:
    inbox: Inbox = queue.SimpleQueue()
    lab = backend("cml1")
    session = AgentSession(lab, "listen", inbox, 60.0)
    until(inbox, "hello")
    lab.close()
    session.close()
    assert len(until(inbox, "end")) == 1
    with pytest.raises(queue.Empty):
        inbox.get(timeout=0.2)
