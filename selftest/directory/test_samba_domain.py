"""A real Active Directory domain by Samba: StartTLS, LDAPS, global catalogue, reasons of refused logins, rights."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from asking import asked, described
from paper_authority import Authority
from samba_dc import BRANCH, PASSWORD, PORTS, SERVICE, STAFF, SUFFIX, LocalDomain
from samba_people import PERSONS

from preflight.directory.document import as_json
from preflight.topology.directory_model import Directory
from preflight.values.directory import DirectoryObservation

NAMES = {"card": "pager", "id": "employeeID"}
# schemaIDGUID of the attribute pager and of employeeID (Microsoft's AD schema).
PAGER, EMPLOYEE_ID = "f0f8ffa6-1191-11d0-a060-00aa006c33ed", "bf967962-0de6-11d0-a285-00aa003049e2"


def corp(authority: Authority, **more: object) -> Directory:
    """The domain as a site would describe it."""
    told = {
        "containers": (STAFF, BRANCH),
        "user": "svc@corp.example",
        "ca": str(authority.file),
        "attributes": NAMES,
        "global_catalog": True,
        "global_catalog_port": PORTS["catalogs"],
    }
    return described("active_directory", PORTS["ldaps"], **{**told, **more})


@pytest.fixture(scope="module")
def seen(domain: LocalDomain, authority: Authority) -> DirectoryObservation:
    """All that it said over LDAPS."""
    return asked(corp(authority), PASSWORD, domain.address)


def test_exactly_the_planted_faults(seen: DirectoryObservation) -> None:
    users = seen.users
    assert users
    assert (users.users, users.complete, users.disabled) == (PERSONS + 20, True, 3)
    assert {role: (a.missing, a.missing_enabled, a.duplicates) for role, a in users.attributes.items()} == {
        "login": (0, 0, 0),
        "first_name": (2, 2, 0),
        "last_name": (0, 0, 0),
        "department": (5, 4, 7),
        "card": (3, 3, 1),
        "id": (2, 2, 1),
        "email": (1, 1, 0),
    }
    cards, logins, emails = users.cards, users.logins, users.emails
    assert cards
    assert logins
    assert emails
    assert (cards.reversed_twins, cards.decimal_suspected, cards.mixed) == (1, 1, True)
    assert (cards.decimal_twins, cards.duplicates_normalised) == (0, 0)
    assert (logins.case_clashes, logins.across_containers, logins.forbidden) == (0, 0, 0)
    assert emails.misshapen == 1
    assert all(a.in_schema and a.readable for a in users.attributes.values())


def test_the_object_s_own_id_is_binary_and_unique(domain: LocalDomain, authority: Authority) -> None:
    told = corp(authority, attributes={"card": "pager"}, global_catalog=False)
    users = asked(told, PASSWORD, domain.address).users
    assert users
    found = users.attributes["id"]
    assert (found.name, found.named_by, found.missing, found.duplicates) == ("objectGUID", "preset", 0, 0)
    assert found.binary > 60  # a few are UTF-8 by chance


def test_what_the_domain_says_of_itself(seen: DirectoryObservation) -> None:
    server = seen.servers[0]
    assert server.root_dse
    assert server.root_dse.dns_name == "dc1.corp.example"
    assert server.root_dse.default_naming_context == SUFFIX
    assert (server.root_dse.paging, server.root_dse.catalog_ready) == (True, True)
    assert server.root_dse.functional_level.keys() == {"domain", "forest", "controller"}
    assert server.root_dse.clock_offset_s is not None
    assert abs(server.root_dse.clock_offset_s) < 30
    assert "Samba" in server.root_dse.vendor
    assert (seen.domains[0].served, seen.domains[0].dn) == (True, SUFFIX)
    assert [c.name for c in seen.forest.controllers] == ["dc1.corp.example", "rodc1.corp.example"]
    assert (seen.forest.domains, seen.forest.unnamed) == (("corp.example",), ())


def test_domains_that_the_inventory_lacks(domain: LocalDomain, authority: Authority) -> None:
    told = replace(corp(authority, containers=(), global_catalog=False), domains=("other.example", "dc1"))
    found = asked(replace(told, certificate_names=("dc1.corp.example",)), PASSWORD, domain.address)
    assert found.forest.unnamed == ("corp.example",)
    assert [(d.name, d.served) for d in found.domains] == [("other.example", False), ("dc1", False)]


def test_global_catalogue(seen: DirectoryObservation) -> None:
    catalog = seen.servers[0].catalog
    assert catalog
    assert (catalog.connected.ok, catalog.encrypted.ok, catalog.bound.ok, catalog.users.ok) == (True,) * 4
    assert catalog.sampled == PERSONS + 20
    assert catalog.seen["login"] == PERSONS + 20
    assert catalog.tls
    assert catalog.tls.matched_name == "dc1.corp.example"


def test_start_tls_on_389_and_3268(domain: LocalDomain, authority: Authority) -> None:
    told = corp(
        authority, protocol="starttls", port=PORTS["ldap"], global_catalog_port=PORTS["catalog"], containers=(BRANCH,)
    )
    found = asked(told, PASSWORD, domain.address)
    server = found.servers[0]
    assert (server.encrypted.ok, server.bound.ok) == (True, True)
    assert server.tls
    assert server.tls.trusted
    assert server.catalog
    assert (server.catalog.bound.ok, server.catalog.sampled) == (True, 20)
    assert found.users
    assert found.users.users == 20


def test_a_bind_in_clear_is_refused_and_that_is_no_wrong_password(domain: LocalDomain, authority: Authority) -> None:
    told = corp(authority, protocol="ldap", port=PORTS["ldap"], ca=True, global_catalog=False)
    for password in (PASSWORD, "Wrong-Heslo.1"):
        server = asked(told, password, domain.address).servers[0]
        assert (server.bound.outcome, server.bound.code) == ("failed", "stronger-auth-required")
        assert "says nothing of the password" in server.bound.said
        assert server.password_in_clear


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [
        ("svc@corp.example", "Wrong-Heslo.1", "wrong-password"),
        ("CORP\\svc", "Wrong-Heslo.1", "wrong-password"),
        ("nobody@corp.example", PASSWORD, "wrong-password"),  # Samba does not tell; Windows says 525
        ("gone@corp.example", PASSWORD, "disabled"),
        ("late@corp.example", PASSWORD, "expired"),
        ("fresh@corp.example", PASSWORD, "must-change"),
    ],
)
def test_refused_logins(domain: LocalDomain, authority: Authority, user: str, password: str, code: str) -> None:
    server = asked(corp(authority, user=user, global_catalog=False), password, domain.address).servers[0]
    assert (server.bound.outcome, server.bound.code) == ("failed", code)


@pytest.mark.parametrize("user", ["svc@corp.example", "CORP\\svc", f"CN=svc,{SERVICE}"])
def test_names_that_the_account_may_have(domain: LocalDomain, authority: Authority, user: str) -> None:
    told = corp(authority, user=user, containers=(), global_catalog=False)
    assert asked(told, PASSWORD, domain.address).servers[0].bound.ok


def test_a_locked_account(domain: LocalDomain, authority: Authority) -> None:
    domain.settings("--account-lockout-threshold=3")
    told = corp(authority, user="clumsy@corp.example", containers=(), global_catalog=False)
    codes = [asked(told, password, domain.address).servers[0].bound.code for password in ("wrong-1",) * 4 + (PASSWORD,)]
    assert (codes[0], codes[-1]) == ("wrong-password", "locked")


def test_an_account_that_only_reads(seen: DirectoryObservation) -> None:
    rights = seen.rights
    assert (rights.lists, rights.writes, rights.writable, rights.creates, rights.secures) == (True, False, (), 0, 0)
    assert rights.write_step.ok
    assert rights.sampled == 11  # the 1st, 2nd, 4th, ... of 60 and of 20
    assert all(rights.reads.values())


def test_an_account_that_may_write_one_attribute(domain: LocalDomain, authority: Authority) -> None:
    domain.allow(STAFF, "writer", f"(OA;CI;RPWP;{PAGER};;%s)")
    told = corp(authority, user="writer@corp.example", global_catalog=False)
    rights = asked(told, PASSWORD, domain.address).rights
    assert (rights.writes, rights.writable, rights.writable_others) == (True, ("card",), 0)


def test_an_account_that_may_change_permissions_and_writes_nothing_else(
    domain: LocalDomain, authority: Authority
) -> None:
    domain.allow(STAFF, "keeper", "(A;CI;WD;;;%s)")
    told = corp(authority, user="keeper@corp.example", global_catalog=False)
    rights = asked(told, PASSWORD, domain.address).rights
    assert (rights.writes, rights.writable, rights.writable_others, rights.creates) == (True, (), 0, 0)
    assert 0 < rights.secures < rights.sampled, "those of one container, not of the other"


def test_its_own_entry_says_nothing_of_others(domain: LocalDomain, authority: Authority) -> None:
    told = corp(authority, containers=(SERVICE,), filter="(sAMAccountName=svc)", global_catalog=False)
    found = asked(told, PASSWORD, domain.address)
    assert found.users
    assert found.users.users == 1
    assert (found.rights.writes, found.rights.write_step.outcome) == (None, "not-asked")


def test_an_attribute_that_the_account_may_not_read(domain: LocalDomain, authority: Authority) -> None:
    for container in (STAFF, BRANCH):
        domain.allow(container, "blind", f"(OD;CI;RP;{EMPLOYEE_ID};;%s)")
    users = asked(corp(authority, user="blind@corp.example", global_catalog=False), PASSWORD, domain.address).users
    assert users
    found = users.attributes["id"]
    assert (found.filled, found.readable, found.in_schema) == (0, None, True)
    assert users.attributes["card"].filled > 0


def test_the_cap_of_a_search_that_does_not_page(seen: DirectoryObservation) -> None:
    assert seen.users
    assert seen.users.unpaged
    assert seen.users.unpaged.entries == PERSONS
    assert seen.users.unpaged.capped is False


def test_no_person_is_named(seen: DirectoryObservation) -> None:
    text = json.dumps(as_json(seen)).casefold()
    for number in range(PERSONS + 20):
        assert f"person{number:03}" not in text
        assert f"surname{number:03}" not in text
        assert f"{0xA1B2C300 + number * 3 + 1:08x}" not in text
