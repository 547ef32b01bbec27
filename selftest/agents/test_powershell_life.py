"""A PowerShell agent ends in time, whatever it is fed and whoever reads; and stays within its bounds."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from agent_world import Server
from batch_runner import BatchProcess
from powershell_start import powershell
from runner import PATIENCE_S, free_port

from preflight.agents.contract import ProbeRequest
from preflight.agents.scripts import AgentName, agent_script, powershell_command, powershell_feed

TOKEN = "0123456789abcdef"  # noqa: S105 - of a run, no secret
HELLO = {"do": "hello", "contract": 1, "life_s": 60, "finish": True}
END = b"exit (Start-Agent"


def start(name: AgentName, *requests: dict[str, Any] | bytes, worse: bytes = b"") -> BatchProcess:
    """An agent that has been asked everything; `worse` goes in before its last command."""
    script = agent_script(name, "powershell")
    assert script.count(END) == 1
    lines = [line if isinstance(line, bytes) else json.dumps(line).encode("ascii") for line in requests]
    return BatchProcess(powershell_command(powershell()), powershell_feed(script.replace(END, worse + END), lines))


def window(port: int, key: str = "k", **more: Any) -> dict[str, Any]:
    """A request for one listener."""
    line = {"key": key, "protocol": "tcp", "port": port, "prove": "127.0.0.1"}
    return {"do": "listen", "id": "w", "token": TOKEN, "window_s": 20, "listeners": [line], **more}


def probe(key: str, server: Server, **more: Any) -> dict[str, Any]:
    """A probe of a server of the world."""
    protocol = server.kind.partition("-")[0]
    return {"key": key, "protocol": protocol, "address": "127.0.0.1", "port": server.port, "timeout_s": 5, **more}


def connects(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as sock:
        sock.settimeout(PATIENCE_S)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def test_end_of_life_ends_the_agent_and_its_window() -> None:
    port = free_port("tcp")
    agent = start("listen", {**HELLO, "life_s": 3}, window(port))
    try:
        agent.until("ready")
        assert connects(port)
        assert agent.process.wait(PATIENCE_S) == 5
        assert not connects(port)
    finally:
        agent.stop()


def test_agent_dies_even_when_its_only_thread_is_held() -> None:
    worse = b"function Receive-Exchange($request) { while ($true) { [Threading.Thread]::Sleep(1000) } }\n"
    agent = start("exchange", {**HELLO, "life_s": 0.5}, {"do": "exchange", "id": "x", "probes": []}, worse=worse)
    try:
        assert agent.process.wait(PATIENCE_S) not in (0, 5)  # killed from within; the number is the system's
    finally:
        agent.stop()


def test_killed_agent_leaves_no_listener() -> None:
    port = free_port("tcp")
    agent = start("listen", HELLO, window(port))
    try:
        agent.until("ready")
        assert connects(port)
        agent.process.kill()
        agent.process.wait(PATIENCE_S)
        assert not connects(port)
    finally:
        agent.stop()


def test_window_closes_in_time_though_nobody_reads_what_the_agent_says() -> None:
    port = free_port("tcp")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    lines = [HELLO, window(port, key="k" * 300_000, window_s=6)]
    feed = powershell_feed(agent_script("listen", "powershell"), [json.dumps(line).encode("ascii") for line in lines])
    with subprocess.Popen(powershell_command(powershell()), **pipes) as process:  # type: ignore[call-overload]
        process.stdin.write(feed)
        process.stdin.close()
        until = time.monotonic() + PATIENCE_S
        while not connects(port):
            assert time.monotonic() < until, "the listener did not open"
            time.sleep(0.05)
        while connects(port):
            assert time.monotonic() < until, "the listener stayed"
            time.sleep(0.1)
        assert process.poll() is None  # it still wants to be heard
        events = [json.loads(line)["event"] for line in process.stdout]
    assert events == ["hello", "listener", "ready", "closed"]


def test_hostile_lines_are_faults_and_cost_no_other_request() -> None:
    hard = [
        b"[" * 200_000,
        b'{"do":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"do":"exchange","id":"s","probes":[],"id2":"\\ud800"}',
        b'{"do":"exchange","id":"s","concurrency":1e999,"probes":[]}',
        b'{"do":"exchange","id":"s","concurrency":NaN,"probes":[]}',
        b'{"do":"exchange","id":"s","concurrency":' + b"9" * 5000 + b',"probes":[]}',
        b'{"do":"exchange","id":"s","probes":[null]}',
        b'{"do":"exchange","id":"s","probes":[[]]}',
        b'{"do":"exchange","id":"s","probes":{"key":"k"}}',
        b'{"do":"exchange","id":"s","Probes":[]}',
        b'{"do":null}',
        b"null",
        b"7",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"do":"exchange","id":"s","probes":["' + b"x" * 2_200_000 + b'"]}',
        b"{'do':'exchange'",
    ]
    agent = start("exchange", HELLO, *hard, {"do": "exchange", "id": "last", "probes": []})
    try:
        events = agent.until("done")
        assert [event["event"] for event in events] == ["hello", *["fault"] * len(hard), "done"]
        assert agent.finish() == 0
        assert agent.complaints == b""
    finally:
        agent.stop()


def test_event_that_is_too_long_becomes_a_fault() -> None:
    worse = (
        b"function Receive-Exchange($request) { Send-Event 'done' ([ordered]@{ id = 'y'.PadRight(5000000, 'y') }) }\n"
    )
    agent = start("exchange", HELLO, {"do": "exchange", "id": "x", "probes": []}, worse=worse)
    try:
        fault = agent.until("fault")[-1]
        assert fault["id"] == "y" * 200
        assert "an event done of 5000025 bytes is longer than the contract allows" in fault["text"]
        assert agent.finish() == 0
    finally:
        agent.stop()


def test_probes_as_the_controller_writes_them_are_not_read_field_by_field() -> None:
    worse = b"$script:ProbeFields = [ordered]@{ none = @('text') }\n"  # by which every probe would be refused
    server = Server("tcp-mute")
    asked = ProbeRequest(key="k", protocol="tcp", address="127.0.0.1", port=server.port, timeout_s=5.5)
    probes = [asked.model_dump(mode="json")]
    agent = start("exchange", HELLO, {"do": "exchange", "id": "x", "probes": probes}, worse=worse)
    try:
        result = agent.until("result")[-1]
        assert (result["key"], result["outcome"]) == ("k", "accepted")
    finally:
        agent.stop()


def test_trouble_in_the_work_is_a_fault_and_the_agent_leaves() -> None:
    worse = b"function Step-Held($batch) { throw [InvalidOperationException]::new('no luck') }\n"
    agent = start("exchange", HELLO, {"do": "exchange", "id": "x", "probes": []}, worse=worse)
    try:
        fault = agent.until("fault")[-1]
        assert (fault["id"], fault["text"]) == ("x", "exchange failed: InvalidOperationException: no luck")
        assert agent.finish() == 0
    finally:
        agent.stop()


@pytest.mark.parametrize("count", [1000])
def test_many_probes_are_all_reported_once(count: int) -> None:
    servers = [Server(kind) for kind in ("tcp-echo", "tcp-free", "udp-echo", "tcp-mute")]
    wanted = ("answered", "refused", "answered", "accepted")
    asks = [{"send": b"hi".hex(), "read_s": 10.0}, {}, {"send": b"hi".hex(), "read_s": 10.0}, {"hold_s": 0.2}]
    probes = [probe(f"{number}", servers[number % 4], **asks[number % 4]) for number in range(count)]
    agent = start("exchange", HELLO, {"do": "exchange", "id": "x", "probes": probes})
    try:
        _, *results, _ = agent.until("done")
        assert {event["key"]: event["outcome"] for event in results} == {str(n): wanted[n % 4] for n in range(count)}
        assert len(results) == count
        assert agent.finish() == 0
    finally:
        agent.stop()
        for server in servers:
            server.close()


def test_hundreds_of_listeners_stand_at_once_and_hear() -> None:
    keys = [f"{('tcp', 'udp')[number % 2]}{number}" for number in range(300)]
    lines = [{"key": key, "protocol": key[:3], "port": 0, "prove": "127.0.0.1"} for key in keys]
    port = free_port("tcp")
    lines.append({"key": "last", "protocol": "tcp", "port": port, "prove": "127.0.0.1"})
    agent = start("listen", HELLO, window(port, listeners=lines, window_s=20))
    try:
        _, *listeners, _ = agent.until("ready")
        assert {event["key"]: event["status"] for event in listeners} == dict.fromkeys([*keys, "last"], "up")
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as sock:
            for piece in (f"PREFLIGHT/1 {TOKEN}", " n1", "\n"):
                sock.sendall(piece.encode("ascii"))
                time.sleep(0.05)
            assert sock.recv(100) == f"PREFLIGHT/1 {TOKEN} heard n1\n".encode("ascii")
        assert [event["event"] for event in agent.until("closed")] == ["heard", "closed"]
        assert agent.finish() == 0
    finally:
        agent.stop()


def test_script_folder_travels_with_the_package() -> None:
    wheel = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert '"**/*.ps1"' in wheel


def test_a_password_line_that_is_not_whole_is_never_repeated() -> None:
    word = b"hunter2".hex()
    lines = [f"#secret 1 {word}0", f"#secret 1 {word}zz", f"#secret {word}", "#secret ", f"#secret 1 {word} {word}"]
    agent = start("exchange", HELLO, *(line.encode() for line in lines), {"do": "exchange", "id": "last", "probes": []})
    try:
        events = agent.until("done")
        assert [event["event"] for event in events] == ["hello", *["fault"] * len(lines), "done"]
        assert {event["text"] for event in events if event["event"] == "fault"} == {
            'a line with a password is not "#secret NUMBER HEX": it was not taken, and is not shown'
        }
        assert agent.finish() == 0
        assert word not in json.dumps(agent.seen) + agent.complaints.decode("utf-8", "replace")
    finally:
        agent.stop()
