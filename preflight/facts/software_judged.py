"""Installed software beside the agreed list (C04): what is agreed, what is ours to let pass, what is left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from preflight.facts.own_tables import remains
from preflight.facts.software import Program, Software
from preflight.facts.windows_services import inside
from preflight.values.matching import glob_matches
from preflight.values.shipped_yaml import load as load_yaml

TABLE = Path(__file__).with_name("tables") / "software_allowed.yaml"
LONGEST = 200  # characters that a text of the inventory may have
MOST_PASTED = 60  # entries of the ready block: a longer one is nobody's to agree on in one go


class Agreement(Protocol):
    """An entry of the site's list."""

    @property
    def agreed(self) -> str:
        """Where that was agreed."""

    def covers(self, name: str, vendor: str, version: str) -> bool:
        """Whether it is about this program in this version."""

    def names(self, name: str, vendor: str) -> bool:
        """Whether it is about this program."""


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    name: str
    vendor: str
    source: str
    why: str = ""

    def matches(self, program: Program) -> bool:
        return glob_matches(self.name, program.name) and glob_matches(self.vendor, program.vendor)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    allowed: list[_Named]
    product: list[_Named]


@cache
def _table() -> _Table:
    return _Table.model_validate(load_yaml(TABLE.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class SoftwareJudged:
    """Every program in one of five heaps."""

    product: tuple[Program, ...]
    ours: tuple[Program, ...]  # let pass by our table
    agreed: tuple[Program, ...]
    other_version: tuple[Program, ...]  # agreed in another version
    left: tuple[Program, ...]

    @property
    def open(self) -> tuple[Program, ...]:
        """What needs an agreement."""
        return (*self.other_version, *self.left)


def judge_software(software: Software, agreed: Sequence[Agreement]) -> SoftwareJudged:
    """The heaps; the site's word counts before our table."""
    folders = tuple(folder.casefold() for folder in remains().folders)
    heaps: dict[str, list[Program]] = {"product": [], "agreed": [], "ours": [], "other": [], "left": []}
    for program in software.programs:
        heaps[_heap(program, agreed, folders)].append(program)
    return SoftwareJudged(*(tuple(heaps[name]) for name in ("product", "ours", "agreed", "other", "left")))


def _heap(program: Program, agreed: Sequence[Agreement], folders: tuple[str, ...]) -> str:
    if any(entry.matches(program) for entry in _table().product) or inside(program.folder.rstrip("\\") + "\\", folders):
        return "product"
    if any(entry.covers(program.name, program.vendor, program.version) for entry in agreed):
        return "agreed"
    if any(entry.names(program.name, program.vendor) for entry in agreed):
        return "other"
    return "ours" if any(entry.matches(program) for entry in _table().allowed) else "left"


def ready_block(programs: Sequence[Program]) -> str:
    """What the site can paste into its inventory, valid YAML on one line: a report may wrap it where it likes.

    `agreed` has to be filled in: the inventory is refused as long as it says "?".
    """
    entries = []
    for program in programs[:MOST_PASTED]:
        fields = {"name": program.name, "vendor": program.vendor, "versions": _numbers(program.version), "agreed": "?"}
        entries.append("{" + ", ".join(f"{key}: {_quoted(text)}" for key, text in fields.items() if text) + "}")
    return "checklist: {software: [" + ", ".join(entries) + "]}"


def _numbers(version: str) -> str:
    parts = version.split(".")
    return version if 0 < len(parts) <= 6 and all(p.isascii() and p.isdigit() and len(p) < 10 for p in parts) else ""


def _quoted(text: str) -> str:
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "*"
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML one
