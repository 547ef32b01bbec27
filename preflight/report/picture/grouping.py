"""Which box each machine stands in: its network's, or a coarser one where a site has too many networks for a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from preflight.run.model_site import HostResult, NetworkResult
from preflight.values.counted import counted

MOST_BOXES = 16  # what an A4 page still shows in letters that can be read
_NO_NETWORK = "in no network"
_NOT_LISTED = "not in the inventory"


@dataclass(slots=True)
class Grouped:
    """A box to be: what it is called, and who stands in it."""

    label: str
    note: str
    site: str
    networks: int = 1
    sites: int = 1
    hosts: list[HostResult] = field(default_factory=list)


def grouped_hosts(
    machines: Mapping[str, HostResult], networks: Collection[NetworkResult], failing: Collection[str]
) -> list[Grouped]:
    """At most MOST_BOXES boxes, sites together, in the inventory's order; `failing`: machines at a failing flow's end.

    Networks without a failing flow are put together first, then all of a site, then the last of the sites.
    """
    boxes = _by_network(machines, networks)
    for coarser in (_quiet_together, _site_together):
        if len(boxes) <= MOST_BOXES:
            return boxes
        boxes = coarser(boxes, failing)
    return boxes if len(boxes) <= MOST_BOXES else _last_together(boxes, failing)


def _by_network(machines: Mapping[str, HostResult], networks: Collection[NetworkResult]) -> list[Grouped]:
    known = {network.name: network for network in networks}
    inside: dict[str, list[HostResult]] = {name: [] for name in known}
    outside: dict[str, list[HostResult]] = {}
    for host in machines.values():
        if host.network is not None:
            inside.setdefault(host.network, []).append(host)
        else:
            outside.setdefault(host.site, []).append(host)
    boxes = []
    for name, hosts in inside.items():
        network = known.get(name)
        site = network.site if network is not None and network.site is not None else _common_site(hosts)
        boxes.append(Grouped(name, network.cidr if network else "", site, hosts=hosts))
    for site, hosts in outside.items():
        label = _NO_NETWORK if any(host.roles for host in hosts) else _NOT_LISTED
        boxes.append(Grouped(label, "", site, hosts=hosts))
    order = list(dict.fromkeys(box.site for box in boxes))
    return sorted(boxes, key=lambda box: order.index(box.site))


def _common_site(hosts: list[HostResult]) -> str:
    sites = {host.site for host in hosts}
    return sites.pop() if len(sites) == 1 else ""


def _fails(box: Grouped, failing: Collection[str]) -> bool:
    return any(host.name in failing for host in box.hosts)


def _quiet_together(boxes: list[Grouped], failing: Collection[str]) -> list[Grouped]:
    kept: list[Grouped] = []
    quiet: dict[str, list[Grouped]] = {}
    for box in boxes:
        if _fails(box, failing):
            kept.append(box)
        else:
            quiet.setdefault(box.site, []).append(box)
    kept += [alike[0] if len(alike) == 1 else _merged(alike, "networks without a failure") for alike in quiet.values()]
    order = list(dict.fromkeys(box.site for box in boxes))
    return sorted(kept, key=lambda box: order.index(box.site))


def _site_together(boxes: list[Grouped], _: Collection[str]) -> list[Grouped]:
    sites: dict[str, list[Grouped]] = {}
    for box in boxes:
        sites.setdefault(box.site, []).append(box)
    return [alike[0] if len(alike) == 1 else _merged(alike, "networks") for alike in sites.values()]


def _last_together(boxes: list[Grouped], failing: Collection[str]) -> list[Grouped]:
    """Sites with a failing flow stay longest."""
    ordered = sorted(boxes, key=lambda box: not _fails(box, failing))
    kept, rest = ordered[: MOST_BOXES - 1], ordered[MOST_BOXES - 1 :]
    last = _merged(rest, "networks")
    last.sites, last.site = len(rest), counted(len(rest), "more site")
    return [*sorted(kept, key=boxes.index), last]


def _merged(boxes: list[Grouped], words: str) -> Grouped:
    count = sum(box.networks for box in boxes)
    hosts = [host for box in boxes for host in box.hosts]
    return Grouped(f"{count} {words}", "", boxes[0].site, count, hosts=hosts)
