"""Which box a machine stands in, and which boxes are put together where a page cannot hold them all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from generated import case, head

from preflight.report.picture.grouping import MOST_BOXES
from preflight.report.picture.scene import Scene
from preflight.report.picture.staging import MOST_DEVICES, scene_of
from preflight.run.build import build_run
from preflight.run.model_site import HostResult, NetworkResult
from preflight.values.outcome import Outcome, Verdict


def machine(name: str, role: str = "cml", site: str = "hq", network: str | None = None) -> HostResult:
    return HostResult(name=name, roles=(role,), address="10.0.0.1", site=site, network=network, managed_by=None)


def scene(hosts: list[HostResult], networks: Sequence[tuple[str, str | None]] = (), *failing: tuple[str, str]) -> Scene:
    judged = [(case("I10", *pair, id=f"I10:{pair}"), Verdict(Outcome.FAILED, "shut")) for pair in failing]
    shown = [NetworkResult(name=name, cidr="10.0.0.0/24", site=site, vantage=None) for name, site in networks]
    return scene_of(build_run(head(), judged, hosts=hosts, row_ids=["I10"], networks=shown))


def names(found: Scene) -> dict[str, dict[str, list[str]]]:
    """Site -> box -> what is drawn in it."""
    return {
        place.label: {box.label: [node.label for node in box.nodes] for box in place.boxes} for place in found.places
    }


def test_machines_stand_in_their_network_or_in_a_box_of_their_site() -> None:
    hosts = [machine("cml1", network="servers"), machine("cml2"), machine("ors1", "ors", "branch")]
    found = scene(hosts, [("servers", "hq"), ("empty", "branch")], ("cml1", "stranger"))
    assert names(found) == {
        "Site hq": {"servers": ["cml1"], "in no network": ["cml2"]},
        "Site branch": {"empty": [], "in no network": ["ors1"]},
        "Site not said": {"not in the inventory": ["stranger"]},
    }


def test_a_network_that_names_no_site_belongs_to_the_site_of_its_machines() -> None:
    hosts = [machine("a", network="n1"), machine("b", network="n2"), machine("c", site="branch", network="n2")]
    found = names(scene(hosts, [("n1", None), ("n2", None)]))
    assert found == {"Site hq": {"n1": ["a"]}, "Site not said": {"n2": ["b", "c"]}}


@pytest.mark.parametrize(("count", "drawn"), [(MOST_DEVICES, MOST_DEVICES), (MOST_DEVICES + 1, 1)])
def test_many_devices_of_a_network_are_one_stack(count: int, drawn: int) -> None:
    hosts = [machine(f"mfp{number}", "printer") for number in range(count)]
    (box,) = scene(hosts).boxes
    assert len(box.nodes) == drawn
    assert sum(len(node.members) for node in box.nodes) == count
    assert (drawn > 1) or (box.nodes[0].label, box.nodes[0].note) == (str(count), "printers")


def test_networks_without_a_failure_are_put_together_first() -> None:
    many = [(f"n{number}", "hq") for number in range(MOST_BOXES + 5)]
    hosts = [machine(f"m{number}", network=f"n{number}") for number in range(len(many))]
    found = scene(hosts, many, ("m3", "m17"))
    assert names(found) == {
        "Site hq": {"n3": ["m3"], "n17": ["m17"], f"{len(many) - 2} networks without a failure": [str(len(many) - 2)]}
    }


def test_sites_become_boxes_and_those_with_a_failure_stay_longest() -> None:
    sites = [f"s{number}" for number in range(MOST_BOXES + 10)]
    networks = [(f"{site}-{part}", site) for site in sites for part in "ab"]
    hosts = [machine(f"m-{name}", site=str(site), network=name) for name, site in networks]
    found = scene(hosts, networks, (f"m-{sites[-1]}-a", f"m-{sites[-1]}-b"))
    labels = [place.label for place in found.places]
    assert labels == [f"Site {site}" for site in (*sites[: MOST_BOXES - 2], sites[-1])] + ["11 more sites"]
    (way,) = found.ways
    assert way.pairs == ((f"m-{sites[-1]}-a", f"m-{sites[-1]}-b"),)
    assert sum(len(node.members) for box in found.boxes for node in box.nodes) == len(hosts)
