"""Items about the user directory: a case for each directory, a block where there is none, none where it is not used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from preflight.catalogue.loader import load_catalogue
from preflight.plan.build import build_plan
from preflight.topology.loader import load_inventory
from preflight.values.case import Case

ITEMS = [f"L{number:02}" for number in range(1, 12)]
CORP = {"name": "corp", "servers": ["dc1"]}
LAB = {"name": "lab", "servers": ["dc2"]}


@pytest.fixture
def planned(tmp_path: Path) -> Any:
    """Cases of the LDAP items, or of other rows, of a site with these directories."""

    def plan(directory: Any = None, ldap: bool = True, rows: Sequence[str] = ITEMS) -> list[Case]:
        site: dict[str, Any] = {
            "customer": "A",
            "site": "A",
            "manage": {"by": "ssh"},
            "features": {"ldap": ["ldaps"]} if ldap else {},
            "hosts": {
                "cml1": {"roles": ["cml"], "address": "10.1.1.11"},
                "dc1": {"roles": ["ldap"], "address": "10.1.1.30", "manage": "none"},
                "dc2": {"roles": ["ldap"], "address": "10.1.1.31", "manage": "none"},
            },
        }
        if directory is not None:
            site["directory"] = directory
        file = tmp_path / "inventory.yaml"
        with file.open("w", encoding="utf-8") as out:
            YAML().dump(site, out)
        return [case for case in build_plan(load_catalogue(), load_inventory(file)) if case.row in rows]

    return plan


def test_a_case_for_each_directory(planned: Any) -> None:
    cases = planned([CORP, LAB])
    assert [case.id for case in cases] == [f"{row}:{name}" for row in ITEMS for name in ("corp", "lab")]
    assert {(case.directory, case.hosts) for case in cases} == {
        ("corp", frozenset({"dc1"})),
        ("lab", frozenset({"dc2"})),
    }
    assert all(case.facts == ("directory",) and case.about == case.directory for case in cases)
    assert not any(case.destination or case.unasked or case.not_applicable or case.not_built for case in cases)


def test_each_cml_asks_an_encrypted_global_catalogue_in_tls_which_is_no_row(planned: Any) -> None:
    catalogue = {
        **CORP,
        "servers": ["dc1", "dc2"],
        "global_catalog_port": 3269,
        "certificate_names": ["gc.corp.example"],
    }
    cases = {case.row: case for case in planned(catalogue)}
    assert [row for row, case in cases.items() if case.probes] == ["L01"]
    assert {probe.id for probe in cases["L01"].probes} == {
        "cml1>dc1@10.1.1.30:3269/tcp/existing/tls",
        "cml1>dc2@10.1.1.31:3269/tcp/existing/tls",
    }
    assert {probe.name for probe in cases["L01"].probes} == {"gc.corp.example"}


@pytest.mark.parametrize(
    "directory",
    [
        pytest.param(CORP, id="no global catalogue"),
        pytest.param({**CORP, "protocol": "ldap", "global_catalog_port": 3268}, id="in clear: row O03 asks it"),
        pytest.param({**CORP, "protocol": "starttls", "global_catalog_port": 3268}, id="in clear at first: row O03"),
    ],
)
def test_no_cml_asks_in_tls_what_is_not_there(directory: Any, planned: Any) -> None:
    assert not any(case.probes for case in planned(directory))


def test_without_a_directory_each_item_is_open_and_has_a_block(planned: Any, tmp_path: Path) -> None:
    cases = planned()
    assert [case.id for case in cases] == [f"{row}:site" for row in ITEMS]
    assert {case.unasked for case in cases} == {"the inventory does not describe the user directory (`directory`)"}
    block = cases[0].remedy.partition("\n")[2]
    pasted = YAML(typ="safe", pure=True).load(block)["directory"]
    (tmp_path / "corp-ca.pem").write_text("", encoding="utf-8")
    assert [case.id for case in planned(pasted)] == [f"{row}:directory" for row in ITEMS]


def test_a_site_without_ldap_needs_none(planned: Any) -> None:
    for directory in (None, CORP):
        assert all("features.ldap is off" in (case.not_applicable or "") for case in planned(directory, ldap=False))


def test_what_the_site_does_not_use_does_not_apply(planned: Any) -> None:
    unused = {"card": False, "email": False, "first_name": False}
    cases = {case.row: case.not_applicable for case in planned({**CORP, "attributes": unused})}
    assert {row for row, reason in cases.items() if reason} == {"L07", "L09"}
    assert cases["L07"] == "the site does not use it: directory corp has card: false (attributes)"


def test_what_the_product_wants_of_each_user_applies_though_the_site_has_none(planned: Any) -> None:
    declined = {"first_name": False, "last_name": False, "department": False, "id": False}
    wished = {"full": "daily 02:00-04:00"}
    for replication, unneeded in ((wished, set()), (False, {"L08"})):
        cases = planned({**CORP, "attributes": declined, "replication": replication})
        assert {case.row for case in cases if case.not_applicable} == unneeded
    unsaid = planned({**CORP, "attributes": declined})
    assert {case.row for case in unsaid if case.not_applicable} == {"L08"}


def test_a_cml_names_the_server_in_tls_as_the_site_says_its_certificate_does(planned: Any) -> None:
    named = {**CORP, "certificate_names": ["ldap.corp.example", "dc1.corp.example"]}
    probes = {probe.destination: probe for case in planned([named, LAB], rows=["O01"]) for probe in case.probes}
    assert {probe.speak for probe in probes.values()} == {"tls"}
    assert {server: probe.name for server, probe in probes.items()} == {"dc1": "ldap.corp.example", "dc2": ""}
