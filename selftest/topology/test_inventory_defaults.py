"""Defaults of a small site, short forms of keys, and a file of five thousand printers."""

from __future__ import annotations

from pathlib import Path

import pytest

from preflight.topology.directory_model import AttributeName, CardSettings, Replication
from preflight.topology.loader import load_inventory
from preflight.topology.model import Features, Manage, Scan, Topology

ALL_SCANS = frozenset({"smtp", "webdav", "smb", "ftp"})


def ssh(address: str) -> Manage:
    return Manage("ssh", address, user="preflight")


def small(folder: Path, extra: str, hosts: str = "") -> Topology:
    """An inventory of one CML machine and what a test adds."""
    file = folder / "inventory.yaml"
    text = f"customer: a\nsite: b\n{extra}\nhosts:\n  c1: {{roles: cml, address: 10.0.0.1}}\n{hosts}"
    file.write_text(text, encoding="utf-8")
    return load_inventory(file)


def test_defaults_of_a_small_site(tmp_path: Path) -> None:
    site = small(tmp_path, "printers: [{name: p, address: 10.0.0.2}]")
    assert site.features == Features()
    assert (site.timezone, site.sites, site.snmp_community, site.ports) == ("UTC", ("main",), None, {})
    assert site.machines["c1"].manage == Manage("ssh", "10.0.0.1")
    printer = site.machines["p"]
    assert (printer.site, printer.servers, printer.network) == ("main", ("c1",), None)
    assert (printer.delivery, printer.scan) == (frozenset({"raw", "lpr"}), frozenset())


def test_lab_manages_its_hosts_unless_they_say_otherwise(tmp_path: Path) -> None:
    hosts = (
        "  c2: {roles: cml, address: 10.0.0.2, manage: {by: ssh}}\n"
        "  c3: {roles: cml, address: 10.0.0.3, manage: none}\n"
    )
    machines = small(tmp_path, "lab: default", hosts).machines
    assert machines["c1"].manage == Manage("lab", "10.0.0.1")
    assert machines["c2"].manage == Manage("ssh", "10.0.0.2")
    assert machines["c3"].manage is None
    assert small(tmp_path, "lab: default\nmanage: {by: ssh}").machines["c1"].manage == Manage("ssh", "10.0.0.1")


@pytest.mark.parametrize(
    ("written", "size"), [("true", 2), ("{size: 5}", 5), ("[{name: g, members: [o1, o2]}]", 2), ("false", None)]
)
def test_near_roaming_forms(tmp_path: Path, written: str, size: int | None) -> None:
    hosts = "  o1: {roles: ors, address: 10.0.0.2}\n  o2: {roles: ors, address: 10.0.0.3}\n"
    groups = small(tmp_path, f"features: {{ors: true, near_roaming: {written}}}", hosts).features.near_roaming
    assert [(g.members, g.size) for g in groups] == ([] if size is None else [(("o1", "o2"), size)])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("central_reporting: false", Features()),
        ("workstation_client: true", Features(workstation_client=True)),
        ("payment: true", Features(payment=True)),
        ("scan: false", Features()),
        ("scan: {smtp: false, ftp: true}", Features(scan={"ftp": Scan()})),
        ("database: embedded", Features()),
        ("database: mssql", Features(database="mssql")),
        ("ldap: false", Features()),
    ],
)
def test_short_forms_of_features(tmp_path: Path, written: str, expected: Features) -> None:
    assert small(tmp_path, f"features: {{{written}}}").features == expected


def test_servers_fall_back_from_ors_to_cml_of_the_site_to_all_cml(tmp_path: Path) -> None:
    hosts = (
        "  c2: {roles: cml, address: 10.0.0.2, site: two}\n"
        "  o1: {roles: ors, address: 10.0.0.3, site: two}\n"
        "  w: {roles: workstation, address: 10.0.0.4, site: two}\n"
    )
    printers = ", ".join(
        f"{{name: p{n}, address: 10.0.1.{n}, site: {s}}}" for n, s in ((1, "one"), (2, "two"), (3, "three"))
    )
    machines = small(tmp_path, f"sites: [one, two, three]\nprinters: [{printers}]", hosts).machines
    assert [machines[name].servers for name in ("p1", "p2", "p3", "w", "c1", "o1")] == [
        ("c1",),
        ("o1",),
        ("c1", "c2"),
        ("o1",),
        (),
        (),
    ]


@pytest.mark.parametrize(
    ("written", "asked"), [("{}", False), ("{windows_update: ask}", True), ("{windows_update: never}", False)]
)
def test_windows_update_is_asked_where_the_site_says_so(tmp_path: Path, written: str, asked: bool) -> None:
    assert small(tmp_path, f"checklist: {written}").checklist.ask_windows_update is asked


def test_five_thousand_printers(tmp_path: Path) -> None:
    rows = [f"mfp{n},10.{50 + n // 250}.0.{n % 250 + 1},hp,raw+lpr" for n in range(5000)]
    (tmp_path / "fleet.csv").write_text("\n".join(["name,address,vendor,delivery", *rows]), encoding="utf-8")
    networks = "".join(f"  n{n}: {{cidr: 10.{50 + n}.0.0/24}}\n" for n in range(20))
    site = small(tmp_path, f"networks:\n{networks}printers: [{{csv: fleet.csv}}]")
    assert len(site.with_role("printer")) == 5000
    assert (site.machines["mfp4999"].network, site.machines["mfp4999"].line) == ("n19", 5001)


def directory(folder: Path, written: str, features: str = "[ldaps]") -> Topology:
    """A site with one domain controller and a directory."""
    hosts = "  dc1: {roles: ldap, address: 10.0.0.9}\n"
    return small(folder, f"features: {{ldap: {features}}}\ndirectory: {written}", hosts)


def test_a_directory_that_says_nothing(tmp_path: Path) -> None:
    found = directory(tmp_path, "{}").directories[0]
    assert (found.name, found.servers, found.protocol, found.port) == ("directory", ("dc1",), "ldaps", 636)
    assert (found.ca, found.user, found.password, found.global_catalog) == (True, None, None, False)
    assert (found.domains, found.containers, found.replication, found.card) == ((), (), None, CardSettings())
    assert found.filter == found.preset.filter
    assert found.attributes["login"] == AttributeName("sAMAccountName", "preset")
    assert "card" not in found.attributes


def test_a_site_without_directories_has_none(tmp_path: Path) -> None:
    assert small(tmp_path, "").directories == ()


@pytest.mark.parametrize(
    ("features", "written", "expected"),
    [
        ("[ldaps, ldap]", "{}", ("ldaps", 636, False, 3269)),
        ("[ldap]", "{}", ("starttls", 389, False, 3268)),
        ("[ldap, global_catalog]", "{}", ("starttls", 389, True, 3268)),
        ("[global_catalog, ldaps]", "{}", ("ldaps", 636, True, 3269)),
        ("false", "{protocol: ldap}", ("ldap", 389, False, 3268)),
        ("false", "{port: 10636, global_catalog_port: 13269}", ("ldaps", 10636, True, 13269)),
    ],
)
def test_how_a_directory_is_talked_to(
    tmp_path: Path, features: str, written: str, expected: tuple[str, int, bool, int]
) -> None:
    found = directory(tmp_path, written, features).directories[0]
    assert (found.protocol, found.port, found.global_catalog, found.global_catalog_port) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("false", Replication(wanted=False)),
        ("{full: 24h}", Replication(True, "24h", 86400.0)),
        ("{full: daily 23:30-01:00}", Replication(True, "daily 23:30-01:00", 86400.0, window_minutes=90.0)),
        ("{full: 7d, differential: 30m}", Replication(True, "7d", 604800.0, "30m", 1800.0)),
        ("{full: daily 02:00, window_minutes: 5}", Replication(True, "daily 02:00", 86400.0, window_minutes=5.0)),
    ],
)
def test_replication_wishes(tmp_path: Path, written: str, expected: Replication) -> None:
    assert directory(tmp_path, f"{{replication: {written}}}").directories[0].replication == expected


def test_several_directories(tmp_path: Path) -> None:
    written = "[{name: a, preset: openldap, ca: false}, {name: b, attributes: {card: false, id: uid}, card: hex}]"
    first, second = directory(tmp_path, written).directories
    assert (first.attributes["login"].name, first.ca) == ("uid", False)
    assert (second.declined, second.attributes["id"], second.card.format) == (
        frozenset({"card"}),
        AttributeName("uid", "site"),
        "hex",
    )
