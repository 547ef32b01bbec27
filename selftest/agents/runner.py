"""Holds an agent, of any language, to recorded cases: requests go in, the events that come out must fit.

`Case` says what a file of cases/ may hold. `run_case` takes the argv that starts an agent and what it is sent first
(a script by stdin, or nothing), so a twin in another language is held to the same files.

Values in a case: {"port": name} is the port of a server of the world, {"hex": text} the text as hex.
Values in an expected event, besides: {"any": "number" | "text" | "port"}, {"holds": text}, {"one_of": [...]},
{"with": [...]}: a list that has, for each pattern, a line that fits. Fields that are not named are free.

"needs": "stream" is a case for agents that take requests while they run. Of the others, "batch" says what
batch_runner.py changes for an agent that gets all requests at its start.
"""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import IO, Any

from agent_world import Server, free_port

from preflight.agents.contract import EVENT, FactEvent
from preflight.agents.contract_facts import FACT_TYPES

CASES = Path(__file__).with_name("cases")
PATIENCE_S = 20.0


class AgentProcess:
    """One agent as a process; every line that it says is checked against the contract."""

    def __init__(self, argv: list[str], preamble: bytes = b"", **popen: Any) -> None:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(argv, **pipes, **popen)
        self.events: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.seen: list[dict[str, Any]] = []
        self.complaints = b""
        self._readers = [threading.Thread(target=work) for work in (self._read, self._read_complaints)]
        for reader in self._readers:
            reader.start()
        self.write(preamble)

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            self._take(self.process.stdout)
        finally:
            self.process.stdout.close()
            self.events.put(None)

    def _take(self, lines: IO[bytes]) -> None:
        for line in lines:
            event = EVENT.validate_json(line)
            if isinstance(event, FactEvent) and event.status == "ok" and event.name in FACT_TYPES:
                FACT_TYPES[event.name].validate_python(event.value)
            self.seen.append(event.model_dump(mode="json"))
            self.events.put(self.seen[-1])

    def _read_complaints(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                self.complaints += line

    def write(self, data: bytes) -> None:
        """Bytes to stdin; an agent that has ended takes none."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def say(self, **request: Any) -> None:
        """One request."""
        self.write(json.dumps(request).encode("ascii") + b"\n")

    def next(self, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """The next event."""
        try:
            event = self.events.get(timeout=patience_s)
        except queue.Empty:
            raise AssertionError(f"no event came; stderr: {self.complaints!r}") from None
        assert event is not None, f"the agent ended; stderr: {self.complaints!r}"
        return event

    def until(self, name: str) -> list[dict[str, Any]]:
        """The events up to and with the next one of that name."""
        found = [self.next()]
        while found[-1]["event"] != name:
            found.append(self.next())
        return found

    def stop(self) -> None:
        """Ends it as a controller does, by hanging up."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self.process.wait()
            for reader in self._readers:
                reader.join(PATIENCE_S)


def fits(pattern: Any, value: Any) -> bool:
    """Whether a value is what a pattern says."""
    if isinstance(pattern, dict) and len(pattern) == 1:
        (word, wanted), *_ = pattern.items()
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if word == "any":
            return {"number": number, "text": isinstance(value, str) and value != "", "port": number and value > 0}[
                wanted
            ]
        if word == "holds":
            return isinstance(value, str) and wanted in value
        if word == "one_of":
            return any(fits(one, value) for one in wanted)
        if word == "with":
            return isinstance(value, list) and all(any(fits(one, line) for line in value) for one in wanted)
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(key in value and fits(pattern[key], value[key]) for key in pattern)
    return bool(pattern == value)


def fill(value: Any, world: dict[str, Server]) -> Any:
    """A value of a case with ports and hex filled in."""
    if isinstance(value, list):
        return [fill(item, world) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"port"} and isinstance(value["port"], str) and value["port"] in world:
        return world[value["port"]].port
    if set(value) == {"hex"}:
        return value["hex"].encode("ascii").hex()
    return {key: fill(item, world) for key, item in value.items()}


def run_case(case: dict[str, Any], argv: list[str], preamble: bytes = b"") -> None:
    """Plays one case; an AssertionError says at which step it came out differently."""
    world = {name: Server(kind) for name, kind in case.get("world", {}).items()}
    agent = AgentProcess(argv, preamble)
    try:
        if case.get("greet", True):
            agent.say(do="hello", contract=1, life_s=60)
            hello = agent.next()
            assert hello["event"] == "hello", hello
            assert hello["agent"] == case["agent"], hello
        for number, step in enumerate(case["steps"]):
            (word, value), *_ = fill(step, world).items()
            STEPS[word](agent, value, world, f"step {number}")
        if case.get("quiet_end", True):
            agent.say(do="is-there-more")
            event = agent.next()
            assert event["event"] == "fault", f"more was said than expected: {event}"
        assert agent.complaints == b"", agent.complaints
    finally:
        agent.stop()
        for server in world.values():
            server.close()


def _expect(agent: AgentProcess, value: Any, _: dict[str, Server], where: str) -> None:
    """The next events, in any order among themselves."""
    patterns = list(value)
    while patterns:
        event = agent.next()
        found = next((pattern for pattern in patterns if fits(pattern, event)), None)
        assert found is not None, f"{where}: {event} fits none of {patterns}"
        patterns.remove(found)


def _visit(_: AgentProcess, value: Any, __: dict[str, Server], where: str) -> None:
    """Says words at a listener and hears what comes back, as a prober would."""
    kind = socket.SOCK_STREAM if value["protocol"] == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.settimeout(PATIENCE_S if value["hears"] or value["protocol"] == "tcp" else 0.3)
        sock.connect(("127.0.0.1", value["at"]))
        sock.sendall(value["says"].encode("latin-1"))
        heard = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while chunk := sock.recv(4096):
                heard += chunk
                if value["protocol"] == "udp":
                    break
        assert heard == value["hears"].encode("ascii"), f"{where}: heard {heard!r}"


def _connected(_: AgentProcess, value: Any, world: dict[str, Server], where: str) -> None:
    """How many connections a server of the world has; given time to become so."""
    until = time.monotonic() + PATIENCE_S
    while world[value["at"]].open_connections() != value["count"]:
        assert time.monotonic() < until, f"{where}: {world[value['at']].open_connections()} connections"
        time.sleep(0.02)


def _shut(_: AgentProcess, value: Any, __: dict[str, Server], where: str) -> None:
    """Nothing listens any more on these ports."""
    for port in value:
        with socket.socket() as sock:
            sock.settimeout(PATIENCE_S)
            assert sock.connect_ex(("127.0.0.1", port)) != 0, f"{where}: port {port} is still open"


def _ends(agent: AgentProcess, value: Any, _: dict[str, Server], where: str) -> None:
    """The agent ends by itself, with this exit code."""
    assert agent.process.wait(PATIENCE_S) == value, f"{where}: exit code {agent.process.returncode}"


def _send(agent: AgentProcess, value: Any, _: dict[str, Server], __: str) -> None:
    """One request."""
    agent.say(**value)


def _send_text(agent: AgentProcess, value: Any, _: dict[str, Server], __: str) -> None:
    """One line as it is written in the case, a byte a character."""
    agent.write(value.encode("latin-1") + b"\n")


STEPS = {
    "send": _send,
    "send_text": _send_text,
    "expect": _expect,
    "visit": _visit,
    "connected": _connected,
    "shut": _shut,
    "ends": _ends,
}
__all__ = ["CASES", "AgentProcess", "fits", "free_port", "run_case"]
