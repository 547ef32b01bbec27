"""A row of the vendor page as a validated value; field names and vocabulary of the catalogue's YAML."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Section = Literal[
    "server",
    "ldap",
    "workstation_to_server",
    "server_to_printer",
    "printer_to_server",
    "inter_server",
    "other",
    "cluster_installation",
]
SECTIONS: tuple[str, ...] = get_args(Section)
PageLevel = Literal["mandatory", "optional", "optional, recommended from localhost", "recommended from localhost"]
RowId = Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Model):
    """One thing that must hold for a row to apply. Exactly one of the keys (or `any`) is given.

    feature: name of a field of topology.Features that must be on (`is`: values one of which it must have);
    terminal: the device carries one of these embedded terminals ("any" = any of them); vendor: of this maker;
    hardware: the device is such a hardware terminal; delivery, scan: the device prints or scans that way;
    group_min, group_max: size of the near roaming group; said: the site has filled in this key of `checklist`;
    any: one of the conditions inside holds; all: all of them.
    """

    feature: str | None = None
    said: str | None = None
    is_: tuple[Any, ...] | None = Field(default=None, alias="is")
    terminal: tuple[str, ...] | None = None
    vendor: tuple[str, ...] | None = None
    hardware: tuple[str, ...] | None = None
    delivery: tuple[str, ...] | None = None
    scan: tuple[str, ...] | None = None
    group_min: int | None = None
    group_max: int | None = None
    any_: tuple[Condition, ...] | None = Field(default=None, alias="any")
    all_: tuple[Condition, ...] | None = Field(default=None, alias="all")


class Pair(_Model):
    """How source and destination are paired, in roles.

    served: a device or workstation with the servers that serve it (the role `server` = its cml and ors machines; a
        narrower role, as [ors], keeps only those); direction as given.
    each: every machine of `from` to every other machine of `to`.
    same_host: every machine of `to` (that also holds a role of `from`, unless `from` is [localhost]) asks itself.
    group: members of the same near roaming group; `etcd`: the CML nodes of a cluster, and each roaming group's ORS.
    broadcast: server to the terminals that it serves, by subnet broadcast. multicast: not asked in this version.
    """

    kind: Literal["served", "each", "same_host", "group", "etcd", "broadcast", "multicast"]
    source: tuple[str, ...] = Field(alias="from")
    to: tuple[str, ...]


class Row(_Model):
    """What checklist and flow rows share."""

    id: RowId
    section: Section
    requirement: str  # in our own words
    remedy: str  # what to do when it fails
    when: str | None = None  # the page's condition, in words
    note: str | None = None  # the page's own contradictions, and our readings marked as such


class CheckRow(Row):
    """One of the 24 checklist items."""

    kind: Literal["check"] = "check"
    needs: str
    site_says: str | None = None
    applies: tuple[Condition, ...] = ()
    asked_of: tuple[str, ...] = ()  # roles of the hosts that it is asked of, or directory; none: it cannot be asked yet
    asked_from: tuple[str, ...] = ()  # roles whose machines ask a directory's encrypted global catalogue, too
    # Of the directory's users: where the site may do without them, and does, it does not apply.
    attributes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()  # names of preflight/facts that its test reads, beside the standing ones


class FlowRow(Row):
    """One of the 86 port-flow rows."""

    kind: Literal["flow"] = "flow"
    level: PageLevel
    protocol: Literal["tcp", "udp"]
    ports: tuple[int, ...] | Literal["dynamic", "configurable", ">1023"]
    notation: Literal["one", "slash", "comma", "range", "dynamic", "configurable"]
    ends_from: tuple[str, ...] = Field(alias="from")  # the page's words
    ends_to: tuple[str, ...] = Field(alias="to")
    purpose: str
    until_set: str = ""  # goes behind the remedy while the inventory does not say which ports are used
    carries: str | None = None
    volume: str | None = None
    encrypted: bool = False
    settings: tuple[str, ...] = ()  # product properties that move or bind the port
    configurable: bool = False  # the page calls the port configurable: inventory `ports:` may set it
    pair: Pair
    applies: tuple[Condition, ...] = ()
    served_by: Literal["product", "existing", "device", "platform"]
    existing_unless_on: tuple[str, ...] = ()  # roles: where the destination holds none of them, it is `existing`
    scan_server: Literal["smtp", "webdav", "smb", "ftp"] | None = None  # features.scan.X.server takes the place of `to`
    speak: Literal["snmp", "ssrp", "ldap", "smtp", "time", "tls"] | None = None
    fallback_port: int | None = None
    port_from: str | None = None  # id of the row whose answer names the port (O15: O14)
    sample_of: Literal["passive_ports", "active_ports"] | None = None  # >1023 rows: which configured range
    restricted_from: Literal["elsewhere", "workstation"] | None = None
    restricted_when: Literal["always", "after"] = "after"  # phase in which it is asked from the second place
    silence: Literal["failed", "allowed", "advisory"] = "failed"
    by_address: bool = False  # devices are known by their address here: translation is a finding


class Product(_Model):
    """product.yaml of a catalogue folder."""

    product: str
    version: str
    revision: int
    services: tuple[str, ...]  # regular expressions for the product's service names
    source: str


class Catalogue(_Model):
    """A product's page: rows in the page's order."""

    product: Product
    folder: str
    rows: tuple[CheckRow | FlowRow, ...]
    digest: str = ""

    def row(self, row_id: str) -> CheckRow | FlowRow:
        """The row of that id; KeyError when there is none."""
        for row in self.rows:
            if row.id == row_id:
                return row
        raise KeyError(row_id)

    @property
    def flows(self) -> tuple[FlowRow, ...]:
        """The port-flow rows, in the page's order."""
        return tuple(r for r in self.rows if isinstance(r, FlowRow))
