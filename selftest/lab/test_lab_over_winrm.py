"""The lab's Windows machines over the wire: pywinrm, our endpoint on loopback, scripts known by their hash."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from preflight.agents import contract, contract_facts
from preflight.agents.rounds import RoundSession
from preflight.agents.scripts import agent_script, powershell_command, powershell_feed
from preflight.agents.session import Inbox, SessionEnd
from preflight.lab.backend import lab_factory
from preflight.lab.over_winrm import LabWinRmBackend
from preflight.lab.world import World
from preflight.transports.base import EndOfAgent, PreflightBackend

PATIENCE_S = 60
Opener = Callable[..., LabWinRmBackend]


def no_secret(reference: object) -> Any:
    raise AssertionError(f"the lab needs no secret: {reference}")


@pytest.fixture
def windows(world: Callable[[str], World]) -> Iterator[Opener]:
    factories: dict[str, Any] = {}
    opened: list[PreflightBackend] = []

    def make(machine: str, scenario: str = "healthy") -> LabWinRmBackend:
        played = world(scenario)
        factory = factories.setdefault(scenario, lab_factory(played))
        backend = factory(played.topology.machines[machine], no_secret, None)
        assert isinstance(backend, LabWinRmBackend)
        opened.append(backend)
        return backend

    yield make
    for backend in opened:
        backend.close()


def run(backend: LabWinRmBackend, feed: bytes) -> tuple[list[bytes], EndOfAgent]:
    lines: list[bytes] = []
    ends: queue.SimpleQueue[EndOfAgent] = queue.SimpleQueue()
    backend.start(powershell_command(), feed, lines.append, ends.put)
    return lines, ends.get(timeout=PATIENCE_S)


def test_the_linux_machines_stay_off_the_wire(world: Callable[[str], World]) -> None:
    played = world("healthy")
    factory = lab_factory(played)
    made = {n: factory(m, no_secret, None) for n, m in played.topology.machines.items() if m.manage is not None}
    try:
        over = {name for name, backend in made.items() if isinstance(backend, LabWinRmBackend)}
        assert over == {name for name in made if played.places[name].system.family == "windows"}
        assert len(over) >= 5
        assert len(made) > len(over)
    finally:
        for backend in made.values():
            backend.close()


@pytest.mark.parametrize("machine", ["cml1", "sql1"], ids=["http", "https"])
def test_facts_come_over_the_wire(machine: str, windows: Opener) -> None:
    inbox: Inbox = queue.SimpleQueue()
    RoundSession(windows(machine), "gather", inbox).send(contract.Gather(id="g"))
    events: list[Any] = []
    while not any(isinstance(e, contract.DoneEvent) for e in events):
        events.append(inbox.get(timeout=PATIENCE_S)[2])
    assert {e.name for e in events if isinstance(e, contract.FactEvent)} == set(contract_facts.FACTS)


def test_a_script_that_is_not_ours_is_an_error_with_its_hash(windows: Opener) -> None:
    script = agent_script("gather", "powershell").replace(b"gather", b"gatherer", 1)
    lines, end = run(windows("cml1"), powershell_feed(script, [b'{"do":"hello"}']))
    assert not lines
    assert end.error is not None
    assert "knows no agent with the hash" in end.error.cause


def test_commands(windows: Opener) -> None:
    lab = windows("cml1")
    assert (lab.run("hostname").stdout.strip(), lab.run("hostname").rc) == ("cml1", 0)
    refused = lab.run("Get-Service %s", "Spooler")
    assert refused.rc == 127
    assert "the lab runs no commands" in refused.stderr


@pytest.mark.parametrize(
    ("scenario", "machine", "kind", "words"),
    [
        ("wrong-password", "cml2", "auth", "did not accept the login"),
        ("certificate-expired", "crs1", "tls", "has expired"),
        ("shell-quota-used-up", "ors1", "quota", "shells"),
        ("constrained-language", "cml1", "language-mode", "ConstrainedLanguage"),
    ],
)
def test_a_broken_way_is_told_in_a_sentence(
    scenario: str, machine: str, kind: str, words: str, windows: Opener
) -> None:
    inbox: Inbox = queue.SimpleQueue()
    RoundSession(windows(machine, scenario), "gather", inbox).send(contract.Gather(id="g"))
    _, _, end = inbox.get(timeout=PATIENCE_S)
    assert isinstance(end, SessionEnd)
    assert end.error is not None
    assert end.error.kind == kind
    assert words in end.error.cause
    assert end.error.remedy


def test_nothing_listens_once_the_last_machine_is_closed(windows: Opener) -> None:
    one, other = windows("cml1"), windows("cml2")
    assert one.manage.port == other.manage.port
    address = ("127.0.0.1", one.manage.port or 0)
    one.close()
    socket.create_connection(address, 5).close()
    other.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 5)
