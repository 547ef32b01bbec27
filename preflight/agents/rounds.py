"""An agent where no line can be sent after the start (WinRM): every request is a process of its own, fed at once.

To the survey it is a session like any other. A request that ends another one (`close`, `release`) ends its process.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Literal

from preflight.agents import contract
from preflight.agents.round_requests import PART, Asked, asked_lines, holds, life_of, line_of, parted
from preflight.agents.scripts import agent_script, powershell_command, powershell_feed, speaks
from preflight.agents.session import MAX_NOISE_LINES, AgentSession, Inbox, SessionEnd, parsed
from preflight.errors import ContractError, InputError, TransportError
from preflight.transports.base import AgentProcess, EndOfAgent, PreflightBackend


@dataclass(slots=True)
class _Round:
    """One request and the process that answers it."""

    request: Asked
    parts: int = 1  # an exchange that is too long for one request is asked in several, side by side in one process
    process: AgentProcess | None = None
    greeted: bool = False
    noise: int = 0
    over: bool = False  # done or closed was said
    close_asked: bool = False
    released: bool = False
    known: threading.Event = field(default_factory=threading.Event)  # `process` is set
    fault: TransportError | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def stands(self) -> bool:
        """Whether its window cannot have ended by its own clock: that clock began after ours."""
        request = self.request
        return isinstance(request, contract.Listen) and time.monotonic() - self.began < request.window_s


LAG_S = 4.0  # its words come in bursts, up to 2 s apart, and each takes a request


class RoundSession:
    """The agent of one machine as a row of processes. Events go to the inbox as (machine, agent, event).

    A SessionEnd is told only when a process could not be started or ended before it had answered: then the agent counts
    as lost, as over SSH. `closed: asked` is said here, once the host has confirmed that the window's process was still
    running when it was ended: until then its listeners stood.
    """

    def __init__(self, backend: PreflightBackend, agent: str, inbox: Inbox) -> None:
        self.machine = backend.machine.name
        self.agent = agent
        self.lag_s = LAG_S
        self._backend = backend
        self._inbox = inbox
        self._script = agent_script(agent, "powershell")
        self._lock = threading.Lock()
        self._rounds: dict[str, _Round] = {}
        self._greeted = False
        self._closed = False
        self._ended = False

    def send(self, request: contract.Request) -> None:
        """Ask, or end what was asked; what goes wrong shows as SessionEnd in the inbox, not here."""
        if isinstance(request, contract.Gather | contract.Listen | contract.Exchange):
            self._begin(request)
            return
        found = self._rounds.get(getattr(request, "id", ""))
        if found is None or (found.over and not isinstance(request, contract.Release)):
            return
        if isinstance(request, contract.Close):
            found.close_asked = True
            self._stop(found)
        elif isinstance(request, contract.Release):
            found.released = True
            if found.over:  # its results are here, it only holds connections
                self._stop(found)

    def close(self) -> None:
        """End all of its processes."""
        self._closed = True
        with self._lock:
            rounds = list(self._rounds.values())
        for one in rounds:
            self._stop(one)

    def _begin(self, request: Asked) -> None:
        asked = parted(request)
        one = _Round(request, len(asked))
        with self._lock:
            self._rounds[request.id] = one
        hello = contract.Hello(heartbeat_s=None, life_s=life_of(request), finish=True)
        lines = [line_of(hello.model_dump(mode="json"))]
        for message in asked:
            lines += asked_lines(message)
        feed = powershell_feed(self._script, lines)
        try:
            one.process = self._backend.start(
                powershell_command(self._backend.python),
                feed,
                lambda line: self._line(one, line),
                lambda end: self._end(one, end),
            )
        except TransportError as error:
            self._lost(error)
        except InputError as error:  # over WinRM the password is fetched when something is started
            cause = f"The credential for {self.machine} cannot be had: {error}."
            remedy = "Set it, or correct the reference in the inventory, and run again."
            self._lost(TransportError("secret", cause, remedy))
        finally:
            one.known.set()

    def _stop(self, one: _Round) -> None:
        if one.known.wait(5.0) and one.process is not None:
            one.process.kill()

    def _line(self, one: _Round, line: bytes) -> None:
        if one.fault is not None:
            return
        if not one.greeted and not line.startswith(b"{") and one.noise < MAX_NOISE_LINES:
            one.noise += 1
            return
        try:
            event = parsed(line)
            self._check(one, event)
        except ContractError as error:
            cause = f"The {self.agent} agent on {self.machine} does not keep to the contract: {error}."
            remedy = "Look who answers in its place there; if it is ours, report this as an error of Preflight."
            one.fault = TransportError("contract", cause, remedy)
            threading.Thread(target=self._stop, args=(one,), daemon=True).start()
            return
        if isinstance(event, contract.HelloEvent):
            if self._greeted:  # to the survey it is one agent, however many processes
                return
            self._greeted = True
        named = getattr(event, "id", "")
        if named != one.request.id and (not named or named.partition(PART)[0] == one.request.id):
            event = event.model_copy(update={"id": one.request.id})  # a process has one request: it is about that
        if isinstance(event, contract.DoneEvent):
            one.parts -= 1
            if one.parts:
                return
        if isinstance(event, contract.DoneEvent | contract.ClosedEvent | contract.FaultEvent):
            one.over = True
        self._inbox.put((self.machine, self.agent, event))
        if one.over and one.process is not None and not holds(one.request):
            one.process.close()  # it leaves by itself
        if one.over and one.released:
            threading.Thread(target=self._stop, args=(one,), daemon=True).start()

    def _check(self, one: _Round, event: contract.Event) -> None:
        if isinstance(event, contract.HelloEvent):
            if event.contract != contract.CONTRACT_VERSION:
                raise ContractError(f"it speaks contract {event.contract}, not {contract.CONTRACT_VERSION}")
            if event.agent != self.agent:
                raise ContractError(f"it says that it is the {event.agent} agent")
            one.greeted = True
        elif not one.greeted and not isinstance(event, contract.FaultEvent):
            raise ContractError(f"it said {event.event} before hello")

    def _end(self, one: _Round, end: EndOfAgent) -> None:
        with self._lock:
            if self._rounds.get(one.request.id) is one:
                del self._rounds[one.request.id]
        if one.close_asked and end.killed and end.error is None and not one.over and one.fault is None:
            reason: Literal["asked", "deadline"] = "asked" if one.stands else "deadline"
            closed = contract.ClosedEvent(event="closed", id=one.request.id, reason=reason)
            self._inbox.put((self.machine, self.agent, closed))
            return
        if self._closed or (one.over and one.fault is None):
            return
        error = one.fault or end.error
        if error is None:
            when = "said all that was asked" if one.greeted else "said hello"
            cause = f"The {self.agent} agent on {self.machine} ended with code {end.exit_code} before it {when}."
            remedy = f"Look what ends PowerShell there: {end.stderr[-200:].strip() or 'it left no word'}."
            error = TransportError("ended", cause, remedy)
        self._lost(error)

    def _lost(self, error: TransportError) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = True
        self._inbox.put((self.machine, self.agent, SessionEnd(self.machine, self.agent, error)))


def open_session(backend: PreflightBackend, agent: str, inbox: Inbox, life_s: float) -> AgentSession | RoundSession:
    """The agent of a machine, in the way that its transport allows. Raises TransportError like `start`.

    Its kind is `no-agent` where the agent is not there in the host's language: nothing was started then.
    """
    if not speaks(backend.language, agent):
        cause = f"{backend.machine.name} is asked in {backend.language.capitalize()}, which has no {agent} agent."
        raise TransportError("no-agent", cause, "It is for Windows, managed over WinRM.")
    return AgentSession(backend, agent, inbox, life_s) if backend.streaming else RoundSession(backend, agent, inbox)
