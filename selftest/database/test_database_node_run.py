"""The whole suite for C11 over WinRM: the node asks for itself, and the passwords are only where they must be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gather_run import STANDINS, powershell
from node_asking import CLONE, environment
from sql_server import SqlServer

from preflight.lab.wsman.process import ProcessExecutor
from preflight.lab.wsman.server import Endpoint, EndpointSettings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc for who shows a password"),
]
WINDOWS = ("windows2019", "windows_token")
USER, PASSWORD = "CORP\\preflight", "Heslo-Zimni-2024"
SITE = """
customer: Database
site: Database
features: {{database: mssql}}
hosts:
  cml1:
    roles: [cml]
    address: 127.0.0.2
    manage: {{by: winrm, address: 127.0.0.1, port: {winrm}, user: 'CORP\\preflight', password: {{env: TEST_WINRM}}}}
  sql1: {{roles: [db], address: 127.0.0.1, manage: none}}
checklist:
  database:
    port: {port}
    nodes:
      cml1:
        databases: [SQDB5, SQDB5_DS]
        accounts: [{{user: safeq, password: {{env: TEST_SAFEQ}}}}, {{user: sync, password: {{file: sync.secret}}}}]
"""


@pytest.fixture
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    """A Windows over WinRM whose PowerShell is real, over the stand-ins that the test names."""
    names: tuple[str, ...] = request.param
    own = {
        **environment(),
        "PWSH_STANDINS": ":".join(str(STANDINS / f"{name}.ps1") for name in names),
        "PWSH_REGISTRY": str(STANDINS / "windows2019-registry.json"),
    }
    executor = ProcessExecutor({"powershell": [powershell()]}, own)
    with Endpoint(EndpointSettings(users={USER: PASSWORD}), executor) as served:
        yield served


def run(folder: Path, server: SqlServer, *options: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """The suite, and the processes on whose command line one of the passwords was seen meanwhile."""
    command = [sys.executable, "-m", "pytest", "-q", f"--inventory={folder / 'inventory.yaml'}", *options]
    secrets = {login.password for login in server.logins.values()} | {PASSWORD}
    own = {"TEST_SAFEQ": server.logins["safeq"].password, "TEST_WINRM": PASSWORD, "COLUMNS": "120", "PYTHONUTF8": "1"}
    pipe = subprocess.PIPE
    suite = subprocess.Popen(command, cwd=CLONE, env={**os.environ, **own}, stdout=pipe, stderr=pipe, text=True)
    showing: set[str] = set()
    until = time.monotonic() + 150
    while suite.poll() is None and time.monotonic() < until:
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                said = place.read_bytes()
            except OSError:
                continue
            showing |= {str(place) for secret in secrets if secret.encode() in said}
        time.sleep(0.05)
    out, err = suite.communicate(timeout=30)
    return subprocess.CompletedProcess(command, suite.returncode, out, err), showing


def verdict(folder: Path) -> dict[str, Any]:
    newest = sorted((folder / "reports").glob("2*/run.json"))[-1]
    (case,) = [case for case in json.loads(newest.read_text("utf-8"))["cases"] if case["row"] == "C11"]
    found: dict[str, Any] = case
    return found


def set_up(folder: Path, server: SqlServer, endpoint: Endpoint) -> None:
    (folder / "inventory.yaml").write_text(SITE.format(winrm=endpoint.port, port=server.port), "utf-8")
    (folder / "sync.secret").write_text(server.logins["sync"].password + "\n", "utf-8")


@pytest.mark.parametrize("endpoint", [(*WINDOWS, "sqlclient")], indirect=True, ids=["sqlclient"])
def test_the_node_asks_and_no_password_is_left(sql_server: SqlServer, endpoint: Endpoint, tmp_path: Path) -> None:
    set_up(tmp_path, sql_server, endpoint)
    passwords = [login.password for login in sql_server.logins.values()]
    ran, showing = run(tmp_path, sql_server, "--row=C11")
    case = verdict(tmp_path)
    assert (ran.returncode, case["outcome"]) == (0, "passed"), (case, ran.stdout + ran.stderr)
    assert "asked by cml1 itself" in case["seen"]
    assert sorted(login["user"] for login in sql_server.seen) == ["safeq", "sync"], "the controller asked as well"
    assert not showing
    written = [f for f in tmp_path.rglob("*") if f.is_file() and f.name != "sync.secret"]
    assert {"run.json", "observations.json"} <= {file.name for file in written}
    for secret in [*passwords, PASSWORD]:
        forms = {secret.encode(), json.dumps(secret)[1:-1].encode(), secret.encode().hex().encode()}
        assert not [f for f in written if any(form in f.read_bytes() for form in forms)]
        assert not [form for form in forms if form.decode() in ran.stdout + ran.stderr]

    sql_server.seen.clear()
    recorded = max(file.parent.name for file in (tmp_path / "reports").glob("2*/run.json"))
    again, _ = run(tmp_path, sql_server, f"--replay={recorded}")
    assert (again.returncode, sql_server.seen) == (0, []), again.stdout + again.stderr
    assert verdict(tmp_path) == case


@pytest.mark.parametrize("endpoint", [WINDOWS], indirect=True, ids=["no-sqlclient"])
def test_the_controller_asks_for_a_node_that_cannot(sql_server: SqlServer, endpoint: Endpoint, tmp_path: Path) -> None:
    set_up(tmp_path, sql_server, endpoint)
    ran, _ = run(tmp_path, sql_server, "--row=C11")
    case = verdict(tmp_path)
    assert case["outcome"] == "passed", (case, ran.stdout + ran.stderr)
    assert "asked by the machine that runs the suite, not by cml1 (System.Data.SqlClient" in case["seen"]
    assert [login["user"] for login in sql_server.seen] == ["safeq", "sync"]
