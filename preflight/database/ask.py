"""Asks an external database server for every CML node, from the machine that runs the suite; writes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from preflight.database.browser import find_instance
from preflight.database.encryption import tls_context
from preflight.database.options import AskOptions, Deadline
from preflight.database.reading import Visit, visit
from preflight.database.session import Door
from preflight.errors import TransportError
from preflight.topology.checklist_database import DatabaseAccount, ExternalDatabase
from preflight.topology.credentials import Secret
from preflight.topology.secret_ref import SecretRef
from preflight.values.database import AccountSeen, DatabaseObservation

USUAL_PORT = 1433
WINDOWS = "a Windows account: only a machine of its domain can try it"
NO_PASSWORD = "the inventory names no password for it"  # noqa: S105 - a sentence
_ADAPTER: TypeAdapter[DatabaseObservation] = TypeAdapter(DatabaseObservation)
Secrets = Mapping[SecretRef, Secret | str]  # a text: why it cannot be had


def ask(
    database: ExternalDatabase,
    address: str,
    nodes: Iterable[str],
    secrets: Secrets,
    options: AskOptions | None = None,
) -> dict[str, DatabaseObservation]:
    """Ask the server at `address` for these nodes, one account after the other: it is somebody's production server.

    An account that was refused is not tried again for the next node, so that a wrong password locks nobody out.
    """
    settings = options or AskOptions()
    blank = DatabaseObservation("", database.server, address, time.time(), instance=database.instance or "")
    deadline = Deadline(settings.total_s)
    try:
        port, browser = _port(database, address, settings)
        blank = replace(blank, port=port, browser=browser)
        door = Door(database, address, port, tls_context(database), settings)
    except TransportError as error:
        kept_out = replace(blank, trouble=error.kind, cause=error.cause, remedy=error.remedy)
        return {n: replace(kept_out, node=n, databases=database.nodes[n].databases) for n in nodes}
    asker = _Asker(door, secrets, deadline)
    return {node: asker.node(replace(blank, node=node, at=time.time())) for node in nodes}


def as_json(observation: DatabaseObservation) -> dict[str, Any]:
    """Dictionaries, lists, texts, numbers, booleans and None, as json.dumps takes them."""
    plain: dict[str, Any] = _ADAPTER.dump_python(observation, mode="json")
    return plain


def _port(database: ExternalDatabase, address: str, options: AskOptions) -> tuple[int, str]:
    if database.port is not None:
        return database.port, ""
    if database.instance is None:
        return USUAL_PORT, ""
    found = find_instance(address, database.instance, options)
    return found.port, found.said


class _Asker:
    """Asks for one node after the other, and remembers who was refused and whether the server can be had at all."""

    def __init__(self, door: Door, secrets: Secrets, deadline: Deadline) -> None:
        self._door = door
        self._secrets = secrets
        self._deadline = deadline
        self._refused: dict[tuple[str, SecretRef], AccountSeen] = {}
        self._trouble: TransportError | None = None

    def node(self, blank: DatabaseObservation) -> DatabaseObservation:
        wish = self._door.database.nodes[blank.node]
        began = time.monotonic()
        visits = [self._account(account, wish.databases) for account in wish.accounts]
        trouble = self._trouble
        return replace(
            blank,
            databases=wish.databases,
            trouble=trouble.kind if trouble else "",
            cause=trouble.cause if trouble else "",
            remedy=trouble.remedy if trouble else "",
            tls=next((v.tls for v in visits if v.tls), None),
            version=next((v.version for v in visits if v.version), ""),
            edition=next((v.edition for v in visits if v.edition), ""),
            accounts=tuple(v.account for v in visits),
            took_s=round(time.monotonic() - began, 3),
        )

    def _account(self, account: DatabaseAccount, databases: tuple[str, ...]) -> Visit:
        if account.windows:
            return _untried(account, WINDOWS)
        if account.password is None:
            return _untried(account, NO_PASSWORD)
        secret = self._secrets.get(account.password, "its password was not fetched")
        if isinstance(secret, str):
            return _untried(account, secret)
        if self._trouble is not None:
            return _untried(account, "the server could not be asked")
        known = self._refused.get((account.user, account.password))
        if known is not None:
            return Visit(replace(known, why="refused already; not tried again, so that nothing is locked"))
        try:
            found = visit(self._door, account.user, secret, databases, self._deadline)
        except TransportError as error:
            self._trouble = error
            return _untried(account, "the server could not be asked")
        if found.account.outcome == "refused":
            self._refused[account.user, account.password] = found.account
        return found


def _untried(account: DatabaseAccount, why: str) -> Visit:
    return Visit(AccountSeen(account.user, "not-tried", why=why))
