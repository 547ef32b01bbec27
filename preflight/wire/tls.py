"""What a server answers to a ClientHello of TLS 1.2 (RFC 5246): version, cipher and certificate, or an alert.

Up to TLS 1.2 the certificate goes in clear (7.4.2), so whoever carries the bytes needs no key and no library. A server
that speaks TLS 1.3 only refuses with an alert (RFC 8446, appendix D.2). Bytes may be hostile, and cut anywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from preflight.wire.tls_words import ALERTS, CIPHERS, PROTOCOL_VERSION, VERSIONS

_ALERT, _HANDSHAKE = 21, 22
_SERVER_HELLO, _CERTIFICATE = 2, 11
_MOST_RECORD = 16384 + 2048  # RFC 5246, 6.2.3: more is no TLS
_MAX_NAMES, _MAX_TEXT = 50, 200


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's own certificate."""

    subject: str
    issuer: str
    names: tuple[str, ...]  # DNS names and addresses that it is made out to
    not_before: datetime
    not_after: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The first words of a server that speaks TLS. Without certificate and alert, they ended before either."""

    version: str = ""  # TLS 1.2; empty with an alert
    cipher: str = ""
    certificate: Certificate | None = None
    sha256: str = ""  # of a whole certificate, one that nobody can read included
    missing: int = 0  # bytes of the certificate that did not come
    alert: int | None = None

    @property
    def why_unseen(self) -> str:
        """Why the certificate cannot be told; empty where it can."""
        if self.certificate is not None:
            return ""
        if self.alert == PROTOCOL_VERSION:
            return "the server speaks TLS newer than 1.2 only, which encrypts its certificate"
        if self.alert is not None:
            return f"the server ended the handshake with the alert {ALERTS.get(self.alert, self.alert)}"
        if self.missing:
            return f"the certificate came without its last {self.missing} bytes"
        return "nobody can read the certificate" if self.sha256 else "the answer ended before the certificate"


def describe(reply: bytes) -> str | None:
    """The answer as one line; None where the bytes are no answer to a ClientHello."""
    found = answer(reply)
    if found is None:
        return None
    shown = found.certificate
    if shown is None:
        told = found.version or "TLS is spoken"
        unread = f", SHA-256 {found.sha256}" if found.sha256 else ""
        return f"{told}; the certificate could not be seen: {found.why_unseen}{unread}"
    return f"{found.version}, certificate {shown.subject}, until {shown.not_after:%Y-%m-%d}, SHA-256 {shown.sha256}"


def answer(reply: bytes) -> Answer | None:
    """What the server said; None where the bytes are no answer to a ClientHello. Never raises."""
    records = _records(reply)
    if not records:
        return None
    kind, first = records[0]
    if kind == _ALERT:
        return Answer(alert=first[1]) if len(first) == 2 and first[0] in (1, 2) else None
    handshake = b""
    for kind, piece in records:
        if kind != _HANDSHAKE:
            break
        handshake += piece
    messages = _messages(handshake)
    hello = _hello(messages[0][1]) if messages and messages[0][0] == _SERVER_HELLO else None
    if hello is None:
        return None
    version, cipher = hello
    if len(messages) > 1 and messages[1][0] == _CERTIFICATE:
        return _certified(version, cipher, messages[1][1])
    if len(records) > 1 and records[1][0] == _ALERT and len(records[1][1]) == 2:
        return Answer(version, cipher, alert=records[1][1][1])
    return Answer(version, cipher)


def _records(reply: bytes) -> list[tuple[int, bytes]]:
    """Records as (type, what came of it), RFC 5246, 6.2.1; none where the bytes do not begin like TLS."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at + 5 <= len(reply):
        kind, major, length = reply[at], reply[at + 1], int.from_bytes(reply[at + 3 : at + 5], "big")
        if kind not in (_ALERT, _HANDSHAKE) or major != 3 or not 0 < length <= _MOST_RECORD:
            break
        found.append((kind, reply[at + 5 : at + 5 + length]))
        at += 5 + length
    return found


def _messages(handshake: bytes) -> list[tuple[int, bytes]]:
    """Handshake messages as (type, what came of it), RFC 5246, 7.4."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at + 4 <= len(handshake):
        length = int.from_bytes(handshake[at + 1 : at + 4], "big")
        found.append((handshake[at], handshake[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def _hello(body: bytes) -> tuple[str, str] | None:
    """Version and cipher of a ServerHello, 7.4.1.3; None where it is none, or not whole."""
    if len(body) < 38:
        return None
    version = int.from_bytes(body[:2], "big")
    after = 35 + body[34]
    if version not in VERSIONS or body[34] > 32 or len(body) < after + 3:
        return None
    cipher = int.from_bytes(body[after : after + 2], "big")
    return VERSIONS[version], CIPHERS.get(cipher, f"0x{cipher:04x}")


def _certified(version: str, cipher: str, body: bytes) -> Answer:
    """The first of the list, 7.4.2: it is the server's own."""
    if len(body) < 6:
        return Answer(version, cipher)
    length = int.from_bytes(body[3:6], "big")
    if not length:
        return Answer(version, cipher)
    der = body[6 : 6 + length]
    if len(der) < length:
        return Answer(version, cipher, missing=length - len(der))
    return Answer(version, cipher, read_certificate(der), hashlib.sha256(der).hexdigest())


def read_certificate(der: bytes) -> Certificate | None:
    """The certificate; None where the library cannot read it."""
    try:
        found = x509.load_der_x509_certificate(der)
        return Certificate(
            _plain(found.subject.rfc4514_string()) or "without a subject",
            _plain(found.issuer.rfc4514_string()),
            _names(found),
            found.not_valid_before_utc,
            found.not_valid_after_utc,
            hashlib.sha256(der).hexdigest(),
        )
    except Exception:  # what a stranger sent may break the parser in any way
        return None


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        texts = [str(value) for value in held.get_values_for_type(x509.DNSName)]
        texts += [str(value) for value in held.get_values_for_type(x509.IPAddress)]
    except (x509.ExtensionNotFound, ValueError):
        texts = []
    if not texts:
        texts = [str(a.value) for a in found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    return tuple(_plain(text) for text in texts[:_MAX_NAMES])


def _plain(text: str) -> str:
    """What a stranger wrote, without characters that a terminal would act on."""
    return "".join(c if c.isprintable() else "?" for c in text)[:_MAX_TEXT]
