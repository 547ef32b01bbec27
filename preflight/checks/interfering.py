"""What interferes with SafeQ on a server (C10), out of its facts and of what the site means to be there."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.checks.interfering_safeq import another_safeq
from preflight.facts.database_programs import listed_databases
from preflight.facts.databases import Database, Databases, embedded_of
from preflight.facts.print_products import Installed, Solution, solutions
from preflight.facts.remains import Remains
from preflight.topology.model import Machine, Topology

DEFAULT_INSTANCE = "MSSQLSERVER"
ANALYSIS_SERVICES = ("MSSQLServerOLAPService", "MSOLAP$*")


@dataclass(frozen=True, slots=True)
class Interference:
    """What was found, by how sure it is, with evidence; `remarks` are no findings."""

    wrong: tuple[str, ...]
    doubtful: tuple[str, ...]
    remarks: tuple[str, ...]
    remedy: str


def interference(
    databases: Databases,
    present: Installed,
    remains: Remains,
    site: Topology,
    machine: Machine,
) -> Interference:
    """Findings on one machine. Where the product is installed, its own services, folders and database are none."""
    installed = remains.installed
    meant = meant_databases(site, machine)
    strangers = databases.strangers(meant)
    own = embedded_of(strangers) if installed and site.features.database == "embedded" else None
    strangers = [d for d in strangers if d is not own]
    # One that lies with the product is its own for sure; a second one beside it may be anybody's.
    second = own if any(d.ours for d in databases.found) else None
    own = None if second else own
    printing = solutions(present, site.checklist.interfering.products, [s.name for s in remains.product])
    programs = listed_databases(present.programs, databases, meant)
    safeq = another_safeq(remains, present.programs)
    wrong = [f"database {d}" for d in strangers]
    wrong += [_told(s) for s in printing if s.sure]
    wrong += safeq.wrong
    return Interference(
        wrong=tuple(wrong),
        doubtful=(
            *([f"perhaps a second database of the product's, else another's: {second}"] if second else []),
            *(f"perhaps database {engine}: installed program {program}" for engine, program in programs),
            *(_told(s) for s in printing if not s.sure),
            *safeq.doubtful,
        ),
        remarks=tuple(_remarks(databases, [*strangers, *([second] if second else [])], own)),
        remedy=_remedy(
            [
                *(d.names[0] for d in [*strangers, *([second] if second else [])]),
                *(program.name for _, program in programs),
            ],
            printing,
            safeq.steps,
        ),
    )


def meant_databases(site: Topology, machine: Machine) -> tuple[str, ...]:
    """Names of services and instances that are meant to be on this machine, from features, roles and the checklist."""
    features = site.features
    names = list(site.checklist.interfering.databases)
    if features.database == "mssql" and "db" in machine.roles:
        names.append(features.database_instance or DEFAULT_INSTANCE)
    reporting = features.analysis_services or (machine.name if "crs" in machine.roles else None)
    if features.central_reporting and reporting == machine.name:
        names.extend(ANALYSIS_SERVICES)
    return tuple(names)


def to_paste(key: str, names: list[str]) -> str:
    """The block that says of some names that they are meant to be there, on one line."""
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in dict.fromkeys(names))
    return f"checklist: {{interfering: {{{key}: [{quoted}]}}}}"


def _told(solution: Solution) -> str:
    return f"{'' if solution.sure else 'perhaps '}{solution.product}: {solution.evidence}"


def _remarks(databases: Databases, strangers: list[Database], own: Database | None) -> list[str]:
    found = [f"taken for the product's own database, by its release: {own}"] if own else []
    found += [f"no finding: {d}" for d in databases.found if d is not own and d not in strangers]
    found += [f"SQL Server instance without a service: {text}" for text in databases.orphans]
    return found + list(databases.untold)


def _remedy(databases: list[str], printing: list[Solution], safeq: tuple[str, ...]) -> str:
    steps = []
    if databases:
        steps.append(
            "Move the database to another machine; or say that it is meant for SafeQ: "
            + to_paste("databases", databases)
        )
    if printing:
        steps.append(
            "Uninstall the print solution; or, where the vendor agreed to it: "
            + to_paste("products", [s.name for s in printing])
        )
    steps += safeq
    return "; ".join(steps) + "." if steps else ""
