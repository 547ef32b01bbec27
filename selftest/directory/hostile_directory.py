"""A directory that lies, stalls and floods: a server of the tests' own, message by message."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence

Answer = Callable[[int, bytes], Iterator[bytes]]  # number and operation (tag and content) of a request -> bytes to send
BIND, SEARCH, UNBIND, EXTENDED = 0x60, 0x63, 0x42, 0x77
PAGED = b"1.2.840.113556.1.4.319"


def part(tag: int, content: bytes) -> bytes:
    """One BER element."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def result(
    number: int, tag: int, code: int = 0, text: bytes = b"", cookie: bytes | None = None, matched: bytes = b""
) -> bytes:
    """The end of an operation; with a cookie, of a page."""
    done = part(tag, part(0x0A, bytes([code])) + part(0x04, matched) + part(0x04, text))
    controls = b""
    if cookie is not None:
        value = part(0x30, part(0x02, b"\0") + part(0x04, cookie))
        controls = part(0xA0, part(0x30, part(0x04, PAGED) + part(0x04, value)))
    return part(0x30, part(0x02, number.to_bytes(4, "big")) + done + controls)


def entry(number: int, dn: bytes, attributes: dict[str, Sequence[bytes]]) -> bytes:
    """One entry of a search."""
    held = b"".join(
        part(0x30, part(0x04, name.encode()) + part(0x31, b"".join(part(0x04, v) for v in values)))
        for name, values in attributes.items()
    )
    return part(0x30, part(0x02, number.to_bytes(4, "big")) + part(0x64, part(0x04, dn) + part(0x30, held)))


def reference(number: int, url: bytes) -> bytes:
    """A pointer to another server."""
    return part(0x30, part(0x02, number.to_bytes(4, "big")) + part(0x73, part(0x04, url)))


class HostileDirectory:
    """Use as a context manager; `answer` says what is sent for each search, a plain login is always taken."""

    def __init__(self, answer: Answer, on_bind: bytes | None = None) -> None:
        self._answer, self._on_bind = answer, on_bind
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> HostileDirectory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.close()

    def wait(self, seconds: float) -> None:
        """Stall, until the test is over at the latest."""
        self._over.wait(seconds)

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, IndexError), connection:
            connection.settimeout(60)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while request := _message(connection):
                number, operation = _taken(request)
                if operation[0] == UNBIND:
                    return
                if operation[0] == BIND:
                    connection.sendall(self._on_bind or result(number, 0x61))
                elif operation[0] == EXTENDED:
                    connection.sendall(result(number, 0x78, 2))
                else:
                    for data in self._answer(number, operation):
                        connection.sendall(data)


def is_root(operation: bytes) -> bool:
    """Whether a search is for the root DSE."""
    return operation[2:4] == b"\x04\x00" or b"\x04\x00\x0a\x01\x00" in operation[:10]


def _message(connection: socket.socket) -> bytes:
    head = _exactly(connection, 2)
    if len(head) < 2:
        return b""
    size = head[1]
    if size >= 0x80:
        more = _exactly(connection, size & 0x7F)
        size, head = int.from_bytes(more, "big"), head + more
    return head + _exactly(connection, size)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        if not chunk:
            return data
        data += chunk
    return data


def _taken(request: bytes) -> tuple[int, bytes]:
    at = 2 if request[1] < 0x80 else 2 + (request[1] & 0x7F)
    size = request[at + 1]
    return int.from_bytes(request[at + 2 : at + 2 + size], "big"), request[at + 2 + size :]
