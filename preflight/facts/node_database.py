"""The external database server as a CML node saw it itself (C11): one read an account, Windows nodes only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from preflight.agents.reads import Read, SqlRead
from preflight.database import queries
from preflight.database.rows import database_seen, first_row, text, yes
from preflight.facts.model import FactKind, Told
from preflight.topology.checklist_database import ExternalDatabase
from preflight.topology.model import Machine, SecretRef, Topology
from preflight.values.database import AccountSeen, DatabaseSeen, ServerError

SECOND_HOP = "the agent's session may not go on to another machine"
_PREFIX = "sql"
_USUAL_PORT = 1433


@dataclass(frozen=True, slots=True)
class _DatabaseAnswer:
    """A database, as SqlRead tells it."""

    name: str
    opened: bool
    errors: tuple[ServerError, ...] = ()
    answers: tuple[tuple[dict[str, Any], ...] | None, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What SqlRead tells."""

    outcome: Literal["in", "refused", "unreached", "not-tried"]
    why: str = ""
    errors: tuple[ServerError, ...] = ()
    logon: str = "unknown"
    server: tuple[tuple[dict[str, Any], ...], ...] = ()
    databases: tuple[_DatabaseAnswer, ...] = ()


_ADAPTER: TypeAdapter[_Answer] = TypeAdapter(_Answer)


@dataclass(frozen=True, slots=True)
class NodeDatabase:
    """What a node saw. `why_not` says why its word does not do; empty where it does."""

    accounts: tuple[AccountSeen, ...]
    why_not: str
    at: float
    version: str = ""
    edition: str = ""


def _parse(told: Told) -> NodeDatabase:
    start = f"{_PREFIX}:{told.host}:"
    accounts: list[AccountSeen] = []
    trouble: list[str] = []
    about: dict[str, str] = {}
    for name, fact in told.facts.items():
        if not name.startswith(start):
            continue
        user = name.removeprefix(start)
        try:
            answer = _ADAPTER.validate_python(fact.value) if fact.status == "ok" else None
        except ValidationError:
            trouble.append("what it told has not the shape that the contract promises")
            continue
        if answer is None:
            trouble.append(fact.detail or fact.status)
        elif answer.outcome == "unreached":
            trouble.append(f"it did not get there: {answer.why[:200]}")
        else:
            accounts.append(_account(user, answer, fact.took_ms))
            row = first_row(answer.server[0]) if answer.server else {}
            about = about or {key: text(row.get(key)) for key in ("version", "edition")}
    tried = any(account.outcome != "not-tried" for account in accounts)
    why = trouble[0] if trouble else "" if tried else accounts[0].why if accounts else "it was not asked"
    return NodeDatabase(tuple(accounts), why, told.at, about.get("version", ""), about.get("edition", ""))


def _account(user: str, answer: _Answer, took_ms: float) -> AccountSeen:
    if answer.outcome == "not-tried":
        return AccountSeen(user, "not-tried", why=answer.why[:300])
    if answer.outcome == "refused":
        if answer.logon not in ("given", "interactive"):
            return AccountSeen(user, "not-tried", why=SECOND_HOP, errors=answer.errors)
        return AccountSeen(user, "refused", errors=answer.errors, took_ms=took_ms)
    row = first_row(answer.server[0]) if answer.server else {}
    seen = tuple(_database(database) for database in answer.databases)
    return AccountSeen(user, "in", sysadmin=yes(row.get("sysadmin")), databases=seen, took_ms=took_ms)


def _database(answer: _DatabaseAnswer) -> DatabaseSeen:
    if not answer.opened or len(answer.answers) != len(queries.OF_A_DATABASE):
        return DatabaseSeen(answer.name, False, answer.errors)
    return database_seen(answer.name, [rows or () for rows in answer.answers], answer.errors)


def _reads(site: Topology, host: Machine) -> tuple[Read, ...]:
    return tuple(_read_of(site, external, host.name, user) for external, user, _ in _asked(site, host))


def _read_of(site: Topology, external: ExternalDatabase, node: str, user: str) -> SqlRead:
    address = site.machines[external.server].address
    port = external.port or (None if external.instance else _USUAL_PORT)
    return SqlRead(
        name=f"{_PREFIX}:{node}:{user}",
        data_source=f"tcp:{address},{port}" if port else f"{address}\\{external.instance}",
        encrypt=external.encrypt,
        user=user,
        databases=external.nodes[node].databases,
        server_questions=(queries.SERVER,),
        questions=queries.OF_A_DATABASE,
    )


def _secrets(site: Topology) -> dict[str, SecretRef]:
    return {
        f"{_PREFIX}:{host.name}:{user}": secret
        for host in site.machines.values()
        for _, user, secret in _asked(site, host)
        if secret is not None
    }


def _asked(site: Topology, host: Machine) -> Iterator[tuple[ExternalDatabase, str, SecretRef | None]]:
    """The accounts that this node tries; nobody where it cannot, or shall not."""
    external = site.checklist.database
    windows = host.manage is not None and host.manage.by == "winrm"
    if external is None or external.asked_from != "node" or host.name not in external.nodes or not windows:
        return
    if external.ca is not False or external.certificate_name:
        return  # System.Data.SqlClient cannot hold the certificate against a file or another name: the controller can
    for account in external.nodes[host.name].accounts:
        if account.windows or account.password is not None:
            yield external, account.user, account.password


NODE_DATABASE = FactKind("node_database", _parse, host_reads=_reads, site_secrets=_secrets)
