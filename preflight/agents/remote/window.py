"""A listen window: temporary listeners that hear nonces, and are gone by a deadline of their own."""

import collections
import selectors
import socket
import threading
import time

from preflight.agents.remote.core import Agent
from preflight.agents.remote.doors import (
    MAX_WORDS,
    Door,
    answer,
    nonce_in,
    open_door,
    plain,
    resolve,
    take_datagram,
    words,
)

MYPY = False
if MYPY:
    from typing import Any, Optional

PROOF_S = 2.0
AGAIN_S = 0.5  # a datagram that proves is sent again that often
READ_S = 5.0
LINGER_S = 1.0
MAX_GUESTS = 2000
AT_ONCE = 64  # taken from one socket before the others get their turn
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Guest(object):
    """One connection at a TCP listener (`door`), or one that proves it from outside (`door` is None)."""

    def __init__(self, sock: socket.socket, door: "Optional[Door]", until: float, peer: "Any" = None) -> None:
        self.sock = sock
        self.door = door
        self.until = until
        self.peer = peer
        self.data = b""
        self.answered = False


class Window(object):
    """One listen window; `run` belongs to a thread of its own, `end` to the main one."""

    def __init__(self, agent: Agent, ident: str, token: str, window_s: float, doors: "list[Door]", room: int) -> None:
        self.agent = agent
        self.ident = ident
        self.token = token
        self.doors = doors
        self.room = max(16, min(MAX_GUESTS, room - 2 * len(doors)))
        self.closes = time.monotonic() + window_s
        self.proof_until = 0.0
        self.again = 0.0
        self.ready = False
        self.reason = ""
        self.thread: "Optional[threading.Thread]" = None
        self.guests: "collections.OrderedDict[int, Guest]" = collections.OrderedDict()
        self.mine: "dict[int, Guest]" = {}
        self.provers: "dict[int, socket.socket]" = {}
        self.selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._ear.setblocking(False)
        self.selector.register(self._ear, READ, None)

    def end(self, reason: str) -> None:
        """Closes the window from outside."""
        self.reason = self.reason or reason
        try:
            self._bell.send(b".")
        except OSError:
            pass

    def run(self) -> None:
        """Opens, proves, hears, closes."""
        try:
            self._open()
            while not self.reason:
                now = time.monotonic()
                if now >= self.closes:
                    self.reason = "deadline"
                    break
                self._watch_clock(now)
                for key, _ in self.selector.select(min(0.25, self.closes - now)):
                    self._serve(key)
        finally:
            for sock in [key.fileobj for key in self.selector.get_map().values()] + [self._bell]:
                sock.close()  # type: ignore[union-attr]
            self.selector.close()
        self.agent.emit("closed", id=self.ident, reason=self.reason)

    def _open(self) -> None:
        for door in self.doors:
            if self.reason:
                return
            door.sock, status, detail = open_door(door.protocol, door.bind, door.port)
            if door.sock is None:
                self._decide(door, status, detail)
                continue
            door.port = door.sock.getsockname()[1]
            self.selector.register(door.sock, READ, door)
        for door in self.doors:
            if not door.decided and not door.prove:
                self._decide(door, "up", "")
        self.proof_until = time.monotonic() + PROOF_S
        for door in self.doors:
            if not door.decided and door.protocol == "tcp":
                self._knock(door)

    def _watch_clock(self, now: float) -> None:
        if not self.ready:
            pending = [door for door in self.doors if not door.decided]
            if now >= self.proof_until:
                for door in pending:
                    text = "open, but the host itself did not reach it at %s:%d" % (door.prove, door.port)
                    self._decide(door, "not-heard", text)
                pending = []
            elif now >= self.again:
                self.again = now + AGAIN_S
                for door in pending:
                    if door.protocol == "udp":
                        self._knock(door)
            if not pending:
                self.ready = True
                self.agent.emit("ready", id=self.ident)
        for guest in [g for book in (self.guests, self.mine) for g in book.values() if g.until <= now]:
            self._dismiss(guest)

    def _decide(self, door: Door, status: str, detail: str) -> None:
        door.decided = True
        self.agent.emit("listener", id=self.ident, key=door.key, status=status, detail=detail)

    def _knock(self, door: Door) -> None:
        """Reaches for a listener from the host itself; what fails here shows as not-heard."""
        try:
            if door.protocol == "tcp":
                family, target = resolve(door.prove, door.port, socket.SOCK_STREAM)
                sock = socket.socket(family, socket.SOCK_STREAM)
                sock.setblocking(False)
                sock.connect_ex(target)
                self._welcome(self.mine, Guest(sock, None, self.proof_until), WRITE)
            else:
                family, target = resolve(door.prove, door.port, socket.SOCK_DGRAM)
                if family not in self.provers:
                    self.provers[family] = socket.socket(family, socket.SOCK_DGRAM)
                    self.provers[family].setblocking(False)
                    self.selector.register(self.provers[family], READ, "prover")
                self.provers[family].sendto(words(self.token, "self"), target)
        except (OSError, ValueError):
            pass

    def _serve(self, key: "selectors.SelectorKey") -> None:
        data = key.data
        try:
            if data is None or data == "prover":
                key.fileobj.recv(MAX_WORDS)  # type: ignore[union-attr]
            elif isinstance(data, Door):
                if data.protocol == "tcp":
                    self._accept(data)
                else:
                    self._hear_datagrams(data)
            elif id(data) in self.guests:
                self._attend(data, data.door)
            elif id(data) in self.mine:
                self._knocking(data)
        except BlockingIOError:
            pass
        except OSError:
            if isinstance(data, Guest):
                self._dismiss(data)

    def _accept(self, door: Door) -> None:
        assert door.sock is not None
        for _ in range(AT_ONCE):
            try:
                sock, peer = door.sock.accept()
            except BlockingIOError:
                return
            except OSError:  # no descriptor left: the one who has been here longest has to go
                if self.guests:
                    self._dismiss(next(iter(self.guests.values())))
                return
            sock.setblocking(False)
            if len(self.guests) >= self.room:
                self._dismiss(next(iter(self.guests.values())))
            self._welcome(self.guests, Guest(sock, door, time.monotonic() + READ_S, peer), READ)

    def _welcome(self, book: "dict[int, Guest]", guest: Guest, want: int) -> None:
        book[id(guest)] = guest
        self.selector.register(guest.sock, want, guest)

    def _dismiss(self, guest: Guest) -> None:
        if self.guests.pop(id(guest), None) or self.mine.pop(id(guest), None):
            self.selector.unregister(guest.sock)
            guest.sock.close()

    def _knocking(self, guest: Guest) -> None:
        """Our own connection: says the words once it stands, then waits until the listener closes."""
        if not guest.data:
            guest.data = words(self.token, "self")
            guest.sock.send(guest.data)
            self.selector.modify(guest.sock, READ, guest)
        elif not guest.sock.recv(MAX_WORDS):
            self._dismiss(guest)

    def _attend(self, guest: Guest, door: Door) -> None:
        data = guest.sock.recv(MAX_WORDS)
        if guest.answered and data:
            return
        guest.data += data
        if data and b"\n" not in guest.data and len(guest.data) < MAX_WORDS:
            return
        nonce = nonce_in(guest.data[:MAX_WORDS], self.token)
        if guest.answered or not nonce:
            self._dismiss(guest)
            return
        guest.answered = True
        guest.until = time.monotonic() + LINGER_S  # the other end closes when it has read; else we do
        self._heard(door, nonce, guest.peer, guest.sock.getsockname()[0])
        guest.sock.send(words(self.token, "heard " + nonce))
        guest.sock.shutdown(socket.SHUT_WR)

    def _hear_datagrams(self, door: Door) -> None:
        assert door.sock is not None
        for _ in range(AT_ONCE):
            data, sender, local, source = take_datagram(door.sock)
            nonce = nonce_in(data, self.token)
            if nonce:
                answer(door.sock, data, sender, source)
                self._heard(door, nonce, sender, local)

    def _heard(self, door: Door, nonce: str, peer: "Any", local: str) -> None:
        if nonce == "self":
            if not door.decided:
                self._decide(door, "up", "")
            return
        self.agent.emit(
            "heard",
            id=self.ident,
            key=door.key,
            nonce=nonce,
            address=plain(peer[0]),
            port=peer[1],
            at=time.time(),
            local=plain(local),
        )
