"""Certificates in a run: from what was observed of directories and databases, each once, whatever the facts hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.seen_certificates import certificates_of
from preflight.database.ask import as_json as database_json
from preflight.directory.document import as_json as directory_json
from preflight.values.database import DatabaseObservation
from preflight.values.database import TlsSeen as DatabaseTls
from preflight.values.directory import CatalogSeen, DirectoryObservation, ServerSeen, TlsSeen
from preflight.values.observation import Attempt, Observations, ProbeObservation, SiteFact
from preflight.values.probe import Probe
from preflight.values.shipped_yaml import load as load_yaml
from preflight.values.step import Step

AT, DAY = 1_764_000_000.0, 86400
GOOD = TlsSeen(
    version="TLSv1.3",
    cipher="TLS_AES_256_GCM_SHA384",
    subject="CN=dc1.corp.example",
    issuer="CN=Corp CA",
    names=("dc1.corp.example",),
    not_before=AT - 100 * DAY,
    not_after=AT + 40.5 * DAY,
    days_left=40.5,
    key="RSA 2048",
    signature="sha256",
    self_signed=False,
    chain=(),
    checked_by="file",
    trusted=True,
    expected_names=("dc1.corp.example", "dc1"),
    matched_name="dc1.corp.example",
    sha256="ab" * 32,
)
OK = Step("ok")


def server(tls: TlsSeen | None, encrypted: Step = OK, **more: Any) -> ServerSeen:
    return ServerSeen("dc1", "10.1.1.32", 636, "ldaps", connected=OK, encrypted=encrypted, tls=tls, **more)


def directory(*servers: ServerSeen) -> SiteFact:
    seen = DirectoryObservation("corp", "controller", AT, 1.0, "active_directory", "", (), (), (), (), True, servers)
    return SiteFact("directory", "ok", directory_json(seen))


def observed(**facts: SiteFact) -> Observations:
    return Observations(site={key.replace("_", ":"): fact for key, fact in facts.items()})


def test_a_sound_certificate_is_told_with_its_dates_and_names() -> None:
    (one,) = certificates_of(observed(directory_corp=directory(server(GOOD))))
    assert (one.host, one.address, one.port, one.service) == ("dc1", "10.1.1.32", 636, "ldaps")
    assert (one.days_left, one.not_after) == (40, "2026-01-04T04:00:00.000Z")
    assert (one.subject, one.issuer, one.names) == ("CN=dc1.corp.example", "CN=Corp CA", ("dc1.corp.example",))
    assert (one.sha256, one.tls, one.flaws, one.problem) == ("ab" * 32, "TLSv1.3", (), "")


@pytest.mark.parametrize(
    ("changes", "step", "flaws"),
    [
        ({"why_not": "expired", "trusted": False, "days_left": -3.2}, Step("failed", "expired", "x."), ("expired",)),
        ({"checked_by": "nobody", "trusted": None, "days_left": -0.1}, OK, ("expired", "unchecked")),
        ({"why_not": "not-yet-valid"}, Step("failed", "not-yet-valid", "x."), ("not yet valid",)),
        ({"why_not": "unknown-issuer"}, Step("failed", "unknown-issuer", "x."), ("untrusted",)),
        ({"why_not": "old-tls"}, Step("failed", "old-tls", "x."), ("weak encryption",)),
        ({"matched_name": None}, Step("failed", "other-name", "x."), ("other name",)),
        ({"matched_name": None, "why_not": "self-signed"}, Step("failed", "self-signed"), ("other name", "untrusted")),
        ({}, Step("failed", "closed", "the other end hung up."), ()),
    ],
)
def test_what_is_wrong_is_told_in_words_of_ours(changes: dict[str, Any], step: Step, flaws: tuple[str, ...]) -> None:
    (one,) = certificates_of(observed(directory_corp=directory(server(replace(GOOD, **changes), step))))
    assert one.flaws == flaws
    assert bool(one.problem) is bool(flaws)


def test_the_name_that_was_expected_stands_in_the_problem() -> None:
    tls = replace(GOOD, names=("old.corp.example",), matched_name=None)
    (one,) = certificates_of(observed(directory_corp=directory(server(tls))))
    assert one.problem == "it is made out to old.corp.example, and none of dc1.corp.example, dc1"


def test_each_certificate_stands_once_for_each_port_that_showed_it() -> None:
    catalog = CatalogSeen(3269, OK, OK, tls=GOOD)
    both = directory(server(GOOD, catalog=catalog))
    checked = directory(server(replace(GOOD, checked_by="nobody", trusted=None)))
    found = certificates_of(observed(directory_corp=both, directory_again=checked))
    assert [(one.port, one.flaws) for one in found] == [(636, ("unchecked",)), (3269, ())]


def test_two_nodes_that_ask_one_database_server_see_one_certificate() -> None:
    tls = DatabaseTls("TLSv1.2", "no", "CN=sql1", AT + 10 * DAY, "CN=sql1", "cd" * 32)
    facts = {
        f"database_{node}": SiteFact(
            "database", "ok", database_json(DatabaseObservation(node, "sql1", "10.1.1.31", AT, port=1433, tls=tls))
        )
        for node in ("cml1", "cml2")
    }
    (one,) = certificates_of(observed(**facts))
    assert (one.host, one.port, one.service, one.days_left, one.flaws) == ("sql1", 1433, "tds", 10, ("unchecked",))
    assert one.not_before == ""


def test_clear_connections_and_facts_that_cannot_be_read_show_none() -> None:
    facts = observed(
        directory_clear=directory(server(None)),
        directory_broken=SiteFact("directory", "ok", {"servers": 7}),
        directory_denied=SiteFact("directory", "error", None, "its password cannot be had"),
        database_cml1=SiteFact("database", "ok", None),
        other_thing=SiteFact("thing", "ok", {}),
    )
    assert certificates_of(facts) == []


@settings(deadline=None)
@given(st.floats(), st.floats(), st.floats(), st.text(st.characters(exclude_categories=())))
def test_no_date_and_no_text_of_a_server_breaks_a_run(begins: float, ends: float, left: float, text: str) -> None:
    tls = replace(GOOD, not_before=begins, not_after=ends, days_left=left, subject=text, names=(text,), why_not=text)
    fact = directory(server(tls))
    assert len(certificates_of(observed(directory_corp=fact))) == 1


SLAPD = next(
    row
    for row in load_yaml((Path(__file__).parents[1] / "wire" / "tls_answers.yaml").read_text(encoding="utf-8"))
    if row["name"] == "slapd"
)
SHOWN = SLAPD["told"].rsplit(" ", 1)[1]  # the SHA-256 of the certificate that was recorded


def asked(node: str, at: float = 1_794_000_000.0) -> ProbeObservation:
    probe = Probe(node, "dc1", "10.1.1.32", "tcp", 636, "existing", speak="tls")
    received = "".join(SLAPD["bytes"].split())
    return ProbeObservation(probe.id, "plain", 636, (Attempt("answered", at, 1.0, "", 0, "", "", received, False),))


def test_nodes_that_are_shown_the_same_certificate_are_told_with_it() -> None:
    facts = observed(directory_corp=directory(server(replace(GOOD, sha256=SHOWN))))
    probes = {one.probe: one for one in (asked("cml2"), asked("cml1"))}
    (one,) = certificates_of(replace(facts, probes=probes))
    assert (one.service, one.here, one.nodes, one.flaws) == ("ldaps", True, ("cml1", "cml2"), ())


def test_another_certificate_of_a_node_stands_beside_ours_and_nobody_checked_it() -> None:
    facts = observed(directory_corp=directory(server(GOOD)))
    probes = {one.probe: one for one in (asked("cml1"),)}
    ours, theirs = sorted(certificates_of(replace(facts, probes=probes)), key=lambda one: not one.here)
    assert (ours.nodes, ours.sha256) == ((), "ab" * 32)
    assert (theirs.here, theirs.nodes, theirs.service, theirs.sha256) == (False, ("cml1",), "tls", SHOWN)
    assert theirs.flaws == ("unchecked",)


@pytest.mark.parametrize(("at", "flaw"), [(4e9, "expired"), (1e9, "not yet valid")])
def test_a_node_s_certificate_is_dated_by_when_it_was_shown(at: float, flaw: str) -> None:
    one = asked("cml1", at)
    (shown,) = certificates_of(Observations(probes={one.probe: one}))
    assert flaw in shown.flaws
