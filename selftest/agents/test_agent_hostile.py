"""No line kills an agent, and no fact, however bad, costs another."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from agent_start import greet, start
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runner import AgentProcess

from preflight.agents.scripts import agent_script

WORDS = [
    "do",
    "id",
    "hello",
    "beat",
    "gather",
    "listen",
    "close",
    "exchange",
    "release",
    "facts",
    "listeners",
    "probes",
]
WORDS += ["key", "protocol", "tcp", "udp", "address", "port", "timeout_s", "send", "token", "window_s", "services"]
ATOMS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(WORDS))
VALUES = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
)
REQUESTS = st.builds(
    lambda do, rest: {**rest, "do": do}, st.sampled_from(WORDS[2:9]), st.dictionaries(st.sampled_from(WORDS), VALUES)
)
LINES = st.one_of(
    st.binary(max_size=80),
    VALUES.map(lambda value: json.dumps(value).encode("ascii")),
    REQUESTS.map(lambda value: json.dumps(value).encode("ascii")),
)
HARD = [
    b"[" * 200_000,
    b'{"do":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"do":"exchange","id":"\\ud800","probes":[]}',
    b'{"do":"gather","id":"g","fact_deadline_s":1e999}',
    b'{"do":"gather","id":"g","fact_deadline_s":NaN}',
    b'{"do":"gather","id":"g","fact_deadline_s":' + b"9" * 5000 + b"}",
    b'{"do":"exchange","id":"x","probes":[{"key":"k","protocol":"tcp","address":"\\u0000","port":1,"timeout_s":1}]}',
    b'{"do":"exchange","id":"x","probes":[{"key":"k","protocol":"udp","address":"::ffff:127.0.0.1","port":0,"timeout_s":0}]}',
    b'{"do":"gather","id":"g","facts":["time"],"services":["' + b"(" * 3000 + b")" * 3000 + b'"]}',
]


@pytest.fixture(scope="module", params=["gather", "listen", "exchange"])
def agent(request: pytest.FixtureRequest) -> Iterator[AgentProcess]:
    """One agent for all the lines: what an earlier one broke would show in a later one."""
    agent = greet(start(request.param))
    yield agent
    agent.stop()


def lives(agent: AgentProcess) -> None:
    """The agent still answers and has not complained."""
    agent.say(do="sync", id="sync")
    while True:
        event = agent.next()
        if event["event"] == "fault" and event["id"] == "sync":
            break
    assert agent.complaints == b""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=LINES)
def test_any_line_leaves_the_agent_alive(agent: AgentProcess, line: bytes) -> None:
    agent.write(line + b"\n")
    lives(agent)


@pytest.mark.parametrize("line", HARD, ids=lambda line: ascii(line[:40]))
def test_hard_lines_leave_the_agent_alive(agent: AgentProcess, line: bytes) -> None:
    agent.write(line + b"\n")
    lives(agent)


def test_fact_that_hangs_or_fails_costs_itself_only() -> None:
    worse = b"FACTS['hangs'] = lambda _: time.sleep(60)\nFACTS['fails'] = lambda _: int('\\udcff')\n"
    worse += b"def _denied(_):\n    raise PermissionError('not for you')\nFACTS['denied'] = _denied\n"
    main = b'if __name__ == "__main__":'
    script = agent_script("gather")
    assert script.count(main) == 1
    agent = greet(start("gather", script=script.replace(main, worse + main)))
    try:
        names = ["hangs", "system", "fails", "denied", "addresses", "listeners", "sockets", "services", "time"]
        agent.say(do="gather", id="g", facts=names, fact_deadline_s=3)
        *facts, done = agent.until("done")
        assert done["id"] == "g"
        seen = {fact["name"]: fact["status"] for fact in facts}
        odd = {name: seen.pop(name) for name in ("hangs", "fails", "denied")}
        assert odd == {"hangs": "timeout", "fails": "error", "denied": "denied"}
        assert set(seen.values()) <= {"ok", "absent"}
        assert len(seen) == 6
        agent.say(do="gather", id="again", facts=["time"])
        assert agent.next()["status"] == "ok"
    finally:
        agent.stop()
