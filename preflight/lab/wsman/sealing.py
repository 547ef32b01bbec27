"""Messages that NTLM sealed, in the MIME clothes of [MS-WSMV] 2.2.9.1."""

from __future__ import annotations

import re
import struct

import spnego

BOUNDARY = b"--Encrypted Boundary"
PROTOCOL = b"application/HTTP-SPNEGO-session-encrypted"
CONTENT_TYPE = f'multipart/encrypted;protocol="{PROTOCOL.decode()}";boundary="Encrypted Boundary"'
_HEAD = re.compile(
    rb"--Encrypted Boundary\r\n[ \t]*Content-Type: [^\r\n]+\r\n[ \t]*OriginalContent: [^\r\n]*Length=(\d+)\r\n"
    rb"--Encrypted Boundary\r\n[ \t]*Content-Type: application/octet-stream\r\n",
    re.IGNORECASE,
)
_TAIL = BOUNDARY + b"--"


def is_sealed(content_type: str) -> bool:
    """Whether a body comes sealed."""
    return content_type.lower().startswith("multipart/encrypted")


def unseal(context: spnego.ContextProxy, body: bytes) -> bytes:
    """The message inside. Raises ValueError when it is not one; the context raises its own errors."""
    head = _HEAD.match(body)
    tail = body.rfind(_TAIL)
    if not head or tail < head.end() + 4:
        raise ValueError("no sealed message")
    length = struct.unpack("<I", body[head.end() : head.end() + 4])[0]
    start = head.end() + 4
    if length > tail - start:
        raise ValueError("the signature is longer than the message")
    message = context.unwrap_winrm(body[start : start + length], body[start + length : tail])
    if len(message) != int(head[1]):
        raise ValueError("the message has another length than it says")
    return message


def seal(context: spnego.ContextProxy, message: bytes) -> bytes:
    """The body that holds a message."""
    wrapped = context.wrap_winrm(message)
    return b"".join(
        (
            BOUNDARY + b"\r\n\tContent-Type: " + PROTOCOL,
            b"\r\n\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n" % len(message),
            BOUNDARY + b"\r\n\tContent-Type: application/octet-stream\r\n",
            struct.pack("<I", len(wrapped.header)),
            wrapped.header,
            wrapped.data,
            _TAIL + b"\r\n",
        )
    )
