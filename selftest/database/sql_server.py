"""A small MS SQL server for tests: real sockets, PRELOGIN, TLS inside TDS, logins, a few questions, planted faults."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import tds_words as say
from tds_wire import Wire

VERSION = (15, 0, 2000)
OWNER = ("db_owner",)
Fault = Literal["", "silent", "slow", "http", "closes", "cut-login", "routes", "garbage", "endless"]


@dataclass
class Database:
    """A database and who may open it: user -> roles there."""

    users: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tables: int = 0
    hides: tuple[str, ...] = ()  # questions that are refused there: roles, files
    error: tuple[int, str] | None = None  # instead of being opened: (927, "... is in the middle of a restore")


@dataclass
class Login:
    """A login of the server."""

    password: str
    error: int = 0  # 18470 disabled, 18486 locked, 18487 expired, 18488 must change
    sysadmin: bool = False


@dataclass
class SqlServer:
    """What the server is; change it between two questions as you like."""

    logins: dict[str, Login] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    encryption: int = 1  # what it answers to PRELOGIN: 1 on, 2 not supported, 3 required
    context: ssl.SSLContext | None = None
    fault: Fault = ""
    port: int = 0
    seen: list[dict[str, Any]] = field(default_factory=list)  # every login that was tried, and in clear or not
    statements: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[SqlServer]:
        """Serve on a port of loopback."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = listening.getsockname()[1]
            threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
            yield self

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                made, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(made,), daemon=True).start()

    def _serve(self, made: socket.socket) -> None:
        with made:
            try:
                Connection(self, made).serve()
            except (OSError, EOFError):
                return


class Connection(Wire):
    """One client."""

    def __init__(self, server: SqlServer, made: socket.socket) -> None:
        super().__init__(made)
        self.server = server
        self.user = ""
        self.at = "master"

    def serve(self) -> None:
        fault = self.server.fault
        if fault == "closes":
            return
        if fault == "http":
            self.made.recv(4096)
            self.made.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            return
        kind, _ = self.message()
        if fault == "silent":
            time.sleep(30)
        assert kind == 0x12
        self.reply(say.prelogin(VERSION, self.server.encryption), 4)
        if self.server.encryption != 2 and self.server.context is not None:
            self.encrypt(self.server.context)
        kind, payload = self.message()
        assert kind == 0x10
        if self.login(say.login_fields(payload)):
            while True:
                kind, payload = self.message()
                if kind == 0x01:
                    statement = say.batch_text(payload)
                    self.server.statements.append(statement)
                    self.reply(self.answer(statement), 4)
                else:
                    self.reply(say.done(), 4)

    def login(self, told: dict[str, str]) -> bool:
        server, user = self.server, told["user"]
        server.seen.append({**told, "encrypted": self.tls is not None})
        if server.fault == "slow":
            time.sleep(30)
        if server.fault == "cut-login":
            return False
        if server.fault == "garbage":
            self.reply(bytes(range(256)) * 4, 4)
            return False
        if server.fault == "routes":
            self.reply(say.login_ack(VERSION) + say.routing("elsewhere.example", 1433) + say.done(), 4)
            return False
        known = server.logins.get(user)
        failed = say.error(18456, f"Login failed for user '{user}'.")
        if known is None or known.password != told["password"]:
            self.reply(failed + say.done(failed=True), 4)
            return False
        if known.error:
            self.reply(
                say.error(known.error, f"Login failed for user '{user}'. Reason: see the number.")
                + say.done(failed=True),
                4,
            )
            return False
        wanted = told["database"] or "master"
        if self.refusal(wanted, user) is not None:
            cannot = say.error(
                4060, f'Cannot open database "{wanted}" requested by the login. The login failed.', severity=11
            )
            self.reply(cannot + failed + say.done(failed=True), 4)
            return False
        self.user, self.at = user, wanted
        self.reply(
            say.env_change(1, wanted, "master")
            + say.message(0xAB, 5701, 2, 0, f"Changed database context to '{wanted}'.")
            + say.collation_change()
            + say.env_change(2, "us_english")
            + say.login_ack(VERSION)
            + say.env_change(4, "4096", "4096")
            + say.done(),
            4,
        )
        return True

    def refusal(self, name: str, user: str) -> tuple[int, str] | None:
        """The error of USE, None where the database opens."""
        if name == "master":
            return None
        database = next((d for n, d in self.server.databases.items() if n.casefold() == name.casefold()), None)
        if database is None:
            return 911, f"Database '{name}' does not exist. Make sure that the name is entered correctly."
        if database.error is not None:
            return database.error
        if user not in database.users and not self.server.logins[user].sysadmin:
            return 916, f'The server principal "{user}" is not able to access the database "{name}".'
        return None

    def answer(self, statement: str) -> bytes:
        if self.server.fault == "endless":
            return say.table(["state"], [["x" * 100]] * 60_000)
        if used := re.fullmatch(r"(?i)USE \[(.*)\]", statement):
            name = used[1].replace("]]", "]")
            refused = self.refusal(name, self.user)
            if refused is not None:
                return say.error(refused[0], refused[1], severity=16) + say.done(failed=True)
            old, self.at = self.at, name
            return say.env_change(1, name, old) + say.done()
        if statement.startswith("SET "):  # other clients (FreeTDS) set their session up first
            return say.done()
        asked = re.match(r"/\* SafeQ Preflight: (\w+) \*/\s*SELECT", statement)
        assert asked, f"a statement that this server does not know: {statement}"
        names = re.findall(r"AS (\w+)(?=,|\s*\n?FROM|\s*$)", statement)
        if asked[1] == "server":
            sysadmin = int(self.server.logins[self.user].sysadmin)
            return say.table(names, [["15.0.2000.5", "Standard Edition (64-bit)", sysadmin]])
        here = self.server.databases[self.at]
        if asked[1] in here.hides:
            return say.error(229, "The SELECT permission was denied.") + say.done(failed=True)
        roles = here.users.get(self.user, ())
        if asked[1] == "database":
            row = ["ONLINE", "SQL_Latin1_General_CP1_CI_AS", "FULL", "READ_WRITE", "MULTI_USER", 150]
            return say.table(names, [[*row, int("db_owner" in roles), here.tables]])
        if asked[1] == "roles":
            return say.table(names, [[role] for role in roles])
        return say.table(names, [[512, 500, None]])
