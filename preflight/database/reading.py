"""What one account is told of the server and of each database."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from preflight.database import queries
from preflight.database.options import Deadline
from preflight.database.session import Door, LoginRefusedError, QueryError, Session, log_in
from preflight.errors import TransportError
from preflight.topology.credentials import Secret
from preflight.values.database import AccountSeen, DatabaseSeen, ServerError, TlsSeen

NOT_OPENED = 4060  # the password was right, the database that the login asked for cannot be had
ALWAYS_THERE = "master"


@dataclass(frozen=True, slots=True)
class Visit:
    """What one account brought home."""

    account: AccountSeen
    tls: TlsSeen | None = None
    version: str = ""
    edition: str = ""


def visit(door: Door, user: str, password: Secret, databases: tuple[str, ...], deadline: Deadline) -> Visit:
    """Log in as the product would, and look at each database. Raises TransportError where nothing could be asked."""
    began = time.monotonic()
    until = Deadline(door.options.account_s, deadline)
    try:
        session = _let_in(door, user, password, databases[0], until)
    except LoginRefusedError as error:
        return Visit(AccountSeen(user, "refused", errors=error.errors, took_ms=_since(began)))
    try:
        server = _first(session, queries.SERVER)
        seen = tuple(_look(session, name) for name in databases)
    except TransportError as error:
        lost = AccountSeen(user, "lost", why=error.cause, took_ms=_since(began))
        return Visit(lost, session.tls)
    finally:
        session.close()
    account = AccountSeen(user, "in", sysadmin=_yes(server.get("sysadmin")), databases=seen, took_ms=_since(began))
    return Visit(account, session.tls, _text(server.get("version")), _text(server.get("edition")))


def _let_in(door: Door, user: str, password: Secret, database: str, deadline: Deadline) -> Session:
    try:
        return log_in(door, user, password, database, deadline)
    except LoginRefusedError as error:
        if all(e.number != NOT_OPENED for e in error.errors):
            raise
    return log_in(door, user, password, ALWAYS_THERE, deadline)


def _look(session: Session, name: str) -> DatabaseSeen:
    try:
        session.use(name)
    except QueryError as error:
        return DatabaseSeen(name, False, (error.error,))
    errors: list[ServerError] = []
    told: list[list[dict[str, Any]]] = []
    for statement in (queries.DATABASE, queries.ROLES, queries.FILES):
        try:
            told.append(session.rows(statement))
        except QueryError as error:
            errors.append(error.error)
            told.append([])
    about, files = _only(told[0]), _only(told[2])
    return DatabaseSeen(
        name,
        True,
        tuple(errors),
        state=_text(about.get("state")),
        collation=_text(about.get("collation")),
        recovery=_text(about.get("recovery")),
        read_only=_is(about.get("updateability"), "READ_ONLY"),
        single_user=_is(about.get("user_access"), "SINGLE_USER"),
        compatibility=_number(about.get("compatibility")),
        owner=_yes(about.get("owner")),
        roles=tuple(_text(row.get("role")) for row in told[1][:50]),
        tables=_number(about.get("tables")),
        data_mb=_number(files.get("data_mb")),
        free_mb=_number(files.get("free_mb")),
        limit_mb=_number(files.get("limit_mb")),
    )


def _first(session: Session, statement: str) -> dict[str, Any]:
    try:
        return _only(session.rows(statement))
    except QueryError:
        return {}


def _only(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return next(iter(rows), {})


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _yes(value: object) -> bool | None:
    return None if _number(value) is None else value == 1


def _is(value: object, word: str) -> bool | None:
    return value == word if isinstance(value, str) else None


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
