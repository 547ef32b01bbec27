"""Rows that a database server answered with, as values; they come from outside, so nothing is taken for granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from preflight.values.database import DatabaseSeen, ServerError

Row = Mapping[str, Any]


def database_seen(name: str, told: Sequence[Sequence[Row]], errors: Iterable[ServerError]) -> DatabaseSeen:
    """A database that was opened, out of the rows of `queries.OF_A_DATABASE`; a question that failed has no rows."""
    about, files = first_row(told[0]), first_row(told[2])
    return DatabaseSeen(
        name,
        True,
        tuple(errors),
        state=text(about.get("state")),
        collation=text(about.get("collation")),
        recovery=text(about.get("recovery")),
        read_only=_is(about.get("updateability"), "READ_ONLY"),
        single_user=_is(about.get("user_access"), "SINGLE_USER"),
        compatibility=_number(about.get("compatibility")),
        owner=yes(about.get("owner")),
        roles=tuple(text(row.get("role")) for row in told[1][:50]),
        tables=_number(about.get("tables")),
        data_mb=_number(files.get("data_mb")),
        free_mb=_number(files.get("free_mb")),
        limit_mb=_number(files.get("limit_mb")),
    )


def first_row(rows: Iterable[Row]) -> Row:
    """The only row that is expected; an empty one where there is none."""
    return next(iter(rows), {})


def text(value: object) -> str:
    """A text, cut; empty where it is none."""
    return value[:200] if isinstance(value, str) else ""


def yes(value: object) -> bool | None:
    """1 or another number; None where it is none (NULL: it cannot be told)."""
    return None if _number(value) is None else value == 1


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is(value: object, word: str) -> bool | None:
    return value == word if isinstance(value, str) else None
