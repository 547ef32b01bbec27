"""The way to a database server: connection, PRELOGIN and TLS by ourselves, then a socket for python-tds to talk over.

python-tds encrypts with pyOpenSSL and a CA file only, and otherwise sends the password all but in clear; and it keeps
the last of several errors. So it is told that encryption is out of the question, and everything that it says goes
through here: encrypted by the standard library, its login answered only after we have read the answer ourselves.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from preflight.database.encryption import CHUNK, Tls
from preflight.database.options import AskOptions, Deadline
from preflight.errors import TransportError
from preflight.values.database import TlsSeen
from preflight.wire import tds

T = TypeVar("T")
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM, 10065, 10051}
ENCRYPT = "Have encryption repaired on the server, or write `encrypt: false` if passwords may go there in clear."


class Channel:
    """One connection. Every method raises TransportError with a short kind; python-tds passes it on as it is."""

    def __init__(self, connection: socket.socket, deadline: Deadline, options: AskOptions) -> None:
        self._socket = connection
        self._deadline = deadline
        self._left = options.max_bytes
        self._tls: Tls | None = None
        self._clear = bytearray()  # received and deciphered
        self._greeted = False  # python-tds has said its PRELOGIN, which goes nowhere
        self.server = tds.Prelogin("", tds.ENCRYPT_NOT_SUP)
        self.tls = TlsSeen()
        self.login: tds.LoginReply | None = None

    @classmethod
    def open(cls, address: str, port: int, deadline: Deadline, options: AskOptions) -> Channel:
        """Connect. Kinds: refused, dropped, unreachable, other."""
        where = f"{address}:{port}"
        try:
            made = socket.create_connection((address, port), max(0.01, min(options.connect_s, deadline.left())))
        except ConnectionRefusedError:
            remedy = "Check the port, and that the service runs and has TCP/IP switched on."
            raise TransportError("refused", f"{where} refused the connection.", remedy) from None
        except TimeoutError:
            remedy = "Check the address and the firewalls between this machine and the server."
            raise TransportError("dropped", f"{where} did not answer.", remedy) from None
        except OSError as error:
            kind = "unreachable" if error.errno in _UNREACHABLE else "other"
            cause = f"{where} cannot be reached: {error.strerror or type(error).__name__}."
            raise TransportError(kind, cause, "Check the address.") from None
        return cls(made, deadline, options)

    def greet(self, context: ssl.SSLContext, name: str | None, *, clear: bool) -> None:
        """Say what we speak and agree on TLS; `clear`: without. Raises kinds not-tds, no-encryption, tls, ..."""
        wanted = tds.ENCRYPT_NOT_SUP if clear else tds.ENCRYPT_ON
        self._send(tds.packets(tds.PRELOGIN, tds.prelogin(wanted)))
        kind, payload = self._message()
        try:
            if kind != tds.REPLY:
                raise tds.NotTdsError(f"a packet of type 0x{kind:02x}")
            self.server = tds.parse_prelogin(payload)
        except tds.NotTdsError as error:
            raise _not_tds(error) from None
        if clear and self.server.encryption == tds.ENCRYPT_REQ:
            raise TransportError("tls", "the server wants encryption, and had not offered it.", ENCRYPT)
        if clear:
            return
        if self.server.encryption not in (tds.ENCRYPT_ON, tds.ENCRYPT_REQ):
            raise TransportError("no-encryption", "the server offers no encryption, so no password was sent.", ENCRYPT)
        tls = Tls(context, name)
        self.tls = tls.shake_hands(lambda data: self._send(tds.packets(tds.PRELOGIN, data)), lambda: self._message()[1])
        self._tls = tls

    def sendall(self, data: bytes | bytearray | memoryview, _flags: int = 0) -> None:
        """For python-tds. Its PRELOGIN is answered here: it has been said."""
        if not self._greeted:
            self._greeted = True
            self._clear += tds.packets(tds.REPLY, tds.prelogin(tds.ENCRYPT_NOT_SUP))
            return
        self._send(self._tls.sealed(bytes(data)) if self._tls else bytes(data))

    def recv_into(self, buffer: bytearray | memoryview, size: int = 0, _flags: int = 0) -> int:
        """For python-tds. The answer to its login is read here first."""
        if self._greeted and not self._clear and self.login is None:
            self._read_login_reply()
        while not self._clear:
            self._receive()
        taken = min(size or len(buffer), len(buffer), len(self._clear))
        buffer[:taken] = self._clear[:taken]
        del self._clear[:taken]
        return taken

    def setsockopt(self, *_: object) -> None:
        """For python-tds, which would set what does not matter here."""

    def settimeout(self, _: float | None) -> None:
        """For python-tds; the deadline is ours."""

    def gettimeout(self) -> float:
        """For python-tds."""
        return self._deadline.left()

    def extend(self, deadline: Deadline) -> None:
        """Another deadline from now on."""
        self._deadline = deadline

    def close(self) -> None:
        """Close, whatever the other end does."""
        try:
            self._socket.close()
        except OSError:  # it is gone already
            return

    def _read_login_reply(self) -> None:
        taken = bytearray()
        payload = b""
        last = False
        while not last:
            kind, last, size = self._header(self._take(tds.HEADER, taken))
            if kind != tds.REPLY:
                raise _not_tds(tds.NotTdsError(f"a packet of type 0x{kind:02x}"))
            payload += self._take(size, taken)
        self.login = tds.parse_login_reply(payload)
        if self.login.routed:  # python-tds would go there by a connection of its own
            remedy = "Write the server that it names into the inventory."
            raise TransportError("routed", "the server sends its clients to another one.", remedy)
        self._clear[:0] = taken

    def _message(self) -> tuple[int, bytes]:
        """A whole message in clear, before any login."""
        payload, last, kind = b"", False, 0
        while not last:
            kind, last, size = self._header(self._take(tds.HEADER, bytearray()))
            payload += self._take(size, bytearray())
        return kind, payload

    def _header(self, raw: bytes) -> tuple[int, bool, int]:
        try:
            return tds.packet_header(raw)
        except tds.NotTdsError as error:
            raise _not_tds(error) from None

    def _take(self, size: int, kept: bytearray) -> bytes:
        while len(self._clear) < size:
            self._receive()
        data = bytes(self._clear[:size])
        del self._clear[:size]
        kept += data
        return data

    def _receive(self) -> None:
        data = self._guarded(lambda: self._waiting().recv(CHUNK), "the answer")
        if not data:
            remedy = "Check the port; the server's log (ERRORLOG) may say why."
            raise TransportError("closed", "the other end closed the connection.", remedy)
        self._left -= len(data)
        if self._left < 0:
            raise TransportError("other", "the server said more than anybody asked.", "Check what listens there.")
        self._clear += self._tls.opened(data) if self._tls else data

    def _send(self, data: bytes) -> None:
        self._guarded(lambda: self._waiting().sendall(data), "the question")

    def _waiting(self) -> socket.socket:
        left = self._deadline.left()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._socket

    def _guarded(self, run: Callable[[], T], what: str) -> T:
        try:
            return run()
        except TimeoutError:
            remedy = "Run again when the server is less busy; check that it is a database server."
            raise TransportError("timeout", f"{what} took too long.", remedy) from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            remedy = "Check the port; the server's log (ERRORLOG) may say why."
            raise TransportError("closed", f"the connection ended at {what}: {reason}.", remedy) from None


def _not_tds(error: tds.NotTdsError) -> TransportError:
    return TransportError(
        "not-tds", f"what answers there is no MS SQL server: {error}.", "Check the port and the instance's name."
    )
