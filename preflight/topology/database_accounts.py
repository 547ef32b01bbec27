"""`checklist.database` held against the hosts and the features; secrets stay references."""

from __future__ import annotations

from pathlib import Path

from preflight.topology.checklist_database import (
    DatabaseAccount,
    ExternalDatabase,
    NodeDatabases,
    RawExternalDatabase,
    RawNodeDatabases,
)
from preflight.topology.managing import resolved, secret_ref
from preflight.topology.pieces import Pieces
from preflight.topology.problems import Place, Problems
from preflight.topology.references import Names, Once


def resolve_database(pieces: Pieces, folder: Path, at: Place, problems: Problems) -> ExternalDatabase | None:
    """The external database, None where the site has not said; `at` is the place of the key."""
    raw = pieces.checklist.database
    if raw is None:
        return None
    features = pieces.features.database
    if features.kind != "mssql":
        problems.add(at, "the site has no external database; write `features: {database: mssql}`, or remove this")
    if raw.certificate_name and raw.ca is False:
        problems.add(at.of("certificate_name"), "nobody looks at the certificate; write `ca: true` or a file with it")
    nodes = Names("host with role cml", (h.name for h in pieces.hosts if "cml" in h.raw.roles), problems, pieces.broken)
    for name in raw.nodes:
        nodes.check(name, at.of("nodes", name))
    return ExternalDatabase(
        server=_server(raw, pieces, at, problems),
        port=raw.port,
        instance=features.instance,
        encrypt=raw.encrypt,
        asked_from=raw.asked_from,
        certificate_name=raw.certificate_name,
        ca=resolved(raw.ca, folder) or True if isinstance(raw.ca, str) else raw.ca,
        nodes={name: _node(node, folder, at.of("nodes", name), problems) for name, node in raw.nodes.items()},
    )


def _server(raw: RawExternalDatabase, pieces: Pieces, at: Place, problems: Problems) -> str:
    hosts = [h.name for h in pieces.hosts if "db" in h.raw.roles]
    if raw.server is not None:
        return Names("host with role db", hosts, problems, pieces.broken).check(raw.server, at.of("server")) or ""
    if len(hosts) != 1 and pieces.all_hosts_read:
        remedy = "name the `server`" if hosts else "add one to `hosts`"
        problems.add(at, f"{len(hosts)} hosts have role db; {remedy}")
    return hosts[0] if hosts else ""


def _node(raw: RawNodeDatabases, folder: Path, at: Place, problems: Problems) -> NodeDatabases:
    databases, users = Once("database", problems), Once("account", problems)
    for index, name in enumerate(raw.databases):
        databases.claim(name.casefold(), at.of("databases", index))
    accounts = []
    for index, account in enumerate(raw.accounts):
        here = at.of("accounts", index)
        users.claim(account.user.casefold(), here.of("user"))
        accounts.append(DatabaseAccount(account.user, secret_ref(account.password, folder)))
        if accounts[-1].windows and account.password is not None:
            problems.add(here.of("password"), "a Windows account is not tried from here; remove its password")
    return NodeDatabases(tuple(raw.databases), tuple(accounts))
