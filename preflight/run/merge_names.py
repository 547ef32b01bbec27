"""Names of several sites side by side: where two sites use the same one, each gets its site in front."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from preflight.run.merge_shards import SiteUnion
from preflight.run.model import CaseResult
from preflight.run.model_rulings import RulingResult
from preflight.run.model_site import CertificateResult, HostResult, NetworkResult
from preflight.run.store import slug

_Names = Callable[[SiteUnion], Iterable[str | None]]


@dataclass(frozen=True, slots=True)
class Names:
    """How the names of one site are written in the merged run."""

    prefix: str
    cases: frozenset[str]  # ids that are not this site's alone, as the others below
    machines: frozenset[str]
    networks: frozenset[str]
    sites: frozenset[str]
    rulings: frozenset[str]

    def case(self, case: CaseResult) -> CaseResult:
        """A case with its id, its ends and its rulings."""
        return case.model_copy(
            update={
                "id": self.id(case.id),
                "source": self._of(self.machines, case.source),
                "destination": self._of(self.machines, case.destination),
                "stand_in": self._of(self.machines, case.stand_in),
                "hosts": tuple(sorted(self._named(self.machines, name) for name in case.hosts)),
                "ruling": self._of(self.rulings, case.ruling),
                "denied": tuple(self._named(self.rulings, name) for name in case.denied),
            }
        )

    def id(self, name: str) -> str:
        """A case's id."""
        return self._named(self.cases, name)

    def host(self, host: HostResult) -> HostResult:
        """A machine with its site and network."""
        named = {
            "name": self._named(self.machines, host.name),
            "site": self._named(self.sites, host.site),
            "network": self._of(self.networks, host.network),
        }
        return host.model_copy(update=named)

    def network(self, network: NetworkResult) -> NetworkResult:
        """A network with its site and the machine that stands in there."""
        named = {
            "name": self._named(self.networks, network.name),
            "site": self._of(self.sites, network.site),
            "vantage": self._of(self.machines, network.vantage),
        }
        return network.model_copy(update=named)

    def certificate(self, shown: CertificateResult) -> CertificateResult:
        """A certificate with the machine that showed it, and those that saw it."""
        nodes = tuple(self._named(self.machines, node) for node in shown.nodes)
        return shown.model_copy(update={"host": self._named(self.machines, shown.host), "nodes": nodes})

    def ruling(self, ruling: RulingResult) -> RulingResult:
        """A ruling. Its globs stay: they are what somebody wrote for that site."""
        return ruling.model_copy(update={"id": self._named(self.rulings, ruling.id)})

    def _named(self, clashing: frozenset[str], name: str) -> str:
        return f"{self.prefix}/{name}" if name in clashing else name

    def _of(self, clashing: frozenset[str], name: str | None) -> str | None:
        return None if name is None else self._named(clashing, name)


def names_of(unions: Sequence[SiteUnion]) -> list[Names]:
    """How each site's names are written. One site alone keeps all of them."""
    if len(unions) == 1:
        return [Names("", *(frozenset() for _ in range(5)))]
    prefixes = _prefixes(unions)
    kinds: tuple[_Names, ...] = (_cases, _machines, _networks, _sites, _rulings)
    clashing = [_clashing(unions, kind, prefixes) for kind in kinds]
    return [Names(prefix, *clashing) for prefix in prefixes]


def _clashing(unions: Sequence[SiteUnion], kind: _Names, prefixes: list[str]) -> frozenset[str]:
    used = Counter(name for union in unions for name in {name for name in kind(union) if name})
    # A name that looks as if it had a prefix gets one, too: so no two names of two sites can become one.
    looks = tuple(f"{prefix}/" for prefix in prefixes)
    return frozenset(name for name, sites in used.items() if sites > 1 or name.startswith(looks))


def _prefixes(unions: Sequence[SiteUnion]) -> list[str]:
    told = [slug(union.site) for union in unions]
    if len(set(told)) < len(told):
        told = [slug(f"{union.customer} {union.site}") for union in unions]
    taken: list[str] = []
    for name in told:
        number = 2
        unique = name
        while unique in taken or (unique != name and unique in told):
            unique, number = f"{name}-{number}", number + 1
        taken.append(unique)
    return taken


def _cases(union: SiteUnion) -> Iterable[str | None]:
    return (case.id for case in union.cases)


def _machines(union: SiteUnion) -> Iterable[str | None]:
    yield from (host.name for host in union.hosts)
    yield from (network.vantage for network in union.networks)
    yield from (name for shown in union.certificates for name in (shown.host, *shown.nodes))
    for case in union.cases:
        yield from (case.source, case.destination, case.stand_in, *case.hosts)


def _networks(union: SiteUnion) -> Iterable[str | None]:
    yield from (network.name for network in union.networks)
    yield from (host.network for host in union.hosts)


def _sites(union: SiteUnion) -> Iterable[str | None]:
    yield from (host.site for host in union.hosts)
    yield from (network.site for network in union.networks)


def _rulings(union: SiteUnion) -> Iterable[str | None]:
    return (ruling.id for ruling in union.rulings)
