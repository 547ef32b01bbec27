"""What services and devices answer, read back by the suite's own wire protocols."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from preflight.agents.contract import ProbeRequest
from preflight.lab.answers import answer
from preflight.lab.state import LabNetwork
from preflight.lab.world import World
from preflight.wire import ldap, smtp, snmp, ssrp, time868, tls, tls_hello


@pytest.mark.parametrize("printer", ["mfp1", "mfp2", "mfp3", "mfp4", "mfp5", "mfp6"])
def test_every_printer_tells_its_identity(printer: str, world: Callable[[str], World]) -> None:
    place = world("healthy").places[printer]
    found = snmp.values(answer(place, "snmp", snmp.request("public")))
    assert found is not None
    assert found[snmp.SYS_DESCR].startswith("Lab MFP")
    assert found[snmp.SYS_OBJECT_ID].startswith("1.3.6.1.4.1.")


def test_an_identity_does_not_repeat(world: Callable[[str], World]) -> None:
    places = world("healthy").places
    told = {answer(p, "snmp", snmp.request("public")) for n, p in places.items() if n.startswith("mfp")}
    assert len(told) == 6


def test_a_wrong_community_gets_silence(world: Callable[[str], World]) -> None:
    assert answer(world("healthy").places["mfp1"], "snmp", snmp.request("secret")) == b""


def test_directory_browser_mail_and_time(world: Callable[[str], World]) -> None:
    places = world("healthy").places
    assert ldap.describe(answer(places["dc1"], "ldap", ldap.request())) == "LDAP directory answered with its root DSE"
    assert ssrp.instances(answer(places["sql1"], "ssrp", ssrp.REQUEST)) == {"SAFEQ": 51433}
    assert ssrp.instances(answer(places["sql1"], "ssrp", b"\x04safeq\0")) == {"SAFEQ": 51433}
    assert str(smtp.describe(answer(places["mail1"], "smtp", b""))).startswith("SMTP greeting 220 mail1")
    assert str(time868.describe(answer(places["cml1"], "time", b""))).startswith("time server said 20")


def test_the_directory_shows_the_certificate_that_the_suite_s_machine_is_told_of(world: Callable[[str], World]) -> None:
    lab = world("healthy")
    seen = lab.site["directory:lab"]["servers"][0]["tls"]
    found = tls.answer(answer(lab.places["dc1"], "tls", tls_hello.client_hello("dc1.lab.example")))
    assert found
    assert found.certificate
    told = found.certificate
    assert (told.subject, told.issuer, list(told.names)) == (seen["subject"], seen["issuer"], seen["names"])
    assert (told.not_before.timestamp(), told.not_after.timestamp()) == (seen["not_before"], seen["not_after"])
    assert told.sha256 == seen["sha256"]
    for foreign in (b"", b"\x16\x03", b"0" * 300, answer(lab.places["dc1"], "tls", tls_hello.client_hello())):
        assert answer(lab.places["dc1"], "tls", foreign) == b""


def test_a_port_may_show_a_certificate_of_its_own(world: Callable[[str], World]) -> None:
    lab = world("directory-catalogue-certificate")
    told = lab.site["directory:lab"]["servers"][0]
    for port, seen in ((636, told["tls"]), (3269, told["catalog"]["tls"])):
        hello = tls_hello.client_hello("dc1.lab.example").hex()
        asked = ProbeRequest(
            key="p", protocol="tcp", address="10.10.1.32", port=port, send=hello, read_s=1.0, timeout_s=5.0
        )
        shown = tls.answer(LabNetwork(lab).ask(object(), "cml1", 1, "p", asked).received)
        assert shown
        assert shown.certificate
        assert shown.sha256 == seen["sha256"]
        assert shown.certificate.not_after.timestamp() == seen["not_after"]


@pytest.mark.parametrize("speaks", ["snmp", "ldap", "ssrp", "tls", None])
@pytest.mark.parametrize(
    "request_", [b"", b"\x00", b"0\x82\xff\xff", b"\x04NOBODY\0", b"PREFLIGHT/1 0 x\n", b"0" * 70000]
)
def test_foreign_bytes_get_no_answer(speaks: str | None, request_: bytes, world: Callable[[str], World]) -> None:
    assert answer(world("healthy").places["sql1"], speaks, request_) == b""
