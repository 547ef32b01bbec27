"""A real OpenLDAP server with 20,000 users: exactly the planted faults are found, and nobody is named."""

from __future__ import annotations

import json

import pytest
from asking import asked
from openldap_site import NAMES, corp
from paper_authority import Authority
from planted_people import BRANCH, HIDDEN, STAFF, SUFFIX, Company
from slapd_server import CAPPED, PASSWORD, LocalSlapd

from preflight.directory.document import as_json
from preflight.values.directory import DirectoryObservation


@pytest.fixture(scope="module")
def seen(slapd: LocalSlapd, authority: Authority) -> DirectoryObservation:
    """All that it said."""
    return asked(corp(slapd, authority), PASSWORD)


def test_every_planted_fault_is_found_and_no_other(seen: DirectoryObservation, company: Company) -> None:
    faults, users = company.faults, seen.users
    assert users
    assert (users.users, users.complete, users.disabled) == (20_000, True, faults.disabled)
    found = users.attributes
    assert {role: a.missing for role, a in found.items()} == {
        "login": faults.no_login,
        "first_name": faults.no_first_name,
        "last_name": 0,
        "department": faults.no_department,
        "card": faults.no_card,
        "id": faults.no_id,
        "email": faults.no_email,
    }
    assert found["department"].missing_enabled == faults.no_department - faults.no_department_disabled
    assert found["department"].rate == pytest.approx(1 - faults.no_department / 20_000)
    assert (found["login"].duplicates, found["login"].duplicate_users) == (faults.same_login, 2 * faults.same_login)
    assert (found["id"].duplicates, found["id"].duplicate_users) == (faults.same_id, 2 * faults.same_id)
    assert found["card"].duplicates == faults.same_card
    assert (found["card"].multi_valued, found["card"].most_values) == (faults.two_cards, 2)
    assert found["email"].duplicates == 0
    assert all(a.in_schema and a.readable and a.distinct_exact for a in found.values())
    assert (found["id"].named_by, found["login"].named_by) == ("site", "preset")


def test_logins(seen: DirectoryObservation, company: Company) -> None:
    faults, logins = company.faults, seen.users and seen.users.logins
    assert logins
    assert (logins.case_clashes, logins.clash_users) == (faults.case_clash, 2 * faults.case_clash)
    assert logins.across_containers == faults.same_login
    assert (logins.forbidden, logins.forbidden_characters) == (faults.forbidden_login, ";")
    assert (logins.inner_blanks, logins.not_ascii) == (faults.blank_login, faults.foreign_login)


def test_cards(seen: DirectoryObservation, company: Company) -> None:
    faults, cards = company.faults, seen.users and seen.users.cards
    assert cards
    decimal = faults.decimal_card + faults.decimal_twin
    assert (cards.users, cards.several) == (20_000 - faults.no_card, faults.two_cards)
    assert (cards.digits, cards.decimal_suspected, cards.mixed, cards.other) == (decimal, decimal, True, 0)
    assert (cards.lower, cards.separated) == (faults.rewritten_card, faults.rewritten_card)
    assert cards.duplicates_normalised == faults.rewritten_card
    assert cards.reversed_twins == faults.reversed_card
    assert (cards.decimal_twins, cards.decimal_reversed_twins) == (faults.decimal_twin, 0)
    assert cards.twins_by_chance < 0.1
    assert cards.lengths == {"8": cards.values - decimal, "10": decimal}
    assert (cards.against_format, cards.complete) == (None, True)


def test_emails(seen: DirectoryObservation, company: Company) -> None:
    faults, emails = company.faults, seen.users and seen.users.emails
    assert emails
    assert emails.misshapen == faults.misshapen_email
    assert emails.shaped == 20_000 - faults.no_email - faults.misshapen_email
    assert (emails.duplicates_folded, emails.domains) == (faults.same_email, 1)


def test_server_and_containers(seen: DirectoryObservation) -> None:
    server = seen.servers[0]
    assert (server.connected.ok, server.encrypted.ok, server.asked_itself.ok, server.bound.ok) == (True,) * 4
    assert (server.bound_as, server.password_in_clear, server.local_address) == ("account", False, "127.0.0.1")
    assert server.tls
    assert (server.tls.trusted, server.tls.matched_name, server.tls.checked_by) == (True, "dc1.corp.example", "file")
    assert server.tls.version in ("TLSv1.2", "TLSv1.3")
    assert 89 < server.tls.days_left <= 90
    assert server.root_dse
    assert server.root_dse.naming_contexts == (SUFFIX,)
    assert (server.root_dse.paging, server.root_dse.start_tls) == (True, True)
    assert all(place.found.ok for place in server.places)
    assert [(c.dn, c.users, c.complete, c.capped, c.again) for c in seen.containers] == [
        (STAFF, 15_000, True, False, 0),
        (BRANCH, 5_000, True, False, 0),
    ]
    assert seen.domains[0].served is True


def test_rights_and_replication(seen: DirectoryObservation) -> None:
    rights, wish = seen.rights, seen.replication
    assert (rights.lists, rights.writes, rights.write_step.outcome) == (True, None, "not-asked")
    assert "preset knows no attribute" in rights.write_step.said
    assert wish.s_per_1000 is not None
    assert wish.estimated_s is not None
    assert wish.estimated_s == pytest.approx(wish.s_per_1000 * 20, rel=0.01)
    assert (wish.wanted, wish.window_s, wish.fits) == (True, 7200.0, True)


def test_no_person_is_named(seen: DirectoryObservation, company: Company) -> None:
    text = json.dumps(as_json(seen), ensure_ascii=False).casefold()
    planted = company.secrets()
    assert len(planted) > 1000
    assert [word for word in planted if word.casefold() in text] == []


def test_an_account_with_a_cap(slapd: LocalSlapd, authority: Authority) -> None:
    seen = asked(corp(slapd, authority, user=CAPPED), PASSWORD)
    assert seen.users
    assert (seen.users.users, seen.users.complete) == (1000, False)  # 500 of each container
    assert [(c.capped, c.complete, c.listed.code) for c in seen.containers] == [(True, False, "sizeLimitExceeded")] * 2
    assert seen.users.unpaged
    assert (seen.users.unpaged.entries, seen.users.unpaged.capped) == (500, True)
    assert (seen.replication.estimated_s, seen.replication.fits) == (None, None)
    assert seen.users.attributes["card"].readable is True


def test_an_attribute_that_is_hidden_and_one_that_is_misspelt(slapd: LocalSlapd, authority: Authority) -> None:
    names = {**NAMES, "department": HIDDEN, "id": "employeNumber"}
    seen = asked(corp(slapd, authority, attributes=names, containers=(BRANCH,)), PASSWORD)
    assert seen.users
    hidden, misspelt = seen.users.attributes["department"], seen.users.attributes["id"]
    assert (hidden.filled, hidden.readable, hidden.in_schema) == (0, False, True)
    assert (misspelt.filled, misspelt.readable, misspelt.in_schema) == (0, None, False)


def test_containers_that_are_not_there_or_lie_in_each_other(slapd: LocalSlapd, authority: Authority) -> None:
    gone, empty = f"ou=Gone,{SUFFIX}", f"ou=Empty,{SUFFIX}"
    seen = asked(
        corp(slapd, authority, containers=(gone, empty, BRANCH, SUFFIX.upper()), filter="(uid=user151*)"), PASSWORD
    )
    first, second, third, last = seen.containers
    assert (first.listed.code, first.users) == ("noSuchObject", 0)
    assert first.listed.said.endswith(f"what exists of it is {SUFFIX}.")
    assert seen.servers[0].places[0].found.code == "noSuchObject"
    assert (second.users, second.complete) == (0, True)
    assert (third.users, third.inside) == (100, SUFFIX.upper())
    assert (last.again, last.users) == (100, 0)
    assert seen.users
    assert (seen.users.users, seen.users.complete) == (100, False)
