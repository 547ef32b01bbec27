"""From a case to what its test gets: a host or a user directory, with all that was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from preflight.checks.directory import Directory, Way
from preflight.checks.node_tls import tls_from_nodes
from preflight.checks.server import Server
from preflight.topology.model import Topology
from preflight.values.case import Case
from preflight.values.observation import Observations
from preflight.values.outcome import Verdict
from preflight.values.probe import Probe


def subject_of(case: Case, site: Topology, seen: Observations, ways: Iterable[Way] = ()) -> Server | Directory:
    """What the item's test is about."""
    if case.directory is not None:
        return Directory(case, site, seen.site, tuple(ways), tls_from_nodes(seen))
    return Server(case, site, seen.hosts.get(case.destination or ""), seen.site, seen.hosts)


def ways_to(case: Case, site: Topology, flows: Iterable[Case], verdict: Callable[[Case], Verdict]) -> Iterable[Way]:
    """For an item of a directory: the flows from CML servers to its servers, as this run judges them.

    And those that no row of the page is about: what the item's own probes brought back is judged as a flow is.
    """
    if case.directory is None:
        return
    for probe in case.probes:
        found = verdict(_flow_of(case, probe))
        name = f"{probe.source}>{probe.destination}:{probe.port}"
        told = f"{found.reason} ({found.seen})" if found.outcome.blocks else found.reason
        yield Way(name, str(found.outcome), told, found.remedy, own=True)
    for flow in flows:
        source = site.machines.get(flow.source or "")
        to_it = flow.protocol is not None and flow.destination in case.hosts and not flow.restricted
        if to_it and source is not None and "cml" in source.roles:
            found = verdict(flow)
            yield Way(flow.id, str(found.outcome), found.reason)


def _flow_of(case: Case, probe: Probe) -> Case:
    """A question of an item as the flow that it would be if the page had a row for it."""
    return replace(
        case,
        id=f"{case.row}:{probe.source}>{probe.destination}:{probe.port}",
        protocol=probe.protocol,
        ports=(probe.port,),
        notation="one",
        source=probe.source,
        destination=probe.destination,
        serving=probe.serving,
        probes=(probe,),
        directory=None,
        facts=(),
    )
