"""`checklist.interfering`: databases and print solutions on SafeQ's servers that are meant to be there (C10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from preflight.topology.nearest import shown
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_base import Raw, listed_word
from preflight.topology.scalars import Text

Named = Annotated[
    list[Text], Field(max_length=200), BeforeValidator(listed_word, json_schema_input_type=Text | list[Text])
]


class RawInterfering(Raw):
    """The keys as they are written."""

    databases: Named = Field(default_factory=list)
    products: Named = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Interfering:
    """Names that are no finding: of databases (services, SQL Server instances, programs), and of print solutions."""

    databases: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


def resolve_interfering(raw: RawInterfering, at: Place, problems: Problems) -> Interfering:
    """The names, each once. A wildcard for everything is refused: it would switch the item off without a word."""
    for key, names in (("databases", raw.databases), ("products", raw.products)):
        for index, name in enumerate(names):
            if not name.strip("*? "):
                problems.add(at.of(key, index), f"{shown(name)} stands for everything; name what is meant to be there")
    return Interfering(tuple(dict.fromkeys(raw.databases)), tuple(dict.fromkeys(raw.products)))
