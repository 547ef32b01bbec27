"""From a case to what its test gets: a host or a user directory, with all that was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from preflight.checks.directory import Directory, Way
from preflight.checks.node_tls import tls_from_nodes
from preflight.checks.server import Server
from preflight.topology.model import Topology
from preflight.values.case import Case
from preflight.values.observation import Observations
from preflight.values.outcome import Verdict


def subject_of(case: Case, site: Topology, seen: Observations, ways: Iterable[Way] = ()) -> Server | Directory:
    """What the item's test is about."""
    if case.directory is not None:
        return Directory(case, site, seen.site, tuple(ways), tls_from_nodes(seen))
    return Server(case, site, seen.hosts.get(case.destination or ""), seen.site, seen.hosts)


def ways_to(case: Case, site: Topology, flows: Iterable[Case], verdict: Callable[[Case], Verdict]) -> Iterable[Way]:
    """For an item of a directory: the flows from CML servers to its servers, as this run judges them."""
    if case.directory is None:
        return
    for flow in flows:
        source = site.machines.get(flow.source or "")
        to_it = flow.protocol is not None and flow.destination in case.hosts and not flow.restricted
        if to_it and source is not None and "cml" in source.roles:
            found = verdict(flow)
            yield Way(flow.id, str(found.outcome), found.reason)
