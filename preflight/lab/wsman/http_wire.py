"""HTTP/1.1 on one TCP connection: the TLS handshake, bodies, answers, and how it is broken off."""

from __future__ import annotations

import contextlib
import http.server
import select
import socket
import ssl
import struct
import sys
import threading
from typing import Any

HTML_TYPE = "text/html; charset=us-ascii"
IDLE_S = 120.0  # an idle connection is closed after that, as HTTP.sys does
HANDSHAKE_S = 10.0
_HANGUP = getattr(select, "POLLRDHUP", 0)  # Linux: the peer closed its side
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # SO_LINGER that sends RST


class HttpConnection(http.server.BaseHTTPRequestHandler):
    """One connection, in a thread of its own; a subclass answers what comes."""

    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = IDLE_S

    def __init__(
        self, request: socket.socket, address: Any, server: Any, tls: ssl.SSLContext | None, closing: threading.Event
    ) -> None:
        self._tls = tls
        self._closing = closing
        super().__init__(request, address, server)

    def setup(self) -> None:
        """The TLS handshake belongs here, in the connection's own thread."""
        if self._tls is not None:
            self.request.settimeout(HANDSHAKE_S)
            self.request = self._tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        """Requests, until either side has enough."""
        try:
            if not self._closing.is_set():
                super().handle()
        except (OSError, ValueError):
            self.close_connection = True  # the client is gone, or drop() ended it

    def finish(self) -> None:
        """The rest of the buffer, if anybody still reads."""
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        self.drop()
        self.request.close()

    def drop(self) -> None:
        """End the conversation, from any thread."""
        with contextlib.suppress(OSError):
            # Not SSLSocket's own, which takes the TLS state from under the thread that reads.
            socket.socket.shutdown(self.request, socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing: stats count."""

    def is_wanted(self) -> bool:
        """Whether the client still holds the connection (where the system can tell) and the endpoint still runs."""
        if self._closing.is_set():
            return False
        if not _HANGUP:
            return True
        poll = select.poll()
        poll.register(self.request.fileno(), _HANGUP)
        return not poll.poll(0)

    def read_body(self, most: int) -> bytes | None:
        """The request's body, or None after a refusal."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > most:
            self.close_connection = True
            self.send(413 if length.isdigit() else 411, HTML_TYPE, b"")
            return None
        body: bytes = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionError("the body is cut off")
        return body

    def send(self, status: int, kind: str, body: bytes, *headers: tuple[str, str]) -> None:
        """A whole answer."""
        self._head(status, kind, len(body), *headers)
        self.wfile.write(body)
        self.wfile.flush()

    def send_broken(self, status: int, kind: str, body: bytes) -> None:
        """Half an answer, then RST."""
        self._head(status, kind, len(body))
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.close_connection = True
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        socket.close(self.request.detach())

    def _head(self, status: int, kind: str, length: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
