"""What one account is told of the server and of each database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from preflight.database import queries
from preflight.database.options import Deadline
from preflight.database.rows import Row, database_seen, first_row, text, yes
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
    account = AccountSeen(user, "in", sysadmin=yes(server.get("sysadmin")), databases=seen, took_ms=_since(began))
    return Visit(account, session.tls, text(server.get("version")), text(server.get("edition")))


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
    for statement in queries.OF_A_DATABASE:
        try:
            told.append(session.rows(statement))
        except QueryError as error:
            errors.append(error.error)
            told.append([])
    return database_seen(name, told, errors)


def _first(session: Session, statement: str) -> Row:
    try:
        return first_row(session.rows(statement))
    except QueryError:
        return {}


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
