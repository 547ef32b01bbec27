"""One TCP connection to a directory, with deadlines and bounds: bytes out, whole messages in."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from preflight.directory.handshake import handshake_trouble
from preflight.directory.options import Deadline
from preflight.errors import TransportError
from preflight.wire.ldap_replies import BadReplyError, message_size

T = TypeVar("T")
CHUNK = 256 * 1024
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM, 10065, 10051}


class Channel:
    """Messages over a socket. Every method raises TransportError with a short kind."""

    def __init__(self, connection: socket.socket, max_message: int) -> None:
        self._socket = connection
        self._max = max_message
        self._buffer = bytearray()
        self.local_address = str(connection.getsockname()[0])

    @classmethod
    def open(cls, address: str, port: int, deadline: Deadline, max_message: int) -> Channel:
        """Connect. Kinds: refused, dropped, unreachable, other."""
        where = f"{address}:{port}"
        try:
            return cls(socket.create_connection((address, port), max(0.01, deadline.left())), max_message)
        except ConnectionRefusedError:
            raise TransportError(
                "refused", f"{where} refused the connection.", "Check the address and that the service runs."
            ) from None
        except TimeoutError:
            raise TransportError(
                "dropped", f"{where} did not answer.", "Check the address and the firewalls on the way."
            ) from None
        except OSError as error:
            kind = "unreachable" if error.errno in _UNREACHABLE else "other"
            reason = error.strerror or type(error).__name__
            raise TransportError(kind, f"{where} cannot be reached: {reason}.", "Check the address.") from None

    def secure(self, context: ssl.SSLContext, name: str | None, deadline: Deadline) -> ssl.SSLSocket:
        """Begin TLS on this connection. Raises ssl.SSLError as it is, and TransportError for the rest."""
        if self._buffer:  # what came in clear must not be taken for something that came encrypted
            raise TransportError("other", "the directory went on in clear after it had agreed to TLS.", "")
        secured = self._guarded(
            lambda: context.wrap_socket(self._waiting(deadline.left()), server_hostname=name), "the handshake", True
        )
        self._socket = secured
        return secured

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of it."""
        self._guarded(lambda: self._waiting(deadline.left()).sendall(data), "the question")

    def message(self, deadline: Deadline) -> bytes | None:
        """The next message; None for one that was too large and has been skipped."""
        try:
            size = message_size(bytes(self._buffer[:10]))
            while size is None:
                self._receive(deadline)
                size = message_size(bytes(self._buffer[:10]))
        except BadReplyError as error:
            raise TransportError(
                "not-ldap", f"what answers there does not speak LDAP: {error}.", "Check the port and the protocol."
            ) from None
        if size > self._max:
            self._skip(size, deadline)
            return None
        while len(self._buffer) < size:
            self._receive(deadline)
        message = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return message

    def close(self) -> None:
        """Close, whatever the other end does."""
        try:
            self._socket.close()
        except OSError:  # it is gone already
            return

    def _waiting(self, seconds: float) -> socket.socket:
        """The socket, told how long it may wait. It is closed already where a handshake failed."""
        self._socket.settimeout(max(0.01, seconds))
        return self._socket

    def _skip(self, size: int, deadline: Deadline) -> None:
        while size > len(self._buffer):
            size -= len(self._buffer)
            self._buffer.clear()
            self._receive(deadline)
        del self._buffer[:size]

    def _receive(self, deadline: Deadline) -> None:
        left = deadline.left()
        if left <= 0:
            raise TransportError("timeout", "the directory did not answer in time.", "Try again when it is less busy.")
        data = self._guarded(lambda: self._waiting(left).recv(CHUNK), "the answer")
        if not data:
            raise TransportError("closed", "the directory closed the connection.", "Its log may say why.")
        self._buffer += data

    def _guarded(self, run: Callable[[], T], what: str, handshake: bool = False) -> T:
        try:
            return run()
        except ssl.SSLError as error:
            if handshake:
                raise
            raise handshake_trouble(error) from None
        except TimeoutError:
            raise TransportError(
                "timeout", f"{what} took too long.", "Try again when the directory is less busy."
            ) from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise TransportError(
                "closed", f"the connection ended at {what}: {reason}.", "The directory's log may say why."
            ) from None
