"""`checklist.antivirus`: the folders that the antivirus must spare on each role, as written and as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BeforeValidator, Field

from preflight.topology.nearest import nearest, shown
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_base import Raw, listed_word
from preflight.topology.scalars import matching

SERVER_ROLES = ("cml", "ors", "crs", "mps", "ts", "ap_connector", "payment_system", "db")
Folder = Annotated[
    str,
    matching(
        "a folder of Windows",
        r'(?:[A-Za-z]:|%[A-Za-z_]{1,40}%)\\[^<>:"|/\x00-\x1f]{1,400}',
        "one like C:\\SafeQ5\\logs",
    ),
]
Folders = Annotated[
    list[Folder],
    Field(min_length=1, max_length=200),
    BeforeValidator(listed_word, json_schema_input_type=Folder | list[Folder]),
]


class RawAntivirus(Raw):
    """`checklist.antivirus`."""

    folders: dict[str, Folders] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AntivirusWish:
    """Folders by role, as the site says; a role that is not there: the site has not said."""

    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def resolve_antivirus(written: RawAntivirus, at: Place, problems: Problems) -> AntivirusWish:
    """The folders of each role; notes a role that has none."""
    for role in written.folders:
        if role not in SERVER_ROLES:
            problems.add(at.of("folders", role), f"{shown(role)} is no role of a server{nearest(role, SERVER_ROLES)}")
    return AntivirusWish({role: tuple(dict.fromkeys(folders)) for role, folders in written.folders.items()})
