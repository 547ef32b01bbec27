"""An inventory piece by piece: each host, feature and printer checked on its own, so that all problems are found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from preflight.topology import raw
from preflight.topology.document import Document
from preflight.topology.nearest import nearest
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_checklist import RawChecklist
from preflight.topology.raw_directory import RawDirectory
from preflight.topology.raw_features import RawFeatures
from preflight.topology.scalars import Name, Ports, RowId, Span
from preflight.topology.sentences import sentence

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_ROW_ID: TypeAdapter[str] = TypeAdapter(RowId)
_PORTS: TypeAdapter[tuple[Span, ...]] = TypeAdapter(Ports)
_SITES: TypeAdapter[list[str]] = TypeAdapter(raw.RawInventory.model_fields["sites"].rebuild_annotation())


@dataclass(frozen=True, slots=True)
class Entry(Generic[M]):
    """A named thing of the inventory that is well formed, and where it stands."""

    name: str
    raw: M
    at: Place


@dataclass(slots=True)
class Pieces:
    """What is well formed of an inventory. `broken` names what is there but is not; it still counts as existing."""

    customer: str = ""
    site: str = ""
    timezone: str = "UTC"
    lab: str | None = None
    manage: raw.RawManageDefaults = field(default_factory=raw.RawManageDefaults)
    features: RawFeatures = field(default_factory=RawFeatures)
    snmp: raw.RawSnmp = field(default_factory=raw.RawSnmp)
    ports: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    sites: tuple[str, ...] = ("main",)
    networks: list[Entry[raw.RawNetwork]] = field(default_factory=list)
    hosts: list[Entry[raw.RawHost]] = field(default_factory=list)
    printers: list[Entry[raw.RawPrinter]] = field(default_factory=list)
    printer_files: list[tuple[str, Place]] = field(default_factory=list)
    terminals: list[Entry[raw.RawTerminal]] = field(default_factory=list)
    readers: list[Entry[raw.RawReader]] = field(default_factory=list)
    directories: list[Entry[RawDirectory]] = field(default_factory=list)
    checklist: RawChecklist = field(default_factory=RawChecklist)
    broken: set[str] = field(default_factory=set)
    broken_networks: set[str] = field(default_factory=set)
    all_hosts_read: bool = True  # False: absence of a role proves nothing


def take_apart(document: Document, problems: Problems) -> Pieces:
    """Check every piece of the document and note what is wrong with it."""
    checker = Checker(document, problems)
    pieces = Pieces()
    checker.top_level_keys()
    pieces.customer = checker.text("customer") or ""
    pieces.site = checker.text("site") or ""
    pieces.timezone = checker.text("timezone") or "UTC"
    pieces.lab = checker.text("lab")
    pieces.manage = checker.section("manage", raw.RawManageDefaults)
    pieces.features = checker.section("features", RawFeatures)
    pieces.snmp = checker.section("snmp", raw.RawSnmp)
    pieces.checklist = checker.section("checklist", RawChecklist)
    sites = checker.whole(_SITES, document.data.get("sites", ["main"]), document.place("sites"))
    pieces.sites = tuple(sites or ())
    for row_id, value, at in checker.mapping("ports"):
        spans = checker.whole(_PORTS, value, at)
        if checker.whole(_ROW_ID, row_id, at) and spans:
            pieces.ports[row_id] = spans
    for name, value, at in checker.mapping("networks"):
        network = checker.entry(name, value, at, raw.RawNetwork)
        if network:
            pieces.networks.append(network)
        else:
            pieces.broken_networks.add(name)
    hosts = list(checker.mapping("hosts"))
    for name, value, at in hosts:
        host = checker.entry(name, value, at, raw.RawHost)
        if host:
            pieces.hosts.append(host)
        else:
            pieces.broken.add(name)
    pieces.all_hosts_read = bool(hosts) and len(pieces.hosts) == len(hosts)
    _devices(checker, pieces)
    return pieces


def _devices(checker: Checker, pieces: Pieces) -> None:
    for value, at in checker.items("printers"):
        if isinstance(value, dict) and "csv" in value and "name" not in value:
            file = checker.piece(value, at, raw.RawPrinterFile)
            if file:
                pieces.printer_files.append((file.csv, at.of("csv")))
        elif printer := checker.named(value, at, raw.RawPrinter, pieces.broken):
            pieces.printers.append(printer)
    for value, at in checker.items("terminals"):
        if terminal := checker.named(value, at, raw.RawTerminal, pieces.broken):
            pieces.terminals.append(terminal)
    for value, at in checker.items("card_readers"):
        if reader := checker.named(value, at, raw.RawReader, pieces.broken):
            pieces.readers.append(reader)
    for value, at in checker.items("directory"):
        if directory := checker.named(value, at, RawDirectory, set()):
            pieces.directories.append(directory)


class Checker:
    """Validates pieces of one document and notes every complaint at its place."""

    def __init__(self, document: Document, problems: Problems) -> None:
        self.document = document
        self.problems = problems

    def top_level_keys(self) -> None:
        """Complain of unknown keys and of required ones that are missing."""
        fields = raw.RawInventory.model_fields
        for key in self.document.data:
            if key not in fields:
                self.problems.add(self.document.place(key), f"no such key{nearest(key, fields)}")
        for key, information in fields.items():
            written = key in self.document.data or (key,) in self.document.faulty
            if information.is_required() and not written and self.document.data:
                self.problems.add(self.document.place(key), "missing; it must be said")

    def text(self, key: str) -> str | None:
        """A top-level text; None when it is unsaid or wrong."""
        if key not in self.document.data:
            return None
        adapter: TypeAdapter[str | None] = TypeAdapter(raw.RawInventory.model_fields[key].rebuild_annotation())
        return self.whole(adapter, self.document.data[key], self.document.place(key))

    def section(self, key: str, model: type[M]) -> M:
        """A top-level mapping of fixed keys; what is wrong in it is left out."""
        return self.piece(self.document.data.get(key, {}), self.document.place(key), model) or model()

    def mapping(self, key: str) -> Iterator[tuple[str, Any, Place]]:
        """Entries of a top-level mapping of free keys."""
        values, at = self.document.data.get(key), self.document.place(key)
        if isinstance(values, dict):
            if key == "hosts" and not values:
                self.problems.add(at, "empty; write at least one")
            yield from ((name, value, at.of(name)) for name, value in values.items())
        elif values is not None:
            self.problems.add(at, "write keys and values, like {key: value}")

    def items(self, key: str) -> Iterator[tuple[Any, Place]]:
        """Items of a top-level list."""
        values, at = self.document.data.get(key, []), self.document.place(key)
        if key == "directory" and isinstance(values, dict):  # a lone one stands for a list of it
            yield values, at
        elif isinstance(values, list):
            yield from ((value, at.of(index)) for index, value in enumerate(values))
        else:
            self.problems.add(at, "write a list, with a `- ` before each item")

    def entry(self, name: str, value: Any, at: Place, model: type[M]) -> Entry[M] | None:
        """An entry whose key is its name."""
        good = self.whole(_NAME, name, at) is not None
        piece = self.piece(value, at, model)
        return Entry(name, piece, at) if piece is not None and good else None

    def named(self, value: Any, at: Place, model: type[M], broken: set[str]) -> Entry[M] | None:
        """A list item that says its own name; that of a broken one goes to `broken`."""
        piece = self.piece(value, at, model)
        if piece is not None:
            return Entry(str(getattr(piece, "name", "")), piece, at)
        if isinstance(value, dict) and isinstance(value.get("name"), str):
            broken.add(value["name"])
        return None

    def whole(self, adapter: TypeAdapter[T], value: Any, at: Place) -> T | None:
        """A value that is either right or not."""
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            self._complain(error, at, raw.RawInventory)
            return None

    def piece(self, value: Any, at: Place, model: type[M]) -> M | None:
        """A mapping; optional keys that are wrong are complained of and left out, None where that does not help."""
        left_out: set[int | str] = set()
        while True:
            try:
                return model.model_validate(value)
            except ValidationError as error:
                wrong = {e["loc"][0] for e in error.errors(include_url=False) if e["loc"]}
                if not wrong or not isinstance(value, dict) or wrong & left_out:
                    if not wrong & left_out:
                        self._complain(error, at, model)
                    return None
                self._complain(error, at, model)
                if not wrong & set(value):
                    return None
                left_out |= wrong
                value = {k: v for k, v in value.items() if k not in wrong}

    def _complain(self, error: ValidationError, at: Place, model: type[BaseModel]) -> None:
        for detail in error.errors(include_url=False):
            where = at.of(*detail["loc"])
            if where.path not in self.document.faulty:
                self.problems.add(where, sentence(detail, model, where.path))
