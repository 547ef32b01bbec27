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
    ors1 = Manage("winrm", "10.9.0.11", 5986, "CORP\\admin", SecretRef("prompt", "Brno admin"), https=True)
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
