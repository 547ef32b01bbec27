"""TLS: a real library takes our ClientHello, answers of real servers come out as they must, and no bytes raise."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path
from typing import Any

import pytest
from directory.paper_authority import Authority, Papers
from hypothesis import given
from hypothesis import strategies as st

from preflight.values.shipped_yaml import load as load_yaml
from preflight.wire import tls, tls_hello
from preflight.wire.registry import wire

RECORDED: dict[str, dict[str, Any]] = {
    row["name"]: row for row in load_yaml(Path(__file__).with_name("tls_answers.yaml").read_text("utf-8"))
}
WHOLE = sorted(name for name, row in RECORDED.items() if "certificate CN=" in row["told"])


def bytes_of(name: str) -> bytes:
    return bytes.fromhex("".join(str(RECORDED[name]["bytes"]).split()))


def record(kind: int, body: bytes) -> bytes:
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def handshake_of(reply: bytes) -> bytes:
    """The handshake messages of whole records, put together."""
    found, at = b"", 0
    while at < len(reply):
        length = int.from_bytes(reply[at + 3 : at + 5], "big")
        found += reply[at + 5 : at + 5 + length]
        at += 5 + length
    return found


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Authority(tmp_path_factory.mktemp("authority")).issue("dc1", ["dc1.corp.example"])


def answered(papers: Papers, hello: bytes) -> tuple[bytes, str | None]:
    """What OpenSSL says to a ClientHello, without a socket, and the server name that it was told."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.certificate, papers.key)
    told: list[str | None] = []
    context.sni_callback = lambda _connection, name, _context: told.append(name)
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    came.write(hello)
    with pytest.raises(ssl.SSLWantReadError):  # it waits for what follows a hello, so it took it
        context.wrap_bio(came, goes, server_side=True).do_handshake()
    return goes.read(), told[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [("dc1.corp.example", "dc1.corp.example"), ("dc1.", "dc1"), ("10.0.0.1", None), ("::1", None), ("", None)],
)
def test_a_real_library_answers_our_hello_with_its_certificate(papers: Papers, name: str, told: str | None) -> None:
    reply, heard = answered(papers, wire("tls").request("public", name))
    assert heard == told
    assert reply.endswith(wire("tls").until)
    found = tls.answer(reply)
    assert found
    assert found.version == "TLS 1.2"
    assert found.certificate
    own = ssl.PEM_cert_to_DER_cert(papers.certificate.read_text("ascii"))
    assert found.certificate.sha256 == found.sha256 == hashlib.sha256(own).hexdigest()
    assert found.certificate.names == ("dc1.corp.example",)
    assert (found.certificate.subject, found.certificate.issuer) == ("CN=dc1.corp.example", "CN=Test CA")


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded_answers(name: str) -> None:
    assert tls.describe(bytes_of(name)) == RECORDED[name]["told"]


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"\x16\x03",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        bytes.fromhex("300c02010165070a010004000400"),  # an LDAP answer in clear
        record(21, b"\x02"),
        record(21, b"\x03\x28"),  # no alert has the level 3
        record(22, b"\x01\0\0\0"),  # a ClientHello: an echo is no answer
        record(22, b"\x02\0\0\x03\x03\x03\0"),
        record(23, b"data of an application"),
    ],
)
def test_what_is_no_answer(foreign: bytes) -> None:
    assert tls.describe(foreign) is None


def test_our_own_hello_is_no_answer() -> None:
    assert tls.describe(tls_hello.client_hello("dc1.corp.example")) is None


@pytest.mark.parametrize("name", WHOLE)
@given(st.data())
def test_an_answer_cut_anywhere_says_what_is_missing(name: str, data: st.DataObject) -> None:
    reply = bytes_of(name)
    whole = tls.answer(reply)
    found = tls.answer(reply[: data.draw(st.integers(0, len(reply)))])
    assert whole
    if found is None or found.certificate is not None:
        assert found is None or found == whole
        return
    assert found.version == whole.version
    assert found.why_unseen
    assert ("without its last" in found.why_unseen) is bool(found.missing)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_records_may_break_messages_anywhere(sizes: list[int]) -> None:
    """RFC 5246, 6.2.1: a message may span records, and a record hold several messages."""
    reply = bytes_of("slapd")
    rest, broken = handshake_of(reply), b""
    for size in [*sizes, len(rest)]:
        if rest:
            broken += record(22, rest[:size])
            rest = rest[size:]
    assert tls.answer(broken) == tls.answer(reply)


def test_a_certificate_that_nobody_can_read_is_told_by_its_hash() -> None:
    hello = handshake_of(bytes_of("tls-1.2"))
    hello = hello[: 4 + int.from_bytes(hello[1:4], "big")]
    listed = b"\0\0\x05" + b"x" * 5
    listed = len(listed).to_bytes(3, "big") + listed
    told = tls.describe(record(22, hello + b"\x0b" + len(listed).to_bytes(3, "big") + listed))
    assert told
    assert told.startswith("TLS 1.2; the certificate could not be seen: nobody can read the certificate")
    assert hashlib.sha256(b"x" * 5).hexdigest() in told


def test_an_alert_after_the_hello_is_told() -> None:
    hello = handshake_of(bytes_of("tls-1.2"))
    hello = hello[: 4 + int.from_bytes(hello[1:4], "big")]
    told = tls.describe(record(22, hello) + record(21, b"\x02\x50"))
    assert told == (
        "TLS 1.2; the certificate could not be seen: the server ended the handshake with the alert internal_error"
    )


@given(st.data())
def test_no_damaged_answer_raises(data: st.DataObject) -> None:
    good = bytes_of(data.draw(st.sampled_from(sorted(RECORDED))))
    place = data.draw(st.integers(0, len(good) - 1))
    damaged = good[:place] + data.draw(st.binary(max_size=4)) + good[place + data.draw(st.integers(0, 3)) :]
    told = tls.describe(damaged)
    assert told is None or told.isprintable()
