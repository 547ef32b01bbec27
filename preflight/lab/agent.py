"""A lab agent: reads the contract's requests as JSON lines and answers with its events as JSON lines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from preflight.agents.contract import (
    CONTRACT_VERSION,
    Beat,
    Close,
    ClosedEvent,
    DoneEvent,
    Exchange,
    FactEvent,
    FaultEvent,
    Gather,
    HeardEvent,
    Hello,
    HelloEvent,
    Listen,
    ListenerEvent,
    ListenerRequest,
    ReadyEvent,
    Release,
    Request,
    ResultEvent,
)
from preflight.agents.scripts import AgentName
from preflight.lab.facts import fact
from preflight.lab.network import pass_through
from preflight.lab.state import Hearing, LabNetwork

NOT_ELEVATED = "not asked: the account is no elevated administrator"
WINDOWS_DENIES_S = 5.0  # after so long
REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="do")])


@dataclass(frozen=True, slots=True)
class Window:
    """An open listen window."""

    id: str
    until: float
    ports: tuple[tuple[str, int], ...]


class LabAgent:
    """One agent process on one lab machine. `emit` takes one JSON line, also from another agent's thread."""

    def __init__(self, name: AgentName, machine: str, lab: LabNetwork, pid: int, emit: Callable[[str], None]) -> None:
        self._name = name
        self._machine = machine
        self._lab = lab
        self._pid = pid
        self._emit = emit
        self._speaking = threading.Lock()
        self._process = f"preflight-{name}"
        self._window: Window | None = None
        self._exchanges: set[str] = set()

    def take(self, line: str) -> None:
        """Answer one request line; what the contract does not know gets a fault."""
        try:
            request = REQUEST.validate_json(line)
        except ValidationError as error:
            self._say(FaultEvent(event="fault", text=f"not a request of the contract: {error.errors()[0]['msg']}"))
            return
        if isinstance(request, Beat):
            return
        if isinstance(request, Hello):
            self._hello(request)
        elif isinstance(request, Gather) and self._name in ("gather", "scan"):
            self._gather(request)
        elif isinstance(request, Listen) and self._name == "listen":
            self._listen(request)
        elif isinstance(request, Close) and self._name == "listen":
            if self._window and self._window.id == request.id:
                self._shut("asked")
        elif isinstance(request, Exchange) and self._name == "exchange":
            self._exchange(request)
        elif isinstance(request, Release) and self._name == "exchange":
            self._release(request)
        else:
            self._say(
                FaultEvent(
                    event="fault", id=getattr(request, "id", ""), text=f"the {self._name} agent cannot {request.do}"
                )
            )

    def due(self) -> float | None:
        """Seconds until `tick` has something to do; None when nothing is pending."""
        return None if self._window is None else max(0.0, self._window.until - time.time())

    def tick(self) -> None:
        """End the listen window when its time is over."""
        if self._window and self._window.until <= time.time():
            self._shut("deadline")

    def end(self) -> None:
        """The process ends: its listeners and connections go with it, and nobody is told."""
        self._drop_window()
        for exchange in self._exchanges:
            self._lab.release((id(self), exchange))

    def _hello(self, request: Hello) -> None:
        system = self._lab.world.places[self._machine].system
        if request.contract != CONTRACT_VERSION:
            self._say(
                FaultEvent(event="fault", text=f"contract {request.contract} is not spoken here, {CONTRACT_VERSION} is")
            )
            return
        self._say(
            HelloEvent(
                event="hello",
                contract=CONTRACT_VERSION,
                agent=self._name,
                language="lab",
                pid=self._pid,
                user=system.user,
                elevated=system.elevated,
            )
        )

    def _gather(self, request: Gather) -> None:
        for name in request.facts:
            try:
                value = fact(name, self._machine, self._lab, request)
            except KeyError:
                self._say(
                    FactEvent(event="fact", id=request.id, name=name, status="absent", detail="unknown to the lab")
                )
            else:
                self._say(FactEvent(event="fact", id=request.id, name=name, status="ok", value=value, took_ms=1.0))
        place = self._lab.world.places[self._machine]
        for read in request.reads:
            value = place.told.get(read.name, {"status": "absent", "detail": "the lab's world does not say"})
            if read.kind == "cim" and not (place.system.elevated or place.system.may_read):
                value = {"status": "denied", "detail": _turned_away(request.fact_deadline_s)}
            if read.kind == "updates" and not place.system.elevated:
                value = {"status": "denied", "detail": NOT_ELEVATED}
            if read.kind == "updates" and self._name != "scan":
                value = {"status": "absent", "detail": f"this agent knows no read of the kind {read.kind!r}"}
            if not (isinstance(value, dict) and "status" in value):
                value = {"status": "ok", "value": value}
            self._say(FactEvent(event="fact", id=request.id, name=read.name, took_ms=1.0, **value))
        self._say(DoneEvent(event="done", id=request.id))

    def _listen(self, request: Listen) -> None:
        if self._window:
            self._shut("replaced")
        opened: list[tuple[str, int]] = []
        for wanted in request.listeners:
            hear = partial(self._heard, request.id, wanted.key)
            status, detail = self._lab.open(self._machine, wanted, self._pid, self._process, request.token, hear)
            said: Literal["up", "not-heard", "in-use", "denied", "excluded", "error"] = status
            if status == "up":
                opened.append((wanted.protocol, wanted.port))
                if not self._proven(wanted):
                    said, detail = "not-heard", f"open, but not reached over {wanted.prove} from the host itself"
            self._say(ListenerEvent(event="listener", id=request.id, key=wanted.key, status=said, detail=detail))
        self._window = Window(request.id, time.time() + request.window_s, tuple(opened))
        self._say(ReadyEvent(event="ready", id=request.id))

    def _proven(self, wanted: ListenerRequest) -> bool:
        if not wanted.prove:
            return True
        lab = self._lab
        way = pass_through(lab.world, lab.holder, self._machine, wanted.prove, wanted.protocol, wanted.port)
        return way.fate == "delivered" and way.machine == self._machine

    def _heard(self, window: str, key: str, heard: Hearing) -> None:
        self._say(
            HeardEvent(
                event="heard",
                id=window,
                key=key,
                nonce=heard.nonce,
                address=heard.address,
                port=heard.port,
                at=time.time(),
                local=heard.local,
            )
        )

    def _exchange(self, request: Exchange) -> None:
        self._exchanges.add(request.id)
        for probe in request.probes:
            at = time.time()
            asked = self._lab.ask((id(self), request.id), self._machine, self._pid, self._process, probe)
            self._say(
                ResultEvent(
                    event="result",
                    id=request.id,
                    key=probe.key,
                    outcome=asked.outcome,
                    at=at,
                    took_ms=asked.took_ms,
                    local=asked.local,
                    local_port=asked.local_port,
                    code=asked.code,
                    detail=asked.detail,
                    received=asked.received[:4096].hex(),
                )
            )
        self._say(DoneEvent(event="done", id=request.id))

    def _release(self, request: Release) -> None:
        if request.id in self._exchanges:
            self._lab.release((id(self), request.id))
        else:
            self._say(FaultEvent(event="fault", id=request.id, text="no exchange has had this id"))

    def _shut(self, reason: Literal["asked", "deadline", "replaced"]) -> None:
        window = self._drop_window()
        if window:
            self._say(ClosedEvent(event="closed", id=window.id, reason=reason))

    def _drop_window(self) -> Window | None:
        window, self._window = self._window, None
        for protocol, port in window.ports if window else ():
            self._lab.close(self._machine, protocol, port)
        return window

    def _say(self, event: BaseModel) -> None:
        with self._speaking:
            self._emit(event.model_dump_json())


def _turned_away(deadline_s: float) -> str:
    """What the agent for Windows says of an account that the management interface does not let in."""
    why = "did not let it into root/cimv2 (CimException: Access denied)"
    if deadline_s < WINDOWS_DENIES_S:
        why = (
            f"did not answer it in root/cimv2 within {deadline_s:g} s; to turn an account away, Windows takes about 5 s"
        )
    return f"the account is no elevated administrator, and the management interface {why}"
