"""RoundSession end to end: pywinrm, our endpoint, a real PowerShell, the real agents, real sockets on loopback."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable
from typing import TypeVar

import pytest
from winrm_ground import WRONG, find_pwsh, machine_at, opened, until

from preflight.agents import contract
from preflight.agents.round_requests import life_of, parted
from preflight.agents.rounds import RoundSession
from preflight.agents.session import Inbox, SessionEnd
from preflight.errors import InputError
from preflight.lab.wsman.server import Endpoint
from preflight.topology.credentials import Secret
from preflight.transports.winrm import WinRmBackend

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(find_pwsh() is None, reason="no PowerShell: neither ../shared/tools/pwsh nor pwsh on the PATH"),
]
TOKEN = "0123456789abcdef"  # noqa: S105 - no secret, the run's mark
E = TypeVar("E")


@pytest.fixture
def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def upto(inbox: Inbox, kind: type[E], also: Callable[[E], bool] = lambda _: True) -> tuple[E, list[object]]:
    """The next event of that kind, and all that came before it."""
    before: list[object] = []
    while True:
        _, _, event = inbox.get(timeout=60)
        if isinstance(event, kind) and also(event):
            return event, before
        assert not isinstance(event, SessionEnd), event.error
        before.append(event)


def shut(port: int) -> bool:
    """Whether nobody listens there any more."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


def probe(key: str, port: int, **more: object) -> contract.ProbeRequest:
    return contract.ProbeRequest.model_validate(
        {"key": key, "protocol": "tcp", "address": "127.0.0.1", "port": port, "timeout_s": 5, **more}
    )


def test_a_window_hears_a_prober_and_is_closed_when_asked(endpoint: Endpoint, free_port: int) -> None:
    inbox: Inbox = queue.SimpleQueue()
    with opened(endpoint) as backend:
        listen, exchange = RoundSession(backend, "listen", inbox), RoundSession(backend, "exchange", inbox)
        want = contract.ListenerRequest(key="T", protocol="tcp", port=free_port, prove="127.0.0.1")
        listen.send(contract.Listen(id="w", token=TOKEN, window_s=28, listeners=(want,)))
        _, before = upto(inbox, contract.ReadyEvent)
        assert [e.status for e in before if isinstance(e, contract.ListenerEvent)] == ["up"]
        words = f"PREFLIGHT/1 {TOKEN} n1\n".encode().hex()
        exchange.send(contract.Exchange(id="x", probes=(probe("n1", free_port, send=words, read_s=2),)))
        events: list[object] = []
        while not {contract.HeardEvent, contract.DoneEvent} <= {type(e) for e in events}:
            events.append(inbox.get(timeout=60)[2])
        heard = next(e for e in events if isinstance(e, contract.HeardEvent))
        result = next(e for e in events if isinstance(e, contract.ResultEvent))
        assert (heard.nonce, heard.port) == ("n1", result.local_port)
        assert bytes.fromhex(result.received) == f"PREFLIGHT/1 {TOKEN} heard n1\n".encode()
        listen.send(contract.Close(id="w"))
        closed, _ = upto(inbox, contract.ClosedEvent)
        assert closed.reason == "asked"
        until(endpoint, lambda: shut(free_port))
        hellos = [e for e in (*before, *events) if isinstance(e, contract.HelloEvent)]
        assert len(hellos) == 2, "one for each agent, however many processes"


def test_a_window_that_ended_by_its_own_clock_was_not_asked(endpoint: Endpoint, free_port: int) -> None:
    inbox: Inbox = queue.SimpleQueue()
    with opened(endpoint) as backend:
        listen = RoundSession(backend, "listen", inbox)
        want = contract.ListenerRequest(key="T", protocol="tcp", port=free_port)
        listen.send(contract.Listen(id="w", token=TOKEN, window_s=1, listeners=(want,)))
        closed, _ = upto(inbox, contract.ClosedEvent)
        assert closed.reason == "deadline"
        listen.send(contract.Close(id="w"))  # too late, and no word about it
        listen.send(contract.Listen(id="v", token=TOKEN, window_s=1, listeners=(want,)))
        closed, before = upto(inbox, contract.ClosedEvent)
        assert (closed.id, closed.reason) == ("v", "deadline")
        assert not [e for e in before if isinstance(e, contract.ClosedEvent)]


def test_held_connections_end_with_their_release(endpoint: Endpoint) -> None:
    inbox: Inbox = queue.SimpleQueue()
    with opened(endpoint) as backend, socket.create_server(("127.0.0.1", 0)) as server:
        exchange = RoundSession(backend, "exchange", inbox)
        exchange.send(contract.Exchange(id="x", probes=(probe("a", server.getsockname()[1], hold_s=60),)))
        upto(inbox, contract.DoneEvent)
        peer, _ = server.accept()
        with peer:
            peer.settimeout(0.5)
            with pytest.raises(TimeoutError):
                peer.recv(1)
            exchange.send(contract.Release(id="x"))
            peer.settimeout(60)
            assert peer.recv(1) == b""
        exchange.send(contract.Exchange(id="y", probes=()))
        upto(inbox, contract.DoneEvent, lambda e: e.id == "y")


def test_a_release_waits_for_what_is_still_asked(endpoint: Endpoint) -> None:
    inbox: Inbox = queue.SimpleQueue()
    with opened(endpoint) as backend, socket.create_server(("127.0.0.1", 0)) as server:
        exchange = RoundSession(backend, "exchange", inbox)
        probes = (probe("a", server.getsockname()[1], hold_s=60), probe("b", server.getsockname()[1], read_s=2))
        exchange.send(contract.Exchange(id="x", probes=probes))
        exchange.send(contract.Release(id="x"))
        _, before = upto(inbox, contract.DoneEvent)
        assert {e.key for e in before if isinstance(e, contract.ResultEvent)} == {"a", "b"}
        until(endpoint, lambda: endpoint.stats.view().commands_running == {})


def test_a_host_that_lets_nobody_in_is_lost_once(endpoint: Endpoint) -> None:
    inbox: Inbox = queue.SimpleQueue()
    with opened(endpoint, secret=WRONG) as backend:
        gather = RoundSession(backend, "gather", inbox)
        gather.send(contract.Gather(id="g", facts=("time",)))
        _, _, event = inbox.get(timeout=60)
        assert isinstance(event, SessionEnd)
        assert event.error is not None
        assert event.error.kind == "auth"
        gather.send(contract.Gather(id="h", facts=("time",)))
    assert inbox.empty()


def test_a_password_that_cannot_be_had_loses_the_host_and_not_the_survey(endpoint: Endpoint) -> None:
    def nowhere(_: object) -> Secret:
        raise InputError("the environment has no variable CML1_PASSWORD")

    inbox: Inbox = queue.SimpleQueue()
    backend = WinRmBackend(machine_at(endpoint), nowhere)
    RoundSession(backend, "gather", inbox).send(contract.Gather(id="g"))
    _, _, event = inbox.get(timeout=60)
    backend.close()
    assert isinstance(event, SessionEnd)
    assert event.error is not None
    assert (event.error.kind, "CML1_PASSWORD" in event.error.cause) == ("secret", True)


def test_an_agent_killed_in_mid_answer_is_lost_and_says_so(endpoint: Endpoint, free_port: int) -> None:
    inbox: Inbox = queue.SimpleQueue()
    with opened(endpoint) as backend:
        listen = RoundSession(backend, "listen", inbox)
        want = contract.ListenerRequest(key="T", protocol="tcp", port=free_port)
        listen.send(contract.Listen(id="w", token=TOKEN, window_s=28, listeners=(want,)))
        upto(inbox, contract.ReadyEvent)
        endpoint.close()  # the host goes away
        while True:
            _, _, event = inbox.get(timeout=60)
            if isinstance(event, SessionEnd):
                break
            assert not isinstance(event, contract.ClosedEvent), "nobody can know that it stood until the end"
        assert event.error is not None


def test_life_covers_what_was_asked() -> None:
    listen = contract.Listen(id="w", token=TOKEN, window_s=28, listeners=())
    assert 28 < life_of(listen) <= 60
    many = contract.Exchange(id="x", concurrency=2, probes=tuple(probe(str(i), 1, hold_s=10) for i in range(5)))
    assert 45 < life_of(many) <= 61
    assert life_of(contract.Gather(id="g", fact_deadline_s=10)) == 60
    assert 180 < life_of(contract.Gather(id="g", fact_deadline_s=90)) <= 200, "a read may begin at its deadline's end"


def test_a_window_that_may_have_ended_by_itself_was_not_asked(endpoint: Endpoint, free_port: int) -> None:
    """The host confirms the end of a command that was over already: its listeners had not stood until then."""
    inbox: Inbox = queue.SimpleQueue()
    with opened(endpoint) as backend:
        listen = RoundSession(backend, "listen", inbox)
        want = contract.ListenerRequest(key="T", protocol="tcp", port=free_port)
        listen.send(contract.Listen(id="w", token=TOKEN, window_s=2, listeners=(want,)))
        one = listen._rounds["w"]
        one.began -= 60
        upto(inbox, contract.ReadyEvent)
        listen.send(contract.Close(id="w"))
        closed, _ = upto(inbox, contract.ClosedEvent)
        assert closed.reason == "deadline"


def test_an_exchange_too_long_for_one_request_is_asked_in_parts(
    endpoint: Endpoint, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preflight.agents.rounds.parted", lambda request: parted(request, 900))
    inbox: Inbox = queue.SimpleQueue()
    asked = contract.Exchange(id="x", concurrency=4, probes=tuple(probe(f"k{i}", free_port) for i in range(20)))
    assert len(parted(asked, 900)) > 3
    with opened(endpoint) as backend:
        exchange = RoundSession(backend, "exchange", inbox)
        exchange.send(asked)
        done, before = upto(inbox, contract.DoneEvent)
    results = [e for e in before if isinstance(e, contract.ResultEvent)]
    assert done.id == "x"
    assert {e.id for e in results} == {"x"}
    assert sorted(e.key for e in results) == sorted(p.key for p in asked.probes)
    assert sum(endpoint.stats.view().commands_ever.values()) == 1  # one process
