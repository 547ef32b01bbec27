"""Reads what a client asks: the SOAP envelope of [MS-WSMV]'s remote shell, as far as a cmd shell needs it."""

from __future__ import annotations

import base64
import binascii
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field

from preflight.lab.wsman.replies import SoapError, faulty_request

ENVELOPE = "{http://www.w3.org/2003/05/soap-envelope}"
ADDRESSING = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
WSMAN = "{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}"
IDENTITY = "{http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd}"
SHELL_URI = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
SHELL = f"{{{SHELL_URI}}}"
TRANSFER_URI = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
OPERATIONS = {
    **{f"{TRANSFER_URI}/{name}": name for name in ("Create", "Delete")},
    **{f"{SHELL_URI}/{name}": name for name in ("Command", "Send", "Receive", "Signal")},
}
MAX_ENVELOPE = 153_600  # bytes, where the client names none
DEFAULT_TIMEOUT_S = 60.0
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


@dataclass(frozen=True, slots=True)
class Request:
    """One operation; fields that it has no use for keep their defaults."""

    operation: str  # Create, Command, Send, Receive, Signal, Delete, Identify; "" for an action that is not known
    message_id: str = ""
    resource: str = ""
    shell_id: str = ""
    timeout_s: float = DEFAULT_TIMEOUT_S
    max_envelope: int = MAX_ENVELOPE
    options: Mapping[str, str] = field(default_factory=dict)
    idle_timeout_s: float | None = None  # Create
    command: str = ""  # Command
    arguments: tuple[str, ...] = ()
    command_id: str = ""  # Send, Receive, Signal
    data: bytes = b""  # Send
    end: bool = False
    signal: str = ""  # Signal: the last part of the code, lower case


def duration_s(text: str) -> float:
    """An xs:duration without years and months in seconds. Raises SoapError."""
    found = DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise faulty_request(f"{text!r} is no duration such as PT20S")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _text(node: ET.Element, path: str) -> str:
    return (node.findtext(path) or "").strip()


def parse(body: bytes) -> Request:
    """The request in an envelope. Raises SoapError when it is none; its `message_id` is set where it can be."""
    # A document type could hold entities that grow without end; SOAP forbids it anyway.
    if b"<!DOCTYPE" in body:
        raise faulty_request("a document type is not allowed")
    try:
        root = ET.fromstring(body)  # noqa: S314 - no document type, size bounded by the server
    except (ET.ParseError, ValueError) as error:
        raise faulty_request(f"not well-formed: {error}") from None
    content = root.find(f"{ENVELOPE}Body")
    if root.tag != f"{ENVELOPE}Envelope" or content is None:
        raise faulty_request("no SOAP envelope with a body")
    if content.find(f"{IDENTITY}Identify") is not None:
        return Request("Identify")
    header = root.find(f"{ENVELOPE}Header")
    if header is None:
        raise faulty_request("no SOAP header")
    message_id = _text(header, f"{ADDRESSING}MessageID")
    try:
        return _request(header, content, message_id)
    except SoapError as fault:
        fault.message_id = message_id
        raise


def _request(header: ET.Element, content: ET.Element, message_id: str) -> Request:
    selectors = {s.get("Name", ""): (s.text or "").strip() for s in header.iterfind(f"{WSMAN}SelectorSet/*")}
    timeout = _text(header, f"{WSMAN}OperationTimeout")
    size = _text(header, f"{WSMAN}MaxEnvelopeSize")
    command = content.find(f"{SHELL}CommandLine")
    stream = content.find(f"{SHELL}Send/{SHELL}Stream")
    desired = content.find(f"{SHELL}Receive/{SHELL}DesiredStream")
    signal = content.find(f"{SHELL}Signal")
    about = next((node for node in (stream, desired, signal) if node is not None), None)
    idle = _text(content, f"{SHELL}Shell/{SHELL}IdleTimeOut")
    try:
        data = base64.b64decode("".join((stream.text or "").split()), validate=True) if stream is not None else b""
        most = int(size) if size else MAX_ENVELOPE
    except (binascii.Error, ValueError) as error:
        raise faulty_request(f"a field cannot be read: {error}") from None
    return Request(
        OPERATIONS.get(_text(header, f"{ADDRESSING}Action"), ""),
        message_id,
        _text(header, f"{WSMAN}ResourceURI"),
        selectors.get("ShellId", ""),
        duration_s(timeout) if timeout else DEFAULT_TIMEOUT_S,
        most,
        {o.get("Name", ""): (o.text or "").strip() for o in header.iterfind(f"{WSMAN}OptionSet/*")},
        duration_s(idle) if idle else None,
        (command.findtext(f"{SHELL}Command") or "") if command is not None else "",
        tuple(a.text or "" for a in command.iterfind(f"{SHELL}Arguments")) if command is not None else (),
        about.get("CommandId", "") if about is not None else "",
        data,
        stream is not None and stream.get("End", "").lower() in ("true", "1"),
        _text(signal, f"{SHELL}Code").rsplit("/", 1)[-1].lower() if signal is not None else "",
    )
