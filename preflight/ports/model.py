"""The port matrix as values; how it looks is the writers' matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from preflight.topology.model import Machine
from preflight.values.case import Level
from preflight.values.probe import Protocol
from preflight.values.spans import Spans, ports_text, stretches

DEVICES = frozenset({"printer", "terminal", "card_reader"})
OUTSIDE = "outside the inventory's networks"
_NAMED = 6  # servers that are listed by name; of devices fewer, or a fleet would fill pages
_DEVICES_NAMED = 3
_BRIEF = 400  # characters


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a line: machines of one network."""

    network: str  # its name; OUTSIDE where the inventory names none
    cidr: str
    machines: tuple[Machine, ...]

    @property
    def devices(self) -> bool:
        """Printers, terminals and readers only: they are told by network, with their number."""
        return all(machine.roles <= DEVICES for machine in self.machines)

    @property
    def users(self) -> bool:
        """Workstations only: one stands for all of its network."""
        return all("workstation" in machine.roles for machine in self.machines)

    @property
    def place(self) -> str:
        """The network with its address."""
        return f"{self.network} ({self.cidr})" if self.cidr else self.network

    @property
    def _where(self) -> str:
        return f"in {self.place}" if self.cidr else self.place

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of the machines, neighbours as first-last."""
        return stretches(machine.address for machine in self.machines)

    @property
    def text(self) -> str:
        """For people: devices and users by network, servers by name."""
        names = [machine.name for machine in self.machines]
        if self.devices:
            told = f": {', '.join(names)}" if len(names) <= _DEVICES_NAMED else ""
            return f"{_count(self.machines)} {self._where}{told}"
        if self.users:
            return f"users' machines {self._where}; tested from {some(names)}"
        if len(names) <= _NAMED:
            return ", ".join(f"{machine.name} ({machine.address})" for machine in self.machines)
        return f"{self._counted}: {', '.join(self.addresses)}"

    @property
    def brief(self) -> str:
        """The same where the addresses stand elsewhere: no more of them than a line or two hold."""
        return self.text if len(self.text) <= _BRIEF else f"{self._counted}: addresses in the lines of these rows"

    @property
    def _counted(self) -> str:
        return f"{len(self.machines):,} machines {self._where}"


@dataclass(frozen=True, slots=True)
class Zone:
    """The way that a line takes: from one network to another, or inside one."""

    source: Side  # without machines: only the network counts
    destination: Side
    crosses: bool | None  # a network firewall may stand between; None: the inventory does not tell

    @property
    def title(self) -> str:
        """From where to where."""
        if self.crosses is False:
            return f"inside {self.source.place}"
        return f"{self.source.place} to {self.destination.place}"

    @property
    def firewall(self) -> str:
        """Which firewall it concerns beside the hosts' own."""
        return {
            True: "yes, between the two networks",
            False: "none, it is one network: the hosts' own firewalls only",
            None: "not known, the inventory does not say in which network they are",
        }[self.crosses]


@dataclass(frozen=True, slots=True)
class Line:
    """Open this: each of the sources to each of the destinations, for one row."""

    row: str
    level: Level
    why: str
    zone: Zone
    source: Side
    destination: Side
    protocol: Protocol
    ports: Spans
    ports_word: str  # in place of ports that have no number, or beside them
    flows: int  # pairs of machines
    asked_from: tuple[str, ...]  # stand-ins that the tests ask from
    notes: tuple[str, ...]

    @property
    def ports_text(self) -> str:
        """The ports as they are written."""
        return " ".join(filter(None, (ports_text(self.ports), self.ports_word)))


@dataclass(frozen=True, slots=True)
class Closed:
    """Must stay shut, but for some."""

    row: str
    protocol: Protocol
    ports: Spans
    destinations: tuple[str, ...]
    allowed: tuple[str, ...]  # who may reach it, and nobody else
    against: str  # from where it must not be reachable
    note: str


@dataclass(frozen=True, slots=True)
class Within:
    """A flow of machines to themselves: nothing to open."""

    row: str
    why: str
    protocol: Protocol
    ports_text: str
    machines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a row that has no line: what it is, and what to do."""

    row: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Access:
    """What the suite itself needs, to be let in: not on the vendor's page."""

    machines: tuple[Machine, ...]
    network: str
    protocol: Protocol
    port: int
    what: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """All of it, in the order of zones and of the page."""

    customer: str
    site: str
    lab: str | None
    page: str
    digests: tuple[str, str]  # of the inventory, of the catalogue
    lines: tuple[Line, ...]
    closed: tuple[Closed, ...]
    within: tuple[Within, ...]
    open_questions: tuple[Remark, ...]
    absent: tuple[Remark, ...]  # rows that do not apply here
    access: tuple[Access, ...]

    @property
    def zones(self) -> dict[Zone, list[Line]]:
        """The lines by zone."""
        found: dict[Zone, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.zone, []).append(line)
        return found


def _count(machines: tuple[Machine, ...]) -> str:
    kinds = {role.replace("_", " ") for machine in machines for role in machine.roles}
    word = kinds.pop() if len(kinds) == 1 else "device"
    return f"{len(machines):,} {word}{'' if len(machines) == 1 else 's'}"


def halves(side: Side) -> list[Side]:
    """The side parted in two, neighbouring addresses together; nothing where there is but one machine."""
    machines = sorted(side.machines, key=lambda m: (":" in m.address, int(ip_address(m.address)), m.name))
    middle = len(machines) // 2
    return [replace(side, machines=tuple(part)) for part in (machines[:middle], machines[middle:])] if middle else []


def pairs(source: Side, destination: Side) -> int:
    """Of each machine with each but itself."""
    both = {m.name for m in source.machines} & {m.name for m in destination.machines}
    return len(source.machines) * len(destination.machines) - len(both)


def some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
