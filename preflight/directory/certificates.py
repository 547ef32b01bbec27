"""A server's certificate and TLS connection as facts: chain, names, dates, and whether it is to be trusted."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
import time
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from preflight.directory.wording import plain
from preflight.values.directory import ChainLink, TlsSeen

MAX_NAMES, MAX_CHAIN = 50, 10


def read_tls(
    connection: ssl.SSLSocket, expected: Sequence[str], checked_by: str, why_not: tuple[str, str] = ("", "")
) -> TlsSeen | None:
    """What the connection and its certificates say; None where the certificate cannot be read.

    `why_not` is the reason (word, sentence) for which the certificate had been refused on another connection.
    """
    raw = connection.getpeercert(binary_form=True)
    cipher = connection.cipher()
    found = _load(raw) if raw else None
    if found is None:
        return None
    names = certificate_names(found)
    ends = found.not_valid_after_utc.timestamp()
    algorithm = found.signature_hash_algorithm
    return TlsSeen(
        version=connection.version() or "",
        cipher=cipher[0] if cipher else "",
        subject=_name(found.subject),
        issuer=_name(found.issuer),
        names=names,
        not_before=found.not_valid_before_utc.timestamp(),
        not_after=ends,
        days_left=round((ends - time.time()) / 86400, 2),
        key=_key(found),
        signature=algorithm.name if algorithm else "",
        self_signed=found.issuer == found.subject,
        chain=tuple(
            ChainLink(_name(link.subject), _name(link.issuer), link.not_valid_after_utc.timestamp())
            for link in (_load(der) for der in sent_chain(connection, raw or b""))
            if link is not None
        ),
        checked_by=checked_by,
        trusted=None if checked_by == "nobody" else not why_not[0],
        why_not=why_not[0],
        why_not_said=why_not[1],
        expected_names=tuple(expected),
        matched_name=next((name for name in expected if any(carries(pattern, name) for pattern in names)), None),
        sha256=hashlib.sha256(raw or b"").hexdigest(),
    )


def certificate_names(found: x509.Certificate) -> tuple[str, ...]:
    """Names and addresses that it is made out to; the subject's common name only where it has no others (RFC 2818)."""
    try:
        held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        texts = [str(value) for value in held.get_values_for_type(x509.DNSName)]
        texts += [str(value) for value in held.get_values_for_type(x509.IPAddress)]
    except (x509.ExtensionNotFound, ValueError):
        texts = []
    if not texts:
        texts = [str(a.value) for a in found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    return tuple(plain(text, 253) for text in texts[:MAX_NAMES])


def carries(pattern: str, name: str) -> bool:
    """Whether a name of a certificate is that name; `*` stands for one whole label, the first (RFC 6125)."""
    try:
        return ipaddress.ip_address(pattern) == ipaddress.ip_address(name)
    except ValueError:
        pass
    ours, theirs = name.casefold().rstrip("."), pattern.casefold().rstrip(".")
    if theirs.startswith("*."):
        label, dot, rest = ours.partition(".")
        return bool(label and dot) and rest == theirs[2:] and "." in rest
    return ours == theirs


def sent_chain(connection: ssl.SSLSocket, own: bytes) -> list[bytes]:
    """The certificates as the server sent them, DER; its own alone where Python cannot tell."""
    # Python 3.13 has this as a method of the socket; before, the same stands on the object inside.
    holder: Any = connection if hasattr(connection, "get_unverified_chain") else getattr(connection, "_sslobj", None)
    try:
        links = holder.get_unverified_chain() or ()
        return [link if isinstance(link, bytes) else _der(link) for link in links][:MAX_CHAIN] or [own]
    except (AttributeError, TypeError, ValueError):
        return [own]


def _der(link: Any) -> bytes:
    return ssl.PEM_cert_to_DER_cert(link.public_bytes())


def _load(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except Exception:  # what a stranger sent may break the parser in any way; the rest stands without it
        return None


def _name(name: x509.Name) -> str:
    return plain(name.rfc4514_string())


def _key(found: x509.Certificate) -> str:
    try:
        key = found.public_key()
    except Exception:  # a kind of key that the library does not know
        return ""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.strip("_")
