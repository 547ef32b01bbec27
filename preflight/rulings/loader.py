"""waivers.yaml and attestations.yaml beside an inventory -> Rulings, or every problem in them at once."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from preflight.errors import InventoryError
from preflight.rulings.expiry import zone_of
from preflight.rulings.misspelt import refuse_misspelt
from preflight.rulings.model import EVERYTHING, Kind, Ruling, Rulings, Scope, rulings_of
from preflight.rulings.raw_rulings import RawAttestation, RawScope, RawWaiver, loose
from preflight.topology import document
from preflight.topology.document import Document
from preflight.topology.model import Topology
from preflight.topology.nearest import nearest, shown
from preflight.topology.pieces import Checker
from preflight.topology.problems import Place, Problems
from preflight.topology.references import Once
from preflight.values.near import near_names
from preflight.values.people import names_somebody, same_person


@dataclass(frozen=True, slots=True)
class Kept:
    """Where one kind of ruling is kept."""

    kind: Kind
    name: str  # of the file, beside the inventory
    key: str
    model: type[RawWaiver] | type[RawAttestation]


WAIVERS = Kept("waiver", "waivers.yaml", "waivers", RawWaiver)
ATTESTATIONS = Kept("attestation", "attestations.yaml", "attestations", RawAttestation)
KEPT = (WAIVERS, ATTESTATIONS)


@dataclass(frozen=True, slots=True)
class Site:
    """What rulings are held against: the names that there are."""

    rows: tuple[str, ...]
    hosts: tuple[str, ...]  # machines and user directories


def site_of(topology: Topology, row_ids: Iterable[str]) -> Site:
    """The names of a site and its page."""
    return Site(tuple(row_ids), (*topology.machines, *(d.name for d in topology.directories)))


def load_rulings(folder: Path, topology: Topology, row_ids: Sequence[str]) -> Rulings:
    """The rulings in that folder; none where there is neither file.

    Raises InventoryError: one problem a line, each with file and line, those of both files together.
    """
    problems = Problems()
    texts: dict[str, str] = {}
    refuse_misspelt(folder, [kept.name for kept in KEPT], problems)
    for kept in KEPT:
        path = folder / kept.name
        if path.exists() or path.is_symlink():
            text = document.read_text(path, f"file of {kept.key}", Place(str(path)), problems)
            if text is not None:
                texts[kept.name] = text
    return read_rulings(folder, texts, topology, row_ids, problems)


def read_rulings(
    folder: Path, texts: Mapping[str, str], topology: Topology, row_ids: Sequence[str], problems: Problems | None = None
) -> Rulings:
    """As `load_rulings`, from the files' texts by name; what was found wrong before is raised with the rest."""
    problems = problems or Problems()
    broken: list[str] = []
    reader = _Reader(site_of(topology, row_ids), problems)
    for kept in KEPT:
        if kept.name not in texts:
            continue
        try:
            reader.read(kept, str(folder / kept.name), texts[kept.name])
        except InventoryError as error:  # no YAML at all: the other file is still looked at
            broken.append(str(error))
    try:
        problems.raise_any()
    except InventoryError as error:
        broken.append(str(error))
    if broken:
        raise InventoryError("\n".join(broken))
    if reader.found:
        zone_of(topology.timezone)  # nobody is asked before it is known when a ruling ends
    return rulings_of(reader.found, texts)


def file_kind(key: str, name: str) -> document.Kind:
    """How messages speak of a file that holds one list."""
    return document.Kind(
        name=name,
        least=f"it holds a list, `{key}:`",
        start=f"it starts with the line `{key}:`",
        nesting="a list of plain entries needs no such nesting or aliases",
        may_be_empty=True,
    )


def entries_of(checker: Checker, key: str) -> Iterable[tuple[object, Place]]:
    """The items of the one list that a file holds; complains of any other key."""
    for other in checker.document.data:
        if other != key:
            checker.problems.add(checker.document.place(other), f"no such key; this file holds `{key}:` alone")
    yield from checker.items(key)


class _Reader:
    """Reads the files one after the other; ids are unique in all of them."""

    def __init__(self, site: Site, problems: Problems) -> None:
        self.site = site
        self.problems = problems
        self.found: list[Ruling] = []
        self._ids = Once("id", problems)

    def read(self, kept: Kept, file: str, text: str) -> None:
        """Read one file. Raises InventoryError where it is no YAML."""
        parsed: Document = document.parse(text, file, self.problems, file_kind(kept.key, f"a file of {kept.key}"))
        checker = Checker(parsed, self.problems)
        for value, at in entries_of(checker, kept.key):
            raw = checker.piece(value, at, kept.model)
            part: Any = raw or checker.piece(value, at, loose(kept.model))
            if part is None:
                continue
            unique = part.id is not None and self._ids.claim(part.id, at.of("id"))
            requirement = rows_named(part.requirement or (), self.site, at.of("requirement"), self.problems)
            hosts, source, destination = scopes(part, self.site, at, self.problems)
            check_people(part, kept.kind, at, self.problems)
            if raw is not None and unique and not self.problems.told_of(at):
                self.found.append(
                    Ruling(
                        id=raw.id,
                        kind=kept.kind,
                        requirement=requirement,
                        hosts=hosts,
                        source=source,
                        destination=destination,
                        asked_by=raw.asked_by,
                        approved_by=raw.approved_by,
                        reason=raw.reason,
                        ticket=raw.ticket or "",
                        until=date.fromisoformat(raw.until),
                        file=f"{kept.name}:{at.line}",
                        place=len(self.found),
                    )
                )


def rows_named(words: Sequence[str], site: Site, at: Place, problems: Problems) -> Scope:
    """The rows that ids and globs stand for; a word that meets none is a problem."""
    names: set[str] = set()
    for index, word in enumerate(words):
        found = _met(word, site.rows)
        if not found:
            near = near_names(word, site.rows)
            hint = f"; did you mean {' or '.join(map(shown, near))}?" if near else "; rows are like S04, a glob like S*"
            problems.add(at.of(index), f"the page has no row {shown(word)}{hint}")
        names |= found
    return Scope(tuple(words), frozenset(names))


def scopes(raw: RawScope, site: Site, at: Place, problems: Problems) -> tuple[Scope, Scope, Scope]:
    """Hosts, source and destination of an entry; without any of them it would be for nobody in particular."""
    spoken_of = any(problems.told_of(at.of(key)) for key in ("hosts", "source", "destination"))
    if raw.hosts is None and raw.source is None and raw.destination is None and not spoken_of:
        problems.add(at, "hosts: missing; write names or globs (`hosts: '*'`: all), or source and destination")
    found = []
    for key, words in (("hosts", raw.hosts), ("source", raw.source), ("destination", raw.destination)):
        names: set[str] = set()
        for index, word in enumerate(words or ()):
            met = _met(word, site.hosts)
            if not met and word != EVERYTHING:
                problems.add(
                    at.of(key, index),
                    lambda word=word: f"{shown(word)} is no host or directory{nearest(word, site.hosts)}",  # type: ignore[misc]
                )
            names |= met
        found.append(Scope(tuple(words or ()), frozenset(names)))
    return found[0], found[1], found[2]


def check_people(raw: RawScope, kind: Kind, at: Place, problems: Problems) -> None:
    """People are named by more than signs, and nobody approves what they asked for themselves."""
    for key, name in (("asked_by", raw.asked_by), ("approved_by", raw.approved_by)):
        if name and not names_somebody(name):
            problems.add(at.of(key), f"{shown(name)} is nobody's name; write who it is, with two letters at least")
            return
    if raw.asked_by and raw.approved_by and same_person(raw.asked_by, raw.approved_by):
        what = "looked at" if kind == "attestation" else "asked for"
        problems.add(
            at.of("approved_by"), f"{shown(raw.approved_by)} cannot approve what they {what} themselves; name another"
        )


def _met(word: str, names: Sequence[str]) -> set[str]:
    if word in names:
        return {word}
    return {name for name in names if fnmatch.fnmatchcase(name, word)}
