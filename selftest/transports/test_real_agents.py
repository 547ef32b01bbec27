"""The real agents over a real ssh: three of them on one connection, and gone when the controller is cut off."""

from __future__ import annotations

import queue
import shutil

import pytest
from sshd import LocalSshd
from standin import Open

from preflight.agents import contract
from preflight.agents.session import AgentSession, Inbox, SessionEnd


@pytest.mark.skipif(not shutil.which("python3"), reason="no python3 on the PATH, as a target would have")
def test_all_three_agents_share_a_connection(sshd: LocalSshd, opened: Open) -> None:
    backend = opened(sshd.machine())
    inbox: Inbox = queue.SimpleQueue()
    sessions = []
    for agent in ("gather", "exchange", "listen"):
        sessions.append(AgentSession(backend, agent, inbox, 60))
        machine, name, event = inbox.get(timeout=30)
        assert (machine, name) == ("host1", agent)
        assert isinstance(event, contract.HelloEvent), event
        assert event.agent == agent
    sessions[0].send(contract.Gather(id="facts", facts=("system",)))
    fact, done = (inbox.get(timeout=30)[2] for _ in range(2))
    assert isinstance(fact, contract.FactEvent)
    assert fact.status == "ok", fact
    assert isinstance(done, contract.DoneEvent)
    assert (sshd.connections(), sshd.sessions()) == (1, 3)
    for session in sessions:
        session.close()
    ends = [inbox.get(timeout=30)[2] for _ in range(3)]
    assert all(isinstance(end, SessionEnd) and end.error is None for end in ends), ends
