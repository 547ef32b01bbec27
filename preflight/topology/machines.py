"""Hosts, printers, terminals and readers as machines, with every default resolved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from preflight.topology.managing import resolve_manage
from preflight.topology.model import Features, Machine, Manage, Network
from preflight.topology.nearest import shown
from preflight.topology.pieces import Entry, Pieces
from preflight.topology.problems import Place, Problems
from preflight.topology.raw import RawDevice, RawHost, RawPrinter, RawReader, RawTerminal
from preflight.topology.references import LongestCidr, Names, Once, holds

SERVERS = frozenset({"cml", "ors"})


class Machines:
    """Builds the machines of a site; `result` is complete, and right when no problem was noted."""

    def __init__(
        self, pieces: Pieces, networks: dict[str, Network], features: Features, folder: Path, problems: Problems
    ) -> None:
        self.pieces, self.networks, self.features, self.folder = pieces, networks, features, folder
        self.problems = problems
        self.result: dict[str, Machine] = {}
        self._names, self._addresses = Once("name", problems), Once("address", problems)
        self._cidrs = LongestCidr((n.name, n.cidr) for n in networks.values())
        self._known_networks = Names("network", networks, problems, pieces.broken_networks)
        self._sites = Names("site", pieces.sites, problems)
        self._first_site = pieces.sites[0] if pieces.sites else "main"
        self._known_printers = Names("printer", (p.name for p in pieces.printers), problems, pieces.broken)
        serving = (h.name for h in pieces.hosts if SERVERS & set(h.raw.roles))
        self._serving = Names("CML or ORS machine", serving, problems, pieces.broken)
        self._places = {h.name: self._place(h) for h in pieces.hosts}
        self._defaults = {site: self._default_servers(site) for site in pieces.sites}

    def build(self) -> dict[str, Machine]:
        """All machines, in the inventory's order."""
        for host in self.pieces.hosts:
            self._add(self._host(host), host.at)
        for printer in self.pieces.printers:
            self._add(self._printer(printer), printer.at)
        for terminal in self.pieces.terminals:
            self._add(self._beside(terminal, "terminal", terminal.raw.kind), terminal.at)
        for reader in self.pieces.readers:
            self._add(self._beside(reader, "card_reader", None), reader.at)
        return self.result

    def _add(self, machine: Machine, at: Place) -> None:
        named = self._names.claim(machine.name, at)
        if self._addresses.claim(machine.address, at.of("address")) and named:
            self.result[machine.name] = machine

    def _host(self, entry: Entry[RawHost]) -> Machine:
        host = entry.raw
        site, network = self._places[entry.name]
        manage: Manage | None = resolve_manage(entry, self.pieces, self.folder, self.problems)
        served = "workstation" in host.roles or (host.local_monitor and not SERVERS & set(host.roles))
        return Machine(
            name=entry.name,
            roles=frozenset(host.roles),
            address=host.address,
            site=site,
            network=network,
            manage=manage,
            servers=self._servers(host.servers, entry.at, site if served else None),
            local_monitor=host.local_monitor,
            line=entry.at.line,
        )

    def _printer(self, entry: Entry[RawPrinter]) -> Machine:
        printer = entry.raw
        site, network = self._place(entry)
        usual = ("raw", "lpr", "ipp") if self.features.encryption else ("raw", "lpr")
        return Machine(
            name=entry.name,
            roles=frozenset({"printer"}),
            address=printer.address,
            site=site,
            network=network,
            manage=None,
            servers=self._servers(printer.servers, entry.at, site),
            vendor=printer.vendor.strip().lower().replace(" ", "_") if printer.vendor else None,
            terminal=frozenset(printer.terminal or ()),
            delivery=frozenset(usual if printer.delivery is None else printer.delivery),
            scan=frozenset(self.features.scan if printer.scan is None else printer.scan),
            line=entry.at.line,
        )

    def _beside(self, entry: Entry[RawTerminal] | Entry[RawReader], role: str, hardware: str | None) -> Machine:
        """A terminal or reader: where it does not say, its printer's site and servers are its own."""
        device = entry.raw
        printer = self.result.get(self._known_printers.check(device.printer, entry.at.of("printer")) or "")
        site, network = self._place(entry, printer.site if printer else None)
        if device.servers is None and printer is not None and printer.site == site:
            servers = printer.servers
        else:
            servers = self._servers(device.servers, entry.at, site)
        return Machine(
            name=entry.name,
            roles=frozenset({role}),
            address=device.address,
            site=site,
            network=network,
            manage=None,
            servers=servers,
            hardware=hardware,
            printer=device.printer,
            line=entry.at.line,
        )

    def _place(
        self,
        entry: Entry[RawHost] | Entry[RawPrinter] | Entry[RawTerminal] | Entry[RawReader],
        nearby: str | None = None,
    ) -> tuple[str, str | None]:
        """Site and network of a machine: said, else those of the narrowest network that holds its address."""
        thing: RawHost | RawDevice = entry.raw
        name = self._known_networks.check(thing.network, entry.at.of("network")) if thing.network else None
        if name is None:
            name = self._cidrs.find(thing.address)
        network = self.networks.get(name or "")
        if network and thing.network and not holds(network.cidr, thing.address):
            self.problems.add(
                entry.at.of("address"),
                f"{thing.address} is not in network {shown(network.name)} ({network.cidr}, line {network.line}); "
                "change the address, the network or its cidr",
            )
        site = self._sites.check(thing.site, entry.at.of("site")) if thing.site else None
        candidates = (site, network.site if network else None, nearby)
        return next((s for s in candidates if s is not None and s in self._sites), self._first_site), name

    def _servers(self, said: list[str] | None, at: Place, site: str | None) -> tuple[str, ...]:
        if said is not None:
            return self._serving.check_all(said, at.of("servers"))
        return self._defaults.get(site or "", ())

    def _default_servers(self, site: str) -> tuple[str, ...]:
        """ORS machines of the site; without any, its CML machines; without any, all CML machines."""
        for role, here in (("ors", True), ("cml", True), ("cml", False)):
            found = tuple(self._holders(role, site if here else None))
            if found:
                return found
        return ()

    def _holders(self, role: str, site: str | None) -> Iterator[str]:
        for host in self.pieces.hosts:
            if role in host.raw.roles and site in (None, self._places[host.name][0]):
                yield host.name
