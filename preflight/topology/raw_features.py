"""The keys of `features` as they are written."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from preflight.topology.raw_base import Raw, listed_word
from preflight.topology.scalars import Name, PortSpan, one_of

LdapKind = Annotated[str, one_of("LDAP flavour", ("ldaps", "ldap", "global_catalog"))]


def _switch(value: Any) -> Any:
    """`true` stands for all defaults, `false` for unused."""
    return {} if value is True else None if value is False else value


def _kind(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


class RawScan(Raw):
    """A way of scanning that is used."""

    server: Name | None = None


class RawFtp(RawScan):
    """Scanning by FTP."""

    mode: Annotated[str, one_of("FTP mode", ("active", "passive", "both"))] | None = None
    passive_ports: PortSpan | None = None
    active_ports: PortSpan | None = None


Scanned = Annotated[RawScan | None, BeforeValidator(_switch, json_schema_input_type=bool | RawScan)]


class RawScans(Raw):
    """`features.scan`."""

    smtp: Scanned = None
    webdav: Scanned = None
    smb: Scanned = None
    ftp: Annotated[RawFtp | None, BeforeValidator(_switch, json_schema_input_type=bool | RawFtp)] = None


class RawReporting(Raw):
    """`features.central_reporting` in its long form."""

    analysis_services: Name | None = None


class RawClient(Raw):
    """`features.workstation_client` in its long form."""

    protocol_level: Annotated[int, Field(ge=1, le=4)] = 4
    ssl_proxy: bool = False


class RawPayment(Raw):
    """`features.payment` in its long form."""

    quickchip: bool = False


class RawGroup(Raw):
    """One of `features.near_roaming`."""

    name: Name
    members: Annotated[list[Name], Field(min_length=1)]
    size: Annotated[int, Field(ge=1, le=10000)] | None = None


class RawGroupSize(Raw):
    """`features.near_roaming` in its short form: one group of all ORS."""

    size: Annotated[int, Field(ge=1, le=10000)] | None = None


def _groups(value: Any) -> Any:
    """`true` and `{size: n}` become one group without members: every ORS is in it."""
    if value is True or isinstance(value, dict):
        size = RawGroupSize.model_validate({} if value is True else value).size
        return [RawGroup.model_construct(name="ors", members=[], size=size)]
    return [] if value is False else value


class RawDatabase(Raw):
    """`features.database`."""

    kind: Annotated[str, one_of("database", ("embedded", "mssql"))]
    instance: Name | None = None

    @model_validator(mode="after")
    def _matches(self) -> RawDatabase:
        if self.instance and self.kind != "mssql":
            raise ValueError("`instance` belongs to `kind: mssql`; change the kind or remove the instance")
        return self


class RawFeatures(Raw):
    """`features`."""

    cluster: bool = False
    ors: bool = False
    central_reporting: Annotated[
        RawReporting | None, BeforeValidator(_switch, json_schema_input_type=bool | RawReporting)
    ] = None
    workstation_client: Annotated[
        RawClient | None, BeforeValidator(_switch, json_schema_input_type=bool | RawClient)
    ] = None
    local_monitor: bool = False
    scan: Annotated[
        RawScans, BeforeValidator(lambda v: {} if v is False else v, json_schema_input_type=Literal[False] | RawScans)
    ] = Field(default_factory=RawScans)
    encryption: bool = False
    payment: Annotated[RawPayment | None, BeforeValidator(_switch, json_schema_input_type=bool | RawPayment)] = None
    ap_connector: bool = False
    etcd: bool = False
    job_roaming: bool = False
    near_roaming: Annotated[
        list[RawGroup],
        BeforeValidator(_groups, json_schema_input_type=bool | RawGroupSize | list[RawGroup]),
    ] = Field(default_factory=list)
    load_balancing: bool = False
    preview: bool = False
    time_sync: bool = False
    firmware_updates: bool = False
    online_tracking: bool = True
    web_status: bool = True
    monitoring: bool = True
    print_server: bool | None = None
    ldap: Annotated[
        list[LdapKind],
        BeforeValidator(
            lambda v: [] if v is False else listed_word(v),
            json_schema_input_type=Literal[False] | LdapKind | list[LdapKind],
        ),
    ] = Field(default_factory=list)
    database: Annotated[
        RawDatabase,
        BeforeValidator(_kind, json_schema_input_type=Literal["embedded", "mssql"] | RawDatabase),
    ] = Field(default_factory=lambda: RawDatabase(kind="embedded"))
