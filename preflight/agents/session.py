"""An agent on one machine: started through a backend, kept alive by beats, its lines checked and put into one inbox."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from preflight.agents import contract
from preflight.agents.scripts import agent_script, bootstrap_command
from preflight.errors import ContractError, TransportError
from preflight.transports.base import AgentProcess, EndOfAgent, PreflightBackend
from preflight.transports.clean import cleaned

HEARTBEAT_S = 8.0  # an agent ends that long after the last line from here
BEAT_S = 2.0
MAX_NOISE_LINES = 50  # what a login script may print before the agent speaks
_BEAT = contract.Beat().model_dump_json().encode()

# (agent's name, interpreter) -> the command that starts it, and the script to feed it
Launch = Callable[[str, str], tuple[list[str], bytes]]


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """The last thing an inbox gets of a session; `error` is None when it was closed or left with code 0."""

    machine: str
    agent: str
    error: TransportError | None = None


Inbox = queue.SimpleQueue[tuple[str, str, contract.Event | SessionEnd]]


class Beater:
    """One daemon thread that says to all running agents, every `every_s`, that the controller lives."""

    def __init__(self, every_s: float = BEAT_S) -> None:
        self._every_s = every_s
        self._lock = threading.Lock()
        self._processes: set[AgentProcess] = set()
        self._thread: threading.Thread | None = None

    def add(self, process: AgentProcess) -> None:
        """Beat for it from now on; the thread starts with the first."""
        with self._lock:
            self._processes.add(process)
            if self._thread is None:
                self._thread = threading.Thread(target=self._beat, name="preflight-beat", daemon=True)
                self._thread.start()

    def remove(self, process: AgentProcess) -> None:
        """Beat for it no more."""
        with self._lock:
            self._processes.discard(process)

    def _beat(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._every_s):
            with self._lock:
                processes = list(self._processes)
            for process in processes:
                process.send(_BEAT)  # only queues, so one stuck host delays no other


BEATER = Beater()


def launch_agent(agent: str, python: str) -> tuple[list[str], bytes]:
    """The real agents."""
    script = agent_script(agent)
    return bootstrap_command(python, script), script


class AgentSession:
    """A started agent. Events and, once, a SessionEnd go to the inbox as (machine, agent, event).

    `life_s` bounds the agent's life on the host even while beats arrive. The inbox gets a SessionEnd with an error of
    kind `contract` when the agent speaks another contract or says what the contract does not know.
    The constructor raises TransportError when not even a start can be tried.
    """

    def __init__(
        self,
        backend: PreflightBackend,
        agent: str,
        inbox: Inbox,
        life_s: float,
        *,
        beater: Beater = BEATER,
        launch: Launch = launch_agent,
    ) -> None:
        self.machine = backend.machine.name
        self.agent = agent
        self.lag_s = 0.0
        self._inbox = inbox
        self._beater = beater
        self._greeted = False
        self._noise = 0
        self._fault: TransportError | None = None
        self._over = False
        self._closed = False
        self._ready = threading.Event()
        argv, script = launch(agent, backend.python)
        hello = contract.Hello(heartbeat_s=HEARTBEAT_S if backend.streaming else None, life_s=life_s)
        feed = script + hello.model_dump_json().encode() + b"\n"
        self._process = backend.start(argv, feed, self._line, self._end)
        if backend.streaming:
            beater.add(self._process)
        self._ready.set()
        if self._over:  # it ended before the beater knew it
            beater.remove(self._process)

    def send(self, request: contract.Request) -> None:
        """Send one request; a peer that is gone shows as SessionEnd in the inbox, not here."""
        self._process.send(request.model_dump_json().encode())

    def close(self) -> None:
        """End the agent: its stdin ends, it closes its sockets and leaves."""
        self._closed = True
        self._beater.remove(self._process)
        self._process.close()

    def _line(self, line: bytes) -> None:
        if self._fault is not None:
            return
        if not self._greeted and not line.startswith(b"{") and self._noise < MAX_NOISE_LINES:
            self._noise += 1
            return
        try:
            event = parsed(line)
            self._check(event)
        except ContractError as error:
            self._refuse(error)
            return
        self._inbox.put((self.machine, self.agent, event))

    def _check(self, event: contract.Event) -> None:
        if isinstance(event, contract.HelloEvent):
            if event.contract != contract.CONTRACT_VERSION:
                raise ContractError(f"it speaks contract {event.contract}, not {contract.CONTRACT_VERSION}")
            if event.agent != self.agent:
                raise ContractError(f"it says that it is the {event.agent} agent")
            self._greeted = True
        elif not self._greeted and not isinstance(event, contract.FaultEvent):
            raise ContractError(f"it said {event.event} before hello")

    def _refuse(self, error: ContractError) -> None:
        cause = f"The {self.agent} agent on {self.machine} does not keep to the contract: {error}."
        remedy = "Look who answers in its place there; if it is ours, report this as an error of Preflight."
        self._fault = TransportError("contract", cause, remedy)
        self._fault.__cause__ = error
        self._ready.wait()  # the process is only known once start() has returned
        self._process.kill()

    def _end(self, end: EndOfAgent) -> None:
        self._over = True
        if self._ready.is_set():
            self._beater.remove(self._process)
        error = self._fault or end.error
        if error is None and not self._greeted and not self._closed:
            cause = f"The {self.agent} agent on {self.machine} ended with code {end.exit_code} before it said hello."
            error = TransportError(
                "ended", cause, "Look whether that account may run commands there: its shell, sshd's ForceCommand."
            )
        self._inbox.put((self.machine, self.agent, SessionEnd(self.machine, self.agent, error)))


def parsed(line: bytes) -> contract.Event:
    """One event. Raises ContractError, whose text is safe to print."""
    if len(line) > contract.MAX_LINE_BYTES:
        raise ContractError(f"a line of {len(line):,} bytes")
    try:
        return contract.EVENT.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        text = cleaned(f"{where}: {first['msg']}" if where else first["msg"])
        raise ContractError(text[:200].replace("\n", " ")) from None
