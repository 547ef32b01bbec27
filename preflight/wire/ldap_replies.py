"""LDAP replies (RFC 4511) out of bytes that may be hostile: every length is checked, nothing is kept that is not asked.

ldap3's own decoder trusts lengths and keeps whole answers; a directory of a customer may send anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["entry", "reference", "done", "bind", "extended", "other"]
_KINDS: dict[int, Kind] = {0x64: "entry", 0x73: "reference", 0x65: "done", 0x61: "bind", 0x78: "extended"}
MAX_SMALL = 8  # bytes of an integer that means something to us
PAGED_RESULTS = b"1.2.840.113556.1.4.319"
PASSWORD_POLICY = b"1.3.6.1.4.1.42.2.27.8.5.1"


class BadReplyError(ValueError):
    """Bytes that are no LDAP reply."""


class Entry(NamedTuple):
    """One entry of a search: its DN and its attributes, name and values as sent."""

    dn: bytes
    attributes: list[tuple[bytes, list[bytes]]]


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of a directory."""

    number: int
    kind: Kind
    code: int = 0
    matched: bytes = b""
    text: bytes = b""
    referrals: tuple[bytes, ...] = ()
    name: bytes = b""  # OID of an extended reply
    value: bytes = b""
    entry: Entry | None = None
    cookie: bytes = b""  # of a page; empty: there is no further one
    policy_error: int | None = None  # of the password policy control
    policy_expires_s: int | None = None


def message_size(head: bytes) -> int | None:
    """Bytes of the message that begins with `head`, its header included; None while more of it is needed.

    Raises BadReplyError where no LDAP message begins so.
    """
    if not head:
        return None
    if head[0] != 0x30:
        raise BadReplyError("it does not begin like an LDAP message")
    if len(head) < 2:
        return None
    first = head[1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    if not 1 <= count <= MAX_SMALL:
        raise BadReplyError("the length of a message makes no sense")
    if len(head) < 2 + count:
        return None
    return 2 + count + int.from_bytes(head[2 : 2 + count], "big")


def decode(message: bytes) -> Reply:
    """One whole message. Raises BadReplyError, and nothing else, whatever the bytes."""
    try:
        return _decode(message)
    except IndexError:
        raise BadReplyError("a message ends too early") from None


def _decode(message: bytes) -> Reply:
    tag, start, end = _part(message, 0, len(message))
    if tag != 0x30:
        raise BadReplyError("it does not begin like an LDAP message")
    tag, at, after = _part(message, start, end)
    number = _small(message, tag, at, after, 0x02)
    tag, start, stop = _part(message, after, end)
    kind = _KINDS.get(tag, "other")
    if kind == "entry":
        return Reply(number, kind, entry=_entry(message, start, stop))
    if kind == "reference":
        return Reply(number, kind, referrals=tuple(_texts(message, start, stop)))
    if kind == "other":
        return Reply(number, kind)
    return _result(message, number, kind, start, stop, end)


def _result(message: bytes, number: int, kind: Kind, start: int, stop: int, end: int) -> Reply:
    tag, at, after = _part(message, start, stop)
    code = _small(message, tag, at, after, 0x0A)
    _, at, after = _part(message, after, stop)
    matched = message[at:after]
    _, at, after = _part(message, after, stop)
    text = message[at:after]
    referrals: tuple[bytes, ...] = ()
    name = value = b""
    while after < stop:
        tag, at, after = _part(message, after, stop)
        if tag == 0xA3:
            referrals = tuple(_texts(message, at, after))
        elif tag == 0x8A:
            name = message[at:after]
        elif tag == 0x8B:
            value = message[at:after]
    cookie, error, expires = b"", None, None
    for oid, control in _controls(message, stop, end):
        if oid == PAGED_RESULTS:
            cookie = _cookie(control)
        elif oid == PASSWORD_POLICY:
            expires, error = _policy(control)
    return Reply(number, kind, code, matched, text, referrals, name, value, None, cookie, error, expires)


def _part(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, start and end of the part that begins at `at` and must end by `end`."""
    tag, length = data[at], data[at + 1]
    at += 2
    if length >= 0x80:
        count = length & 0x7F
        if not 1 <= count <= MAX_SMALL:
            raise BadReplyError("a length makes no sense")
        length = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + length > end:
        raise BadReplyError("a part is longer than what it stands in")
    return tag, at, at + length


def _small(data: bytes, tag: int, start: int, end: int, wanted: int) -> int:
    if tag != wanted or not 1 <= end - start <= MAX_SMALL:
        raise BadReplyError("a number is none")
    return int.from_bytes(data[start:end], "big", signed=True)


def _texts(data: bytes, start: int, end: int) -> list[bytes]:
    found = []
    while start < end:
        _, at, start = _part(data, start, end)
        found.append(data[at:start])
    return found


def _entry(data: bytes, start: int, end: int) -> Entry:
    _, at, after = _part(data, start, end)
    dn = data[at:after]
    attributes: list[tuple[bytes, list[bytes]]] = []
    _, at, stop = _part(data, after, end)
    while at < stop:
        _, inner, at = _part(data, at, stop)
        _, begin, after = _part(data, inner, at)
        name = data[begin:after]
        _, begin, after = _part(data, after, at)
        attributes.append((name, _texts(data, begin, after)))
    return Entry(dn, attributes)


def _controls(data: bytes, at: int, end: int) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    if at >= end:
        return found
    tag, at, stop = _part(data, at, end)
    while tag == 0xA0 and at < stop:
        _, inner, at = _part(data, at, stop)
        _, begin, inner_at = _part(data, inner, at)
        oid, value = data[begin:inner_at], b""
        while inner_at < at:
            part, begin, inner_at = _part(data, inner_at, at)
            if part == 0x04:
                value = data[begin:inner_at]
        found.append((oid, value))
    return found


def _cookie(control: bytes) -> bytes:
    _, at, end = _part(control, 0, len(control))
    _, _, after = _part(control, at, end)
    _, at, after = _part(control, after, end)
    return control[at:after]


def _policy(control: bytes) -> tuple[int | None, int | None]:
    """Seconds until the password expires, and the error, of draft-behera-ldap-password-policy."""
    expires = error = None
    if control:
        _, at, end = _part(control, 0, len(control))
        while at < end:
            tag, begin, at = _part(control, at, end)
            if tag == 0xA0:
                part, start, stop = _part(control, begin, at)
                if part == 0x80 and 1 <= stop - start <= MAX_SMALL:
                    expires = int.from_bytes(control[start:stop], "big", signed=True)
            elif tag == 0x81 and 1 <= at - begin <= MAX_SMALL:
                error = int.from_bytes(control[begin:at], "big", signed=True)
    return expires, error
