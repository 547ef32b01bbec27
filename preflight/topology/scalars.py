"""Single values of an inventory: names, addresses, ports, and the sentences for wrong ones."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator
from pydantic_core import CoreSchema, core_schema

from preflight.topology.nearest import listed, nearest, shown

Span = tuple[int, int]
NAME_PATTERN = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"
SPAN_PATTERN = r"[0-9]{1,5}(-[0-9]{1,5})?"


@dataclass(frozen=True, eq=False)
class Checked:
    """Annotation: a check that gives the value back or raises ValueError, and what JSON Schema says of it."""

    check: Callable[[str], str]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), **self.schema}


def one_of(what: str, values: Iterable[str], elsewhere: Mapping[str, str] | None = None) -> Checked:
    """A word out of a fixed list; `elsewhere` has sentences for words that belong to another place."""
    words = tuple(values)

    def check(value: str) -> str:
        if elsewhere and value in elsewhere:
            raise ValueError(f"{what} {shown(value)} {elsewhere[value]}")
        if value not in words:
            near = nearest(value, words)
            tail = "" if "there are:" in near else f" ({listed(words)})"
            raise ValueError(f"unknown {what} {shown(value)}{near}{tail}")
        return value

    return Checked(check, {"enum": list(words)})


def matching(what: str, pattern: str, wanted: str, secret: bool = False) -> Checked:
    """Text of a given form; a `secret` one is not repeated in the message."""
    whole = re.compile(rf"(?:{pattern})\Z")

    def check(value: str) -> str:
        if not whole.match(value):
            raise ValueError(f"{'this' if secret else shown(value)} is not {what}; write {wanted}")
        return value

    return Checked(check, {"pattern": f"^(?:{pattern})$"})


def text_up_to(length: int) -> Checked:
    """Printable text of a bounded length, not blank."""

    def check(value: str) -> str:
        if not value.strip():
            raise ValueError("empty; write some text or remove the key")
        if len(value) > length:
            raise ValueError(f"{len(value)} characters; write {length} at most")
        if not value.isprintable():
            raise ValueError("control characters; write one line of plain text")
        return value

    return Checked(check, {"minLength": 1, "maxLength": length})


def _address(value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise ValueError(f"{shown(value)} is not an IP address; write one like 10.1.1.11 or fd00::11") from None
    if "%" in value or address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        raise ValueError(f"{shown(value)} is not the address of one machine; write one like 10.1.1.11 or fd00::11")
    return str(address)


def _cidr(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        pass
    try:
        meant = f"; did you mean {ipaddress.ip_network(value, strict=False)}?"
    except ValueError:
        meant = "; write one like 10.1.1.0/24"
    raise ValueError(f"{shown(value)} is not a network{meant}")


def parse_span(value: object) -> Span:
    """First and last port of `443`, `"443"` or `"5000-5010"`. Raises ValueError saying what would be right."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not re.match(SPAN_PATTERN + r"\Z", str(value)):
        what = shown(value) if isinstance(value, int | float | str) else "this"
        raise ValueError(f"{what} is not a port; write 443 or a range like 5000-5010")
    first, _, last = str(value).partition("-")
    span = int(first), int(last or first)
    if min(span) < 1 or max(span) > 65535:
        raise ValueError(f"{shown(value)} is out of range; ports go from 1 to 65535")
    if span[0] > span[1]:
        raise ValueError(f"{shown(value)} is reversed; write {last}-{first}")
    return span


def parse_ports(value: object) -> tuple[Span, ...]:
    """Spans of a port, a range, or a list of both, in the order written, each once. Raises ValueError."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError("empty; write 443, a list like [443, 8443] or a range like 5000-5010")
    if len(values) > 1000:
        raise ValueError(f"{len(values)} ports; write ranges like 5000-5010")
    return tuple(dict.fromkeys(parse_span(v) for v in values))


_PortNumber = Annotated[int, Field(ge=1, le=65535)]
_PortText = Annotated[str, Field(pattern=f"^{SPAN_PATTERN}$")]

Name = Annotated[
    str, matching("a name", NAME_PATTERN, "1 to 64 of A-Z a-z 0-9 _ . - that start with a letter, digit or _")
]
Address = Annotated[str, Checked(_address, {"description": "IPv4 or IPv6 address"})]
Cidr = Annotated[str, Checked(_cidr, {"description": "IPv4 or IPv6 network, as 10.1.1.0/24"})]
PortSpan = Annotated[Span, PlainValidator(parse_span, json_schema_input_type=_PortNumber | _PortText)]
Ports = Annotated[
    tuple[Span, ...],
    PlainValidator(parse_ports, json_schema_input_type=_PortNumber | _PortText | list[_PortNumber | _PortText]),
]
Text = Annotated[str, text_up_to(200)]
ShortText = Annotated[str, text_up_to(64)]
PathText = Annotated[str, text_up_to(1024)]
# Words that end on a command line: a leading dash would make an option of them.
Login = Annotated[str, matching("an account", r"[^\s-][^\x00-\x1f\x7f]{0,127}", "a name like preflight or CORP\\admin")]
HostWord = Annotated[
    str,
    matching("a host name or address", r"[A-Za-z0-9_:][A-Za-z0-9_.:%-]{0,252}", "one like 192.168.7.11 or cml1.lan"),
]
Jump = Annotated[
    str, matching("a jump host", r"[^\s-][^\s\x00-\x1f\x7f]{0,252}", "one like bastion or user@bastion:22")
]
Option = Annotated[
    str,
    matching("an ssh option", r"[A-Za-z][A-Za-z0-9]{1,63}=[^\x00-\x1f\x7f]{1,512}", "NAME=VALUE, as ConnectTimeout=5"),
]
RowId = Annotated[str, matching("a row id", r"[A-Z][0-9]{2}", "one like S04")]
EnvName = Annotated[
    str,
    matching("the name of an environment variable", r"[A-Za-z_][A-Za-z0-9_]{0,127}", "one like CML1_PASSWORD", True),
]
