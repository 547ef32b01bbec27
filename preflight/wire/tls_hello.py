"""The first message of a TLS 1.2 client (RFC 5246, 7.4.1.2): a server answers it with its certificate in clear."""

from __future__ import annotations

import ipaddress
import secrets
import struct

from preflight.wire.tls_words import CIPHERS

TLS12 = 0x0303
# With these four bytes, ServerHelloDone, what a server says first ends: it then waits for us (RFC 5246, 7.4.5).
SERVER_DONE = b"\x0e\0\0\0"
_HANDSHAKE, _CLIENT_HELLO = 22, 1
_SERVER_NAME, _GROUPS, _POINTS, _SIGNATURES, _MASTER_SECRET, _RENEGOTIATION = 0, 10, 11, 13, 23, 0xFF01
_CURVES = (0x001D, 0x0017, 0x0018, 0x0019)  # x25519, secp256r1, secp384r1, secp521r1 (RFC 8422, 5.1.1)
# ECDSA, RSA-PSS and RSA with SHA-256, 384, 512, then both with SHA-1 (RFC 5246, 7.4.1.4.1; RFC 8446, 4.2.3): the
# server picks its certificate by these.
_SCHEMES = (0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201)


def client_hello(name: str = "") -> bytes:
    """The record to send. `name` is the server's, said to it (RFC 6066, 3); an address is not, as the RFC wants it.

    TLS 1.3 is not offered: its servers encrypt the certificate, and nobody could read it without keys.
    """
    extensions = b"".join(
        (
            _server_name(name),
            _extension(_GROUPS, _listed(b"".join(struct.pack(">H", curve) for curve in _CURVES))),
            _extension(_POINTS, b"\x01\x00"),
            _extension(_SIGNATURES, _listed(b"".join(struct.pack(">H", scheme) for scheme in _SCHEMES))),
            _extension(_MASTER_SECRET, b""),  # RFC 7627: hardened servers refuse who does not know it
            _extension(_RENEGOTIATION, b"\0"),  # RFC 5746, 3.4: the same
        )
    )
    ciphers = b"".join(struct.pack(">H", cipher) for cipher in CIPHERS)
    body = struct.pack(">H", TLS12) + secrets.token_bytes(32) + b"\0" + _listed(ciphers) + b"\x01\x00"
    body += _listed(extensions)
    message = bytes([_CLIENT_HELLO]) + len(body).to_bytes(3, "big") + body
    # RFC 5246, E.1: the record around it says 1.0, so that old servers read on.
    return struct.pack(">BHH", _HANDSHAKE, 0x0301, len(message)) + message


def _server_name(name: str) -> bytes:
    plain = name.rstrip(".")
    if not plain or not plain.isascii() or len(plain) > 253 or _is_address(plain):
        return b""
    return _extension(_SERVER_NAME, _listed(b"\0" + _listed(plain.encode("ascii"))))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">H", kind) + _listed(body)


def _listed(body: bytes) -> bytes:
    return struct.pack(">H", len(body)) + body
