"""Loads a catalogue folder: product.yaml and one file a section of the page; says all that is wrong at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from preflight.catalogue.checks import Finding, nearest, row_findings
from preflight.catalogue.complaints import field_names, model_findings
from preflight.catalogue.model import SECTIONS, Catalogue, CheckRow, FlowRow, Product
from preflight.catalogue.source import Source, Where, read_source
from preflight.catalogue.vocabulary import CHECK_SECTIONS
from preflight.errors import CatalogueError

SHIPPED = Path(__file__).parent / "safeq-5"
_FROM_FILE = "is said once for the whole file: remove it here"


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The product's rows in the page's order; None: SafeQ 5 as shipped.

    Raises CatalogueError with one problem a line, each with file:line, row id and field.
    """
    return _Loader(folder or SHIPPED).load()


class _Loader:
    """One load: problems are collected to the end, so that an editor sees all of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.rows: list[CheckRow | FlowRow] = []
        self.seen: dict[str, str] = {}  # row id -> file:line
        self.flows: dict[str, dict[str, Any]] = {}
        self.repeated: set[str] = set()
        self.references: list[tuple[str, str, str]] = []  # port_from: where it stands, row, target

    def load(self) -> Catalogue:
        texts = self._texts()
        product = self._product(texts.get("product.yaml"))
        for section in SECTIONS:
            if (text := texts.get(f"{section}.yaml")) is not None:
                self._section(section, text)
        self._check_references()
        if self.problems or product is None:
            raise CatalogueError("\n".join(self.problems))
        return Catalogue(product=product, folder=self.folder.name, rows=tuple(self.rows), digest=_digest(texts))

    def _texts(self) -> dict[str, str]:
        if not self.folder.is_dir():
            raise CatalogueError(f"{self.folder}: no such folder: a catalogue is a folder of YAML files")
        texts = {}
        known = [f"{name}.yaml" for name in ("product", *SECTIONS)]
        for path in sorted(self.folder.iterdir()):
            if path.name in known:
                try:
                    texts[path.name] = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
                except (OSError, UnicodeDecodeError) as error:
                    self.problems.append(f"{path}:1: cannot be read as UTF-8 text: {error}")
            elif path.suffix.lower() in (".yaml", ".yml"):
                hint = nearest(path.name, known) or f"; the files are {', '.join(known)}"
                self.problems.append(f"{path}:1: no section of the page has this name{hint}")
        if not texts.keys() - {"product.yaml"} and not self.problems:
            self.problems.append(f"{self.folder}: no section file: a catalogue needs one of {', '.join(known[1:])}")
        return texts

    def _product(self, text: str | None) -> Product | None:
        if text is None:
            self.problems.append(f"{self.folder / 'product.yaml'}:1: no such file: it names product, version, revision")
            return None
        source = self._source("product.yaml", text)
        if source is None:
            return None
        product: Product | None
        product, findings = model_findings(Product, source.data)
        for index, pattern in enumerate(product.services if product else ()):
            try:
                re.compile(pattern)
            except re.error as error:
                findings.append((("services", index), f"{pattern!r} is no regular expression: {error}"))
        self._report(source, (), None, findings)
        return product

    def _section(self, section: str, text: str) -> None:
        source = self._source(f"{section}.yaml", text)
        if source is None:
            return
        said, rows = source.data.get("section"), source.data.get("rows")
        findings: list[Finding] = [
            ((key,), f"unknown key{nearest(key, ('section', 'rows'))}")
            for key in source.data
            if key not in ("section", "rows")
        ]
        if said != section:
            text = "is missing" if said is None else f"{said!r} does not match the file's name"
            findings.append((("section",), f"{text}: section: {section}"))
        if not isinstance(rows, list) or not rows:
            findings.append((("rows",), "is missing or empty: a list of rows"))
            rows = []
        self._report(source, (), None, findings)
        for index, data in enumerate(rows):
            self._row(source, section, index, data)

    def _row(self, source: Source, section: str, index: int, data: Any) -> None:
        here: Where = ("rows", index)
        if not isinstance(data, dict):
            self._report(source, here, f"number {index + 1}", [((), f"{data!r} is not a row: keys and values")])
            return
        model: type[BaseModel] = CheckRow if section in CHECK_SECTIONS else FlowRow
        row_id = data.get("id") if isinstance(data.get("id"), str) else None
        findings: list[Finding] = [((key,), _FROM_FILE) for key in ("section", "kind") if key in data]
        given = {key: value for key, value in data.items() if key not in ("section", "kind")}
        row, wrong = model_findings(model, {**given, "section": section})
        findings += wrong
        findings += [f for f in row_findings(given) if f[0][0] in field_names(model)]
        spot = f"{source.path}:{source.line((*here, 'id'))}"
        if row_id in self.seen:
            findings.append((("id",), f"given twice, first at {self.seen[row_id]}"))
            self.repeated.add(row_id)
        elif row_id is not None:
            self.seen[row_id] = spot
            self.flows[row_id] = given
        if isinstance(target := given.get("port_from"), str):
            where = f"{source.path}:{source.line((*here, 'port_from'))}: row {row_id}, field port_from"
            self.references.append((where, row_id or "", target))
        self._report(source, here, row_id or f"number {index + 1}", findings)
        if row is not None:
            self.rows.append(row)

    def _check_references(self) -> None:
        for where, row_id, target in self.references:
            if self.repeated & {row_id, target}:
                continue  # which row is meant is not known; that id has its own complaint
            if target not in self.flows or target == row_id:
                others = [name for name in self.flows if name != row_id]
                self.problems.append(f"{where}: no other row is called {target}{nearest(target, others)}")
            elif self.flows[target].get("speak") != "ssrp":
                self.problems.append(f"{where}: row {target} cannot name a port: it does not speak ssrp")

    def _source(self, name: str, text: str) -> Source | None:
        try:
            source = read_source(self.folder / name, text)
        except CatalogueError as error:
            self.problems.append(str(error))
            return None
        if not isinstance(source.data, dict):
            self.problems.append(f"{source.path}:1: is not a mapping: the file is empty or a list")
            return None
        return source

    def _report(self, source: Source, base: Where, row_id: str | None, findings: Iterable[Finding]) -> None:
        for where, text in sorted(findings, key=lambda finding: source.line((*base, *finding[0]))):
            dotted = ".".join(str(part) for part in where)
            spot = [f"row {row_id}"] if row_id else []
            spot += [f"field {dotted}"] if dotted else []
            parts = (f"{source.path}:{source.line((*base, *where))}", ", ".join(spot), text)
            self.problems.append(": ".join(part for part in parts if part))


def _digest(texts: dict[str, str]) -> str:
    """SHA-256 over names and texts, line ends made equal, so that a Windows checkout gives the same."""
    total = hashlib.sha256()
    for name in sorted(texts):
        total.update(f"{name}\0{texts[name]}\0".encode())
    return total.hexdigest()
