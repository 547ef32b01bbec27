"""Records what real directories say, for the rows of the checklist's items: `python selftest/directory/record.py`.

Needs slapd and a Samba domain controller, and root. Writes selftest/checklist/recorded/*.json: counts and redacted
samples, as the suite's own machine would keep them; only addresses and times are put right.
"""

# ruff: noqa: E402 - the folder of the tests comes first
from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import openldap_site
import planted_people
from asking import asked, described
from paper_authority import Authority
from planted_people import Company, Faults
from samba_dc import BRANCH, PASSWORD, PORTS, STAFF, LocalDomain
from samba_people import ad_people
from slapd_server import SERVICE, LocalSlapd

from preflight.directory.document import as_json
from preflight.topology.directory_model import Directory, Replication
from preflight.values.directory import DirectoryObservation

RECORDED = HERE.parent / "checklist" / "recorded"
AT, ADDRESS = 1_700_000_000.0, "10.1.1.30"
WISH = Replication(True, "daily 02:00-04:00", 86400.0, "1h", 3600.0, 120.0)
MADE_BY = "selftest/directory/record.py, by a real directory server on the machine of the tests"


def domain(folder: Path, authority: Authority, faults: bool) -> DirectoryObservation:
    """A Samba domain with the planted faults, or none."""
    people = ad_people() if faults else _sound(ad_people())
    papers = authority.issue(f"samba{faults}", ["dc1.corp.example"])
    with LocalDomain(folder / f"samba{faults}", papers, authority.file, people) as server:
        return asked(_domain(authority), PASSWORD, server.address)


def openldap(folder: Path, authority: Authority) -> DirectoryObservation:
    """An OpenLDAP server with 1,000 users and their faults."""
    papers = authority.issue("slapd", ["dc1.corp.example", "127.0.0.1"])
    company = Company(900, 100, Faults(no_card=20))
    with LocalSlapd(folder / "slapd", company.ldif(), papers) as server:
        return asked(openldap_site.corp(server, authority), PASSWORD)


def _domain(authority: Authority) -> Directory:
    names = {"department": "department", "card": "pager", "id": "employeeID"}
    return described(
        "active_directory",
        PORTS["ldaps"],
        containers=(STAFF, BRANCH),
        user="svc@corp.example",
        ca=str(authority.file),
        attributes=names,
        global_catalog=True,
        global_catalog_port=PORTS["catalogs"],
        replication=WISH,
    )


def _sound(people: Any) -> Any:
    """Each user of a number of his own, with all attributes."""
    for entry in people:
        _, _, rest = entry.partition("CN=person")
        if not rest:
            yield entry
            continue
        number = int(rest[:3])
        lines = [line for line in entry.splitlines() if line.partition(":")[0] not in _OWN]
        own = {
            "givenName": f"Given{number}",
            "department": str(100 + number % 7),
            "pager": f"{0xA1B2C301 + number * 3:08X}",
            "employeeID": f"E{1000 + number}",
            "mail": f"given.surname{number:03}@corp.example",
        }
        yield "\n".join([*(line for line in lines if line), *(f"{k}: {v}" for k, v in own.items())]) + "\n\n"


_OWN = {"givenName", "department", "pager", "employeeID", "mail"}


def write(name: str, seen: DirectoryObservation, directory: dict[str, Any]) -> None:
    """One file: the inventory that goes with it, and what was told."""
    told = as_json(seen)
    told["at"] = AT
    for server in told["servers"]:
        server.update(address=ADDRESS, port=636, local_address="10.1.1.99")
        server["tls"].update(not_before=AT - 86400, not_after=AT + 90 * 86400, days_left=90.0)
        for tls in filter(None, (server["catalog"] or {}).values()):
            if isinstance(tls, dict) and "days_left" in tls:
                tls.update(not_before=AT - 86400, not_after=AT + 90 * 86400, days_left=90.0)
        if server["catalog"]:
            server["catalog"]["port"] = 3269
    for found in told["forest"]["controllers"]:
        found.update(machine="dc1", addresses=[ADDRESS], resolved={"outcome": "ok"})
    for found in told["domains"]:
        found.update(addresses=[ADDRESS], machines=["dc1"], strangers=[], resolved={"outcome": "ok"})
    inventory = {
        "features": {"ldap": ["ldaps", "global_catalog"]},
        "hosts": {
            "cml1": {"roles": ["cml"], "address": "10.1.1.11"},
            "dc1": {"roles": ["ldap"], "address": ADDRESS, "manage": "none"},
        },
        "directory": directory,
    }
    told = json.loads(json.dumps(told).replace(seen.servers[0].address, ADDRESS))
    whole = {"recorded": MADE_BY, "inventory": inventory, "site": {"directory:corp": told}}
    RECORDED.mkdir(exist_ok=True)
    (RECORDED / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """All recordings."""
    common = {
        "name": "corp",
        "domains": ["corp.example"],
        "password": {"env": "UNUSED"},
        "replication": {"full": "daily 02:00-04:00", "differential": "1h"},
    }
    ad = {
        **common,
        "preset": "active_directory",
        "user": "svc@corp.example",
        "containers": [STAFF, BRANCH],
        "attributes": {"department": "department", "card": "pager", "id": "employeeID"},
    }
    unix = {
        **common,
        "preset": "openldap",
        "user": SERVICE,
        "containers": [planted_people.STAFF, planted_people.BRANCH],
        "attributes": openldap_site.NAMES,
    }
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        authority = Authority(folder / "authority")
        write("samba", domain(folder, authority, faults=False), ad)
        write("samba-faults", domain(folder, authority, faults=True), ad)
        write("openldap-faults", openldap(folder, authority), unix)


if __name__ == "__main__":
    main()
