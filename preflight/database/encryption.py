"""TLS as TDS wraps it: the handshake in PRELOGIN packets, then the records as they are ([MS-TDS] 2.2.6.5, 3.2.5.2)."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import replace

from cryptography import x509

from preflight.errors import TransportError
from preflight.topology.checklist_database import ExternalDatabase
from preflight.values.database import TlsSeen

CHUNK = 64 * 1024
LOOK_AT_CERTIFICATE = "Correct `ca` or the certificate; `ca: false` asks without looking at it."


def tls_context(database: ExternalDatabase) -> ssl.SSLContext:
    """The context that the site asks for. Raises TransportError (ca) where the file cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # later ones are not spoken inside TDS 7
    context.check_hostname = False
    if database.ca is False:
        # An old server's TLS 1.0 and small self-made key are worse than ours, and better than nothing.
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        return context
    context.check_hostname = database.certificate_name is not None
    try:
        if isinstance(database.ca, str):
            context.load_verify_locations(cafile=database.ca)
        else:
            context.load_default_certs()
    except (OSError, ValueError) as error:
        raise TransportError(
            "ca", f"the CA certificates {database.ca} cannot be used: {error}.", "Write the path of a PEM file."
        ) from None
    return context


class Tls:
    """One TLS session without a socket: bytes of the wire go in and out."""

    def __init__(self, context: ssl.SSLContext, name: str | None) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._in, self._out, server_hostname=name)
        self._checked = context.verify_mode != ssl.CERT_NONE
        self._named = context.check_hostname

    def shake_hands(self, send: Callable[[bytes], None], receive: Callable[[], bytes]) -> TlsSeen:
        """The handshake; `receive` gives at least one byte or raises. Raises TransportError."""
        while True:
            try:
                self._session.do_handshake()
            except ssl.SSLWantReadError:
                if pending := self._out.read():
                    send(pending)
                self._in.write(receive())
            except ssl.SSLCertVerificationError as error:
                cause = f"the server's certificate does not hold: {error.verify_message}."
                raise TransportError("certificate", cause, LOOK_AT_CERTIFICATE) from None
            except ssl.SSLError as error:
                cause = f"no encryption could be agreed on: {error.reason or error}."
                remedy = "Compare the TLS versions and ciphers of the server (Schannel) with those of this machine."
                raise TransportError("tls", cause, remedy) from None
            else:
                if pending := self._out.read():
                    send(pending)
                return self._seen()

    def sealed(self, data: bytes) -> bytes:
        """What goes on the wire."""
        self._session.write(data)
        return self._out.read()

    def opened(self, data: bytes) -> bytes:
        """What came over the wire, in clear; empty where more has to come, or at the end. Raises TransportError."""
        self._in.write(data)
        clear = b""
        try:
            while piece := self._session.read(CHUNK):
                clear += piece
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            return clear
        except ssl.SSLError as error:
            cause = f"the encryption broke: {error.reason or error}."
            raise TransportError("tls", cause, "Run again; the server's log may say why.") from None
        return clear

    def _seen(self) -> TlsSeen:
        checked = "chain and name" if self._named else "chain" if self._checked else "no"
        seen = TlsSeen(self._session.version() or "", checked)  # type: ignore[arg-type]
        raw = self._session.getpeercert(binary_form=True)
        try:
            certificate = x509.load_der_x509_certificate(raw or b"")
            return replace(
                seen,
                subject=certificate.subject.rfc4514_string()[:200],
                expires=certificate.not_valid_after_utc.timestamp(),
                issuer=certificate.issuer.rfc4514_string()[:200],
                sha256=hashlib.sha256(raw or b"").hexdigest(),
            )
        except ValueError:  # one that nobody can read encrypts all the same
            return seen
