"""The whole suite for C11: a subprocess asks the tests' own server, and judges again once that is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sql_server import SqlServer

CLONE = Path(__file__).resolve().parents[2]
SITE = """
customer: Database
site: Database
features: {{database: mssql}}
hosts:
  cml1: {{roles: [cml], address: 127.0.0.2, manage: {{by: local}}}}
  sql1: {{roles: [db], address: 127.0.0.1, manage: none}}
checklist:
  database:
    port: {port}
    nodes:
      cml1:
        databases: [SQDB5, SQDB5_DS]
        accounts: [{{user: safeq, password: {{env: TEST_SAFEQ}}}}, {{user: sync, password: {{file: sync.secret}}}}]
"""


def suite(folder: Path, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", f"--inventory={folder / 'inventory.yaml'}", *options]
    told = {**os.environ, "COLUMNS": "120", "PYTHONUTF8": "1", **env}
    return subprocess.run(
        command, cwd=CLONE, env=told, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )


def verdicts(folder: Path) -> list[dict[str, Any]]:
    newest = sorted((folder / "reports").glob("2*/run.json"))[-1]
    cases = json.loads(newest.read_text("utf-8"))["cases"]
    return [case for case in cases if case["row"] == "C11"]


@pytest.mark.slow
def test_asked_recorded_and_judged_again(sql_server: SqlServer, tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(SITE.format(port=sql_server.port), "utf-8")
    (tmp_path / "sync.secret").write_text(sql_server.logins["sync"].password + "\n", "utf-8")
    password = sql_server.logins["safeq"].password

    listed = suite(tmp_path, "--collect-only", "--row=C11")
    assert (listed.returncode, sql_server.seen) == (0, []), listed.stdout + listed.stderr
    ran = suite(tmp_path, "--row=C11", TEST_SAFEQ=password)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [login["user"] for login in sql_server.seen] == ["safeq", "sync"]
    (case,) = verdicts(tmp_path)
    assert case["outcome"] == "passed"
    assert "the machine that runs the suite" in case["asked"]
    written = [f for f in (tmp_path / "reports").rglob("*") if f.is_file() and not f.is_symlink()]
    assert written
    for login in sql_server.logins.values():
        assert not [f for f in written if login.password.encode() in f.read_bytes()], "a password was written down"

    sql_server.seen.clear()
    recorded = max(f.parent.name for f in (tmp_path / "reports").glob("2*/run.json"))
    again = suite(tmp_path, f"--replay={recorded}")
    assert (again.returncode, sql_server.seen) == (0, []), again.stdout + again.stderr
    assert verdicts(tmp_path) == [case]


@pytest.mark.slow
def test_a_password_that_cannot_be_had(sql_server: SqlServer, tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(SITE.format(port=sql_server.port), "utf-8")
    (tmp_path / "sync.secret").write_text("wrong", "utf-8")
    ran = suite(tmp_path, "--row=C11")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    (case,) = verdicts(tmp_path)
    assert (case["outcome"], [login["user"] for login in sql_server.seen]) == ("failed", ["sync"])
    assert "sync is not let in" in case["reason"]
