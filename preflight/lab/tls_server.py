"""The first words of a TLS 1.2 server to a ClientHello (RFC 5246, 7.3): hello, certificate, done, and no more."""

from __future__ import annotations

import ssl
import struct

_HANDSHAKE, _CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE, _DONE = 22, 1, 2, 11, 14
_VERSION = b"\x03\x03"
_CIPHER = b"\x00\x9d"  # AES256-GCM-SHA384: with it no message about keys stands between certificate and done


def first_flight(certificate: str, request: bytes) -> bytes:
    """The answer, with the certificate (PEM) in clear; empty to what is no ClientHello, or without a certificate."""
    if not certificate or request[:2] != bytes([_HANDSHAKE, 3]) or request[5:6] != bytes([_CLIENT_HELLO]):
        return b""
    der = ssl.PEM_cert_to_DER_cert(certificate.strip())
    listed = len(der).to_bytes(3, "big") + der
    hello = _VERSION + bytes(32) + b"\0" + _CIPHER + b"\0"
    said = _message(_SERVER_HELLO, hello) + _message(_CERTIFICATE, len(listed).to_bytes(3, "big") + listed)
    said += _message(_DONE, b"")
    return struct.pack(">B2sH", _HANDSHAKE, _VERSION, len(said)) + said


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body
