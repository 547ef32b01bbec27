"""Plays a recorded case with an agent that gets all requests at its start, as over WinRM.

All `send` steps go first, then stdin ends; the other steps follow in their order. What an `expect` names may have come
earlier or later than the case says: the order among different requests is free here. After the last step the agent
leaves by itself with code 0 and has said nothing more.

A case may say in "batch" what such an agent is asked instead: {"window_s": 4} replaces the field of that name wherever
a request has it. Its requests to end what it has opened are left out, and its windows end by their deadline.
"""

from __future__ import annotations

import json
import queue
import re
import threading
from collections.abc import Callable
from typing import Any

from agent_world import Server
from runner import PATIENCE_S, STEPS, AgentProcess, fill, fits

Feed = Callable[[list[bytes]], bytes]  # the whole stdin of an agent from its request lines
Events = list[dict[str, Any]]
STARTING = threading.Lock()  # a process that is just being started holds the ports that another thread tries out


class BatchProcess(AgentProcess):
    """An agent that has been told everything; events that no step has named yet wait in `unnamed`."""

    def __init__(self, argv: list[str], feed: bytes, **popen: Any) -> None:
        super().__init__(argv, feed, **popen)
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.unnamed: Events = []

    def find(self, pattern: Any, where: str) -> None:
        """Waits for an event that fits."""
        while True:
            found = next((event for event in self.unnamed if fits(pattern, event)), None)
            if found is not None:
                self.unnamed.remove(found)
                return
            try:
                event = self.events.get(timeout=PATIENCE_S)
            except queue.Empty:
                event = None
            assert event is not None, f"{where}: nothing fits {pattern}; left: {self.unnamed}; {self.complaints!r}"
            self.unnamed.append(event)

    def finish(self) -> int:
        """Waits for the end; the exit code."""
        code = self.process.wait(PATIENCE_S)
        while (event := self.events.get(timeout=PATIENCE_S)) is not None:
            self.unnamed.append(event)
        return code


def requests_of(case: dict[str, Any], world: dict[str, Server]) -> list[bytes]:
    """All request lines of a case, in order."""
    hello = {"do": "hello", "contract": 1, "life_s": 60}
    steps = [{"send": hello}] if case.get("greet", True) else []
    lines = []
    opened = set()
    for step in [*steps, *fill(case["steps"], world)]:
        if "send_text" in step:
            lines.append(step["send_text"].encode("latin-1"))
        elif "send" in step:
            request = _replaced(step["send"], case.get("batch", {}))
            if "batch" in case and request["do"] in ("close", "release") and request.get("id") in opened:
                continue
            opened.add(request.get("id"))
            if request["do"] == "hello":
                request = {**request, "finish": True, "heartbeat_s": None}
            lines.append(json.dumps(request).encode("ascii"))
    return lines


def _replaced(value: Any, fields: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_replaced(item, fields) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: fields[key] if key in fields else _replaced(item, fields) for key, item in value.items()}


def run_batch(case: dict[str, Any], argv: list[str], feed: Feed, **popen: Any) -> Events:
    """Plays the case and gives all events with the ports of the world named; AssertionError when it came out wrong."""
    with STARTING:
        world = {name: Server(kind) for name, kind in case.get("world", {}).items()}
        agent = BatchProcess(argv, feed(requests_of(case, world)), **popen)
    wanted = 0
    try:
        if case.get("greet", True):
            agent.find({"event": "hello", "agent": case["agent"]}, "hello")
        for number, step in enumerate(fill(case["steps"], world)):
            (word, value), *_ = step.items()
            where = f"step {number}"
            if word == "expect":
                for pattern in value:
                    asked = "batch" in case and pattern.get("reason") == "asked"
                    agent.find({**pattern, "reason": "deadline"} if asked else pattern, where)
            elif word == "ends":
                wanted = value
            elif not word.startswith("send"):
                STEPS[word](agent, value, world, where)
        assert agent.finish() == wanted, f"exit code {agent.process.returncode}; {agent.complaints!r}"
        assert agent.unnamed == [], f"more was said than expected: {agent.unnamed}"
        assert agent.complaints == b"", agent.complaints
        text = json.dumps(agent.seen)
        for name, server in world.items():
            text = re.sub(rf":{server.port}\b", f":<{name}>", text)
        return list(json.loads(text))
    finally:
        agent.process.kill()
        agent.stop()
        for server in world.values():
            server.close()
