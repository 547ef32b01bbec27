"""Sessions: hello, events and their checks, beats, and one end."""

from __future__ import annotations

import queue

import pytest
from standin import HELLO, Open, starter

from preflight.agents import contract
from preflight.agents.rounds import open_session
from preflight.agents.session import AgentSession, Beater, Inbox, Launch, SessionEnd
from preflight.errors import TransportError
from preflight.topology.model import Machine, Manage

HERE = Machine("here", frozenset({"cml"}), "127.0.0.1", "main", None, Manage(by="local", address="127.0.0.1"))
STAY = b"sys.stdin.read()\n"


def scripted(body: bytes) -> Launch:
    """An agent made of HELLO's helpers and that body."""

    def launch(_agent: str, python: str) -> tuple[list[str], bytes]:
        script = HELLO + body
        return starter(python, script), script

    return launch


def told(inbox: Inbox) -> list[contract.Event | SessionEnd]:
    """Everything up to the end."""
    events: list[contract.Event | SessionEnd] = []
    while not events or not isinstance(events[-1], SessionEnd):
        machine, agent, event = inbox.get(timeout=30)
        assert (machine, agent) == ("here", "gather")
        events.append(event)
    with pytest.raises(queue.Empty):
        inbox.get_nowait()
    return events


def failed(opened: Open, body: bytes) -> SessionEnd:
    """The end of a session whose agent says that, which has to be an error."""
    inbox: Inbox = queue.SimpleQueue()
    AgentSession(opened(HERE), "gather", inbox, 60, launch=scripted(body))
    end = told(inbox)[-1]
    assert isinstance(end, SessionEnd)
    assert end.error is not None
    return end


def test_an_agent_that_its_language_has_not_is_not_started(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(HERE)
    monkeypatch.setattr(backend, "start", lambda *_: pytest.fail("started"))
    with pytest.raises(TransportError) as caught:
        open_session(backend, "scan", queue.SimpleQueue(), 60)
    assert (caught.value.kind, caught.value.cause) == ("no-agent", "here is asked in Python, which has no scan agent.")


def test_requests_go_out_and_events_come_in(opened: Open) -> None:
    body = b"""
first = json.loads(sys.stdin.buffer.readline())
assert first == dict(do="hello", contract=1, heartbeat_s=8.0, life_s=77.0, finish=False), first
say(**hello)
for line in sys.stdin.buffer:
    request = json.loads(line)
    if request["do"] == "gather":
        say(event="done", id=request["id"])
"""
    inbox: Inbox = queue.SimpleQueue()
    session = AgentSession(opened(HERE), "gather", inbox, 77, launch=scripted(body))
    session.send(contract.Gather(id="facts"))
    first, second = (inbox.get(timeout=30)[2] for _ in range(2))
    assert isinstance(first, contract.HelloEvent)
    assert second == contract.DoneEvent(event="done", id="facts")
    session.close()
    assert told(inbox) == [SessionEnd("here", "gather", None)]


def test_beats_arrive_until_the_session_is_closed(opened: Open) -> None:
    body = b"""
say(**hello)
sys.stdin.readline()
for number, line in enumerate(sys.stdin):
    say(event="done", id=json.loads(line)["do"])
"""
    inbox: Inbox = queue.SimpleQueue()
    beater = Beater(0.01)
    backend = opened(HERE)
    sessions = [AgentSession(backend, "gather", inbox, 60, beater=beater, launch=scripted(body)) for _ in range(2)]
    beats = 0
    while beats < 6:
        event = inbox.get(timeout=30)[2]
        beats += event == contract.DoneEvent(event="done", id="beat")
    for session in sessions:
        session.close()
    ends = 0
    while ends < 2:
        ends += isinstance(inbox.get(timeout=30)[2], SessionEnd)
    assert beater._processes == set()


def test_what_a_login_script_prints_is_passed_over(opened: Open) -> None:
    inbox: Inbox = queue.SimpleQueue()
    AgentSession(opened(HERE), "gather", inbox, 60, launch=scripted(b"print('Welcome!')\nprint()\nsay(**hello)\n"))
    assert [type(event) for event in told(inbox)] == [contract.HelloEvent, SessionEnd]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"hello.update(contract=2); say(**hello)\n", "contract 2"),
        (b"hello.update(agent='listen'); say(**hello)\n", "listen agent"),
        (b"say(event='done', id='x')\n", "before hello"),
        (b"say(**hello); print('no json', flush=True)\n", "Invalid JSON"),
        (b"say(**hello); say(event='surprise')\n", "event"),
        (b"say(**hello); say(event='done', id='x', extra=1)\n", "extra"),
        (b"say(**hello); print('[' * 100000, flush=True)\n", "Invalid JSON"),
        (b"print('noise\\n' * 60, flush=True)\n", "Invalid JSON"),
        (b"say(**hello); say(event='\\x1b[31m' + 'x' * 9999)\n", "Input tag 'xxx"),
    ],
)
def test_what_the_contract_does_not_know_ends_the_session(opened: Open, body: bytes, words: str) -> None:
    error = failed(opened, body + STAY).error
    assert error is not None
    assert error.kind == "contract"
    assert words in error.cause
    assert "\x1b" not in error.cause
    assert len(error.cause) < 400
    assert type(error.__cause__).__name__ == "ContractError"


def test_nothing_is_handed_on_after_a_bad_line(opened: Open) -> None:
    inbox: Inbox = queue.SimpleQueue()
    body = b"say(**hello); sys.stdout.write('bad\\n'); say(event='done', id='x')\n"
    AgentSession(opened(HERE), "gather", inbox, 60, launch=scripted(body + STAY))
    assert [type(event) for event in told(inbox)] == [contract.HelloEvent, SessionEnd]


def test_an_agent_that_leaves_before_hello(opened: Open) -> None:
    error = failed(opened, b"pass\n").error
    assert error is not None
    assert error.kind == "ended"


def test_an_agent_that_breaks_down(opened: Open) -> None:
    error = failed(opened, b"say(**hello)\nraise MemoryError('all gone')\n").error
    assert error is not None
    assert "all gone" in error.cause
