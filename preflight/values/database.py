"""What an external database server said, as it is recorded: plain values, no password, nothing of a table's content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LoginOutcome = Literal["in", "refused", "not-tried", "lost"]


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error of the server. A login's `state` is 1 for every client: the true one stands in the server's own log."""

    number: int
    state: int
    severity: int
    text: str


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """One database as one account sees it; None: it could not be told."""

    name: str
    opened: bool
    errors: tuple[ServerError, ...] = ()  # why it was not opened, or not read
    state: str = ""  # ONLINE, RESTORING, ...
    collation: str = ""
    recovery: str = ""
    read_only: bool | None = None
    single_user: bool | None = None
    compatibility: int | None = None
    owner: bool | None = None  # the account is of db_owner there
    roles: tuple[str, ...] = ()
    tables: int | None = None
    data_mb: float | None = None  # files of data, as large as they are now
    free_mb: float | None = None  # in them
    limit_mb: float | None = None  # what they may grow to; None: unlimited, or not told


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """One account: let in or not, and what it opens."""

    user: str
    outcome: LoginOutcome
    why: str = ""  # not-tried, lost: a sentence
    errors: tuple[ServerError, ...] = ()
    sysadmin: bool | None = None
    databases: tuple[DatabaseSeen, ...] = ()
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class TlsSeen:
    """The encryption of the connection."""

    version: str = ""  # TLSv1.2; empty: in clear
    checked: Literal["no", "chain", "chain and name"] = "no"
    subject: str = ""
    expires: float | None = None  # seconds since the epoch
    issuer: str = ""
    sha256: str = ""  # of the certificate, hexadecimal


@dataclass(frozen=True, slots=True)
class DatabaseObservation:
    """What was asked of the database server for one CML node."""

    node: str
    server: str  # machine of the inventory
    address: str
    at: float  # seconds since the epoch
    databases: tuple[str, ...] = ()  # asked for
    asked_by: Literal["controller", "node"] = "controller"
    node_said: str = ""  # controller: why the node's own try does not do
    port: int | None = None
    instance: str = ""
    browser: str = ""  # what the SQL browser said; empty: it was not asked
    trouble: str = ""  # kind of what kept every account away: refused, dropped, not-tds, certificate, ...
    cause: str = ""
    remedy: str = ""
    tls: TlsSeen | None = None
    version: str = ""  # 15.0.2000.5
    edition: str = ""
    accounts: tuple[AccountSeen, ...] = ()
    took_s: float = 0.0
