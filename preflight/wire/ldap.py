"""LDAP (RFC 4511): an anonymous search of the root DSE, which a directory answers without a login (RFC 4512, 5.1)."""

from __future__ import annotations

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error

from preflight.wire.ldap_types import rfc4511

MESSAGE_ID = 1


def request() -> bytes:
    """A base search of the empty DN for namingContexts."""
    search = rfc4511.SearchRequest()
    search["baseObject"] = rfc4511.LDAPDN("")
    search["scope"] = rfc4511.Scope("baseObject")
    search["derefAliases"] = rfc4511.DerefAliases("neverDerefAliases")
    search["sizeLimit"] = rfc4511.Integer0ToMax(1)
    search["timeLimit"] = rfc4511.Integer0ToMax(5)
    search["typesOnly"] = rfc4511.TypesOnly(False)
    present = rfc4511.Filter()
    present["present"] = rfc4511.Present("objectClass")
    search["filter"] = present
    wanted = rfc4511.AttributeSelection()
    wanted[0] = rfc4511.Selector("namingContexts")
    search["attributes"] = wanted
    message = rfc4511.LDAPMessage()
    message["messageID"] = rfc4511.MessageID(MESSAGE_ID)
    operation = rfc4511.ProtocolOp()
    operation["searchRequest"] = search
    message["protocolOp"] = operation
    return bytes(encoder.encode(message))


def describe(reply: bytes) -> str | None:
    """What the directory said to the question for its root DSE."""
    try:
        message, _ = decoder.decode(reply, asn1Spec=rfc4511.LDAPMessage())
        if int(message["messageID"]) not in (0, MESSAGE_ID):
            return None
        kind = str(message["protocolOp"].getName())
    except (PyAsn1Error, ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
        # An entry that is longer than what we keep still begins like one: 0x30, length, messageID 1, tag 0x64.
        return "LDAP directory answered" if _looks_cut(reply) else None
    answers = {
        "searchResEntry": "LDAP directory answered with its root DSE",
        "searchResDone": "LDAP directory answered, without an entry",
        "extendedResp": "LDAP directory answered with a notice of disconnection",
    }
    return answers.get(kind)


def _looks_cut(reply: bytes) -> bool:
    return len(reply) >= 4096 and reply[:1] == b"\x30" and b"\x02\x01\x01\x64" in reply[:16]
