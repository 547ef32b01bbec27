"""Checklist items about the user directory: one case for each directory of the inventory."""

from __future__ import annotations

from dataclasses import replace

from preflight.catalogue.model import CheckRow
from preflight.plan.draft import certificate_name
from preflight.topology.directory_model import Directory
from preflight.topology.model import Topology
from preflight.values.case import Case
from preflight.values.probe import Probe

NO_DIRECTORY = "the inventory does not describe the user directory (`directory`)"
BLOCK = """Describe the directory in the inventory, and put the password into the variable:
directory:
  preset: active_directory  # or openldap
  user: safeq-sync@corp.example
  password: {env: LDAP_PASSWORD}
  ca: corp-ca.pem  # the CA of the servers' certificates
  domains: corp.example
  containers: ["OU=Staff,DC=corp,DC=example"]
  attributes: {department: department, card: pager, id: employeeID}
  replication: {full: "daily 02:00-04:00", differential: 1h}"""


def directory_cases(row: CheckRow, blank: Case, topology: Topology) -> list[Case]:
    """The item for each directory; without one it is open, with a block to paste."""
    if not topology.directories:
        return [replace(blank, unasked=NO_DIRECTORY, remedy=BLOCK)]
    return [_of(directory, row, blank, topology) for directory in topology.directories]


def _of(directory: Directory, row: CheckRow, blank: Case, topology: Topology) -> Case:
    case = replace(
        blank,
        id=f"{row.id}:{directory.name}",
        directory=directory.name,
        hosts=frozenset(directory.servers),
        facts=row.facts,
        probes=_catalogue_probes(directory, row, topology),
    )
    if row.attributes and (directory.declined - directory.needed).issuperset(row.attributes):
        keys = " and ".join(f"{name}: false" for name in row.attributes)
        reason = f"the site does not use it: directory {directory.name} has {keys} (attributes)"
        return replace(case, not_applicable=reason)
    return case


def _catalogue_probes(directory: Directory, row: CheckRow, topology: Topology) -> tuple[Probe, ...]:
    """The encrypted global catalogue of each server, from each machine that the item names: no row asks that port.

    In clear it is row O03's. What nobody can ask, as no agent can run there, the rows of that machine say.
    """
    if not directory.global_catalog or directory.protocol != "ldaps":
        return ()
    askers = [m for m in topology.with_role(*row.asked_from) if m.manage is not None] if row.asked_from else []
    servers = [topology.machines[name] for name in directory.servers]
    port = directory.global_catalog_port
    return tuple(
        Probe(
            asker.name,
            server.name,
            server.address,
            "tcp",
            port,
            "existing",
            speak="tls",
            name=certificate_name(server, topology),
        )
        for asker in askers
        for server in servers
        if asker.name != server.name
    )
