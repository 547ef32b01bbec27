"""PRELOGIN and login replies as bytes: what a server says is read, what nobody should say is refused."""

from __future__ import annotations

import contextlib

import pytest
import tds_words as say
from hypothesis import given
from hypothesis import strategies as st

from preflight.wire import tds


def test_a_long_message_takes_several_packets() -> None:
    sent = tds.packets(tds.PRELOGIN, b"x" * 5000)
    assert tds.packet_header(sent[:8]) == (tds.PRELOGIN, False, 4088)
    assert tds.packet_header(sent[4096:4104]) == (tds.PRELOGIN, True, 912)
    assert len(sent) == 5000 + 16


@pytest.mark.parametrize("encryption", [0, 1, 2, 3])
def test_prelogin_is_read(encryption: int) -> None:
    assert tds.parse_prelogin(say.prelogin((13, 0, 5026), encryption)) == tds.Prelogin("13.0.5026", encryption)
    assert tds.parse_prelogin(tds.prelogin(encryption)).encryption == encryption


@pytest.mark.parametrize("payload", [b"", b"\xff", b"\0\0\x0b\0\x06", b"HTTP/1.1 400 Bad", b"\0\xff\xff\0\x06\xff"])
def test_what_is_no_prelogin(payload: bytes) -> None:
    with pytest.raises(tds.NotTdsError):
        tds.parse_prelogin(payload)


def test_every_error_of_a_login_is_kept() -> None:
    said = say.error(4060, "Cannot open database.", 1, 11) + say.error(18456, "Login failed.") + say.done(failed=True)
    reply = tds.parse_login_reply(said)
    assert [(e.number, e.state, e.severity, e.text) for e in reply.errors] == [
        (4060, 1, 11, "Cannot open database."),
        (18456, 1, 14, "Login failed."),
    ]
    assert not reply.acknowledged


def test_a_login_that_is_sent_elsewhere() -> None:
    said = say.login_ack((15, 0, 2000)) + say.routing("elsewhere.example", 1433) + say.done()
    assert tds.parse_login_reply(said) == tds.LoginReply(True, (), True)


@given(st.binary(max_size=200))
def test_any_bytes_are_borne(data: bytes) -> None:
    tds.parse_login_reply(data)
    tds.parse_login_reply(b"\xaa" + data)
    for parse in (tds.parse_prelogin, lambda raw: tds.packet_header(raw.ljust(8, b"\0"))):
        with contextlib.suppress(tds.NotTdsError):
            parse(data)
