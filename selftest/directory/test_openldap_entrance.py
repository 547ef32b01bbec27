"""A real OpenLDAP server: logins, protocols and certificates, good and bad."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asking import QUICK, asked, described
from openldap_site import corp
from paper_authority import Authority
from planted_people import BRANCH, STAFF, SUFFIX, Company
from slapd_server import LISTS, LOCKED, PASSWORD, RESET, SERVICE, LocalSlapd

from preflight.directory.ask import ask
from preflight.errors import InventoryError
from preflight.facts.directory_account import judge_account
from preflight.topology.credentials import Secret
from preflight.topology.directory_model import AttributeName, CardSettings
from preflight.topology.model import Machine


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [
        (SERVICE, "wrong-one", "wrong-password"),
        (f"cn=nobody,{SUFFIX}", PASSWORD, "wrong-password"),  # it does not tell which of both
        (LOCKED, PASSWORD, "locked"),
        (RESET, PASSWORD, "must-change"),
        ("no dn at all", PASSWORD, "invalid-dn"),
        (SERVICE, "", "no-password"),
    ],
)
def test_logins_that_fail(slapd: LocalSlapd, authority: Authority, user: str, password: str, code: str) -> None:
    seen = asked(corp(slapd, authority, user=user), password)
    bound = seen.servers[0].bound
    assert (bound.outcome, bound.code, seen.users) == ("failed", code, None)
    assert bound.said
    assert seen.servers[0].asked_itself.ok, "the root DSE is shown to everybody"


def test_without_an_account_nobody_is_shown(slapd: LocalSlapd, authority: Authority) -> None:
    seen = asked(corp(slapd, authority, user=None), None)
    assert (seen.servers[0].bound.ok, seen.servers[0].bound_as) == (True, "anonymous")
    assert seen.users
    assert (seen.users.users, seen.rights.lists) == (0, None)
    assert all(not c.listed.ok for c in seen.containers)


def test_an_account_that_lists_users_and_may_read_nothing_of_them(slapd: LocalSlapd, authority: Authority) -> None:
    seen = asked(corp(slapd, authority, user=LISTS), PASSWORD)
    staff, branch = seen.containers
    assert (staff.dn, staff.unreadable, branch.dn, branch.complete) == (STAFF, 0, BRANCH, True)
    assert branch.unreadable == branch.users > 0
    wrong = [remark.text for remark in judge_account(seen).wrong]
    assert f"{BRANCH}: it lists {branch.users} users of whom it may read nothing" in wrong
    assert not judge_account(asked(corp(slapd, authority), PASSWORD)).wrong


def test_the_account_s_password_could_not_be_had(slapd: LocalSlapd, authority: Authority) -> None:
    seen = asked(corp(slapd, authority), None)
    assert (seen.servers[0].bound.outcome, seen.servers[0].bound_as) == ("not-asked", "")


@pytest.mark.parametrize("protocol", ["starttls", "ldap"])
def test_other_protocols(slapd: LocalSlapd, authority: Authority, protocol: str) -> None:
    told = corp(slapd, authority, containers=(f"ou=Empty,{SUFFIX}",), protocol=protocol, port=slapd.port)
    server = asked(told, PASSWORD).servers[0]
    assert server.bound.ok
    assert server.password_in_clear is (protocol == "ldap")
    assert (server.tls is None) is (protocol == "ldap")
    assert server.encrypted.outcome == ("not-asked" if protocol == "ldap" else "ok")


def test_a_certificate_by_nobody_we_know_gets_no_password(slapd: LocalSlapd, authority: Authority) -> None:
    server = asked(corp(slapd, authority, ca=True), PASSWORD).servers[0]
    assert (server.encrypted.code, server.bound.outcome) == ("unknown-issuer", "not-asked")
    assert server.tls
    assert (server.tls.trusted, server.tls.why_not, server.tls.matched_name) == (
        False,
        "unknown-issuer",
        "dc1.corp.example",
    )


def test_a_certificate_that_is_not_checked(slapd: LocalSlapd, authority: Authority) -> None:
    seen = asked(corp(slapd, authority, ca=False, containers=()), PASSWORD)
    assert (seen.certificate_checked, seen.servers[0].bound.ok, seen.users) == (False, True, None)
    assert seen.servers[0].tls
    assert seen.servers[0].tls.trusted is None


@pytest.mark.parametrize(
    ("names", "valid", "code"),
    [
        (["dc9.other.example"], timedelta(days=10), "other-name"),
        (["dc1.corp.example"], timedelta(days=-3), "expired"),
        (["*.corp.example"], timedelta(days=10), ""),
    ],
)
def test_other_certificates(
    tmp_path: Path, authority: Authority, few: Company, names: list[str], valid: timedelta, code: str
) -> None:
    papers = authority.issue("other", names, valid)
    with LocalSlapd(tmp_path / "s", few.ldif(), papers) as server:
        told = corp(server, authority, card=CardSettings("hex", lengths=(8,)))
        seen = asked(told, PASSWORD)
        first = seen.servers[0]
        assert first.encrypted.code == code
        assert first.bound.ok is not bool(code)
        assert first.tls
        if code == "expired":
            assert -3.1 < first.tls.days_left < -2.9
        if code == "other-name":
            assert "dc9.other.example" in first.encrypted.said
            named = replace(told, certificate_names=("dc9.other.example",))
            assert asked(named, PASSWORD).servers[0].bound.ok
        if not code:
            assert seen.users
            assert seen.users.cards
            assert seen.users.cards.against_format == few.faults.decimal_card + few.faults.decimal_twin


def test_a_hardened_server_is_told_from_a_wrong_password(tmp_path: Path, authority: Authority, few: Company) -> None:
    papers = authority.issue("hard", ["dc1"])
    with LocalSlapd(tmp_path / "s", few.ldif(), papers, hardened=True) as server:
        clear = corp(server, authority, protocol="ldap", port=server.port)
        bound = asked(clear, PASSWORD).servers[0].bound
        assert (bound.outcome, bound.code) == ("failed", "confidentiality-required")
        assert "says nothing of the password" in bound.said
        assert asked(replace(clear, protocol="starttls", ca=str(authority.file)), PASSWORD).servers[0].bound.ok


def test_ports_that_speak_something_else(slapd: LocalSlapd, authority: Authority) -> None:
    clear_for_tls = asked(corp(slapd, authority, port=slapd.port), PASSWORD).servers[0]
    assert (clear_for_tls.encrypted.ok, clear_for_tls.bound.outcome) == (False, "not-asked")
    tls_for_clear = asked(corp(slapd, authority, protocol="ldap", port=slapd.tls_port), PASSWORD).servers[0]
    assert (tls_for_clear.connected.ok, tls_for_clear.bound.ok) == (True, False)
    nobody = asked(corp(slapd, authority, port=1), PASSWORD, options=QUICK).servers[0]
    assert (nobody.connected.code, nobody.bound.outcome) == ("refused", "not-asked")


def test_the_filter_is_wrong_or_finds_nobody(slapd: LocalSlapd, authority: Authority) -> None:
    seen = asked(corp(slapd, authority, filter="(objectClass=computer)"), PASSWORD)
    assert seen.users
    assert (seen.users.users, seen.users.complete) == (0, True)
    assert seen.users.attributes["login"].rate is None


def test_two_roles_may_share_an_attribute(slapd: LocalSlapd, authority: Authority) -> None:
    told = corp(slapd, authority, containers=(BRANCH,))
    told = replace(told, attributes={**told.attributes, "id": AttributeName("UID")})
    seen = asked(told, PASSWORD)
    assert seen.users
    assert seen.users.attributes["id"].filled == seen.users.attributes["login"].filled == 5_000


def test_users_are_read_from_the_first_server_that_lets_us_in(slapd: LocalSlapd, authority: Authority) -> None:
    told = replace(corp(slapd, authority, containers=(BRANCH,)), servers=("dc0", "dc1", "dc2"))
    machines = {
        name: Machine(name, frozenset({"ldap"}), address, "main", None, None)
        for name, address in (("dc0", "127.0.0.9"), ("dc1", "127.0.0.1"), ("dc2", "127.0.0.1"))
    }
    told = replace(told, certificate_names=("dc1.corp.example",))
    seen = ask(told, machines, Secret(PASSWORD), QUICK)
    assert [server.bound.ok for server in seen.servers] == [False, True, True]
    assert seen.servers[0].connected.code == "refused"
    assert seen.users
    assert (seen.users.read_from, seen.users.users) == ("dc1", 5_000)


def test_a_directory_without_servers(authority: Authority) -> None:
    seen = ask(described("openldap", 636, servers=(), ca=str(authority.file)), {}, None, QUICK)
    assert (seen.servers, seen.users, seen.containers) == ((), None, ())


def test_a_file_of_cas_that_is_none(slapd: LocalSlapd, authority: Authority, tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("no certificate", encoding="utf-8")
    with pytest.raises(InventoryError, match="cannot be used; give a PEM file"):
        asked(corp(slapd, authority, ca=str(broken)), PASSWORD)


def test_a_refused_account_is_tried_once_in_all(slapd: LocalSlapd, authority: Authority) -> None:
    told = corp(slapd, authority, global_catalog=True, global_catalog_port=slapd.tls_port)
    told = replace(told, servers=("dc1", "dc2", "dc3"), certificate_names=("dc1.corp.example",))
    machines = {
        name: Machine(name, frozenset({"ldap"}), "127.0.0.1", "main", None, None) for name in ("dc1", "dc2", "dc3")
    }
    seen = ask(told, machines, Secret("wrong-one"), QUICK)
    tries = [step for s in seen.servers for step in (s.bound, s.catalog.bound if s.catalog else s.bound)]
    assert [step.outcome for step in tries] == ["failed"] + ["not-asked"] * 5
    assert all("could lock it" in step.said for step in tries[1:])
    assert all(server.asked_itself.ok for server in seen.servers)
    again = ask(told, machines, Secret(PASSWORD), QUICK)
    assert all(server.bound.ok and server.catalog and server.catalog.bound.ok for server in again.servers)
