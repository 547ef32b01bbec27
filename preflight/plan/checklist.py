"""Checklist items as cases: one for each host or user directory that an item is asked of."""

from __future__ import annotations

from dataclasses import replace

from preflight.catalogue.model import CheckRow
from preflight.catalogue.vocabulary import DIRECTORY
from preflight.errors import CatalogueError
from preflight.facts.registry import BY_NAME, site_reads_for
from preflight.plan.conditions import site_lacks, site_leaves_unsaid
from preflight.plan.directory_items import directory_cases
from preflight.topology.model import Machine, Topology
from preflight.values.case import Case

NOT_BUILT = "not built yet: look at it by hand until a later version asks it"


def checklist_cases(row: CheckRow, topology: Topology) -> list[Case]:
    """The cases of one item, in the inventory's order. Raises CatalogueError for a fact that nobody knows."""
    if strange := sorted(set(row.facts) - set(BY_NAME)):
        raise CatalogueError(f"row {row.id}: facts: nobody knows {', '.join(strange)}; there are {', '.join(BY_NAME)}")
    site = _blank(row, f"{row.id}:site", topology)
    if not row.asked_of:
        return [replace(site, not_built=NOT_BUILT)]
    if reason := site_lacks(row.applies, topology.features) or site_leaves_unsaid(row.applies, topology.checklist):
        return [replace(site, not_applicable=reason)]
    if row.asked_of == (DIRECTORY,):
        return directory_cases(row, site, topology)
    machines = [m for m in topology.machines.values() if m.roles & set(row.asked_of)]
    if not machines:
        return [replace(site, not_applicable=f"the inventory has no {' or '.join(row.asked_of)}")]
    return [_on(machine, row, topology) for machine in machines]


def _on(machine: Machine, row: CheckRow, topology: Topology) -> Case:
    case = replace(
        _blank(row, f"{row.id}:{machine.name}", topology),
        destination=machine.name,
        hosts=frozenset({machine.name}),
        facts=row.facts,
        reads=site_reads_for(row.facts, topology, machine),
    )
    if machine.manage is None:
        return replace(case, unasked=f"no agent can run on {machine.name} (manage: none): look at it by hand")
    return case


def _blank(row: CheckRow, case_id: str, topology: Topology) -> Case:
    roles = ("ldap",) if row.section == "ldap" else ("cml",)
    return Case(
        id=case_id,
        row=row.id,
        section=row.section,
        level="mandatory",
        requirement=row.requirement,
        remedy=row.remedy,
        purpose=row.needs,
        protocol=None,
        ports=(),
        notation="",
        source=None,
        destination=None,
        hosts=frozenset(m.name for m in topology.with_role(*roles)),
        serving=None,
        note=row.note or "",
    )
