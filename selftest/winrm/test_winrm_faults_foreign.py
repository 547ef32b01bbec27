"""Connection faults where no WinRM answers, met for real: closed ports, silence, other web servers, old TLS."""

from __future__ import annotations

import contextlib
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from winrm_ground import WRONG, assert_is, backend_at, error_of, machine_at, settings

from preflight.lab.wsman.certificates import new_certificate
from preflight.lab.wsman.faults import Fault
from preflight.lab.wsman.server import Endpoint
from preflight.topology.credentials import Secret
from preflight.transports import winrm_http
from preflight.transports.winrm import WinRmBackend


def to_port(port: int, **changes: Any) -> WinRmBackend:
    machine = machine_at(Endpoint.__new__(_Stub), port=port, **changes)
    return WinRmBackend(machine, lambda _: Secret(WRONG))


class _Stub(Endpoint):
    port = 1
    settings = settings()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_refused() -> None:
    assert_is(error_of(to_port(free_port())), "refused")


def test_name_unknown() -> None:
    assert_is(error_of(to_port(5985, address="nosuch.invalid")), "name-unknown")


def test_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(winrm_http, "CONNECT_S", 0.5)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        filling = [socket.socket() for _ in range(4)]  # a full backlog drops what comes, as a firewall does
        for one in filling:
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        assert_is(error_of(to_port(server.getsockname()[1])), "no-answer")
        for one in filling:
            one.close()


def test_silent(monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint) -> None:
    monkeypatch.setattr(winrm_http, "READ_S", 0.5)
    endpoint.faults = [Fault("silent")]
    assert_is(error_of(backend_at(endpoint)), "silent")


@contextmanager
def serving(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[int]:
    """A web server that is no WinRM."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def page(status: int, headers: dict[str, str], body: bytes) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    ("status", "headers", "body", "name"),
    [
        (404, {"Content-Type": "text/html"}, b"<html><body>not here</body></html>", "not-winrm"),
        (200, {"Content-Type": "text/html"}, b"<html>welcome</html>", "unencrypted-refused"),
        (302, {"Location": "http://127.0.0.2/login"}, b"", "redirected"),
        (403, {}, b"", "access-denied"),
        (500, {}, b"", "internal"),
        (413, {}, b"", "envelope"),
        (401, {"WWW-Authenticate": "Negotiate"}, b"", "ntlm-not-offered"),
        (401, {"WWW-Authenticate": "Digest realm=x"}, b"", "ntlm-not-offered"),
        (401, {}, b"x" * 2_000_000, "ntlm-not-offered"),
        (200, {}, b"x" * 17_000_000, "not-winrm"),
    ],
)
def test_other_servers(status: int, headers: dict[str, str], body: bytes, name: str) -> None:
    with serving(page(status, headers, body)) as port:
        assert_is(error_of(to_port(port)), name)


def test_a_server_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.flush_headers()
        with contextlib.suppress(OSError):
            while not over.wait(0.05):
                handler.wfile.write(b"X-")

    with serving(drip) as port:
        backend = to_port(port)
        shells = backend._shells
        ask = shells.request
        monkeypatch.setattr(shells, "request", lambda work, _=0.0, holding=None: ask(work, 1.0, holding))
        assert_is(error_of(backend), "silent")
        over.set()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls(tmp_path: Path) -> None:
    tls = new_certificate(tmp_path, ["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(tls.certificate, tls.key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            taken, _ = server.accept()
            with taken:
                try:
                    context.wrap_socket(taken, server_side=True)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        assert_is(error_of(to_port(server.getsockname()[1], https=True, verify=False)), "old-tls")
