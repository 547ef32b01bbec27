"""Examines one host: the way to it as seen from here, then a gather agent there. Nothing is opened or written there."""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from preflight.agents import contract
from preflight.agents.reads import CimRead
from preflight.agents.session import Inbox, SessionEnd
from preflight.doctor.approach import Approach, approach_of, connect, handshake, resolve
from preflight.doctor.certificate import SOON_DAYS
from preflight.doctor.notebook import Notebook, safe
from preflight.doctor.reading import MANAGEMENT, read_facts, read_hello
from preflight.errors import InputError, TransportError
from preflight.topology.model import Manage
from preflight.transports.base import PreflightBackend
from preflight.values.counted import counted

HELLO_S = 20.0  # as the survey waits: PowerShell takes seconds to start on a busy server
FACTS_S = 10.0
FACT_S = 4.0
LOOK, CLOCK = "doctor", "clock"
# Whether the account may ask Windows' management interface at all; elsewhere it is absent.
_ASKED = (CimRead(name=MANAGEMENT, class_name="Win32_ComputerSystem", properties=("Name",)),)


class Agent(Protocol):
    """A running agent."""

    def send(self, request: contract.Request) -> None:
        """Ask; what goes wrong shows in the inbox."""

    def close(self) -> None:
        """End it."""


class Switchboard(Protocol):
    """Opens backends and agents, with secrets."""

    def backend(self, machine: str) -> PreflightBackend:
        """The way to a machine; nothing is contacted. Raises TransportError."""

    def open(self, machine: str, agent: Any, inbox: Any) -> Agent:
        """Start an agent. Raises TransportError when not even that can be tried."""

    def describe(self, machine: str) -> str:
        """How the machine is talked to, in a phrase."""


@dataclass(slots=True)
class Heard:
    """What the agent said, and when the clock was asked and answered (the controller's clock)."""

    hello: contract.HelloEvent | None = None
    facts: dict[str, contract.FactEvent] = field(default_factory=dict)
    clock_asked: float = 0.0
    clock_told: float = 0.0
    faults: list[str] = field(default_factory=list)
    end: TransportError | None = None


def examine(notes: Notebook, switchboard: Switchboard, services: tuple[str, ...]) -> None:
    """Look at one managed host, stage after stage. `services`: patterns of the product's service names.

    What fails on the host or on the way there is a finding, never an exception.
    """
    name = notes.machine.name
    try:
        backend = switchboard.backend(name)
        if _approach(notes, backend.manage):
            heard = _talk(switchboard, backend, name, services)
            _read(notes, heard)
    except TransportError as error:
        notes.lost_transport(error)
    except InputError as error:  # WinRM fetches its password only when the first request is sent
        remedy = "Set it, or correct the reference in the inventory, and run again."
        notes.lost_transport(TransportError("secret", f"The credential cannot be had: {error}.", remedy))


def _approach(notes: Notebook, manage: Manage) -> bool:
    """Name, port and TLS from the controller; False when one of them failed."""
    way = approach_of(manage)
    if way.not_from_here:
        for stage in ("name", "port", "tls"):
            notes.step(stage, "not looked at", way.not_from_here)
        return True
    notes.port = way.port
    named = resolve(way)
    if named.kind:
        remedy = "Correct manage.address, or this machine's DNS."
        notes.lost("name", named.kind, f"the address of {way.address}, from this machine", named.seen, remedy)
        return False
    notes.step("name", "ok", named.seen)
    reached = connect(way, named.addresses)
    if reached.kind:
        asked = f"a TCP connection from this machine to {way.address} port {way.port}"
        notes.lost("port", reached.kind, asked, reached.seen, _PORT_REMEDY[reached.kind])
        return False
    notes.step("port", "ok", reached.seen)
    if not way.tls:
        notes.step("tls", "not looked at", "no TLS on this way")
        return True
    return _tls(notes, manage, way, reached.addresses[0])


_CERTIFICATE_KINDS = ("untrusted", "wrong-name", "expired", "not-yet-valid")


def _tls(notes: Notebook, manage: Manage, way: Approach, address: str) -> bool:
    looked = handshake(way, address)
    asked = f"a TLS handshake with {way.address} port {way.port}"
    days = looked.certificate.days_left if looked.certificate else None
    if looked.kind in _CERTIFICATE_KINDS and manage.verify is False:
        remedy = "The inventory says not to check it: whoever sits between can read and change everything. Mend it."
        notes.step("tls", "warning", looked.seen)
        notes.finding("tls", "unchecked", asked, looked.seen, remedy, blocks=False)
        return True
    if looked.kind:
        notes.lost("tls", looked.kind, asked, looked.seen, _TLS_REMEDY[looked.kind])
        return False
    if days is not None and days < SOON_DAYS:
        notes.step("tls", "warning", looked.seen)
        remedy = f"Put a new certificate on it within {counted(days, 'day')}."
        notes.finding("tls", "expires-soon", asked, looked.seen, remedy, blocks=False)
    else:
        notes.step("tls", "ok", looked.seen, "ok" if days is None else f"ok {days} d")
    return True


_PORT_REMEDY = {
    "refused": "Start the service there, correct manage.port, or let this machine through a firewall that rejects it.",
    "dropped": "See whether it is switched on and manage.address is right; let this machine through the firewalls.",
    "unreachable": "See whether this machine has a route there (VPN?), and whether manage.address is right.",
    "dns": "Correct manage.address.",
}
_TLS_REMEDY = {
    "untrusted": "Write `verify: FILE` with the CA that issued it (for a self-signed one, itself), PEM.",
    "wrong-name": "Write a name that stands in the certificate as manage.address, or give the host one for its name.",
    "expired": "Renew the certificate on the host.",
    "not-yet-valid": "Compare the clocks here and there; if they are right, look at the certificate's dates.",
    "no-tls": "That port is not HTTPS: WinRM's is 5986, and its HTTP 5985. Correct `port` or `https` in the inventory.",
    "ca-file": "Correct the name of the file (verify) in the inventory.",
}


def _talk(switchboard: Switchboard, backend: PreflightBackend, machine: str, services: tuple[str, ...]) -> Heard:
    """Start a gather agent, ask, and take in what it says until all is answered or a deadline passes."""
    inbox: Inbox = queue.SimpleQueue()
    heard = Heard()
    agent = switchboard.open(machine, "gather", inbox)  # may ask the engineer for a password
    try:
        facts = ("system", "services", "listeners", "addresses") + (() if backend.streaming else ("time",))
        heard.clock_asked = time.time()
        asked = contract.Gather(id=LOOK, facts=facts, services=services, fact_deadline_s=FACT_S, reads=_ASKED)
        agent.send(asked)
        pending = {LOOK, CLOCK} if backend.streaming else {LOOK}
        deadline = time.monotonic() + HELLO_S
        while pending and heard.end is None and (heard.hello or not heard.faults):
            try:
                event = inbox.get(timeout=max(0.0, deadline - time.monotonic()))[2]
            except queue.Empty:
                break
            if isinstance(event, contract.HelloEvent):
                heard.hello = event
                deadline = time.monotonic() + FACTS_S
                if backend.streaming:  # once it runs, question and answer are a round trip apart, and no more
                    heard.clock_asked = time.time()
                    agent.send(contract.Gather(id=CLOCK, facts=("time",), fact_deadline_s=FACT_S))
            else:
                _take(heard, event, pending)
    finally:
        agent.close()
    return heard


def _take(heard: Heard, event: contract.Event | SessionEnd, pending: set[str]) -> None:
    if isinstance(event, SessionEnd):
        heard.end = event.error or TransportError("ended", "The agent ended before it had answered.", "Run again.")
    elif isinstance(event, contract.FactEvent):
        heard.facts[event.name] = event
        if event.name == "time":
            heard.clock_told = time.time()
    elif isinstance(event, contract.DoneEvent):
        pending.discard(event.id)
    elif isinstance(event, contract.FaultEvent):
        heard.faults.append(event.text)
        pending.discard(event.id)


def _read(notes: Notebook, heard: Heard) -> None:
    if heard.hello is None:
        if heard.end is not None:
            raise heard.end
        if heard.faults:
            cause = f"The agent there refused its first request: {safe(heard.faults[0], 200)}"
            raise TransportError("contract", cause, "Report this as an error of Preflight.")
        cause = f"No agent answered within {HELLO_S:g} s, though the way there stands."
        raise TransportError("slow", cause, "Look at its load, and log in once by hand: what does it wait for?")
    read_hello(notes, heard.hello)
    read_facts(notes, heard.hello, heard.facts, heard.clock_asked, heard.clock_told)
    if heard.end is not None:
        notes.lost("program", heard.end.kind, notes.way, heard.end.cause, heard.end.remedy)
