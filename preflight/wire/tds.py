"""Tabular Data Stream ([MS-TDS]): packets, PRELOGIN and the reply to a login, as far as they concern the way in."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from preflight.values.database import ServerError

REPLY, LOGIN7, PRELOGIN = 0x04, 0x10, 0x12  # 2.2.3.1.1
HEADER = 8
PACKET = 4096  # the size before a login has agreed on another
ENCRYPT_OFF, ENCRYPT_ON, ENCRYPT_NOT_SUP, ENCRYPT_REQ = range(4)  # 2.2.6.5
_END = 0xFF
_ERROR, _INFO, _LOGINACK, _ENVCHANGE = 0xAA, 0xAB, 0xAD, 0xE3  # 2.2.7
_ROUTING = 20


class NotTdsError(ValueError):
    """The bytes are none of this protocol."""


@dataclass(frozen=True, slots=True)
class Prelogin:
    """What the other end says before a login."""

    version: str  # of the server: 15.0.2000
    encryption: int


@dataclass(frozen=True, slots=True)
class LoginReply:
    """What the server says to a login."""

    acknowledged: bool
    errors: tuple[ServerError, ...]
    routed: bool  # it sends the client to another server


def packets(kind: int, payload: bytes) -> bytes:
    """A message in as many packets as it takes, 2.2.3.1."""
    room = PACKET - HEADER
    pieces = [payload[start : start + room] for start in range(0, len(payload), room)] or [b""]
    last = len(pieces) - 1
    return b"".join(
        struct.pack(">BBHHBB", kind, int(number == last), HEADER + len(piece), 0, (number + 1) % 256, 0) + piece
        for number, piece in enumerate(pieces)
    )


def packet_header(header: bytes) -> tuple[int, bool, int]:
    """Kind, whether it ends its message, and length of what follows. Raises NotTdsError."""
    kind, status, length = struct.unpack_from(">BBH", header)
    if kind not in (REPLY, PRELOGIN) or length < HEADER:
        raise NotTdsError(f"a packet of type 0x{kind:02x}")
    return kind, bool(status & 1), length - HEADER


def prelogin(encryption: int) -> bytes:
    """The PRELOGIN message, of a client or of a server that has only this to say, 2.2.6.5."""
    fields = {0: struct.pack(">LH", 0x0F000000, 0), 1: bytes([encryption]), 2: b"\0", 3: b"\0\0\0\0", 4: b"\0"}
    head, body = b"", b""
    start = 5 * len(fields) + 1
    for token, value in fields.items():
        head += struct.pack(">BHH", token, start + len(body), len(value))
        body += value
    return head + bytes([_END]) + body


def parse_prelogin(payload: bytes) -> Prelogin:
    """The answer to a PRELOGIN. Raises NotTdsError."""
    version, encryption = "", ENCRYPT_NOT_SUP
    at = 0
    while at < len(payload) and payload[at] != _END:
        if at + 5 > len(payload):
            raise NotTdsError("its list of options is cut off")
        token, start, length = struct.unpack_from(">BHH", payload, at)
        value = payload[start : start + length]
        if len(value) != length:
            raise NotTdsError("an option lies outside of it")
        if token == 0 and length >= 4:
            version = f"{value[0]}.{value[1]}.{int.from_bytes(value[2:4], 'big')}"
        elif token == 1 and length >= 1:
            encryption = value[0] & 0x0F
        at += 5
    if at >= len(payload) or not version:
        raise NotTdsError("it says no version")
    return Prelogin(version, encryption)


def parse_login_reply(payload: bytes) -> LoginReply:
    """Errors and fate of a login. Tokens behind the first that this does not know are left alone; never raises."""
    errors: list[ServerError] = []
    acknowledged = routed = False
    for token, body in _tokens(payload):
        if token == _ERROR:
            errors.append(_error(body))
        elif token == _LOGINACK:
            acknowledged = True
        elif token == _ENVCHANGE and body[:1] == bytes([_ROUTING]):
            routed = True
    return LoginReply(acknowledged, tuple(errors), routed)


def _tokens(payload: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 3 <= len(payload) and payload[at] in (_ERROR, _INFO, _LOGINACK, _ENVCHANGE):
        length = int.from_bytes(payload[at + 1 : at + 3], "little")
        yield payload[at], payload[at + 3 : at + 3 + length]
        at += 3 + length


def _error(body: bytes) -> ServerError:
    padded = body.ljust(8, b"\0")
    number, state, severity, length = struct.unpack_from("<iBBH", padded)
    return ServerError(number, state, severity, body[8 : 8 + 2 * length].decode("utf-16-le", "replace")[:300])
