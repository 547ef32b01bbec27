"""C11: on an external database server, two databases and two service accounts are there for each CML node."""

import pytest

from preflight.checks.database import database_of
from preflight.checks.server import listed
from preflight.facts.external_database_judged import judge_database

MANDATORY_ACCOUNT = "sync"
READY_BLOCK = """Write down what the database administrator has made for {node}, and where the passwords are:
checklist:
  database:
    nodes:
      {node}:
        databases: [SQDB5, SQDB5_SQDW]
        accounts: [{{user: safeq, password: {{env: SAFEQ_DB}}}}, {{user: sync, password: {{env: SYNC_DB}}}}]"""


@pytest.mark.item("C11")
def test_databases_and_accounts_are_there(server):
    """The site names them for this node; every account is let in, and every database opens."""
    external = server.site.checklist.database
    if external is None or server.name not in external.nodes:
        raise server.unknown(
            f"the site has not said which databases and accounts are meant for {server.name}",
            do=READY_BLOCK.format(node=server.name),
        )
    wish = external.nodes[server.name]
    users = [account.user for account in wish.accounts]
    others = {d.casefold() for node, other in external.nodes.items() if node != server.name for d in other.databases}
    shared = [d for d in wish.databases if d.casefold() in others]
    server.seen(f"for {server.name}: databases {listed(wish.databases)}; accounts {listed(users)}")

    assert len(wish.databases) >= 2, server.wrong(f"one database is meant for {server.name}, and it needs two")
    assert len(users) >= 2, server.wrong(f"one account is meant for {server.name}, and it needs two")
    assert MANDATORY_ACCOUNT in [user.rpartition("\\")[2].casefold() for user in users], server.wrong(
        f"none of the accounts is called {MANDATORY_ACCOUNT}",
        do="Have an account made with exactly that name.",
    )
    assert not shared, server.wrong(
        f"{listed(shared)} is meant for another node, too", do="Have two databases made for each CML node."
    )

    found = judge_database(database_of(server))
    server.seen(found.story)
    for note in found.notes:
        server.note(note)
    assert not found.wrong, server.wrong("; ".join(r.text for r in found.wrong), do=found.wrong[0].do)
    if found.unknown:
        raise server.unknown("; ".join(r.text for r in found.unknown), do=found.unknown[0].do)
