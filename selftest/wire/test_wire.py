"""The protocols: requests are what the specifications say, replies are read, and no bytes whatever raise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

from preflight.wire import ldap, smtp, snmp, ssrp, time868
from preflight.wire.registry import wire

NAMES = ("snmp", "ssrp", "ldap", "smtp", "time", "tls")


def snmp_answer(request: bytes, descr: bytes, **changed: int) -> bytes:
    """What an agent answers, made by the other half of the library."""
    message, _ = decoder.decode(request, asn1Spec=v2c.Message())
    pdu = v2c.apiMessage.get_pdu(message)
    answer = v2c.apiPDU.get_response(pdu)
    if "request_id" in changed:
        v2c.apiPDU.set_request_id(answer, changed["request_id"])
    v2c.apiPDU.set_varbinds(answer, [(v2c.ObjectIdentifier(snmp.SYS_DESCR), v2c.OctetString(descr))])
    v2c.apiMessage.set_pdu(message, answer)
    return bytes(encoder.encode(message))


def test_snmp_request_and_answer() -> None:
    request = snmp.request("public")
    message, rest = decoder.decode(request, asn1Spec=v2c.Message())
    assert not rest
    assert bytes(v2c.apiMessage.get_community(message)) == b"public"
    asked = [tuple(oid) for oid, _ in v2c.apiPDU.get_varbinds(v2c.apiMessage.get_pdu(message))]
    assert asked == [snmp.SYS_DESCR, snmp.SYS_OBJECT_ID]
    assert snmp.describe(snmp_answer(request, b"Ricoh MP C3002")) == "SNMP agent answered: Ricoh MP C3002"


def test_snmp_answer_to_somebody_else() -> None:
    assert snmp.describe(snmp_answer(snmp.request("public"), b"x", request_id=1)) is None
    assert snmp.describe(snmp.request("public")) is None  # an echo of our own request is no answer


def test_ssrp_instances() -> None:
    text = b"ServerName;SQL1;InstanceName;SAFEQ;IsClustered;No;Version;15.0;tcp;51433;;"
    text += b"ServerName;SQL1;InstanceName;X;np;p;;"
    reply = b"\x05" + len(text).to_bytes(2, "little") + text
    assert ssrp.instances(reply) == {"SAFEQ": 51433, "X": None}
    assert ssrp.describe(reply) == "SQL browser answered: SAFEQ on TCP 51433, X without TCP"
    assert ssrp.instances(b"\x06" + reply[1:]) is None


@pytest.mark.parametrize("port", ["0", "65536", "-1", "1e3", "99999999999", "\u0661"])
def test_ssrp_port_that_is_none(port: str) -> None:
    text = f"InstanceName;SAFEQ;tcp;{port};;".encode()
    assert ssrp.instances(b"\x05" + len(text).to_bytes(2, "little") + text) == {"SAFEQ": None}


def test_ldap_question_and_answer() -> None:
    assert ldap.request()[:2] == b"\x30\x35"
    done = bytes.fromhex("300c02010165070a010004000400")
    assert ldap.describe(done) == "LDAP directory answered, without an entry"
    assert ldap.describe(done.replace(b"\x02\x01\x01", b"\x02\x01\x07")) is None  # another message's answer


def test_smtp_and_time() -> None:
    assert smtp.describe(b"220 mail.example ESMTP\r\n") == "SMTP greeting 220 mail.example ESMTP"
    assert smtp.describe(b"HTTP/1.1 400\r\n") is None
    # RFC 868 gives this example itself.
    assert time868.describe((2_629_584_000).to_bytes(4, "big")) == "time server said 1983-05-01 00:00:00 UTC"
    assert time868.describe(b"\x00\x00\x00\x00") is None
    assert time868.describe(b"12345") is None


@pytest.mark.parametrize("name", NAMES)
@given(st.binary(max_size=300))
def test_no_bytes_raise(name: str, reply: bytes) -> None:
    told = wire(name).describe(reply)
    assert told is None or isinstance(told, str)


@pytest.mark.parametrize("name", ["snmp", "ldap"])
def test_a_length_beyond_every_size_is_no_answer(name: str) -> None:
    assert wire(name).describe(bytes.fromhex("30130288f0010101010101010101010101010101")) is None


@pytest.mark.parametrize("name", ["snmp", "ldap", "ssrp"])
@given(st.data())
def test_no_damaged_answer_raises(name: str, data: st.DataObject) -> None:
    good = {
        "snmp": snmp_answer(snmp.request("public"), b"Printer"),
        "ldap": bytes.fromhex("300c02010165070a010004000400"),
        "ssrp": b"\x05\x10\x00InstanceName;A;;",
    }[name]
    place = data.draw(st.integers(0, len(good) - 1))
    damaged = good[:place] + data.draw(st.binary(max_size=4)) + good[place + data.draw(st.integers(0, 3)) :]
    told = wire(name).describe(damaged)
    assert told is None or isinstance(told, str)
