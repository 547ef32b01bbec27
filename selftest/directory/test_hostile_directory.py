"""A directory that lies, stalls and floods costs its own step: never more time, memory or words than allowed."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

from asking import QUICK, asked, described
from hostile_directory import Answer, HostileDirectory, entry, is_root, reference, result

from preflight.directory.document import as_json
from preflight.topology.directory_model import Directory
from preflight.values.directory import DirectoryObservation

STAFF = "ou=Staff,dc=corp,dc=example"
SHORT = replace(QUICK, step_s=1, page_s=1, total_s=4, max_message=1_000_000)


def corp(server: HostileDirectory) -> Directory:
    """A directory in clear: nothing here is about TLS."""
    return described(
        "openldap", server.port, protocol="ldap", containers=(STAFF,), user="cn=svc", attributes={"card": "carLicense"}
    )


def answering(*users: dict[str, list[bytes]]) -> Answer:
    """Those users, whatever is searched for."""

    def answer(number: int, operation: bytes) -> Iterator[bytes]:
        if is_root(operation):
            yield entry(number, b"", {"namingContexts": [b"dc=corp,dc=example"]})
        else:
            for index, held in enumerate(users):
                yield entry(number, b"cn=Person%d,ou=Staff" % index, dict(held))
        yield result(number, 0x65)

    return answer


def seen(answer: Answer, on_bind: bytes | None = None) -> DirectoryObservation:
    """Ask a directory that answers so."""
    with HostileDirectory(answer, on_bind) as server:
        return asked(corp(server), "Sync-Heslo.7", options=SHORT)


def test_values_that_are_no_text() -> None:
    users = seen(
        answering(
            {"uid": [b"\xff\xfe\x00\x80"], "sn": [b"\x1b[31mred\x07\x00"], "carLicense": [b"\xf0\x28\x8c\x28"]},
            {"uid": ["\u202enovak".encode()], "sn": [b"   "], "mail": [b"<script>alert(1)</script>"]},
            {"uid": [b""], "mail": ["x@y.\ud800".encode("utf-8", "surrogatepass")]},
        )
    ).users
    assert users
    found = users.attributes
    assert (found["login"].binary, found["login"].filled, found["login"].missing) == (1, 2, 1)
    assert (found["last_name"].control_characters, found["last_name"].missing) == (1, 2)
    assert (found["card"].binary, users.cards and users.cards.other) == (1, 1)
    assert (found["email"].binary, users.emails and users.emails.misshapen) == (1, 2)
    assert "script" not in repr(users)
    assert "novak" not in repr(users)


def test_thousands_of_values_and_huge_ones() -> None:
    many = [b"%d" % n for n in range(5000)]
    users = seen(answering({"uid": many, "carLicense": [b"A" * 400_000]}, {"uid": [b"a" * 3000]})).users
    assert users
    login, card = users.attributes["login"], users.attributes["card"]
    assert (login.most_values, login.multi_valued, login.distinct) == (5000, 1, 5001)
    assert (card.too_long, card.longest, login.too_long) == (1, 400_000, 1)
    assert users.cards
    assert users.cards.other == 1


def test_an_entry_too_large_is_skipped_and_said() -> None:
    tracemalloc.start()
    users = seen(answering({"uid": [b"x" * 10_000_000]}, {"uid": [b"novak"]}))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert users.users
    assert (users.users.users, users.users.complete) == (1, False)
    assert users.containers[0].oversize == 1
    assert "too large" in users.users.why_not
    assert peak < 60_000_000  # most of it is the server's own copies


def test_a_directory_that_stalls_in_the_middle() -> None:
    def answer(number: int, operation: bytes) -> Iterator[bytes]:
        if is_root(operation):
            yield result(number, 0x65)
            return
        yield entry(number, b"cn=one", {"uid": [b"novak"]})
        if b"carLicense" in operation:
            server.wait(30)
        yield result(number, 0x65)

    with HostileDirectory(answer) as server:
        found = asked(corp(server), "Sync-Heslo.7", options=SHORT)
    assert found.users
    assert (found.users.users, found.users.complete, found.containers[0].listed.outcome) == (1, False, "timeout")


def test_a_directory_that_drips() -> None:
    def answer(number: int, operation: bytes) -> Iterator[bytes]:
        if is_root(operation):
            for byte in entry(number, b"", {"vendorName": [b"slow"]}):
                server.wait(0.3)
                yield bytes([byte])
        yield result(number, 0x65)

    with HostileDirectory(answer) as server:
        found = asked(corp(server), "Sync-Heslo.7", options=SHORT)
    assert found.servers[0].asked_itself.outcome == "timeout"


def test_pages_without_end() -> None:
    def answer(number: int, operation: bytes) -> Iterator[bytes]:
        if is_root(operation):
            yield entry(number, b"", {"supportedControl": [b"1.2.840.113556.1.4.319"]})
            yield result(number, 0x65)
        else:
            yield entry(number, b"cn=one", {"uid": [b"novak"]})
            yield result(number, 0x65, cookie=b"again")

    with HostileDirectory(answer) as server:
        found = asked(corp(server), "Sync-Heslo.7", options=replace(SHORT, total_s=60))
    assert found.users
    assert (found.users.users, found.users.complete, found.containers[0].listed.code) == (1, False, "going-round")


def test_bytes_that_are_no_ldap() -> None:
    for garbage in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x30\x88" + b"\xff" * 8, b"\x30\x05\x02\x01\x01\x65\xff"):
        found = seen(lambda _number, _operation, data=garbage: iter([data]))  # type: ignore[misc]
        assert found.servers[0].asked_itself.outcome in ("failed", "timeout")
        assert found.users is None or found.users.users == 0


def test_a_password_that_is_thrown_back() -> None:
    refused = result(1, 0x61, 49, b"bad password Sync-Heslo.7 for \x1b]0;you\x07")
    refused = refused.replace(b"\x02\x04\x00\x00\x00\x01", b"\x02\x04\x00\x00\x00\x02")  # the root DSE came first
    found = seen(answering(), refused)
    assert found.servers[0].bound.code == "wrong-password"
    assert "***" in found.servers[0].bound.said
    assert found.servers[0].bound.said.isprintable()


def test_referrals_are_counted_and_only_their_hosts_are_told() -> None:
    def answer(number: int, _: bytes) -> Iterator[bytes]:
        yield reference(number, b"ldap://dc2.corp.example/CN=Novak%20Jan,OU=Staff")
        yield result(number, 0x65)

    found = seen(answer)
    assert (found.containers[0].referrals, found.containers[0].referred_to) == (1, ("dc2.corp.example",))
    assert "Novak" not in json.dumps(as_json(found))


def test_a_matched_dn_that_is_none_of_ours_is_not_repeated() -> None:
    def answer(number: int, operation: bytes) -> Iterator[bytes]:
        code = 0 if is_root(operation) else 32
        yield result(number, 0x65, code, matched=b"cn=Novak Jan,ou=Staff")

    found = seen(answer)
    assert found.containers[0].listed.code == "noSuchObject"
    assert "Novak" not in json.dumps(as_json(found))


def test_a_connection_that_ends() -> None:
    def answer(number: int, operation: bytes) -> Iterator[bytes]:
        if is_root(operation):
            yield result(number, 0x65)
            return
        yield entry(number, b"cn=one", {"uid": [b"novak"]})
        raise OSError

    found = seen(answer)
    assert found.containers[0].listed.code == "closed"


def test_users_that_are_not_shown_again_tell_nothing_of_rights() -> None:
    def answer(number: int, operation: bytes) -> Iterator[bytes]:
        if is_root(operation):
            yield entry(number, b"", {"namingContexts": [b"dc=corp,dc=example"], "subschemaSubentry": [b"cn=schema"]})
        elif b"attributeTypes" in operation:
            yield entry(number, b"cn=schema", {"attributeTypes": [b"( 1.2 NAME 'allowedAttributesEffective' )"]})
        elif b"allowedAttributesEffective" not in operation:
            yield entry(number, b"cn=Person,ou=Staff", {"sAMAccountName": [b"person"]})
        yield result(number, 0x65)

    with HostileDirectory(answer) as server:
        told = replace(described("active_directory", server.port), protocol="ldap", containers=(STAFF,), user="svc")
        rights = asked(told, "Sync-Heslo.7", options=SHORT).rights
    assert (rights.writes, rights.sampled) == (None, 0)
    assert "showed no user" in rights.write_step.said


def test_a_directory_that_is_not_built_of_domains() -> None:
    def answer(number: int, operation: bytes) -> Iterator[bytes]:
        if is_root(operation):
            yield entry(number, b"", {"namingContexts": [b"o=acme"]})
        yield result(number, 0x65)

    domains = seen(answer).domains
    assert [(d.name, d.served) for d in domains] == [("corp.example", None)]
