"""Database engines on a Windows host, by service, program and listener, with SQL Server's own list of instances.

That list is in the registry, values {instance: id}, once for each view (see the reads).
"""

from __future__ import annotations

import ntpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from preflight.agents.reads import RegistryRead
from preflight.facts.database_listeners import EngineListener, listening_engines
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.own_tables import engines
from preflight.facts.registry_key import registry_key
from preflight.facts.standing import PRODUCT
from preflight.facts.windows_services import (
    SERVICE_READS,
    WindowsService,
    alike,
    folders_of,
    inside,
    parse_services,
    plain,
)

_BELOW = r"Microsoft\Microsoft SQL Server\Instance Names\SQL"
INSTANCE_READS = (
    RegistryRead(name="databases:instances", path=rf"HKLM\SOFTWARE\{_BELOW}"),
    RegistryRead(name="databases:instances32", path=rf"HKLM\SOFTWARE\WOW6432Node\{_BELOW}"),
)
SQL_2008 = "mssql10"  # 10.0 is 2008, 10.50 is 2008 R2: the release that the product embeds


@dataclass(frozen=True, slots=True)
class Database:
    """One engine: its service, or what listens without an engine's service."""

    engine: str
    source: WindowsService | EngineListener
    instance: str = ""  # SQL Server: MSSQLSERVER is the default one
    instance_id: str = ""  # MSSQL15.SAFEQ: the number is the release
    windows: bool = False  # a part of Windows
    ours: bool = False  # a service of the product, or in its folder

    @property
    def names(self) -> tuple[str, ...]:
        """What a site may call it, the best first: the service, else the program; SQL Server's instance."""
        source = self.source
        names = (source.service, source.program) if isinstance(source, EngineListener) else (source.name,)
        return tuple(name for name in (*names, self.instance) if name)

    def __str__(self) -> str:
        return f"{self.engine}{f' {self.instance_id}' if self.instance_id else ''}: {self.source}"


@dataclass(frozen=True, slots=True)
class Databases:
    """All engines. `orphans`: instances in the registry that have no service; `untold`: what could not be read.

    `unseen`: why an engine without a service may have been missed; `folders`: the product's.
    """

    found: tuple[Database, ...]
    orphans: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    unseen: str = ""
    folders: tuple[str, ...] = ()

    def strangers(self, meant: Iterable[str]) -> list[Database]:
        """Engines that are neither the product's nor a part of Windows nor meant to be there."""
        agreed = tuple(meant)
        rest = [d for d in self.found if not (d.ours or d.windows)]
        return [d for d in rest if not any(alike(name, agreed) for name in d.names)]


def embedded_of(found: Iterable[Database]) -> Database | None:
    """The one SQL Server 2008 among some engines: with `database: embedded` it is the product's; None if not one."""
    those = [d for d in found if d.instance_id.casefold().startswith(SQL_2008)]
    return those[0] if len(those) == 1 else None


def parse_databases(told: Told) -> Databases:
    """The engines. Raises UnobservedError where the services or the product's are not known."""
    services = parse_services(told)
    product = PRODUCT.parse(told)
    own = {service.name.casefold() for service in product}
    folders = folders_of(service.path for service in product)
    instances: dict[str, str] = {}
    untold: list[str] = []
    for read in INSTANCE_READS:
        try:
            key = registry_key(told, read.name)
            instances |= {plain(name): plain(value) for name, value in (key.values if key else {}).items()}
        except UnobservedError as error:
            untold.append(f"SQL Server's list of instances is not known: {error.reason}")
    found = [
        database
        for service in services
        if (
            database := _database(
                service, instances, service.name.casefold() in own or inside(service.program, folders)
            )
        )
    ]
    held = {database.instance.casefold() for database in found}
    orphans = tuple(f"{name} ({known})" for name, known in instances.items() if name and name.casefold() not in held)
    listening, unseen = listening_engines(told, services)
    for heard in listening:
        if not _told_already(heard, found):
            ours = heard.service.casefold() in own or inside(heard.path, folders)
            instance = _instance(heard.service, heard.program) if heard.service else ""
            found.append(Database(heard.engine, heard, instance, windows=heard.windows, ours=ours))
    return Databases(tuple(found), orphans, tuple(dict.fromkeys(untold)), unseen, folders)


def _told_already(heard: EngineListener, found: Iterable[Database]) -> bool:
    """Whether an engine's service tells of it: some engines share the names of their programs."""
    return any(
        heard.of_service(d.source)
        for d in found
        if isinstance(d.source, WindowsService)
        and (d.engine == heard.engine or ntpath.basename(d.source.program).casefold() == heard.program.casefold())
    )


def _instance(service: str, program: str) -> str:
    """SQL Server's instance, by the service; empty for what is none."""
    head, _, named = service.partition("$")
    return named or head if program.casefold() == "sqlservr.exe" or head.casefold() == "mssql" else ""


def _database(service: WindowsService, instances: Mapping[str, str], ours: bool) -> Database | None:
    program = ntpath.basename(service.program)
    for known in engines():
        if alike(service.name, known.services) or (program and alike(program, known.programs)):
            instance = _instance(service.name, program)
            ids = {name.casefold(): value for name, value in instances.items()}
            return Database(known.engine, service, instance, ids.get(instance.casefold(), ""), known.windows, ours)
    return None


DATABASES = FactKind(
    "databases", parse_databases, reads=(*SERVICE_READS, *INSTANCE_READS), rests_on=("services", "system", "listeners")
)
