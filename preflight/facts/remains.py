"""What an earlier SafeQ, or an installation that was not finished, has left on a Windows host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preflight.agents.reads import FileRead, RegistryRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.own_tables import remains
from preflight.facts.registry_key import registry_key
from preflight.facts.software import Program
from preflight.facts.standing import PRODUCT, Service
from preflight.facts.which_safeq import Part, Whose, of_another, part_of
from preflight.facts.windows_services import SERVICE_READS, WindowsService, alike, inside, parse_services, plain

FOLDER_READS = tuple(FileRead(name=f"remains:folder{i}", path=path) for i, path in enumerate(remains().folders))
KEY_READS = tuple(
    RegistryRead(name=f"remains:key{i}", path=path, values=("Version",), subkeys=True)
    for i, path in enumerate(remains().keys)
)


@dataclass(frozen=True, slots=True)
class Remains:
    """What there is, the product's own present installation included: who looks must know which it is."""

    product: tuple[Service, ...]
    services: tuple[WindowsService, ...]  # the vendor's by the name that they show, not by their key
    folders: tuple[str, ...]
    keys: tuple[str, ...]  # with the names below them

    def of(self, whose: Whose) -> list[Part]:
        """Services by what they belong to; the installed product are those of `server`, by their key."""
        parts = [part_of(service) for service in self.product]
        parts += [part_of(service) for service in self.services if whose in ("other", "client")]
        return [part for part in parts if part.whose == whose]

    @property
    def installed(self) -> bool:
        """Whether the server product is there, in the version that is tested."""
        return bool(self.of("server"))

    @property
    def unused(self) -> list[str]:
        """Folders in which none of the product's services lies."""
        return [f for f in self.folders if not any(inside(s.path, (f.casefold(),)) for s in self.product)]

    @property
    def idle(self) -> list[Part]:
        """The product's services where none of them runs; clients and helpers do not count."""
        server = self.of("server")
        return server if all(part.state == "stopped" for part in server) else []

    def evidence(self) -> list[str]:
        """All of it, for a host that should have nothing of the product; not what an unclear service may belong to."""
        unclear = self.of("unclear")
        told = [part.name for part in (*self.of("other"), *self.of("client"))]  # by who asks for them
        services = [f"service {s}, shown as {s.display}" for s in self.services if s.name not in told]
        folders = [f for f in self.folders if not any(inside(part.path, (f.casefold(),)) for part in unclear)]
        keys = [] if unclear else self.keys
        return [*services, *(f"folder {folder}" for folder in folders), *(f"registry {key}" for key in keys)]


def parse_remains(told: Told) -> Remains:
    """Raises UnobservedError where a folder, a key or the services are not known: the rest would look clean."""
    product = tuple(PRODUCT.parse(told))
    own = {service.name.casefold() for service in product}
    marks = remains().services
    services = [
        service
        for service in parse_services(told)
        if service.name.casefold() not in own and (alike(service.name, marks) or alike(service.display, marks))
    ]
    folders = tuple(read.path for read in FOLDER_READS if _exists(told, read))
    keys = []
    for read in KEY_READS:
        if (key := registry_key(told, read.name, part=True)) is not None:
            below = ", ".join(sorted(plain(name) for name in key.subkeys)[:5])
            keys.append(f"{read.path}{f' ({below})' if below else ''}")
    return Remains(product, tuple(services), folders, tuple(keys))


def programs_left(programs: Iterable[Program], installed: bool) -> list[str]:
    """Installed programs of the vendor's, by name or vendor; beside the installed product, another version's only."""
    marks = remains()
    found = [p for p in programs if alike(p.name, marks.programs) or alike(p.vendor, marks.vendors)]
    return [f"installed program {p}" for p in found if not installed or of_another(p.name)]


def _exists(told: Told, read: FileRead) -> bool:
    value = told.maybe(read.name)
    if value is None:
        return False
    if not isinstance(value, dict) or not isinstance(value.get("exists"), bool):
        raise UnobservedError(f"what {told.host} told of {read.path} is no answer about a folder")
    return bool(value["exists"])


REMAINS = FactKind(
    "remains", parse_remains, reads=(*SERVICE_READS, *FOLDER_READS, *KEY_READS), rests_on=("services", "system")
)
