"""The host that a checklist item is about, as its test sees it: facts to read, words to say, evidence by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TypeVar

from preflight.checks.readings import Reading, values
from preflight.checks.subject import Subject
from preflight.checks.subject import listed as listed
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.standing import PRODUCT
from preflight.topology.model import Machine, Topology
from preflight.values.case import Case, Phase
from preflight.values.observation import HostObservation, SiteFact

T = TypeVar("T")
UNREACHED = "Make it reachable, or attest the item by hand."


class Server(Subject):
    """One host, for one item. `get` reads a fact and keeps it as evidence; `seen` says what the outcome rests on."""

    def __init__(
        self,
        case: Case,
        site: Topology,
        host: HostObservation | None,
        site_facts: Mapping[str, SiteFact] | None = None,
        hosts: Mapping[str, HostObservation] | None = None,
    ) -> None:
        self.machine: Machine = site.machines[case.destination or ""]
        super().__init__(case, site, self.machine.name, site_facts)
        self._host = host
        self._hosts = hosts or {}

    def get(self, kind: FactKind[T], of: str = "") -> T:
        """A fact of this host, or one that the suite's own machine asked. Raises UnobservedError: item unverified.

        `of` names whose fact of the site it is (a directory); unsaid it is the one that belongs to this host.
        """
        if kind.of_site:
            return self.get_of_site(kind, of or self.name)
        if kind.name not in self._known:
            host = self._host
            if host is None:
                raise UnobservedError(f"{self.name} was not asked", "Run the check in a full survey.")
            if not host.reached:
                raise UnobservedError(f"{self.name} could not be reached: {host.cause}", host.remedy or UNREACHED)
            missing = [f for f in kind.sources if f not in host.facts]
            if missing and kind.name not in self.case.facts:
                raise KeyError(f"row {self.case.row} does not list the fact {kind.name} in the catalogue")
            self.read(_reading(self.name, host, kind))
            self._known[kind.name] = kind.parse(Told(self.name, host.facts, host.at))
        found: T = self._known[kind.name]
        return found

    def elsewhere(self, kind: FactKind[T], *roles: str) -> dict[str, T]:
        """The same fact of the other machines with one of the roles, by name, without those that did not tell it."""
        found: dict[str, T] = {}
        for machine in self.site.with_role(*roles):
            host = self._hosts.get(machine.name)
            if machine.name == self.name or host is None or not host.reached:
                continue
            try:
                found[machine.name] = kind.parse(Told(machine.name, host.facts, host.at))
            except UnobservedError:
                continue
            self.read(_reading(machine.name, host, kind))
        return found

    @property
    def phase(self) -> Phase:
        """`after` where the product's services are there. Raises UnobservedError."""
        return "after" if self.get(PRODUCT) else "before"

    @property
    def asked_on(self) -> date:
        """The day (UTC) on which the host was asked: what is judged again later is judged for that day."""
        return datetime.fromtimestamp(self._host.at if self._host else 0, UTC).date()

    @property
    def installed(self) -> bool:
        """Whether the product is on this host. Raises UnobservedError."""
        return self.phase == "after"


def _reading(name: str, host: HostObservation, kind: FactKind[object]) -> Reading:
    reads = [read.name for read in kind.reads]
    # Those of the inventory, in an order that a recording keeps.
    reads += sorted(fact for fact in host.facts if fact.startswith(f"{kind.name}:") and fact not in reads)
    told = values(kind.name, host.facts, reads or kind.rests_on)  # what it rests on besides is a fact of its own
    return Reading(kind.name, f"{name}, {host.via}", host.at, told=told)
