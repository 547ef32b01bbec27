"""The survey's desk: starts agents, takes in what they say, and lets a round wait for what it asked."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from preflight.agents import contract
from preflight.agents.scripts import AgentName
from preflight.agents.session import SessionEnd
from preflight.errors import TransportError

Inbox = queue.SimpleQueue[tuple[str, str, contract.Event | SessionEnd]]
TICK_S = 0.2


class Session(Protocol):
    """A running agent on one machine; its words come up to `lag_s` after the fact."""

    lag_s: float

    def send(self, request: contract.Request) -> None:
        """Send one request; a dead peer shows as SessionEnd in the inbox, not here."""

    def close(self) -> None:
        """End the agent."""


class Switchboard(Protocol):
    """Opens agents on machines: the real transports, or a recording in tests."""

    def open(self, machine: str, agent: AgentName, inbox: Inbox) -> Session:
        """Start an agent. Raises TransportError when not even that can be tried."""

    def describe(self, machine: str) -> str:
        """How the machine is talked to, for reports."""

    def close(self) -> None:
        """End everything that is still open."""


@dataclass(slots=True)
class Progress:
    """Where the survey stands; counts of hosts and probes, seconds."""

    hosts_done: int = 0
    hosts: int = 0
    probes_done: int = 0
    probes: int = 0
    elapsed_s: float = 0.0
    left_s: float | None = None
    doing: str = "starting"


@dataclass(slots=True)
class Desk:
    """Sessions by machine and agent, one inbox, one handler a round."""

    switchboard: Switchboard
    show: Callable[[Progress], None]
    inbox: Inbox = field(default_factory=queue.SimpleQueue)
    progress: Progress = field(default_factory=Progress)
    started: float = field(default_factory=time.monotonic)
    ended: dict[tuple[str, str], TransportError] = field(default_factory=dict)
    hello: dict[tuple[str, str], contract.HelloEvent] = field(default_factory=dict)
    _sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    finish_by: float | None = None  # monotonic moment by which all probes should be decided
    _shown: float = 0.0

    def session(self, machine: str, agent: AgentName) -> Session | None:
        """The running agent, started when it is not; None when it ended or cannot be started (`ended` says why)."""
        key = (machine, agent)
        if key in self.ended:
            return None
        if key not in self._sessions:
            try:
                self._sessions[key] = self.switchboard.open(machine, agent, self.inbox)
            except TransportError as error:
                self.ended[key] = error
                return None
        return self._sessions[key]

    def lag(self, machine: str, agent: AgentName) -> float:
        """Seconds that the agent's words may come late."""
        session = self._sessions.get((machine, agent))
        return session.lag_s if session else 0.0

    def give_up(self, machine: str, agent: AgentName, error: TransportError) -> None:
        """Close an agent that did not answer in time."""
        self.ended.setdefault((machine, agent), error)
        session = self._sessions.pop((machine, agent), None)
        if session:
            session.close()

    def wait(
        self,
        handle: Callable[[str, str, contract.Event | SessionEnd], None],
        done: Callable[[], bool],
        timeout_s: float,
    ) -> bool:
        """Hand on what comes in until `done`; False when `timeout_s` passed first."""
        deadline = time.monotonic() + timeout_s
        while not done():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            try:
                machine, agent, event = self.inbox.get(timeout=min(TICK_S, left))
            except queue.Empty:
                self.tick()
                continue
            if isinstance(event, SessionEnd):
                error = event.error or TransportError("ended", f"The {agent} agent on {machine} ended.", "Run again.")
                self.ended.setdefault((machine, agent), error)
                self._sessions.pop((machine, agent), None)
            elif isinstance(event, contract.HelloEvent):
                self.hello[(machine, agent)] = event
            handle(machine, agent, event)
            self.tick()
        return True

    def tick(self) -> None:
        """Show the progress, a few times a second at most."""
        now = time.monotonic()
        if now - self._shown >= TICK_S:
            self._shown = now
            self.progress.elapsed_s = now - self.started
            if self.finish_by is not None:
                self.progress.left_s = max(0.0, self.finish_by - now)
            self.show(self.progress)

    def close(self) -> None:
        """End all agents, the listening ones first."""
        order = {"listen": 0, "exchange": 1, "gather": 2, "scan": 3}
        for key in sorted(self._sessions, key=lambda k: order[k[1]]):
            self._sessions[key].close()
        self._sessions.clear()
        self.switchboard.close()
