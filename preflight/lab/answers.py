"""Bytes with which the lab's services and devices answer. Hostile or foreign requests get no answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.proto import api

from preflight.lab.places import Place
from preflight.lab.tls_server import first_flight
from preflight.wire.ldap_types import rfc4511

v2c: Any = api.v2c  # untyped in the library
_SECONDS_1900_TO_1970 = 2_208_988_800
_BROKEN = (PyAsn1Error, ValueError, TypeError, AttributeError, IndexError, KeyError)


def answer(place: Place, speaks: str | None, request: bytes, community: str = "public") -> bytes:
    """What the service behind a port says to a request (empty: one that speaks first); empty when it says nothing."""
    if speaks == "snmp":
        return snmp(place.snmp, request, community)
    if speaks == "ldap":
        return root_dse(place.naming_context, request)
    if speaks == "tls":
        return first_flight(place.certificate, request)
    if speaks == "ssrp":
        return browser(place, request)
    if speaks == "smtp":
        return f"220 {place.banner}\r\n".encode("ascii", "replace")
    if speaks == "time":
        return (int(time.time() + place.clock_skew_s) + _SECONDS_1900_TO_1970).to_bytes(4, "big")  # RFC 868
    return b""


def snmp(objects: Mapping[str, str | int], request: bytes, community: str) -> bytes:
    """A GetResponse to a v2c GET or GETNEXT; a wrong community gets silence, as from a real agent (RFC 3416)."""
    try:
        message, _ = decoder.decode(request, asn1Spec=v2c.Message())
        pdu: Any = v2c.apiMessage.get_pdu(message)
        if str(v2c.apiMessage.get_community(message)) != community:
            return b""
        following = isinstance(pdu, v2c.GetNextRequestPDU)
        if not following and not isinstance(pdu, v2c.GetRequestPDU):
            return b""
        asked = [tuple(oid) for oid, _ in v2c.apiPDU.get_varbinds(pdu)]
        request_id = v2c.apiPDU.get_request_id(pdu)
    except _BROKEN:
        return b""
    known = {tuple(int(n) for n in oid.split(".")): value for oid, value in objects.items()}
    reply = v2c.GetResponsePDU()
    v2c.apiPDU.set_defaults(reply)
    v2c.apiPDU.set_request_id(reply, request_id)
    v2c.apiPDU.set_varbinds(reply, [_bound(known, oid, following) for oid in asked])
    v2c.apiMessage.set_pdu(message, reply)
    return bytes(encoder.encode(message))


def _bound(known: Mapping[tuple[int, ...], str | int], oid: tuple[int, ...], following: bool) -> tuple[Any, Any]:
    if following:
        later = min((o for o in known if o > oid), default=None)
        return (oid, v2c.EndOfMibView("")) if later is None else (later, _value(known[later]))
    return (oid, _value(known[oid])) if oid in known else (oid, v2c.NoSuchInstance(""))


def _value(value: str | int) -> Any:
    if isinstance(value, int):
        return v2c.Integer32(value)
    if value.startswith("oid:"):
        return v2c.ObjectIdentifier(value.removeprefix("oid:"))
    return v2c.OctetString(value.encode())


def root_dse(naming_context: str, request: bytes) -> bytes:
    """The root DSE to any anonymous search, then the end of the search (RFC 4511, 4.5.2)."""
    try:
        message, _ = decoder.decode(request, asn1Spec=rfc4511.LDAPMessage())
        if message["protocolOp"].getName() != "searchRequest":
            return b""
        number = int(message["messageID"])
    except _BROKEN:
        return b""
    attribute = rfc4511.PartialAttribute()
    attribute["type"] = rfc4511.AttributeDescription("namingContexts")
    attribute["vals"] = rfc4511.Vals()
    attribute["vals"][0] = rfc4511.AttributeValue(naming_context)
    entry = rfc4511.SearchResultEntry()
    entry["object"] = rfc4511.LDAPDN("")
    entry["attributes"] = rfc4511.PartialAttributeList()
    entry["attributes"][0] = attribute
    done = rfc4511.SearchResultDone()
    done["resultCode"] = rfc4511.ResultCode("success")
    done["matchedDN"] = rfc4511.LDAPDN("")
    done["diagnosticMessage"] = rfc4511.LDAPString("")
    return _ldap(number, "searchResEntry", entry) + _ldap(number, "searchResDone", done)


def _ldap(number: int, kind: str, operation: Any) -> bytes:
    message = rfc4511.LDAPMessage()
    message["messageID"] = rfc4511.MessageID(number)
    choice = rfc4511.ProtocolOp()
    choice[kind] = operation
    message["protocolOp"] = choice
    return bytes(encoder.encode(message))


def browser(place: Place, request: bytes) -> bytes:
    """The SQL browser's answer to CLNT_UCAST_EX (0x03) and CLNT_UCAST_INST (0x04 + name): [MS-SQLR] 2.2."""
    wanted = place.instances
    if request[:1] == b"\x04":
        name = request[1:].rstrip(b"\0").decode("ascii", "replace").upper()
        wanted = tuple(i for i in place.instances if i.name.upper() == name)
    elif request[:1] != b"\x03":
        return b""
    if not wanted:
        return b""
    host = place.machine.name.upper()
    text = "".join(
        f"ServerName;{host};InstanceName;{i.name};IsClustered;No;Version;{i.version}"
        + (f";tcp;{i.tcp};;" if i.tcp else ";;")
        for i in wanted
    ).encode("ascii", "replace")
    return b"\x05" + len(text).to_bytes(2, "little") + text
