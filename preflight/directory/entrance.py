"""Into one server: connect, TLS with its certificate, root DSE, login; each step with its own outcome."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from preflight.directory.certificates import read_tls
from preflight.directory.channel import Channel
from preflight.directory.handshake import checking, handshake_trouble, lenient, refused_certificate
from preflight.directory.options import AskOptions, Deadline
from preflight.directory.session import Session
from preflight.directory.wording import failed, not_asked
from preflight.errors import TransportError
from preflight.topology.credentials import Secret
from preflight.topology.directory_model import Directory
from preflight.topology.model import Machine
from preflight.values.directory import TlsSeen
from preflight.values.step import NOT_ASKED, Step

T = TypeVar("T")
HOLD = "the account was refused before; a second try could lock it."
# Logins that failed before anybody looked at the password: trying elsewhere does no harm.
_UNDECIDED = {
    "stronger-auth-required",
    "confidentiality-required",
    "no-simple-bind",
    "unwilling",
    "busy",
    "unavailable",
    "no-password",
    "timeout",
    "closed",
    "not-ldap",
    "tls",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Where to knock: one port of one server of a directory."""

    directory: Directory
    machine: Machine
    port: int
    secret: Secret | None
    options: AskOptions
    deadline: Deadline
    hold: str = ""  # why no login is to be tried here

    def step(self, seconds: float | None = None) -> Deadline:
        """A deadline for one question."""
        return Deadline(self.options.step_s if seconds is None else seconds, self.deadline)

    @property
    def expected_names(self) -> tuple[str, ...]:
        """What a good certificate may be made out to."""
        name, domains = self.machine.name, self.directory.domains
        wholes = tuple(f"{name}.{domain}" for domain in domains)
        return tuple(dict.fromkeys((*self.directory.certificate_names, *wholes, name, self.machine.address, *domains)))

    @property
    def checked_by(self) -> str:
        """Who vouches for the certificate."""
        ca = self.directory.ca
        return "nobody" if ca is False else "system" if ca is True else "file"


@dataclass(frozen=True, slots=True)
class Entered:
    """How far we came; `session` is open where TLS was not refused."""

    connected: Step = NOT_ASKED
    encrypted: Step = NOT_ASKED
    bound: Step = NOT_ASKED
    tls: TlsSeen | None = None
    session: Session | None = None
    password_expires_s: int | None = None


def is_refused(bound: Step) -> bool:
    """Whether a server has judged the account and will not have it: each further try counts towards its locking."""
    return bound.outcome == "failed" and bound.code not in _UNDECIDED


def timed(run: Callable[[], T]) -> tuple[Step, T | None]:
    """Run one step; what it raises becomes its outcome."""
    began = time.monotonic()
    try:
        value = run()
    except TransportError as error:
        return failed(error, round(time.monotonic() - began, 4)), None
    return Step("ok", took_s=round(time.monotonic() - began, 4)), value


def connect(door: Door) -> Entered:
    """Connect, and encrypt where the inventory says so. A certificate that is not good ends it here."""
    context = checking(door.directory.ca)  # a file that cannot be used is told before anybody is contacted
    connected, session = timed(lambda: _open(door))
    if session is None:
        return Entered(connected, not_asked("there was no connection."), not_asked("there was no connection."))
    if door.directory.protocol == "ldap":
        return Entered(connected, not_asked("the inventory wants it in clear (`protocol: ldap`)."), session=session)
    began = time.monotonic()
    tls: TlsSeen | None = None
    try:
        tls = _encrypt(door, session, context)
        step = _judged(door, tls, round(time.monotonic() - began, 4))
    except ssl.SSLCertVerificationError as error:
        word, said = refused_certificate(error)
        tls = _look(door, (word, said))
        remedy = "Write the CA's file into the inventory (`ca:`), or have the certificate replaced."
        step = Step("failed", word, f"{said}.", remedy, round(time.monotonic() - began, 4))
    except ssl.SSLError as error:
        trouble = handshake_trouble(error)
        if trouble.kind in ("old-tls", "no-cipher"):
            tls = _look(door, (trouble.kind, trouble.cause))
        step = failed(trouble, round(time.monotonic() - began, 4))
    except TransportError as error:
        step = failed(error, round(time.monotonic() - began, 4))
    if not step.ok:
        session.close()
        return Entered(connected, step, not_asked("no password goes over a connection that is not safe."), tls)
    return Entered(connected, step, tls=tls, session=session)


def bind(door: Door, entered: Entered) -> Entered:
    """Log in with the account of the inventory, or anonymously where it names none."""
    session, user, secret = entered.session, door.directory.user, door.secret
    if session is None:
        return entered
    if user and door.hold:
        return replace(entered, bound=not_asked(door.hold))
    if user and secret is None:
        return replace(entered, bound=not_asked("the account's password could not be had."))
    password = secret.reveal() if secret and user else ""
    step, reply = timed(lambda: session.bind(user or "", password, door.step()))
    return replace(entered, bound=step, password_expires_s=reply.policy_expires_s if reply else None)


def _open(door: Door) -> Session:
    deadline = door.step(door.options.connect_s)
    return Session(Channel.open(door.machine.address, door.port, deadline, door.options.max_message))


def _encrypt(door: Door, session: Session, context: ssl.SSLContext, why_not: tuple[str, str] = ("", "")) -> TlsSeen:
    deadline = door.step()
    if door.directory.protocol == "starttls":
        session.start_tls(deadline)
    name = next(iter(door.directory.certificate_names), None)
    tls = read_tls(session.secure(context, name, deadline), door.expected_names, door.checked_by, why_not)
    if tls is None:
        raise TransportError("other", "the directory's certificate cannot be read.", "Have it replaced.")
    return tls


def _judged(door: Door, tls: TlsSeen, took_s: float) -> Step:
    """A good chain on another name is no good connection: who holds that certificate would get the password."""
    if tls.matched_name is None and door.checked_by != "nobody":
        made_out = ", ".join(tls.names[:5]) or "nobody"
        return Step(
            "failed",
            "other-name",
            f"the certificate is made out to {made_out}; expected was one of {', '.join(tls.expected_names[:8])}.",
            "Have it made out to the server's name, or add the name to `certificate_names`.",
            took_s,
        )
    return Step("ok", took_s=took_s)


def _look(door: Door, why_not: tuple[str, str]) -> TlsSeen | None:
    """Read the refused certificate on a connection of its own, over which no secret goes."""
    try:
        session = _open(door)
    except TransportError:
        return None
    try:
        return _encrypt(door, session, lenient(), why_not)
    except (TransportError, ssl.SSLError):
        return None
    finally:
        session.close()
