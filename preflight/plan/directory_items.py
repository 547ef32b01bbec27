"""Checklist items about the user directory: one case for each directory of the inventory."""

from __future__ import annotations

from dataclasses import replace

from preflight.catalogue.model import CheckRow
from preflight.topology.directory_model import Directory
from preflight.topology.model import Topology
from preflight.values.case import Case

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
    return [_of(directory, row, blank) for directory in topology.directories]


def _of(directory: Directory, row: CheckRow, blank: Case) -> Case:
    case = replace(
        blank,
        id=f"{row.id}:{directory.name}",
        directory=directory.name,
        hosts=frozenset(directory.servers),
        facts=row.facts,
    )
    if row.attributes and directory.declined.issuperset(row.attributes):
        keys = " and ".join(f"{name}: false" for name in row.attributes)
        reason = f"the site does not use it: directory {directory.name} has {keys} (attributes)"
        return replace(case, not_applicable=reason)
    return case
