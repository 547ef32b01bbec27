"""A SQL server and a SQL browser for each test that wants them."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), *(str(Path(__file__).parents[1] / n) for n in ("checklist", "powershell"))]

from sql_browser_stub import Browser  # noqa: E402
from sql_server import OWNER, Database, Login, SqlServer  # noqa: E402

from preflight.lab.wsman.certificates import Authority, new_authority, new_certificate  # noqa: E402

LONG = "never said anywhere"


@pytest.fixture(scope="session")
def authority() -> Authority:
    return new_authority("Corp CA")


@pytest.fixture(scope="session")
def server_context(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    papers = new_certificate(tmp_path_factory.mktemp("server"), ["sql1.corp.example"], "good", authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # as a real one inside TDS 7
    context.load_cert_chain(papers.certificate, papers.key)
    return context


@pytest.fixture
def sql_server(server_context: ssl.SSLContext) -> Iterator[SqlServer]:
    """A healthy one: two databases, two accounts, both of db_owner."""
    server = SqlServer(context=server_context)
    server.logins = {"safeq": Login(LONG), "sync": Login(f"{LONG} 2")}
    server.databases = {
        "SQDB5": Database({"safeq": OWNER, "sync": OWNER}),
        "SQDB5_DS": Database({"safeq": OWNER, "sync": ("db_datareader", "db_datawriter")}, tables=3),
    }
    with server.running():
        yield server


@pytest.fixture
def sql_browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.socket.close()


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> Path:
    return authority.save(tmp_path)
