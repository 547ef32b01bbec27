"""The endpoint: start it, ask its port, set faults, read what was counted, close it."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterable
from typing import Any

from preflight.lab.wsman.connections import Site
from preflight.lab.wsman.executor import Executor
from preflight.lab.wsman.faults import Fault, FaultBook
from preflight.lab.wsman.login import Accounts
from preflight.lab.wsman.operations import Operations
from preflight.lab.wsman.settings import EndpointSettings, TlsFiles
from preflight.lab.wsman.shells import ShellStore
from preflight.lab.wsman.stats import Stats

__all__ = ["Endpoint", "EndpointSettings", "TlsFiles"]
CLOSE_S = 5.0  # for threads to see that it is over


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or speaks no TLS, is nothing to print."""


class Endpoint:
    """A WinRM service on one port, HTTP or HTTPS.

    The URL path after /wsman/ is the `path` that the executor gets: many machines can share one endpoint.
    """

    def __init__(self, settings: EndpointSettings, executor: Executor) -> None:
        self.settings = settings
        self.stats = Stats()
        self._executor = executor
        self._faults = FaultBook()
        self._site: Site | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with it; setting them starts their counts anew."""
        return self._faults.faults

    @faults.setter
    def faults(self, faults: Iterable[Fault]) -> None:
        self._faults = FaultBook(faults)

    @property
    def port(self) -> int:
        """The port it listens on. Raises RuntimeError before start()."""
        if self._server is None:
            raise RuntimeError("the endpoint was not started")
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The URL of the path ""; add /NAME for a machine."""
        return f"{'https' if self.settings.tls else 'http'}://{self.settings.host}:{self.port}/wsman"

    def start(self) -> None:
        """Listen. Raises OSError when the port is not to be had or the TLS files cannot be read."""
        context = None
        if self.settings.tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.settings.tls.certificate, self.settings.tls.key)
        accounts = Accounts(self.settings.users, with_ntlm="ntlm" in self.settings.auth)
        quotas = (self.settings.max_shells_per_user, self.settings.max_processes_per_shell)
        store = ShellStore(self._executor, self.stats, *quotas)
        operations = Operations(self.settings, store, self.stats)
        site = Site(self.settings, accounts, store, operations, self.stats, lambda: self._faults, context)
        try:
            server = _Server((self.settings.host, self.settings.port), site.serve)  # type: ignore[arg-type]
        except BaseException:
            site.close(CLOSE_S)
            raise
        self._site, self._server = site, server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="wsman-accept", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all commands, drop all connections, stop listening. Does nothing a second time."""
        server, site, thread = self._server, self._site, self._thread
        if server is None or site is None or thread is None or not thread.is_alive():
            return
        server.shutdown()
        server.server_close()
        thread.join(CLOSE_S)
        site.close(CLOSE_S)

    def __enter__(self) -> Endpoint:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
