"""Every kind of packet decision, from a table of recorded cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.lab.network import broadcast_to, pass_through
from preflight.lab.places import Listener
from preflight.lab.world import World, scenario_names
from preflight.values.shipped_yaml import load as load_yaml

EVERY_PORT = Listener("tcp", 0, "0.0.0.0", 1, "everywhere")  # noqa: S104 - nothing is bound

PACKETS: list[list[Any]] = load_yaml((Path(__file__).parent / "packets.yaml").read_text(encoding="utf-8"))


def holder_of(world: World) -> Callable[[str, str, int], Listener | None]:
    return lambda machine, protocol, port: world.places[machine].listeners.get((protocol, port))


def everywhere(_: World) -> Callable[[str, str, int], Listener | None]:
    return lambda *_: EVERY_PORT


@pytest.mark.parametrize("packet", PACKETS, ids=lambda p: ":".join(map(str, p[:5])))
def test_packet(packet: list[Any], world: Callable[[str], World]) -> None:
    scenario, source, target, protocol, port, fate, by, seen = packet
    played = world(scenario)
    address = played.places[target].machine.address if target in played.places else target
    way = pass_through(played, holder_of(played), source, address, protocol, port)
    assert (way.fate, way.by, way.seen) == (fate, by, seen)


# These change whether the suite can log in, or what a host tells of itself; packets go as ever.
NO_PACKET = {
    "directory-tls-intercepted",
    "account-may-only-read",
    "account-without-rights",
    "wrong-password",
    "certificate-expired",
    "shell-quota-used-up",
    "constrained-language",
    "browser-out-of-date",
    "hardware-too-small",
    "restart-pending",
    "database-server-on-cml",
    "lpd-service-installed",
    "sync-account-refused",
    "windows-installer-too-old",
    "address-by-dhcp",
    "antivirus-scans-everything",
    "clock-of-one-node-wrong",
    "share-refused",
    "software-not-agreed",
    "directory-account-writes",
    "directory-cards-turned",
    "directory-catalogue-certificate",
    "directory-container-empty",
    "directory-departments-missing",
    "directory-domain-misspelt",
    "directory-emails-missing",
    "directory-ids-shared",
    "directory-logins-shared",
    "directory-surnames-missing",
    "directory-window-too-short",
}


@pytest.mark.parametrize("scenario", sorted(set(scenario_names()) - {"healthy"} - NO_PACKET))
def test_every_scenario_changes_a_packet(scenario: str, world: Callable[[str], World]) -> None:
    """A scenario whose rules act on nothing would show a healthy site under a broken one's name."""
    healthy, played = world("healthy"), world(scenario)
    changed = 0
    for packet in (p for p in PACKETS if p[0] == scenario):
        _, source, target, protocol, port, *_ = packet
        address = played.places[target].machine.address if target in played.places else target
        for holder in (holder_of, everywhere):  # some rules show only where somebody listens
            ways = [pass_through(w, holder(w), source, address, protocol, port) for w in (healthy, played)]
            changed += ways[0] != ways[1]
    assert changed


def test_a_listener_on_one_address_takes_what_comes_to_that_address_alone(world: Callable[[str], World]) -> None:
    played = world("web-server-on-loopback")
    ways = {
        address: pass_through(played, holder_of(played), "cml1", address, "tcp", 80)
        for address in ("127.0.0.1", "10.10.1.11")
    }
    assert {address: way.listener.process for address, way in ways.items() if way.listener} == {
        "127.0.0.1": "System",
        "10.10.1.11": "javaw.exe",
    }


def test_a_broadcast_stays_in_its_subnet(world: Callable[[str], World]) -> None:
    healthy = world("healthy")
    heard = {place.machine.name for place in broadcast_to(healthy, "ors1", "10.20.0.255")}
    assert {"v2", "ors2", "tp1"} <= heard
    assert "ors1" not in heard
    assert not {"cml1", "v1"} & heard
    assert broadcast_to(healthy, "cml1", "10.20.0.255") == []
