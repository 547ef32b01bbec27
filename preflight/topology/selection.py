"""What the user selects: machines by --hosts, rows by --row. Comma-separated terms; `!` in front leaves out."""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Callable, Collection, Iterable

from preflight.errors import SelectionError
from preflight.topology.model import ROLES, Topology
from preflight.topology.nearest import nearest, shown
from preflight.values.near import near_names

_GLOB = frozenset("*?[")


def select_machines(topology: Topology, expression: str) -> frozenset[str]:
    """Names of the machines that an expression selects.

    A term is, in this order, the name of a machine, a role, a site, a network, an address, a CIDR, or a glob over
    names. Only `!terms`: every machine but those. Raises SelectionError when a term matches nothing or nothing is
    left.
    """
    machines = topology.machines.values()
    words = list(
        dict.fromkeys(
            (*topology.machines, *(r for r in ROLES if topology.with_role(r)), *topology.sites, *topology.networks)
        )
    )

    def match(term: str) -> frozenset[str]:
        if term in topology.machines:
            return frozenset({term})
        for found in (
            (m.name for m in machines if term in m.roles),
            (m.name for m in machines if term == m.site),
            (m.name for m in machines if term == m.network),
            _by_address(topology, term),
            _by_glob(term, topology.machines),
        ):
            names = frozenset(found)
            if names:
                return names
        raise SelectionError(f"--hosts: {shown(term)} matches no machine{nearest(term, words)}")

    return _select(expression, topology.machines, match, "--hosts", "a name, role, site, network, address or glob")


def selection_rows(expression: str, known_ids: Collection[str]) -> frozenset[str]:
    """Row ids that an expression like `S04,P*,!P05` selects; the rules of `select_machines`, over ids alone."""

    def match(term: str) -> frozenset[str]:
        names = frozenset({term}) if term in known_ids else frozenset(_by_glob(term, known_ids))
        if not names:
            near = near_names(term, known_ids)
            hint = f"; did you mean {', '.join(near)}?" if near else "; row ids are like S04, a glob like S*"
            raise SelectionError(f"--row: {shown(term)} matches no row{hint}")
        return names

    return _select(expression, known_ids, match, "--row", "a row id or glob")


def _select(
    expression: str, everything: Collection[str], match: Callable[[str], frozenset[str]], option: str, wanted: str
) -> frozenset[str]:
    terms = [term.strip() for term in expression.split(",")]
    included: set[str] = set()
    excluded: set[str] = set()
    positive = False
    for term in filter(None, terms):
        if term.startswith("!"):
            excluded |= match(term[1:].strip())
        else:
            positive = True
            included |= match(term)
    if not any(terms):
        raise SelectionError(f"{option}: nothing is written; write {wanted}")
    chosen = frozenset((included if positive else set(everything)) - excluded)
    if not chosen:
        raise SelectionError(f"{option}: {shown(expression)} leaves nothing; what is selected is also excluded")
    return chosen


def _by_address(topology: Topology, term: str) -> Iterable[str]:
    """Machines that serve on the address or inside the CIDR; none when the term is neither."""
    try:
        network = ipaddress.ip_network(term, strict=False)
    except ValueError:
        return ()
    return (m.name for m in topology.machines.values() if ipaddress.ip_address(m.address) in network)


def _by_glob(term: str, names: Iterable[str]) -> Iterable[str]:
    return (n for n in names if fnmatch.fnmatchcase(n, term)) if _GLOB & set(term) else ()
