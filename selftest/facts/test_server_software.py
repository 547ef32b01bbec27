"""Services, holders of ports, registry keys and our tables: the pieces that C01, C10 and C13 are made of."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts import own_tables
from preflight.facts.databases import DATABASES
from preflight.facts.model import Told, UnobservedError
from preflight.facts.port_holders import holders_of
from preflight.facts.print_products import PRINT_PRODUCTS
from preflight.facts.registry import KINDS
from preflight.facts.registry_key import registry_key
from preflight.facts.remains import REMAINS
from preflight.facts.standing import Service
from preflight.facts.web import WEB, web_server
from preflight.facts.windows_installer import WINDOWS_INSTALLER
from preflight.facts.windows_services import WINDOWS_SERVICES, WindowsService, alike, folders_of, inside, program_of
from preflight.values.observation import Fact, Socket

OURS = (WINDOWS_SERVICES, WEB, WINDOWS_INSTALLER, DATABASES, REMAINS, PRINT_PRODUCTS)
KEYS = ["exists", "values", "subkeys", "version", "Name", "State", "ProcessId", "PathName", "Type", "x"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def service(name: str, program: str = "", pid: int | None = None, state: str = "Running") -> WindowsService:
    return WindowsService(name, name, state, "Auto", pid, program)


def socket(pid: int | None, path: str | None = None, owner: str | None = None, local: str = "0.0.0.0") -> Socket:  # noqa: S104 - compared only
    return Socket("tcp", local, 80, "", 0, "LISTEN", pid, "p.exe" if pid else None, path, owner)


@pytest.mark.parametrize("kind", OURS, ids=lambda k: k.name)
@given(value=JSON, elevated=st.booleans())
def test_any_answer_is_a_value_or_unobserved(kind: Any, value: Any, elevated: bool) -> None:
    facts = {name: Fact(name, "ok", value) for name in kind.sources}
    system = {"family": "windows", "elevated": elevated}
    facts |= {"services": Fact("services", "ok", []), "system": Fact("system", "ok", system)}
    facts |= {"listeners": Fact("listeners", "ok", [])}  # the contract holds standing facts to their shape
    with suppress(UnobservedError):
        kind.parse(Told("cml1", facts))


def test_every_table_says_where_it_is_from() -> None:
    entries = [
        *own_tables.web_servers(),
        *own_tables.windows_reservations(),
        *own_tables.engines(),
        *own_tables.print_products(),
    ]
    assert len(entries) > 30
    assert [e for e in entries if not e.source.strip()] == []
    for product in own_tables.print_products():
        sourced = bool(product.services or product.names)
        assert sourced or product.keywords, product
        assert sourced != product.source.startswith("not sourced")


def test_reads_have_names_of_their_own() -> None:
    reads: dict[str, Any] = {}
    for kind in KINDS:
        for read in kind.reads:
            assert reads.setdefault(read.name, read) == read


@pytest.mark.parametrize(
    ("command", "program"),
    [
        (r'"C:\Program Files\a b\x.exe" -k run', r"C:\Program Files\a b\x.exe"),
        (r"C:\Program Files\a b\x.EXE -k", r"C:\Program Files\a b\x.EXE"),
        (r"\SystemRoot\system32\drivers\x.sys", r"\SystemRoot\system32\drivers\x.sys"),
        ('"unclosed', "unclosed"),
        ("", ""),
    ],
)
def test_program_of_a_command_line(command: str, program: str) -> None:
    assert program_of(command) == program


def test_folders_are_narrow() -> None:
    programs = [
        r"C:\SafeQ5\jre\bin\javaw.exe",
        r"c:\safeq5\TS\TerminalServer.exe",
        r"D:\Program Files\YSoft\x\y.exe",
        r"C:\Program Files\lone.exe",
        r"C:\Windows\System32\svchost.exe",
        r"C:\lone.exe",
        "",
    ]
    folders = folders_of(programs)
    assert folders == (r"c:\safeq5", r"d:\program files\ysoft")
    assert inside(r"C:\SafeQ5\PGSQL\bin\postgres.exe", folders)
    assert not inside(r"C:\SafeQ50\x.exe", folders)
    assert not inside(r"D:\Program Files\MySQL\mysqld.exe", folders)


def test_names_are_not_patterns_of_their_own() -> None:
    assert alike("MSSQL$X", ["mssql$*"])
    assert not alike("MSSQLX", ["mssql$*"])
    assert alike("a[1]", ["A[1]"])
    assert not alike("MySQL80x", ["MySQL", "MySQL??"])


def test_holders_are_named_by_process_or_by_program() -> None:
    services = (
        service("one", r"C:\w\w.exe", 10),
        service("two", r"C:\w\w.exe", None, "Stopped"),
        service("host", r"C:\Windows\System32\svchost.exe", 30),
    )
    product = [Service("YSoftSafeQCML", "", "running", r"C:\SafeQ5\a.exe")]
    by_pid, by_program, by_host, own = (
        holders_of(80, [socket(*asked)], services, product)[0]
        for asked in (
            (10, None),
            (11, r"c:\W\W.EXE"),
            (31, r"C:\Windows\System32\svchost.exe"),
            (12, r"C:\SafeQ5\a.exe", "ysoftsafeqcml"),
        )
    )
    assert (by_pid.services, by_program.services, by_host.services) == (("one",), ("one",), ())
    assert own.ours
    assert not by_pid.ours
    assert "may not see" in str(holders_of(80, [socket(None)], services, product)[0])


def test_the_product_stands_last_and_each_listener_once() -> None:
    product = [Service("YSoftSafeQCML", "", "running", "")]
    sockets = [socket(12, None, "YSoftSafeQCML"), socket(4, local="::"), socket(4, local="::")]
    assert [h.ours for h in holders_of(80, sockets, (), product)] == [False, True]


@pytest.mark.parametrize(
    ("name", "program", "server"),
    [
        ("W3SVC", r"C:\Windows\system32\svchost.exe", "IIS"),
        ("Apache2.4", r"C:\Apache24\bin\httpd.exe", "Apache HTTP Server"),
        ("shop", r"D:\shop\httpd.exe", "Apache HTTP Server"),
        ("Tomcat9", r"C:\t\bin\tomcat9.exe", "Apache Tomcat"),
        ("W32Time", r"C:\Windows\system32\svchost.exe", ""),
        ("IISADMIN", r"C:\Windows\system32\inetsrv\inetinfo.exe", ""),
    ],
)
def test_web_servers_by_service_and_program(name: str, program: str, server: str) -> None:
    assert web_server(service(name, program)) == server


def test_a_key_that_is_not_there_is_no_error() -> None:
    facts = {"a": Fact("a", "absent"), "b": Fact("b", "ok", {"exists": False}), "c": Fact("c", "denied", None, "no")}
    told = Told("cml1", facts)
    assert registry_key(told, "a") is None
    assert registry_key(told, "b") is None
    with pytest.raises(UnobservedError, match="did not let"):
        registry_key(told, "c")
