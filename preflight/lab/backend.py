"""The lab as a transport: agents that are asked for by their scripts and answered by simulated ones."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Literal

from testinfra.backend.base import CommandResult

from preflight.agents.scripts import PARTS, AgentName, agent_script
from preflight.errors import TransportError
from preflight.lab.agent import LabAgent
from preflight.lab.over_winrm import LabEndpoints
from preflight.lab.state import LabNetwork
from preflight.lab.world import World
from preflight.topology.model import Machine
from preflight.transports.base import AgentProcess, EndOfAgent, OnEnd, OnLine, PreflightBackend, Secrets

_PIDS = count(20000)
_NOT_REACHED = 255  # ssh's exit code for a way that could not be had


class LabProcess:
    """One simulated agent process; a thread of its own reads its lines, as a real one would."""

    def __init__(self, agent: LabAgent | None, lines: bytes, on_end: Callable[[EndOfAgent], None]) -> None:
        self._agent = agent
        self._on_end = on_end
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._killed = False
        for line in lines.splitlines():
            self._lines.put(line)

    def begin(self, error: TransportError | None = None) -> None:
        """Start reading; with an error the process is over before it has begun."""
        threading.Thread(target=self._live, args=(error,), name="lab-agent", daemon=True).start()

    def send(self, line: bytes) -> None:
        """Queue one line."""
        self._lines.put(line)

    def close(self) -> None:
        """End its stdin after what is queued."""
        self._lines.put(None)

    def kill(self) -> None:
        """End it without reading what is queued."""
        self._killed = True
        self._lines.put(None)

    def _live(self, error: TransportError | None) -> None:
        try:
            if self._agent is not None and error is None:
                self._serve(self._agent)
                self._agent.end()
        finally:
            self._on_end(EndOfAgent(_NOT_REACHED if error else 0, "", error))

    def _serve(self, agent: LabAgent) -> None:
        while not self._killed:
            line: bytes | None = b""
            with contextlib.suppress(queue.Empty):
                line = self._lines.get(timeout=agent.due())
            if line is None or self._killed:
                return
            if line:
                agent.take(line.decode("utf-8", "replace"))
            agent.tick()


class LabBackend(PreflightBackend):
    """The way to one lab machine. Nothing leaves the controller."""

    NAME = "lab"

    def __init__(self, machine: Machine, lab: LabNetwork) -> None:
        super().__init__(machine)
        self._lab = lab
        self._processes: list[LabProcess] = []

    @property
    def python(self) -> str:
        """No interpreter runs in the lab; the name only shows in commands that nobody executes."""
        return "lab"

    def describe(self) -> str:
        """One phrase for reports, which must not be taken for a real host's."""
        return f"lab, simulated, scenario {self._lab.world.scenario}"

    def start(self, argv: Sequence[str], feed: bytes, on_line: OnLine, on_end: OnEnd) -> AgentProcess:
        """Start the simulated twin of the agent whose script begins `feed`; `argv` is not executed.

        An unreachable machine ends at once, with a TransportError in its end, as ssh would. Raises TransportError
        of kind `other` for a script that is none of the suite's agents.
        """
        del argv
        name, rest = _recognised(feed, self.machine.name)
        agent = LabAgent(name, self.machine.name, self._lab, next(_PIDS), lambda line: on_line(line.encode()))
        process = LabProcess(agent, rest, on_end)
        self._processes.append(process)
        process.begin(self._unreachable())
        return process

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """`hostname` and `true` are answered; the lab runs no other command. Raises TransportError like `start`."""
        if error := self._unreachable():
            raise error
        text = self.get_command(command, *args)
        said = {"true": "", "hostname": f"{self.machine.name}\n"}
        if text in said:
            return self.result(0, self.encode(text), said[text].encode(), b"")
        refusal = f"the lab runs no commands, so {text!r} was not run: test this on a real inventory\n"
        return self.result(127, self.encode(text), b"", refusal.encode())

    def close(self) -> None:
        """End all agents."""
        for process in self._processes:
            process.close()
        self._processes.clear()

    def _unreachable(self) -> TransportError | None:
        reach: Literal["up", "no-management", "down"] = self._lab.world.places[self.machine.name].reach
        if reach == "up":
            return None
        cause = f"{self.machine.name} did not answer at {self.manage.address} (the lab's scenario says so)."
        return TransportError("unreachable", cause, "Is it switched on, and does the way to manage it lead there?")


def lab_factory(world: World, *, wire: bool = True) -> Callable[[Machine, Secrets, object | None], PreflightBackend]:
    """What to `register("lab", ...)`: all backends that it makes share one running lab of that world.

    Windows machines that can be reached are talked to over WinRM, by an endpoint of the lab's on loopback; `wire` False
    leaves that out.
    """
    lab = LabNetwork(world)
    endpoints = LabEndpoints(lab)

    def make(machine: Machine, _secrets: Secrets, _lab: object | None) -> PreflightBackend:
        place = world.places[machine.name]
        if wire and place.system.family == "windows" and place.reach == "up":
            return endpoints.backend(place)
        return LabBackend(machine, lab)

    return make


def _recognised(feed: bytes, machine: str) -> tuple[AgentName, bytes]:
    for name in PARTS:
        script = agent_script(name)
        if feed.startswith(script):
            return name, feed[len(script) :]
    cause = f"The lab was fed a script for {machine} that is none of its agents ({', '.join(PARTS)})."
    raise TransportError("other", cause, "Teach preflight/lab/backend.py the new agent.")
