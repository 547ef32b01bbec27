"""SNMP v2c (RFC 3416) GET of a printer's identity: sysDescr, sysObjectID (RFC 3418), encoded by pysnmp's types."""

from __future__ import annotations

from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.proto.api import v2c

SYS_DESCR = (1, 3, 6, 1, 2, 1, 1, 1, 0)
SYS_OBJECT_ID = (1, 3, 6, 1, 2, 1, 1, 2, 0)
REQUEST_ID = 0x5AFE


def request(community: str) -> bytes:
    """A GET for sysDescr.0 and sysObjectID.0."""
    pdu = v2c.GetRequestPDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, REQUEST_ID)
    v2c.apiPDU.set_varbinds(pdu, ((SYS_DESCR, v2c.Null("")), (SYS_OBJECT_ID, v2c.Null(""))))
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, community)
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def values(reply: bytes) -> dict[tuple[int, ...], str] | None:
    """The answer's objects as text; None when the bytes are not a response to our request."""
    try:
        message, _ = decoder.decode(reply, asn1Spec=v2c.Message())
        pdu: Any = v2c.apiMessage.get_pdu(message)
        if not isinstance(pdu, v2c.ResponsePDU) or int(v2c.apiPDU.get_request_id(pdu)) != REQUEST_ID:
            return None
        return {tuple(oid): value.prettyPrint() for oid, value in v2c.apiPDU.get_varbinds(pdu)}
    except (PyAsn1Error, ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
        return None


def describe(reply: bytes) -> str | None:
    """What the agent says it is."""
    found = values(reply)
    if found is None:
        return None
    return f"SNMP agent answered: {found.get(SYS_DESCR, '')[:120] or 'no sysDescr'}"
