"""The example inventory with every key loads into exactly these values; defaults come out as documented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from preflight.topology.loader import load_inventory
from preflight.topology.model import Features, Machine, Manage, Network, RoamingGroup, Scan, SecretRef, Topology

GOOD = Path(__file__).parent / "good"
ALL_SCANS = frozenset({"smtp", "webdav", "smb", "ftp"})


@pytest.fixture(scope="module")
def good() -> Topology:
    return load_inventory(GOOD / "inventory.yaml")


def ssh(address: str) -> Manage:
    return Manage("ssh", address, user="preflight")


def host(name: str, role: str, address: str, line: int, network: str | None, site: str = "hq") -> Machine:
    return Machine(name, frozenset({role}), address, site, network, ssh(address), line=line)


def test_site(good: Topology) -> None:
    assert (good.file, good.customer, good.site_name) == (
        str(GOOD / "inventory.yaml"),
        "Example Print s.r.o.",
        "Example HQ",
    )
    assert (good.timezone, good.lab, good.sites) == ("Europe/Prague", None, ("hq", "brno"))
    assert good.snmp_community == SecretRef("env", "SNMP_COMMUNITY")
    assert good.ports == {
        "W01": ((443, 443),),
        "W07": ((19899, 19899),),
        "S10": ((5020, 5020),),
        "S15": ((50000, 50100),),
    }
    assert good.networks == {
        "servers": Network("servers", "10.1.1.0/24", "hq", None, 41),
        "printers": Network("printers", "10.2.0.0/16", "hq", "v1", 42),
        "floor2": Network("floor2", "10.2.2.0/24", "hq", None, 43),
        "branch": Network("branch", "10.9.0.0/16", "brno", None, 44),
        "six": Network("six", "fd00:1::/64", None, None, 45),
    }


def test_features(good: Topology) -> None:
    assert good.features == Features(
        cluster=True,
        ors=True,
        central_reporting=True,
        analysis_services="sql1",
        workstation_client=True,
        client_protocol_level=3,
        client_ssl_proxy=True,
        local_monitor=True,
        scan={
            "smtp": Scan(),
            "webdav": Scan(),
            "smb": Scan(server="files1"),
            "ftp": Scan(mode="passive", passive_ports=(50000, 50100), active_ports=(40000, 40100)),
        },
        encryption=True,
        payment=True,
        payment_quickchip=False,
        ap_connector=True,
        etcd=True,
        job_roaming=True,
        near_roaming=(RoamingGroup("g1", ("ors1", "ors2"), 3),),
        load_balancing=True,
        preview=True,
        time_sync=True,
        firmware_updates=True,
        online_tracking=False,
        web_status=False,
        monitoring=False,
        ldap=frozenset({"ldaps", "ldap", "global_catalog"}),
        database="mssql",
        database_instance="SAFEQ",
    )


def test_hosts(good: Topology) -> None:
    folder = GOOD.absolute()
    cml1 = Manage(
        by="ssh",
        address="192.168.7.11",
        port=22,
        user="root",
        password=SecretRef("env", "CML1_PASSWORD"),
        key_file=str(folder / "id_ed25519"),
        ssh_config=str(folder / "ssh_config"),
        jump="bastion",
        python="/usr/libexec/platform-python",
        sudo=True,
        options=("ConnectTimeout=5",),
    )
    cml2 = replace(ssh("10.1.1.12"), password=SecretRef("file", str(folder / "cml2.secret")))
    ors1 = Manage("winrm", "10.9.0.11", 5986, "CORP\\admin", SecretRef("prompt", "Brno admin"))
    expected = [
        Machine("cml1", frozenset({"cml", "ts"}), "10.1.1.11", "hq", "servers", cml1, line=48),
        replace(host("cml2", "cml", "10.1.1.12", 56, "servers"), manage=cml2),
        replace(host("ors1", "ors", "10.9.0.11", 57, "branch", "brno"), manage=ors1),
        host("ors2", "ors", "10.9.0.12", 58, "branch", "brno"),
        replace(host("crs1", "crs", "10.1.1.20", 59, "servers"), manage=None),
        host("sql1", "db", "10.1.1.30", 60, "servers"),
        replace(host("dir1", "ldap", "fd00:1::1", 61, "six"), roles=frozenset({"ldap", "smtp"})),
        host("ap1", "ap_connector", "10.1.1.40", 62, "servers"),
        host("files1", "scan_server", "10.1.1.50", 63, "servers"),
        replace(host("ws1", "workstation", "10.3.0.5", 64, None), servers=("ors1",), local_monitor=True),
        replace(host("ws2", "workstation", "10.3.0.6", 65, None, "brno"), servers=("ors1", "ors2")),
        host("v1", "vantage", "10.2.0.5", 66, "printers"),
    ]
    assert list(good.machines.values())[:12] == expected


def test_devices(good: Topology) -> None:
    printer, cmls = frozenset({"printer"}), ("cml1", "cml2")
    terminal = frozenset({"terminal"})
    expected = [
        Machine(
            "mfp1",
            printer,
            "10.2.0.11",
            "hq",
            "printers",
            None,
            ("cml1",),
            vendor="ricoh",
            terminal=frozenset({"ricoh"}),
            delivery=frozenset({"raw"}),
            scan=frozenset({"smtp", "ftp"}),
            line=68,
        ),
        Machine(
            "mfp2",
            printer,
            "10.2.2.12",
            "hq",
            "floor2",
            None,
            cmls,
            vendor="hp",
            terminal=frozenset({"hp", "browser"}),
            delivery=frozenset({"raw", "lpr", "ipp"}),
            scan=ALL_SCANS,
            line=69,
        ),
        Machine(
            "brno1",
            printer,
            "10.9.1.1",
            "brno",
            "branch",
            None,
            ("ors1", "ors2"),
            vendor="konica_minolta",
            terminal=frozenset({"konica_minolta", "browser"}),
            delivery=frozenset({"raw", "ipp"}),
            line=2,
        ),
        Machine(
            "brno2",
            printer,
            "10.9.1.2",
            "brno",
            "branch",
            None,
            ("ors2",),
            delivery=frozenset({"raw", "lpr", "ipp"}),  # encryption adds ipp
            scan=ALL_SCANS,
            line=3,
        ),
        Machine(
            "tp1",
            terminal,
            "10.2.0.40",
            "hq",
            "printers",
            None,
            ("cml1",),
            hardware="professional",
            printer="mfp1",
            line=72,
        ),
        Machine("tp2", terminal, "10.9.0.40", "brno", "branch", None, ("ors2",), hardware="ultralight", line=73),
        Machine(
            "cr1",
            frozenset({"card_reader"}),
            "10.2.0.50",
            "hq",
            "printers",
            None,
            cmls,
            printer="mfp2",
            line=75,
        ),
    ]
    assert list(good.machines.values())[12:] == expected


def test_lines_name_keys(good: Topology) -> None:
    wanted = {"ports.S10": 38, "features.near_roaming": 24, "features.scan.ftp": 18, "hosts.cml1.roles": 49}
    assert {key: good.lines[key] for key in wanted} == wanted


def test_digest_is_of_the_text_and_the_csv(tmp_path: Path, good: Topology) -> None:
    inventory = (GOOD / "inventory.yaml").read_bytes()
    printers = (GOOD / "printers.csv").read_bytes()
    file, table = tmp_path / "i.yaml", tmp_path / "printers.csv"
    file.write_bytes(b"\xef\xbb\xbf" + inventory.replace(b"\n", b"\r\n"))
    table.write_bytes(printers.replace(b"\n", b"\r\n"))
    assert load_inventory(file).digest == good.digest, "line ends and byte order marks do not count"
    table.write_bytes(printers.replace(b"10.9.1.2", b"10.9.1.3"))
    assert load_inventory(file).digest != good.digest


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


def test_five_thousand_printers(tmp_path: Path) -> None:
    rows = [f"mfp{n},10.{50 + n // 250}.0.{n % 250 + 1},hp,raw+lpr" for n in range(5000)]
    (tmp_path / "fleet.csv").write_text("\n".join(["name,address,vendor,delivery", *rows]), encoding="utf-8")
    networks = "".join(f"  n{n}: {{cidr: 10.{50 + n}.0.0/24}}\n" for n in range(20))
    site = small(tmp_path, f"networks:\n{networks}printers: [{{csv: fleet.csv}}]")
    assert len(site.with_role("printer")) == 5000
    assert (site.machines["mfp4999"].network, site.machines["mfp4999"].line) == ("n19", 5001)
