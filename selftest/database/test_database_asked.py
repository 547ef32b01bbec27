"""The database part against a real listener of the tests' own that speaks TDS, with one planted fault each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sql_browser_stub import Browser
from sql_server import OWNER, Database, Login, SqlServer

from preflight.database.ask import as_json, ask
from preflight.database.options import AskOptions
from preflight.topology.checklist_database import DatabaseAccount, ExternalDatabase, NodeDatabases
from preflight.topology.credentials import Secret
from preflight.topology.secret_ref import SecretRef
from preflight.values.database import DatabaseObservation

SAFEQ, SYNC = SecretRef("env", "SAFEQ"), SecretRef("env", "SYNC")
ACCOUNTS = (DatabaseAccount("safeq", SAFEQ), DatabaseAccount("sync", SYNC))
NODE = NodeDatabases(("SQDB5", "SQDB5_DS"), ACCOUNTS)
QUICK = AskOptions(connect_s=2.0, login_s=1.0, account_s=5.0, browser_s=0.3)


def asked(
    server: SqlServer, options: AskOptions = QUICK, secrets: Mapping[SecretRef, Secret | str] | None = None, **more: Any
) -> DatabaseObservation:
    """What came of asking for one node."""
    settings: dict[str, Any] = {"server": "sql1", "port": server.port, "nodes": {"cml1": NODE}, **more}
    known = secrets or {SAFEQ: Secret(server.logins["safeq"].password), SYNC: Secret(server.logins["sync"].password)}
    seen = ask(ExternalDatabase(**settings), "127.0.0.1", ["cml1"], known, options)["cml1"]
    text = json.dumps(as_json(seen))
    assert not [login for login in server.logins.values() if login.password in text], "a password was recorded"
    return seen


def outcomes(seen: DatabaseObservation) -> list[str]:
    return [account.outcome for account in seen.accounts]


def numbers(seen: DatabaseObservation, account: int = 0) -> list[int]:
    return [error.number for error in seen.accounts[account].errors]


def test_a_healthy_server(sql_server: SqlServer) -> None:
    seen = asked(sql_server)
    assert (seen.trouble, outcomes(seen)) == ("", ["in", "in"])
    assert (seen.version, seen.edition) == ("15.0.2000.5", "Standard Edition (64-bit)")
    assert seen.tls is not None
    assert (seen.tls.version, seen.tls.checked, seen.tls.subject) == ("TLSv1.2", "no", "CN=sql1.corp.example")
    first, second = seen.accounts[1].databases
    assert (first.owner, first.tables, first.collation) == (True, 0, "SQL_Latin1_General_CP1_CI_AS")
    assert (second.owner, second.roles, second.tables) == (False, ("db_datareader", "db_datawriter"), 3)
    assert (second.data_mb, second.free_mb, second.limit_mb) == (512, 500, None)
    assert {login["application"] for login in sql_server.seen} == {"SafeQ Preflight"}
    assert {login["database"] for login in sql_server.seen} == {"SQDB5"}, "as the product would"


def test_nothing_is_written(sql_server: SqlServer) -> None:
    asked(sql_server)
    assert sql_server.statements
    assert all(s.startswith(("USE [", "/* SafeQ Preflight:")) for s in sql_server.statements)
    said = " ".join(sql_server.statements).upper()
    assert not [w for w in ("INSERT", "UPDATE ", "DELETE", "CREATE", "ALTER", "DROP", "EXEC", "INTO ") if w in said]


def test_no_password_goes_in_clear(sql_server: SqlServer) -> None:
    asked(sql_server)
    assert all(login["encrypted"] for login in sql_server.seen)
    sql_server.encryption, sql_server.seen = 2, []
    seen = asked(sql_server)
    assert (seen.trouble, outcomes(seen), sql_server.seen) == ("no-encryption", ["not-tried", "not-tried"], [])
    seen = asked(sql_server, encrypt=False)
    assert (outcomes(seen), seen.tls and seen.tls.version) == (["in", "in"], "")
    assert [login["encrypted"] for login in sql_server.seen] == [False, False]


def test_a_server_that_requires_encryption(sql_server: SqlServer) -> None:
    sql_server.encryption = 3
    assert outcomes(asked(sql_server)) == ["in", "in"]


def test_the_certificate_is_looked_at_where_the_site_wants_it(sql_server: SqlServer, ca_file: Path) -> None:
    seen = asked(sql_server, ca=str(ca_file))
    assert (seen.tls and seen.tls.checked, outcomes(seen)) == ("chain", ["in", "in"])
    seen = asked(sql_server, ca=str(ca_file), certificate_name="sql1.corp.example")
    assert (seen.tls and seen.tls.checked, outcomes(seen)) == ("chain and name", ["in", "in"])
    sql_server.seen = []
    for more in ({"ca": str(ca_file), "certificate_name": "other.corp.example"}, {"ca": True}):
        assert asked(sql_server, **more).trouble == "certificate"
    assert asked(sql_server, ca="/nowhere/ca.pem").trouble == "ca"
    assert sql_server.seen == []


def test_a_wrong_password_is_tried_once(sql_server: SqlServer) -> None:
    wrong = {SAFEQ: Secret("wrong"), SYNC: Secret(sql_server.logins["sync"].password)}
    nodes = {"cml1": NODE, "cml2": NODE}
    settings = ExternalDatabase("sql1", sql_server.port, nodes=nodes)
    seen = ask(settings, "127.0.0.1", ["cml1", "cml2"], wrong, QUICK)
    assert [outcomes(s) for s in seen.values()] == [["refused", "in"], ["refused", "in"]]
    assert numbers(seen["cml1"]) == numbers(seen["cml2"]) == [18456]
    assert [login["user"] for login in sql_server.seen].count("safeq") == 1, "the second node must lock nobody out"


@pytest.mark.parametrize("number", [18470, 18486, 18487, 18488])
def test_a_login_that_is_closed(sql_server: SqlServer, number: int) -> None:
    sql_server.logins["safeq"].error = number
    seen = asked(sql_server)
    assert (outcomes(seen), numbers(seen)) == (["refused", "in"], [number])
    assert len(sql_server.seen) == 2, "python-tds would try again and again"


def test_a_database_that_is_missing(sql_server: SqlServer) -> None:
    del sql_server.databases["SQDB5"]
    seen = asked(sql_server)
    assert outcomes(seen) == ["in", "in"], "the password is right: 4060 says so, and master lets it in"
    first, second = seen.accounts[0].databases
    assert ([e.number for e in first.errors], first.opened, second.opened) == ([911], False, True)


def test_a_database_that_is_closed_to_one(sql_server: SqlServer) -> None:
    sql_server.databases["SQDB5_DS"] = Database({"safeq": OWNER})
    sql_server.databases["SQDB5"].error = (927, "Database 'SQDB5' cannot be opened. It is being restored.")
    seen = asked(sql_server)
    told = {(a.user, d.name): [e.number for e in d.errors] for a in seen.accounts for d in a.databases}
    assert told == {
        ("safeq", "SQDB5"): [927],
        ("safeq", "SQDB5_DS"): [],
        ("sync", "SQDB5"): [927],
        ("sync", "SQDB5_DS"): [916],
    }


def test_names_that_need_quotes(sql_server: SqlServer) -> None:
    name = "Safe]Q; DROP TABLE x --"
    sql_server.databases[name] = Database({"safeq": OWNER, "sync": OWNER})
    seen = asked(sql_server, nodes={"cml1": NodeDatabases((name, "SQDB5_DS"), ACCOUNTS)})
    assert [d.opened for d in seen.accounts[0].databases] == [True, True]


def test_questions_that_are_refused_leave_the_rest(sql_server: SqlServer) -> None:
    sql_server.databases["SQDB5"].hides = ("roles", "files")
    first = asked(sql_server).accounts[0].databases[0]
    assert (first.opened, first.state, first.roles, first.data_mb) == (True, "ONLINE", (), None)
    assert [e.number for e in first.errors] == [229, 229]


def test_sysadmin_is_noticed(sql_server: SqlServer) -> None:
    sql_server.logins["sync"] = Login("another one", sysadmin=True)
    assert [a.sysadmin for a in asked(sql_server).accounts] == [False, True]


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("silent", "timeout"),
        ("slow", "timeout"),
        ("http", "not-tds"),
        ("closes", "closed"),
        ("cut-login", "closed"),
        ("routes", "routed"),
        ("garbage", "other"),
    ],
)
def test_what_answers_is_no_server_of_ours(sql_server: SqlServer, fault: Any, trouble: str) -> None:
    sql_server.fault = fault
    seen = asked(sql_server)
    assert seen.trouble == trouble
    assert seen.cause
    assert seen.remedy
    assert outcomes(seen) == ["not-tried", "not-tried"]


def test_a_server_that_never_stops_talking(sql_server: SqlServer) -> None:
    sql_server.fault = "endless"
    seen = asked(sql_server, AskOptions(max_bytes=100_000))
    assert outcomes(seen) == ["lost", "lost"]
    assert "more than anybody asked" in seen.accounts[0].why


def test_nobody_listens(sql_server: SqlServer) -> None:
    assert asked(sql_server, port=1).trouble == "refused"


def test_accounts_that_cannot_be_tried(sql_server: SqlServer) -> None:
    accounts = (DatabaseAccount(r"CORP\safeq"), DatabaseAccount("sync"), DatabaseAccount("third", SAFEQ))
    seen = asked(sql_server, secrets={SAFEQ: "no such variable"}, nodes={"cml1": NodeDatabases(("A", "B"), accounts)})
    assert outcomes(seen) == ["not-tried"] * 3
    assert [a.why.split(":")[0] for a in seen.accounts][::2] == ["a Windows account", "no such variable"]
    assert sql_server.seen == []


def test_a_named_instance_is_found_by_the_browser(sql_server: SqlServer, sql_browser: Browser) -> None:
    options = AskOptions(browser_s=0.3, browser_port=sql_browser.port)
    sql_browser.tells(("SAFEQ", sql_server.port), ("OTHER", None))
    seen = asked(sql_server, options, port=None, instance="safeq")
    assert (seen.port, outcomes(seen)) == (sql_server.port, ["in", "in"])
    assert f"SAFEQ on TCP {sql_server.port}" in seen.browser


@pytest.mark.parametrize(
    ("instance", "reply", "trouble"),
    [
        ("MISSING", "told", "no-instance"),
        ("OTHER", "told", "instance-without-tcp"),
        ("SAFEQ", None, "browser-silent"),
        ("SAFEQ", b"HTTP/1.1", "browser-strange"),
    ],
)
def test_a_browser_that_does_not_help(
    sql_server: SqlServer, sql_browser: Browser, instance: str, reply: Any, trouble: str
) -> None:
    sql_browser.tells(("SAFEQ", sql_server.port), ("OTHER", None))
    if reply != "told":
        sql_browser.reply = reply
    options = AskOptions(browser_s=0.2, browser_port=sql_browser.port)
    seen = asked(sql_server, options, port=None, instance=instance)
    assert (seen.trouble, seen.accounts, sql_server.seen) == (trouble, (), [])
