"""`checklist.database` as values: server, defaults, references to secrets."""

from __future__ import annotations

from pathlib import Path

from preflight.topology.checklist_database import DatabaseAccount, ExternalDatabase, NodeDatabases
from preflight.topology.loader import load_inventory
from preflight.topology.secret_ref import SecretRef

SITE = """customer: a
site: b
features: {database: {kind: mssql, instance: SAFEQ}}
hosts: {c: {roles: cml, address: 10.0.0.1}, d: {roles: db, address: 10.0.0.2}}
"""
NODES = r"""
    nodes:
      c: {databases: [A, B], accounts: [{user: sync, password: {file: sync.secret}}, {user: 'CORP\safeq'}]}
"""


def load(folder: Path, text: str) -> ExternalDatabase | None:
    (folder / "inventory.yaml").write_text(SITE + text, encoding="utf-8")
    return load_inventory(folder / "inventory.yaml").checklist.database


def test_what_is_unsaid(tmp_path: Path) -> None:
    assert load(tmp_path, "") is None
    secret = SecretRef("file", str(tmp_path / "sync.secret"))
    accounts = (DatabaseAccount("sync", secret), DatabaseAccount("CORP\\safeq"))
    assert [account.windows for account in accounts] == [False, True]
    found = load(tmp_path, "checklist:\n  database:" + NODES)
    assert found == ExternalDatabase("d", instance="SAFEQ", nodes={"c": NodeDatabases(("A", "B"), accounts)})
    assert (found.encrypt, found.ca, found.port) == (True, False, None)


def test_what_is_said(tmp_path: Path) -> None:
    said = "server: d\n    port: 51433\n    encrypt: false\n    ca: corp.pem\n    certificate_name: sql1.corp.example"
    found = load(tmp_path, f"checklist:\n  database:\n    {said}{NODES}")
    assert found is not None
    assert (found.server, found.port, found.encrypt) == ("d", 51433, False)
    assert (found.ca, found.certificate_name) == (str(tmp_path / "corp.pem"), "sql1.corp.example")
