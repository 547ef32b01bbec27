"""HTTP in front of the shells: one thread a connection, logins, sealed messages, and what a fault makes of it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from spnego.exceptions import SpnegoError

from preflight.lab.wsman import replies, sealing, soap
from preflight.lab.wsman.faults import FaultBook
from preflight.lab.wsman.http_wire import HTML_TYPE, HttpConnection
from preflight.lab.wsman.login import Accounts, Login, Refused
from preflight.lab.wsman.operations import Operations
from preflight.lab.wsman.settings import EndpointSettings
from preflight.lab.wsman.shells import ShellStore
from preflight.lab.wsman.stats import Stats

SOAP_TYPE = "application/soap+xml;charset=UTF-8"
SEALING_ROOM = 65_536  # bytes: MIME and signature go on top of an envelope


@dataclass(slots=True)
class Site:
    """What all connections of an endpoint share."""

    settings: EndpointSettings
    accounts: Accounts
    store: ShellStore
    operations: Operations
    stats: Stats
    faults: Callable[[], FaultBook]
    tls: ssl.SSLContext | None
    closing: threading.Event = field(default_factory=threading.Event)
    open: dict[Connection, threading.Thread] = field(default_factory=dict)

    def serve(self, request: socket.socket, address: Any, server: Any) -> None:
        """Serve one connection, in its own thread."""
        self.stats.add("connections")
        self.stats.add("connections_open")
        try:
            Connection(self, request, address, server)
        finally:
            self.stats.add("connections_open", change=-1)

    def close(self, timeout_s: float) -> None:
        """End all commands and connections."""
        self.closing.set()
        self.store.close()
        deadline = time.monotonic() + timeout_s
        for connection, thread in list(self.open.items()):
            connection.drop()
            thread.join(max(0.0, deadline - time.monotonic()))


class Connection(HttpConnection):
    """One TCP connection and the requests on it."""

    def __init__(self, site: Site, request: socket.socket, address: Any, server: Any) -> None:
        self.site = site
        self.login = Login(site.accounts)
        super().__init__(request, address, server, site.tls, site.closing)

    def handle(self) -> None:
        """Known to the site meanwhile, so that it can be ended."""
        self.site.open[self] = threading.current_thread()
        try:
            super().handle()
        finally:
            self.site.open.pop(self, None)

    def do_GET(self) -> None:  # noqa: N802
        """Not a thing for WinRM."""
        self.site.stats.add("requests", self._path() or "")
        self.send(405, HTML_TYPE, b"")

    def do_POST(self) -> None:  # noqa: N802 - http.server's names
        """One SOAP request, or a step of a login."""
        path = self._path()
        self.site.stats.add("requests", path or "")
        body = self.read_body(self.site.settings.max_envelope_kb * 1024 + SEALING_ROOM)
        if body is None:
            return
        faults = self.site.faults()
        if path is None or faults.strikes("not-found", path):
            self.send(404, HTML_TYPE, b"<html><body><h2>Not Found</h2></body></html>")
        elif faults.strikes("silent", path):
            while self.is_wanted():
                self.site.closing.wait(0.5)
            self.close_connection = True
        elif faults.strikes("unavailable", path):
            self.close_connection = True
            self.send(503, HTML_TYPE, b"<html><body><h2>Service Unavailable</h2></body></html>")
        elif faults.strikes("proxy-login", path):
            self.send(407, HTML_TYPE, b"", ("Proxy-Authenticate", 'Basic realm="proxy"'))
        else:
            self._serve(path, body, faults)

    def _path(self) -> str | None:
        """The machine: what stands after /wsman/, or None for another URL."""
        parts = unquote(urlsplit(self.path).path).strip("/").split("/", 1)
        return ("/".join(parts[1:])) if parts[0].lower() == "wsman" else None

    def _serve(self, path: str, body: bytes, faults: FaultBook) -> None:
        if self.headers.get("WSMANIDENTIFY", "").lower() == "unauthenticated":
            self.send(200, SOAP_TYPE, replies.IDENTITY.format(os="0.0.0").encode())
            return
        settings = self.site.settings
        refused = faults.strikes("unencrypted-refused", path)
        in_clear = self.site.tls is None and (refused or (bool(settings.auth) and not settings.allow_unencrypted))
        offered = settings.auth
        if in_clear or faults.strikes("no-basic", path):
            offered -= {"basic"}
        user: str | Refused = ""
        if settings.auth:
            user = self.login.enter(self.headers.get("Authorization"), offered, faults.strikes("wrong-password", path))
        if isinstance(user, Refused):
            self.send(401, HTML_TYPE, b"", *(("WWW-Authenticate", text) for text in user.challenges))
            return
        if not body:  # the end of a login without a question
            self.send(200, "", b"")
            return
        sealed = sealing.is_sealed(self.headers.get("Content-Type", ""))
        if not sealed and in_clear:
            self.send(500, "", b"")  # what Windows says to unencrypted messages: nothing
            return
        if sealed:
            try:
                if self.login.context is None:
                    raise ValueError("a sealed message without a login")
                body = sealing.unseal(self.login.context, body)
            except (ValueError, SpnegoError):
                self.close_connection = True
                self.send(400, HTML_TYPE, b"")
                return
        self._answer(path, user, body, faults, sealed)

    def _answer(self, path: str, user: str, body: bytes, faults: FaultBook, sealed: bool) -> None:
        status, operation = 200, ""
        message_id = ""
        try:
            request = soap.parse(body)
            operation, message_id = request.operation, request.message_id
            reply = self.site.operations.answer(request, user, path, faults, self.is_wanted)
        except replies.SoapError as fault:
            status = 500
            reply = replies.fault_reply(fault, self.site.settings.machine, message_id or fault.message_id)
        kind = SOAP_TYPE
        if sealed and self.login.context is not None:
            kind, reply = sealing.CONTENT_TYPE, sealing.seal(self.login.context, reply)
        if faults.strikes("reset", path, operation):
            self.send_broken(status, kind, reply)
        else:
            self.send(status, kind, reply)
