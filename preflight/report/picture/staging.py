"""Makes the scene out of a run: boxes with machines and stacks in them, and the ways between."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count

from preflight.report.kinds import DEVICES, ROLE_ORDER, kind_of, machines_of, main_role, role_words
from preflight.report.picture.grouping import Grouped, grouped_hosts
from preflight.report.picture.scene import Box, Node, Place, Scene
from preflight.report.picture.ways import blocking_cases, ways_of
from preflight.run.model import Run
from preflight.run.model_site import HostResult
from preflight.values.outcome import Outcome

MOST_DEVICES = 4  # of one role in a box, each drawn by itself; more are a stack
MOST_NODES = 12  # in a box, before servers are put on stacks as well


def scene_of(run: Run) -> Scene:
    """Everything that the picture shows of this run."""
    machines = machines_of(run)
    blocking = blocking_cases(run)
    ends = {
        outcome: {name for (standing, *pair), _ in blocking.items() if standing is outcome for name in pair}
        for outcome in (Outcome.FAILED, Outcome.UNVERIFIED)
    }
    number = count()
    places: dict[str, list[Box]] = {}
    home: dict[str, tuple[int, int]] = {}  # machine -> keys of its box and its node
    for key, group in enumerate(grouped_hosts(machines, run.networks, ends[Outcome.FAILED] | ends[Outcome.UNVERIFIED])):
        nodes = tuple(
            _node(next(number), role, hosts, ends[Outcome.FAILED], ends[Outcome.UNVERIFIED])
            for role, hosts in _stacks(group)
        )
        site = _site(group)
        place = group.label if group.networks == 1 else site
        places.setdefault(site, []).append(Box(key, group.label, group.note, place, nodes))
        home |= {name: (key, node.key) for node in nodes for name in node.members}
    shown = tuple(Place(label, tuple(boxes)) for label, boxes in places.items())
    return Scene(run.site, shown, ways_of(blocking, home))


def _site(group: Grouped) -> str:
    if group.sites > 1:
        return group.site
    return f"Site {group.site}" if group.site else "Site not said"


def _stacks(group: Grouped) -> list[tuple[str, list[HostResult]]]:
    """What is drawn in a box: role and machines; more than one machine make a stack."""
    roles: dict[str, list[HostResult]] = {}
    for host in group.hosts:
        roles.setdefault(main_role(host), []).append(host)
    together = {role for role, hosts in roles.items() if len(hosts) > _apart(hosts[0], group)}
    apart = sorted((len(hosts), role) for role, hosts in roles.items() if role not in together)
    while apart and len(together) + sum(size for size, _ in apart) > MOST_NODES:
        together.add(apart.pop()[1])
    drawn: list[tuple[str, list[HostResult]]] = []
    for role in sorted(roles, key=ROLE_ORDER.index):
        drawn += [(role, roles[role])] if role in together else [(role, [host]) for host in roles[role]]
    return drawn


def _apart(host: HostResult, group: Grouped) -> int:
    """How many of such machines are drawn one by one before they are a stack."""
    if group.networks > 1:
        return 1
    return MOST_DEVICES if kind_of(host) in DEVICES else MOST_NODES


def _node(
    key: int, role: str, hosts: Sequence[HostResult], failing: Collection[str], unverified: Collection[str]
) -> Node:
    one = hosts[0] if len(hosts) == 1 else None
    return Node(
        key=key,
        kind=kind_of(hosts[0]),
        label=one.name if one else str(len(hosts)),
        note=one.address if one else role_words(role, len(hosts)),
        members=tuple(host.name for host in hosts),
        failing=sum(host.name in failing for host in hosts),
        unverified=sum(host.name in unverified for host in hosts),
        lost=sum(host.reached is False for host in hosts),
    )
