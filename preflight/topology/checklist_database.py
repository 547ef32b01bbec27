"""`checklist.database`: databases and accounts of each CML node on the external server, as written and as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from preflight.topology.raw_base import Raw, RawSecret, Verify
from preflight.topology.scalars import HostWord, Name, text_up_to
from preflight.topology.secret_ref import SecretRef

SqlName = Annotated[str, text_up_to(128)]  # what SQL Server calls sysname


class RawDatabaseAccount(Raw):
    """One of a node's `accounts`."""

    user: SqlName
    password: RawSecret | None = None


class RawNodeDatabases(Raw):
    """One of `checklist.database.nodes`."""

    databases: Annotated[list[SqlName], Field(min_length=1, max_length=10)]
    accounts: Annotated[list[RawDatabaseAccount], Field(min_length=1, max_length=10)]


class RawExternalDatabase(Raw):
    """`checklist.database`."""

    server: Name | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    encrypt: bool = True
    ca: Verify = False
    certificate_name: HostWord | None = None
    asked_from: Literal["node", "controller"] = "node"
    nodes: Annotated[dict[Name, RawNodeDatabases], Field(max_length=100)] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatabaseAccount:
    """A service account on the database server."""

    user: str
    password: SecretRef | None = None

    @property
    def windows(self) -> bool:
        """A Windows account (DOMAIN\\name): SQL Server's own logins have no backslash."""
        return "\\" in self.user


@dataclass(frozen=True, slots=True)
class NodeDatabases:
    """What is meant for one CML node."""

    databases: tuple[str, ...]
    accounts: tuple[DatabaseAccount, ...]


@dataclass(frozen=True, slots=True)
class ExternalDatabase:
    """The external database server and what is meant for each CML node there; paths are resolved."""

    server: str  # machine with role db
    port: int | None = None  # None: the browser tells the instance's, or 1433 where no instance is named
    instance: str | None = None
    encrypt: bool = True  # False: an account may be tried although the server offers no encryption
    certificate_name: str | None = None  # which the certificate must carry; None: its name is not looked at
    ca: bool | str = False  # the server's certificate: not checked, by the system's CAs, or by the CAs of that file
    asked_from: Literal["node", "controller"] = "node"  # node: where it can ask, else the controller
    nodes: Mapping[str, NodeDatabases] = field(default_factory=dict)
