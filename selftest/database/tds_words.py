"""What a TDS server says, token by token ([MS-TDS] 2.2.7): written from the specification, not from the client."""

from __future__ import annotations

import struct
from collections.abc import Sequence

VERSION_74 = 0x74000004
COLLATION = bytes.fromhex("0904d00034")  # SQL_Latin1_General_CP1_CI_AS


def b_varchar(text: str) -> bytes:
    """B_VARCHAR: one byte of length in characters."""
    return bytes([len(text)]) + text.encode("utf-16-le")


def us_varchar(text: str) -> bytes:
    """US_VARCHAR: two bytes of length in characters."""
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def prelogin(version: tuple[int, int, int], encryption: int) -> bytes:
    """The answer to PRELOGIN: VERSION and ENCRYPTION, 2.2.6.5."""
    head = struct.pack(">BHH", 0, 11, 6) + struct.pack(">BHH", 1, 17, 1) + b"\xff"
    return head + struct.pack(">BBHH", *version, 0) + bytes([encryption])


def message(token: int, number: int, state: int, severity: int, text: str, server: str = "SQL1") -> bytes:
    """ERROR (0xAA) or INFO (0xAB)."""
    body = struct.pack("<iBB", number, state, severity) + us_varchar(text) + b_varchar(server) + b_varchar("")
    body += struct.pack("<i", 1)
    return bytes([token]) + struct.pack("<H", len(body)) + body


def error(number: int, text: str, state: int = 1, severity: int = 14) -> bytes:
    """An ERROR token."""
    return message(0xAA, number, state, severity, text)


def env_change(kind: int, new: str, old: str = "") -> bytes:
    """ENVCHANGE of texts: 1 database, 2 language, 4 packet size."""
    body = bytes([kind]) + b_varchar(new) + b_varchar(old)
    return b"\xe3" + struct.pack("<H", len(body)) + body


def collation_change() -> bytes:
    """ENVCHANGE 7, SQL collation."""
    body = bytes([7, len(COLLATION)]) + COLLATION + b"\0"
    return b"\xe3" + struct.pack("<H", len(body)) + body


def routing(server: str, port: int) -> bytes:
    """ENVCHANGE 20: go to another server."""
    value = struct.pack("<BH", 0, port) + us_varchar(server)
    body = bytes([20]) + struct.pack("<H", len(value)) + value + b"\0\0"
    return b"\xe3" + struct.pack("<H", len(body)) + body


def login_ack(version: tuple[int, int, int]) -> bytes:
    """LOGINACK."""
    body = struct.pack(">BI", 1, VERSION_74) + b_varchar("Microsoft SQL Server")
    body += struct.pack(">BBH", *version)
    return b"\xad" + struct.pack("<H", len(body)) + body


def done(rows: int | None = None, *, failed: bool = False) -> bytes:
    """DONE: with a count, or after an error."""
    status = (0x10 if rows is not None else 0) | (0x02 if failed else 0)
    return struct.pack("<BHHQ", 0xFD, status, 0xC1, rows or 0)


def table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """COLMETADATA, ROWs and DONE. A column of numbers is INTN(4), any other NVARCHAR(128)."""
    numbers = [any(isinstance(r[i], int) for r in rows) for i in range(len(names))]
    told = [b"\x81" + struct.pack("<H", len(names))]
    for name, number in zip(names, numbers, strict=True):
        kind = b"\x26\x04" if number else b"\xe7" + struct.pack("<H", 256) + COLLATION
        told.append(struct.pack("<IH", 0, 0x0009) + kind + b_varchar(name))
    for row in rows:
        told.append(b"\xd1")
        told += [_value(value, number) for value, number in zip(row, numbers, strict=True)]
    return b"".join(told) + done(len(rows))


def _value(value: object, number: bool) -> bytes:
    if isinstance(value, int) and number:
        return b"\x04" + struct.pack("<i", value)
    if value is None:
        return b"\0" if number else b"\xff\xff"
    text = str(value).encode("utf-16-le")
    return struct.pack("<H", len(text)) + text


def login_fields(payload: bytes) -> dict[str, str]:
    """User, password, application and database of a LOGIN7 message, 2.2.6.4."""

    def field(offset: int) -> bytes:
        start, length = struct.unpack_from("<HH", payload, offset)
        return payload[start : start + 2 * length]

    swapped = bytes((b ^ 0xA5) for b in field(44))
    password = bytes(((b & 0x0F) << 4) | (b >> 4) for b in swapped)
    return {
        "user": field(40).decode("utf-16-le"),
        "password": password.decode("utf-16-le"),
        "application": field(48).decode("utf-16-le"),
        "database": field(68).decode("utf-16-le"),
    }


def batch_text(payload: bytes) -> str:
    """The statement of a SQL batch, behind its ALL_HEADERS, 2.2.6.7."""
    skip = struct.unpack_from("<I", payload)[0]
    return payload[skip:].decode("utf-16-le")
