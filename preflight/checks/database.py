"""The external database for one node: the node's own word where it could ask, else that of the suite's own machine."""

from __future__ import annotations

from dataclasses import replace

from preflight.checks.server import Server
from preflight.facts.external_database import DATABASE
from preflight.facts.model import UnobservedError
from preflight.facts.node_database import NODE_DATABASE, NodeDatabase
from preflight.values.database import AccountSeen, DatabaseObservation

NO_PASSWORD = "the inventory names no password for it"  # noqa: S105 - a sentence
NOT_ASKED = "nobody asked it"
UNSAID = "the site has not said which databases are meant"


def database_of(server: Server) -> DatabaseObservation:
    """What is known of it for this node, labelled with who asked. Raises UnobservedError where nobody did."""
    try:
        own = server.get(NODE_DATABASE)
    except UnobservedError as error:
        return _by_the_controller(server, error.reason)
    if own.why_not:
        return _by_the_controller(server, own.why_not)
    return _by_the_node(server, own)


def _by_the_controller(server: Server, node_said: str) -> DatabaseObservation:
    """What was asked, held against what is meant: an account or a database that was not asked for is no good one."""
    seen = server.get(DATABASE)
    external = server.site.checklist.database
    if external is None or server.name not in external.nodes:  # it was asked by another inventory's word
        raise UnobservedError(UNSAID)
    wish = external.nodes[server.name]
    told = {account.user: account for account in seen.accounts}
    accounts = tuple(told.get(a.user) or AccountSeen(a.user, "not-tried", why=NOT_ASKED) for a in wish.accounts)
    return replace(seen, databases=wish.databases, accounts=accounts, node_said=node_said)


def _by_the_node(server: Server, own: NodeDatabase) -> DatabaseObservation:
    external = server.site.checklist.database
    if external is None or server.name not in external.nodes:
        raise UnobservedError(UNSAID)
    wish = external.nodes[server.name]
    told = {account.user: account for account in own.accounts}
    return DatabaseObservation(
        node=server.name,
        server=external.server,
        address=server.site.machines[external.server].address,
        at=own.at,
        databases=wish.databases,
        asked_by="node",
        port=external.port,
        instance=external.instance or "",
        version=own.version,
        edition=own.edition,
        accounts=tuple(told.get(a.user) or AccountSeen(a.user, "not-tried", why=NO_PASSWORD) for a in wish.accounts),
    )
