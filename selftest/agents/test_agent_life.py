"""An agent dies with its controller, its heartbeat or its time, and what it opened goes with it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from agent_start import greet, start
from runner import PATIENCE_S, AgentProcess, free_port

from preflight.agents.scripts import agent_script, bootstrap_command

TOKEN = "0123456789abcdef"  # noqa: S105 - of a run, no secret
# Puts itself between the test and an agent, as pytest or ssh does, and is then killed.
PARENT = """
import subprocess, sys, time
argv, file = sys.argv[2:], sys.argv[1]
agent = subprocess.Popen(argv, stdin=subprocess.PIPE)
with open(file, "rb") as lines:
    agent.stdin.write(lines.read())
agent.stdin.flush()
time.sleep(600)
"""


def connects(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as sock:
        sock.settimeout(PATIENCE_S)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def open_window(agent: AgentProcess) -> int:
    """A listener that stands; its port."""
    port = free_port("tcp")
    line = {"key": "k", "protocol": "tcp", "port": port, "prove": "127.0.0.1"}
    agent.say(do="listen", id="w", token=TOKEN, window_s=30, listeners=[line])
    assert agent.next()["status"] == "up"
    assert agent.next()["event"] == "ready"
    return port


def test_end_of_stdin_ends_the_agent_and_its_listener() -> None:
    agent = greet(start("listen"))
    try:
        port = open_window(agent)
        assert connects(port)
    finally:
        agent.stop()  # hangs up, and waits for the agent to end by itself
    assert agent.process.returncode == 0
    assert not connects(port)


@pytest.mark.parametrize(("greeting", "code"), [({"heartbeat_s": 0.6}, 4), ({"life_s": 0.8}, 5)])
def test_lost_heartbeat_and_end_of_life_end_the_agent(greeting: dict[str, float], code: int) -> None:
    agent = greet(start("listen"), **greeting)
    try:
        assert agent.process.wait(PATIENCE_S) == code
    finally:
        agent.stop()
    assert agent.complaints == b""


def feed(agent: AgentProcess, *requests: dict[str, object]) -> AgentProcess:
    """Says everything at once, then hangs up."""
    agent.write(b"".join(json.dumps(request).encode() + b"\n" for request in requests))
    assert agent.process.stdin is not None
    agent.process.stdin.close()
    return agent


def test_asked_to_finish_the_agent_does_its_work_after_stdin_has_ended() -> None:
    port = free_port("tcp")
    line = {"key": "k", "protocol": "tcp", "port": port, "prove": "127.0.0.1"}
    hello = {"do": "hello", "finish": True, "heartbeat_s": 0.5}  # beats end with stdin
    listen = {"do": "listen", "id": "w", "token": TOKEN, "window_s": 2, "listeners": [line]}
    agent = feed(start("listen"), hello, listen)
    try:
        agent.until("ready")
        assert connects(port)
        assert agent.until("closed")[-1]["reason"] == "deadline"
        assert agent.process.wait(PATIENCE_S) == 0
        assert not connects(port)
    finally:
        agent.stop()


def test_asked_to_finish_the_agent_still_ends_with_its_life() -> None:
    listen = {"do": "listen", "id": "w", "token": TOKEN, "window_s": 30, "listeners": []}
    agent = feed(start("listen"), {"do": "hello", "finish": True, "life_s": 0.6}, listen)
    try:
        assert agent.process.wait(PATIENCE_S) == 5
    finally:
        agent.stop()


def test_not_asked_to_finish_the_agent_leaves_with_work_undone() -> None:
    listen = {"do": "listen", "id": "w", "token": TOKEN, "window_s": 30, "listeners": []}
    agent = feed(start("listen"), {"do": "hello"}, listen)
    try:
        assert agent.process.wait(PATIENCE_S) == 0
        assert all(event["event"] != "closed" for event in agent.seen)
    finally:
        agent.stop()


def test_beats_keep_the_agent_alive() -> None:
    agent = greet(start("listen"), heartbeat_s=1.5)
    try:
        until = time.monotonic() + 3
        while time.monotonic() < until:
            agent.say(do="beat")
            time.sleep(0.2)
        agent.say(do="is-there-life")
        assert agent.next()["event"] == "fault"
    finally:
        agent.stop()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is of POSIX")
def test_killed_parent_takes_agent_and_listener_along(tmp_path: Path) -> None:
    port = free_port("tcp")
    script = agent_script("listen")
    line = {"key": "k", "protocol": "tcp", "port": port, "prove": "127.0.0.1"}
    listen = {"do": "listen", "id": "w", "token": TOKEN, "window_s": 30, "listeners": [line]}
    file = tmp_path / "requests"
    file.write_bytes(script + b'{"do": "hello"}\n' + json.dumps(listen).encode() + b"\n")
    argv = [sys.executable, "-c", PARENT, str(file), *bootstrap_command(sys.executable, script)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as parent:
        try:
            assert parent.stdout is not None
            assert json.loads(parent.stdout.readline())["event"] == "hello"
            assert json.loads(parent.stdout.readline())["status"] == "up"
            assert connects(port)
        finally:
            parent.kill()
            parent.wait()
        parent.stdout.read()  # ends when the agent, too, has let go of the pipe: it is gone
    assert not connects(port)


def test_window_closes_in_time_though_nobody_reads_what_the_agent_says() -> None:
    port = free_port("tcp")
    script = agent_script("listen")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(bootstrap_command(sys.executable, script), **pipes) as process:  # type: ignore[call-overload]
        line = {"key": "k" * 100_000, "protocol": "tcp", "port": port}
        listen = {"do": "listen", "id": "w", "token": TOKEN, "window_s": 2, "listeners": [line]}
        process.stdin.write(script + b'{"do": "hello"}\n' + json.dumps(listen).encode() + b"\n")
        process.stdin.flush()
        until = time.monotonic() + PATIENCE_S
        while not connects(port):
            assert time.monotonic() < until, "the listener did not open"
        while connects(port):
            assert time.monotonic() < until, "the listener stayed"
            time.sleep(0.1)
        assert process.poll() is None


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the alarm clock is of POSIX")
def test_agent_dies_even_when_its_interpreter_is_held() -> None:
    main = b'if __name__ == "__main__":'
    endless = b"FACTS['endless'] = lambda _: re.match('(a+)+$', 'a' * 60 + 'b')\n"  # never lets another thread run
    agent = greet(start("gather", script=agent_script("gather").replace(main, endless + main)), heartbeat_s=1)
    try:
        agent.say(do="gather", id="g", facts=["endless"], fact_deadline_s=1)
        assert agent.process.wait(PATIENCE_S) == -signal.SIGALRM
    finally:
        agent.stop()
