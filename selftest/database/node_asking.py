"""A CML node asks for itself: the PowerShell agent over a stand-in for SqlClient, against the tests' own TDS server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from item_cases import Recorded, play
from pydantic import SecretStr
from reads_run import told
from ruamel.yaml import YAML
from sql_server import SqlServer

from preflight.agents.reads import Read
from preflight.facts.node_database import NODE_DATABASE
from preflight.survey.passwords import with_passwords
from preflight.topology.loader import load_inventory
from preflight.topology.model import Topology
from preflight.values.outcome import Verdict

CLONE = Path(__file__).resolve().parents[2]
STANDINS = ("windows_token", "sqlclient")
CONSOLE, NETWORK = "S-1-1-0,S-1-5-4", "S-1-1-0,S-1-5-2"
Facts = dict[str, Any]


def environment(groups: str = CONSOLE, user: str = "", password: str = "") -> dict[str, str]:
    """What the stand-ins need to know; user and password are what the server takes the agent's own account for."""
    return {
        "PREFLIGHT_STANDIN_GROUPS": groups,
        "PREFLIGHT_STANDIN_PYTHON": sys.executable,
        "PREFLIGHT_STANDIN_TDS": str(CLONE / "selftest" / "standins" / "tds_client.py"),
        "PREFLIGHT_STANDIN_USER": user,
        "PREFLIGHT_STANDIN_PASSWORD": password,
        "PYTHONPATH": str(CLONE),
    }


def site(port: int, accounts: tuple[str, ...] = ("safeq", "sync"), **more: Any) -> dict[str, Any]:
    """An inventory; an account with a backslash has no password."""
    known = [{"user": user, **({} if "\\" in user else {"password": {"env": user.upper()}})} for user in accounts]
    node = {"databases": ["SQDB5", "SQDB5_DS"], "accounts": known}
    return {
        "features": {"database": "mssql"},
        "hosts": {
            "cml1": {"roles": ["cml"], "address": "10.1.1.11"},
            "sql1": {"roles": ["db"], "address": "127.0.0.1", "manage": "none"},
        },
        "checklist": {"database": {"port": port, "nodes": {"cml1": node}, **more}},
    }


def loaded(inventory: dict[str, Any], folder: Path, by: str = "winrm") -> Topology:
    """The same, read as a site's file is."""
    file = folder / "site.yaml"
    manage = {"by": by, "user": r"CORP\preflight", "password": {"env": "UNUSED"}}
    with file.open("w", encoding="utf-8") as out:
        YAML().dump({"customer": "Node", "site": "Node", "manage": manage, **inventory}, out)
    return load_inventory(file)


def questions(inventory: dict[str, Any], folder: Path, **passwords: str) -> tuple[Read, ...]:
    """What cml1 is asked, with the passwords."""
    found = loaded(inventory, folder)
    assert NODE_DATABASE.host_reads is not None
    secrets = {f"sql:cml1:{user}": SecretStr(secret) for user, secret in passwords.items()}
    reads, missing = with_passwords(NODE_DATABASE.host_reads(found, found.machines["cml1"]), secrets)
    assert not missing
    return reads


def asked(server: SqlServer, inventory: dict[str, Any], folder: Path, **env: str) -> Facts:
    """What the agent tells, by read; none of the server's passwords is in it."""
    passwords = {user: login.password for user, login in server.logins.items()}
    facts: Facts = told(*questions(inventory, folder, **passwords), standins=STANDINS, env={**environment(), **env})
    assert not [login for login in server.logins.values() if login.password in str(facts)]
    return facts


def judged(facts: Facts, inventory: dict[str, Any], folder: Path, of_site: dict[str, Any] | None = None) -> Verdict:
    """Item C11's own test on them; `of_site` is what the controller told besides."""
    seen = {
        name: fact["value"] if fact["status"] == "ok" else {"status": fact["status"], "detail": fact["detail"]}
        for name, fact in facts.items()
    }
    row = {"name": "node", "inventory": inventory, "facts": seen, "site": of_site or {}}
    return play(Recorded("C11", "before", row), folder)
