"""Database engines in a Windows host's list of installed programs: less than a service, but no database hides there."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.facts.databases import Databases
from preflight.facts.own_tables import engines
from preflight.facts.software import Program
from preflight.facts.windows_services import alike, inside


def listed_databases(
    programs: Iterable[Program], databases: Databases, meant: Iterable[str]
) -> list[tuple[str, Program]]:
    """Engine and program, without what is meant to be there and what services or listeners have told already.

    The product's own engine explains a program that lies in its folder, or that does not say where it lies.
    """
    agreed = tuple(meant)
    others = {d.engine for d in databases.found if not d.ours}
    own = {d.engine for d in databases.found if d.ours}
    found = []
    for program in programs:
        engine = next((known.engine for known in engines() if alike(program.name, known.names)), None)
        if engine is None or engine in others or alike(program.name, agreed):
            continue
        if inside(f"{program.folder}\\", databases.folders) or (engine in own and not program.folder):
            continue
        found.append((engine, program))
    return found
