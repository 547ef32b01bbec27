"""pywinrm's HTTP with limits of ours: bytes, seconds, no redirects, no proxy, nothing in clear that must be sealed."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from winrm.exceptions import WinRMTransportError
from winrm.transport import Transport

CONNECT_S = 8.0
OPERATION_S = 20  # how long a host may hold a request before it says that there is nothing yet
READ_S = 30  # between two packets of an answer; pywinrm wants more than OPERATION_S
MAX_ANSWER_BYTES = 16 * 1024 * 1024  # we ask for 512,000 at most; a host that answers more is no WinRM
MAX_LOGIN_BYTES = 1024 * 1024
HEADERS_KEPT = ("Server", "Content-Type", "WWW-Authenticate", "Proxy-Authenticate", "Location")


class StaleConnectionError(Exception):
    """The connection that the keys belong to is gone; nothing was sent, so the same may be asked again on another."""


class NotSealedError(Exception):
    """A message would travel, or did, in clear where NTLM, Kerberos or CredSSP should have sealed it."""


class HttpAnswerError(WinRMTransportError):  # type: ignore[misc,unused-ignore]
    """An HTTP answer other than 200, with what of its headers explains it."""

    def __init__(self, response: requests.Response, text: str) -> None:
        super().__init__("http", response.status_code, text)
        self.status = response.status_code
        self.headers = {name: response.headers[name] for name in HEADERS_KEPT if name in response.headers}
        # pywinrm's handlers repeat the request with a login; its scheme says how far that came.
        sent = response.request.headers if response.request is not None else {}
        self.login_sent = "Authorization" in sent

    @property
    def response_text(self) -> str:
        """The body; pywinrm looks for a SOAP fault in it."""
        return str(self.args[2])


class Wire:
    """The socket below a session, so that another thread can end it; `sealed` once messages are encrypted for it."""

    def __init__(self) -> None:
        self.sealed = False
        self.answered = False  # an HTTP answer has come at all
        self._dropped = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def before(self) -> None:
        """Called before a connection is made: a second one would not have the keys of the first."""
        if self.sealed or self._dropped:
            raise StaleConnectionError("the connection was closed")

    def made(self, sock: Any) -> None:
        """Called with the socket of a new connection."""
        with self._lock:
            self._socket = sock if isinstance(sock, socket.socket) else None
            dropped = self._dropped
        if dropped:
            self.drop()

    def drop(self) -> None:
        """End whatever waits on it."""
        with self._lock:
            self._dropped, sock = True, self._socket
        if sock is not None:
            with contextlib.suppress(OSError, ValueError):
                sock.shutdown(socket.SHUT_RDWR)


class BoundedAdapter(HTTPAdapter):
    """Reads answers up to a size, and tells the wire of its sockets."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._wire = wire
        self.poolmanager.pool_classes_by_scheme = _pools(wire)

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """As in requests; the body is read here."""
        kwargs["stream"] = True
        response = super().send(request, *args, **kwargs)
        self._wire.answered = True
        if response.status_code == 401:
            # requests_ntlm takes the channel binding from the socket below an unread answer, so it stays unread.
            length = response.headers.get("Content-Length", "")
            if length.isdigit() and int(length) <= MAX_LOGIN_BYTES:
                return response
        body = bytearray()
        for piece in response.iter_content(65536):
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                response.close()
                raise requests.exceptions.ContentDecodingError(f"an answer of more than {MAX_ANSWER_BYTES:,} bytes")
        response._content = bytes(body)  # where requests itself keeps it
        if response.status_code in (401, 407):
            raise HttpAnswerError(response, "")
        return response


def _pools(wire: Wire) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            wire.before()
            super().connect()
            wire.made(self.sock)

    class Tls(HTTPSConnection):
        def connect(self) -> None:
            wire.before()
            super().connect()
            wire.made(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}


class BoundedTransport(Transport):
    """pywinrm's Transport on such an adapter. Nothing of the environment (proxies, CA bundles, .netrc) counts."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._url = self.endpoint
        self.wire = Wire()
        self._adapter = BoundedAdapter(self.wire)
        self._must_seal = settings["message_encryption"] == "always"

    def build_session(self) -> requests.Session:
        """The session, made at the first call; with encryption that already logs in."""
        # For a URL with a host, requests writes no_proxy into the environment of the whole process for a moment, where
        # other threads read; for one without, it looks for no proxy at all. None is wanted.
        self.endpoint = f"{urlsplit(self._url).scheme}:"
        try:
            session: requests.Session = super().build_session()
        finally:
            self.endpoint = self._url
        self._fit(session)
        return session

    def setup_encryption(self, session: requests.Session) -> None:
        """Log in by an empty request, then seal all that follows."""
        self.endpoint = self._url
        self._fit(session)
        super().setup_encryption(session)
        if self.auth_method == "ntlm" and session.auth.session_security is None:  # type: ignore[union-attr]
            raise NotSealedError("the host asked for no login")
        self.wire.sealed = True

    def drop(self) -> None:
        """End the connection from any thread."""
        self.wire.drop()

    def _fit(self, session: requests.Session) -> None:
        session.trust_env = False
        session.mount("http://", self._adapter)
        session.mount("https://", self._adapter)

    def _send_message_request(self, session: requests.Session, prepared_request: Any) -> requests.Response:
        if self._must_seal and prepared_request.body and not self.wire.sealed:
            raise NotSealedError("no keys were agreed on")
        # A redirect is never followed: it would carry the login to whoever it names.
        response = session.send(prepared_request, timeout=(CONNECT_S, READ_S), allow_redirects=False)
        if response.status_code == 200:
            if self.wire.sealed and "encrypted" not in response.headers.get("Content-Type", ""):
                raise NotSealedError("the answer came in clear")
            return response
        text = response.content
        if self.encryption and "Content-Type" in response.headers:
            text = self._get_message_response_text(response)
        raise HttpAnswerError(response, text.decode("utf-8", "replace"))
