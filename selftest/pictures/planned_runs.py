"""Runs of whole sites: the real plan of an inventory, with verdicts by a rule, as no laboratory could hold so many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from generated import head
from ruamel.yaml import YAML

from preflight.catalogue.loader import load_catalogue
from preflight.plan.build import build_plan
from preflight.run.build import build_run, host_result
from preflight.run.model import Run
from preflight.run.model_site import NetworkResult
from preflight.topology.loader import load_inventory
from preflight.values.case import Case
from preflight.values.outcome import Outcome, Verdict

Rule = Callable[[Case], Outcome]
FEATURES: dict[str, Any] = {
    "cluster": True,
    "ors": True,
    "encryption": True,
    "scan": {"smtp": True, "webdav": True},
    "ldap": ["ldaps"],
    "online_tracking": True,
}


def planned_run(inventory: Path, rule: Rule) -> Run:
    """Everything that would be asked of the site, as if it had come out so."""
    topology, catalogue = load_inventory(inventory), load_catalogue()
    judged = []
    for case in build_plan(catalogue, topology):
        outcome = Outcome.NOT_APPLICABLE if case.not_applicable else rule(case)
        judged.append((case, Verdict(outcome, f"{outcome.value}, by the rule of a test", remedy="Open it.")))
    hosts = [
        host_result(
            m.name, roles=m.roles, address=m.address, site=m.site, network=m.network, managed_by=None, seen=None
        )
        for m in topology.machines.values()
    ]
    networks = [
        NetworkResult(name=n.name, cidr=n.cidr, site=n.site, vantage=n.vantage) for n in topology.networks.values()
    ]
    row_ids = [row.id for row in catalogue.rows]
    return build_run(head(site=topology.site_name), judged, hosts=hosts, row_ids=row_ids, networks=networks)


def branches(folder: Path, sites: int, printers: int) -> Path:
    """An inventory: a head office with two CML servers, and branches with an ORS server, workstation and printers."""
    networks: dict[str, Any] = {"servers": {"cidr": "10.0.0.0/24", "site": "hq"}}
    hosts: dict[str, Any] = {
        "cml1": {"roles": ["cml", "ts"], "address": "10.0.0.11"},
        "cml2": {"roles": ["cml", "ts"], "address": "10.0.0.12"},
        "dc1": {"roles": ["ldap"], "address": "10.0.0.20"},
        "sql1": {"roles": ["db"], "address": "10.0.0.21"},
        "mail1": {"roles": ["smtp"], "address": "10.0.0.22"},
    }
    rows = ["name;address;site;servers;terminal"]
    names = ["hq", *(f"branch{n}" for n in range(1, sites))]
    for number, site in enumerate(names):
        networks[f"{site}-printers"] = {"cidr": f"10.{number + 1}.0.0/18", "site": site}
        networks[f"{site}-clients"] = {"cidr": f"10.{number + 1}.64.0/24", "site": site}
        hosts[f"{site}-ws"] = {"roles": ["workstation"], "address": f"10.{number + 1}.64.9", "site": site}
        serving = "cml1"
        if number:
            serving = f"{site}-ors"
            hosts[serving] = {"roles": ["ors", "ts"], "address": f"10.{number + 1}.64.8", "site": site}
        for device in range(printers // sites):
            address = f"10.{number + 1}.{device // 250}.{device % 250 + 1}"
            rows.append(f"{site}-mfp{device:04};{address};{site};{serving};ricoh")
    (folder / "printers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    site_file = {
        "customer": "Example",
        "site": f"Example, {sites} sites",
        "sites": names,
        "manage": {"by": "ssh", "user": "preflight"},
        "features": FEATURES,
        "networks": networks,
        "hosts": hosts,
        "printers": [{"csv": "printers.csv"}],
    }
    file = folder / "inventory.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(site_file, out)
    return file
