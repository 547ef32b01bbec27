"""C11 from the node itself: agent, facts and the item's own test, against the tests' own TDS server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from node_asking import CONSOLE, NETWORK, asked, environment, judged, loaded, questions, site
from reads_run import told, told_by_python
from sql_server import Login, SqlServer
from test_database_asked import asked as asked_by_controller

from preflight.database.ask import as_json
from preflight.facts.node_database import NODE_DATABASE

pytestmark = pytest.mark.slow


def healthy(_: SqlServer) -> None:
    """Nothing is wrong."""


def other_password(server: SqlServer) -> None:
    """The inventory's is another one: see asked()."""
    server.logins["sync"].error = 18456


def disabled(server: SqlServer) -> None:
    server.logins["safeq"].error = 18470


def missing(server: SqlServer) -> None:
    del server.databases["SQDB5_DS"]


def first_is_missing(server: SqlServer) -> None:
    del server.databases["SQDB5"]


def restoring(server: SqlServer) -> None:
    server.databases["SQDB5_DS"].error = (
        927,
        "Database 'SQDB5_DS' cannot be opened. It is in the middle of a restore.",
    )


def not_to_sync(server: SqlServer) -> None:
    del server.databases["SQDB5"].users["sync"]


def hidden(server: SqlServer) -> None:
    server.databases["SQDB5"].hides = ("roles", "files")


@pytest.mark.parametrize(
    ("fault", "outcome", "says"),
    [
        (healthy, "passed", "asked by cml1 itself"),
        (other_password, "failed", "sync is not let in"),
        (disabled, "failed", "safeq is not let in: the login is disabled (error 18470)"),
        (missing, "failed", "database SQDB5_DS"),
        (first_is_missing, "failed", "database SQDB5 "),
        (restoring, "failed", "database SQDB5_DS"),
        (not_to_sync, "passed", "sync is let in and opens SQDB5_DS"),
        (hidden, "passed", "safeq is let in and opens SQDB5 (empty"),
    ],
)
def test_what_the_node_finds(
    sql_server: SqlServer, tmp_path: Path, fault: Callable[[SqlServer], None], outcome: str, says: str
) -> None:
    fault(sql_server)
    inventory = site(sql_server.port)
    verdict = judged(asked(sql_server, inventory, tmp_path), inventory, tmp_path)
    assert (verdict.outcome.value, says in f"{verdict.reason} {verdict.seen}") == (outcome, True), verdict
    assert {login["application"] for login in sql_server.seen} == {"SafeQ Preflight"}
    assert all(login["encrypted"] for login in sql_server.seen)
    assert all(s.startswith(("USE [", "/* SafeQ Preflight:")) for s in sql_server.statements)


def test_both_ways_say_the_same(sql_server: SqlServer, tmp_path: Path) -> None:
    sql_server.databases["SQDB5"].hides = ("files",)
    inventory = site(sql_server.port)
    own = judged(asked(sql_server, inventory, tmp_path), inventory, tmp_path)
    other = judged({}, inventory, tmp_path, {"database:cml1": as_json(asked_by_controller(sql_server))})
    assert (own.outcome, own.findings) == (other.outcome, other.findings)
    assert "cml1 itself" in own.seen
    assert "not by cml1 (it was not asked)" in other.seen


def test_a_node_that_does_not_get_there(sql_server: SqlServer, tmp_path: Path) -> None:
    inventory = site(1)
    facts = asked(sql_server, inventory, tmp_path)
    alone = judged(facts, inventory, tmp_path)
    assert alone.outcome.value == "unverified", alone
    both = judged(facts, inventory, tmp_path, {"database:cml1": as_json(asked_by_controller(sql_server))})
    assert both.outcome.value == "passed"
    assert "not by cml1 (it did not get there: 127.0.0.1:1 refused the connection" in both.seen


def test_a_host_that_lacks_sqlclient(sql_server: SqlServer, tmp_path: Path) -> None:
    inventory = site(sql_server.port)
    reads = questions(inventory, tmp_path, safeq="x", sync="y")
    facts = told(*reads, standins=("windows_token",), env=environment())
    assert {fact["status"] for fact in facts.values()} == {"absent"}
    verdict = judged(facts, inventory, tmp_path, {"database:cml1": as_json(asked_by_controller(sql_server))})
    assert (verdict.outcome.value, "System.Data.SqlClient, which" in verdict.seen) == ("passed", True), verdict


def test_other_systems_have_no_sqlclient(sql_server: SqlServer, tmp_path: Path) -> None:
    reads = questions(site(sql_server.port), tmp_path, safeq="x", sync="y")
    for facts in (told_by_python(*reads), told(*reads)):
        assert {(f["status"], f["detail"]) for f in facts.values()} == {
            ("absent", "this agent can ask SQL servers on Windows only")
        }
    assert sql_server.seen == []


def test_the_agents_own_account(sql_server: SqlServer, tmp_path: Path) -> None:
    inventory = site(sql_server.port, (r"CORP\safeq", "sync"))
    facts = asked(sql_server, inventory, tmp_path)
    other = facts[r"sql:cml1:CORP\safeq"]["value"]
    assert other["outcome"] == "not-tried"
    own = other["why"].removeprefix("the agent runs as ").partition(",")[0]
    assert judged(facts, inventory, tmp_path).outcome.value == "unverified"

    inventory = site(sql_server.port, (own, "sync"))
    sql_server.logins["own"] = Login("of the token")
    for database in sql_server.databases.values():
        database.users["own"] = ("db_owner",)
    let_in = asked(sql_server, inventory, tmp_path, **environment(CONSOLE, "own", "of the token"))
    assert judged(let_in, inventory, tmp_path).outcome.value == "passed"
    refused = asked(sql_server, inventory, tmp_path, **environment(CONSOLE, "own", "other"))
    assert judged(refused, inventory, tmp_path).outcome.value == "failed"
    hop = asked(sql_server, inventory, tmp_path, **environment(NETWORK, "own", "other"))
    verdict = judged(hop, inventory, tmp_path)
    assert (verdict.outcome.value, "may not go on to another machine" in verdict.reason) == ("unverified", True), (
        verdict
    )


@pytest.mark.parametrize(
    ("more", "by"),
    [
        ({"asked_from": "controller"}, "winrm"),
        ({"ca": True}, "winrm"),
        ({"ca": True, "certificate_name": "sql1.corp.example"}, "winrm"),
        ({}, "ssh"),
    ],
)
def test_who_sends_a_node_no_password(tmp_path: Path, more: dict[str, object], by: str) -> None:
    found = loaded(site(1433, **more), tmp_path, by)
    assert NODE_DATABASE.host_reads is not None
    assert NODE_DATABASE.site_secrets is not None
    assert (NODE_DATABASE.host_reads(found, found.machines["cml1"]), NODE_DATABASE.site_secrets(found)) == ((), {})
