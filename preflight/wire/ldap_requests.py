"""LDAP requests (RFC 4511) as bytes: bind, search with paging (RFC 2696), StartTLS, Who am I, unbind. No sockets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pyasn1.error import PyAsn1Error

from preflight.wire.ldap_types import (
    LDAPExceptionError,
    build_control,
    encode,
    extended_operation,
    paged_search_control,
    rfc4511,
    search_operation,
)

PAGED_RESULTS = "1.2.840.113556.1.4.319"
PASSWORD_POLICY = "1.3.6.1.4.1.42.2.27.8.5.1"  # noqa: S105 - an OID: tells why a login failed, where it is known
START_TLS = "1.3.6.1.4.1.1466.20037"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"
NO_ATTRIBUTES = "1.1"
Scope = Literal["base", "subtree"]
_SCOPES = {"base": 0, "subtree": 2}


@dataclass(frozen=True, slots=True)
class Search:
    """One search request; `page` entries at a time where it is not 0, from `cookie` on."""

    base: str
    filter: str = "(objectClass=*)"
    attributes: Sequence[str] = (NO_ATTRIBUTES,)
    scope: Scope = "subtree"
    size_limit: int = 0
    time_limit_s: int = 0
    page: int = 0
    cookie: bytes = b""


def bind(number: int, name: str, password: str) -> bytes:
    """A simple bind. The password goes as UTF-8, unchanged: preparing it is the directory's business."""
    request = rfc4511.BindRequest()
    request["version"] = rfc4511.Version(3)
    request["name"] = rfc4511.LDAPDN(name)
    choice = rfc4511.AuthenticationChoice()
    choice["simple"] = rfc4511.Simple(password.encode("utf-8"))
    request["authentication"] = choice
    return _message(number, "bindRequest", request, [build_control(PASSWORD_POLICY, False, None)])


def search(number: int, wanted: Search) -> bytes:
    """A search. Raises ValueError, with a sentence, where the filter or the base cannot be encoded."""
    try:
        request = search_operation(
            wanted.base,
            wanted.filter,
            _SCOPES[wanted.scope],
            0,  # aliases are not followed
            list(wanted.attributes),
            wanted.size_limit,
            wanted.time_limit_s,
            False,
            False,
            False,
        )
        page = [paged_search_control(True, wanted.page, wanted.cookie)] if wanted.page else None
        return _message(number, "searchRequest", request, page)
    except (LDAPExceptionError, PyAsn1Error, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"the filter {wanted.filter} or the base {wanted.base} is not LDAP") from error


def start_tls(number: int) -> bytes:
    """Asks for TLS on a connection that began in clear (RFC 4511, 4.14)."""
    return _message(number, "extendedReq", extended_operation(START_TLS))


def who_am_i(number: int) -> bytes:
    """Asks as whom the directory knows us (RFC 4532)."""
    return _message(number, "extendedReq", extended_operation(WHO_AM_I))


def unbind(number: int) -> bytes:
    """Says goodbye."""
    return _message(number, "unbindRequest", rfc4511.UnbindRequest())


def _message(number: int, kind: str, request: Any, controls: Sequence[Any] | None = None) -> bytes:
    message = rfc4511.LDAPMessage()
    message["messageID"] = rfc4511.MessageID(number)
    message["protocolOp"] = rfc4511.ProtocolOp().setComponentByName(kind, request)
    if controls:
        listed = rfc4511.Controls()
        for index, control in enumerate(controls):
            listed.setComponentByPosition(index, control)
        message["controls"] = listed
    return bytes(encode(message))
