"""The agents' contract, version 1: JSON lines in on stdin, JSON lines out on stdout, the same for every language.

An agent starts, reads requests line by line until stdin ends, and answers with events. The first request is `hello`.
It ends by itself when stdin ends, when `heartbeat_s` pass without a line, or when `life_s` are over. With `finish` in
the hello, the end of stdin ends it only once everything asked for is over: gathers and exchanges are done, held
connections and windows have reached their own deadlines. That is the only way over WinRM, where an agent gets all its
requests at its start. Nothing is written on the target. Bytes travel as lower-case hex, times as seconds since the
epoch, durations in s or ms as named.

The nonce: a prober that reaches a listener says  PREFLIGHT/1 <token> <nonce>\\n  (ASCII; token: 16 hex digits of the
run, nonce: [A-Za-z0-9]{1,32}). A TCP listener answers the same line with `heard` put before the nonce; a UDP listener
echoes the datagram, never more bytes than it got. A line with another token is a stranger's and is not reported.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    model_serializer,
)

from preflight.agents.contract_facts import FACTS, Message, Port, Proto
from preflight.agents.reads import Read

CONTRACT_VERSION = 1
MAX_LINE_BYTES = 4 * 1024 * 1024  # a longer line from a host is refused: what comes from a host is hostile
MAX_RECEIVED_BYTES = 4096


class Hello(Message):
    """First request of every agent."""

    do: Literal["hello"] = "hello"
    contract: int = CONTRACT_VERSION
    heartbeat_s: float | None = None  # None: the transport cannot send beats; life_s alone ends the agent
    life_s: float = 600.0
    finish: bool = False  # the end of stdin means "no more requests": do what was asked, then leave with code 0


class Beat(Message):
    """Says that the controller still lives."""

    do: Literal["beat"] = "beat"


class Gather(Message):
    """Asks for facts and reads; each is answered on its own, in any order, within its own deadline, by a `fact`."""

    do: Literal["gather"] = "gather"
    id: str
    facts: tuple[str, ...] = FACTS
    fact_deadline_s: float = 4.0
    services: tuple[str, ...] = ()  # regular expressions, matched whole, without case: the product's services
    reads: tuple[Read, ...] = ()  # their names are those of their facts; a kind that an agent lacks is `absent`

    @model_serializer(mode="wrap")
    def _without_empty_reads(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        if not data["reads"]:
            del data["reads"]
        return data


class ListenerRequest(Message):
    """One temporary listener."""

    key: str
    protocol: Proto
    port: Port
    bind: str = "0.0.0.0"  # noqa: S104 - the product, too, listens on all addresses
    prove: str = ""  # address at which the host itself must reach it; empty: no proof asked


class Listen(Message):
    """Opens listeners for window_s at most (30 at most), proves each, says `ready`, then tells what they hear."""

    do: Literal["listen"] = "listen"
    id: str
    token: str
    window_s: Annotated[float, Field(gt=0, le=30)]
    listeners: tuple[ListenerRequest, ...]


class Close(Message):
    """Ends a listen window before its time."""

    do: Literal["close"] = "close"
    id: str


class ProbeRequest(Message):
    """One connection attempt (TCP) or datagram (UDP)."""

    key: str
    protocol: Proto
    address: str
    port: Port
    timeout_s: float
    send: str = ""  # hex, sent after connecting; empty: not one byte
    read_s: float = 0.0  # wait for a reply that long; 0: do not read
    until: str = ""  # hex, TCP: read on until the reply ends so, is as long as is kept, or read_s is over
    hold_s: float = 0.0  # keep the connection open until `release`, or that long
    broadcast: bool = False


class Exchange(Message):
    """Runs probes side by side, `concurrency` at a time, and reports each as it is decided."""

    do: Literal["exchange"] = "exchange"
    id: str
    concurrency: int = 400
    probes: tuple[ProbeRequest, ...]


class Release(Message):
    """Closes the connections that an exchange still holds."""

    do: Literal["release"] = "release"
    id: str


Request = Hello | Beat | Gather | Listen | Close | Exchange | Release


class HelloEvent(Message):
    """The agent is there."""

    event: Literal["hello"]
    contract: int
    agent: Literal["gather", "listen", "exchange", "scan"]
    language: str  # "python 3.9.2"
    pid: int
    user: str
    elevated: bool


class FactEvent(Message):
    """One fact, or why it could not be had."""

    event: Literal["fact"]
    id: str
    name: str
    status: Literal["ok", "denied", "timeout", "absent", "error"]
    value: Any = None
    detail: str = ""
    took_ms: float = 0.0


class ListenerEvent(Message):
    """What became of one listener; not-heard: it is open, but the host itself could not reach it."""

    event: Literal["listener"]
    id: str
    key: str
    status: Literal["up", "not-heard", "in-use", "denied", "excluded", "error"]
    detail: str = ""


class ReadyEvent(Message):
    """All listeners of a window have been tried."""

    event: Literal["ready"]
    id: str


class HeardEvent(Message):
    """A listener heard a nonce of this run."""

    event: Literal["heard"]
    id: str
    key: str
    nonce: str
    address: str
    port: int
    at: float
    local: str = ""


class ClosedEvent(Message):
    """A window is over: all its sockets are closed."""

    event: Literal["closed"]
    id: str
    reason: Literal["asked", "deadline", "replaced"]


class ResultEvent(Message):
    """What one probe saw."""

    event: Literal["result"]
    id: str
    key: str
    outcome: Literal["accepted", "answered", "refused", "dropped", "unreachable", "silent", "sent", "denied", "error"]
    at: float
    took_ms: float
    local: str = ""
    local_port: int = 0
    code: str = ""
    detail: str = ""
    received: Annotated[str, Field(pattern=r"^([0-9a-f]{2})*$", max_length=2 * MAX_RECEIVED_BYTES)] = ""


class DoneEvent(Message):
    """A gather or an exchange has reported everything (an exchange may still hold connections)."""

    event: Literal["done"]
    id: str


class FaultEvent(Message):
    """The agent could not do what was asked; the text is for a person."""

    event: Literal["fault"]
    id: str = ""
    text: str


Event = Annotated[
    HelloEvent
    | FactEvent
    | ListenerEvent
    | ReadyEvent
    | HeardEvent
    | ClosedEvent
    | ResultEvent
    | DoneEvent
    | FaultEvent,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
