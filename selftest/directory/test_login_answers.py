"""What a directory says when it refuses a login, and what that means; bytes that are no reply."""

from __future__ import annotations

import contextlib

import pytest
from hostile_directory import entry, part, reference, result
from hypothesis import given
from hypothesis import strategies as st

from preflight.directory.certificates import carries
from preflight.directory.wording import bind_trouble, plain
from preflight.wire.ldap_replies import BadReplyError, Reply, decode, message_size
from preflight.wire.ldap_requests import Search, search

# As a domain controller words it; the error behind `data` is Windows' own.
TEXT = "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {}, v2580"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("525", "no-such-user"),
        ("52e", "wrong-password"),
        ("52E", "wrong-password"),
        ("530", "wrong-hours"),
        ("531", "wrong-workstation"),
        ("532", "password-expired"),
        ("533", "disabled"),
        ("701", "expired"),
        ("773", "must-change"),
        ("775", "locked"),
        ("0x775", "wrong-password"),  # no such wording is known
        ("80", "wrong-password"),
    ],
)
def test_codes_of_active_directory(data: str, kind: str) -> None:
    trouble = bind_trouble(Reply(1, "bind", 49, text=TEXT.format(data).encode()))
    assert trouble
    assert trouble.kind == kind
    assert trouble.remedy


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (8, "stronger-auth-required"),
        (13, "confidentiality-required"),
        (34, "invalid-dn"),
        (48, "no-simple-bind"),
        (49, "wrong-password"),
        (53, "unwilling"),
        (99, "result 99"),
    ],
)
def test_result_codes(code: int, kind: str) -> None:
    trouble = bind_trouble(Reply(1, "bind", code))
    assert trouble
    assert trouble.kind == kind


@pytest.mark.parametrize(("error", "kind"), [(0, "password-expired"), (1, "locked"), (2, "must-change")])
def test_a_password_policy_s_own_word(error: int, kind: str) -> None:
    trouble = bind_trouble(Reply(1, "bind", 0 if error == 2 else 49, policy_error=error))
    assert trouble
    assert trouble.kind == kind


def test_a_login_that_went_well() -> None:
    assert bind_trouble(Reply(1, "bind", 0)) is None
    assert bind_trouble(Reply(1, "bind", 0, policy_expires_s=3600)) is None


@pytest.mark.parametrize(
    ("pattern", "name", "same"),
    [
        ("dc1.corp.example", "DC1.corp.example", True),
        ("*.corp.example", "dc1.corp.example", True),
        ("*.corp.example", "corp.example", False),
        ("*.corp.example", "a.b.corp.example", False),
        ("*.example", "corp.example", False),
        ("10.1.1.5", "10.1.1.5", True),
        ("fd00::1", "fd00:0:0::1", True),
        ("10.1.1.5", "dc1", False),
        ("dc1", "dc1.corp.example", False),
    ],
)
def test_names_of_certificates(pattern: str, name: str, same: bool) -> None:
    assert carries(pattern, name) is same


def test_replies_are_read_back() -> None:
    found = decode(entry(7, b"cn=x", {"uid": [b"a", b"b"], "sn": []}))
    assert (found.number, found.kind) == (7, "entry")
    assert found.entry
    assert (found.entry.dn, found.entry.attributes) == (b"cn=x", [(b"uid", [b"a", b"b"]), (b"sn", [])])
    done = decode(result(8, 0x65, 4, b"enough", b"cookie", b"dc=x"))
    assert (done.kind, done.code, done.text, done.cookie, done.matched) == ("done", 4, b"enough", b"cookie", b"dc=x")
    assert decode(reference(9, b"ldap://a/")).referrals == (b"ldap://a/",)


def test_sizes() -> None:
    message = entry(1, b"cn=x", {"uid": [b"x" * 300]})
    assert [message_size(message[:n]) for n in (0, 1, 3, 4, 10)] == [None, None, None, len(message), len(message)]
    for bad in (b"HTTP/1.1", b"\x30\x80", b"\x30\x89" + b"\1" * 9):
        with pytest.raises(BadReplyError):
            message_size(bad)


def read(data: bytes) -> None:
    """Read it, or find it bad; nothing else may come of it."""
    try:
        message_size(data)
        decode(data)
    except BadReplyError:
        return


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    read(data)
    read(part(0x30, data))


GOOD = entry(1, b"cn=x", {"uid": [b"a" * 200]}) + result(2, 0x61, 49, b"no", b"cookie")


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_bytes_that_were_a_reply_once(at: int, byte: int, end: int) -> None:
    changed = bytearray(GOOD)
    changed[at] = byte
    read(bytes(changed[:end]))
    read(bytes(changed[len(entry(1, b"cn=x", {"uid": [b"a" * 200]})) :]))


@given(st.text(max_size=50))
def test_any_filter_is_encoded_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert search(1, Search("dc=x", text)).startswith(b"\x30")


def test_text_of_others_is_one_plain_line() -> None:
    assert plain(b"a\x00b\r\n\x1b[31mc\xff\xe2\x80\xae") == "ab [31mc\ufffd"
    assert len(plain("x" * 10_000)) == 200
