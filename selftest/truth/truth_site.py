"""A site on real kernels: servers before and after installation, dead and taken ports, and rules of every kind."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from netlab.lab import NetLab
from netlab.spec import LabHost, LabSpec, Service
from ruamel.yaml import YAML

NETWORKS = {
    "neta": "10.77.1.0/24",
    "netb": "10.77.2.0/24",
    "branch1": "10.77.3.0/24",
    "branch2": "10.77.4.0/24",
    "reporting": "10.77.5.0/24",
    "data": "10.77.6.0/24",
    "desks": "10.77.7.0/24",
    "printers": "10.77.8.0/24",
    "printers2": "10.77.9.0/24",
}
# What the product opens on the installed CML: most of its ports; 5021 and 4101 stay shut on purpose.
CML2_PORTS = (
    80,
    443,
    9100,
    515,
    4097,
    4096,
    4099,
    4111,
    6010,
    5556,
    6020,
    20222,
    20223,
    20224,
    20225,
    5011,
    5012,
    5013,
)
CML2_PORTS += (5022, 5014, 5015, 5016, 5017, 5018, 5019, 5025, 389, 25, 21, 2379, 2380, 4100)
LOOPBACK_PORTS = (19898, 9797, 9696, 9000)
PRINTER_PORTS: list[tuple[Any, int]] = [("tcp", p) for p in (9100, 515, 631, 80, 443)]


# Hosts that pass for Windows in the mixed site. Swapped, they and the other managed ones change places: so every state
# of a destination (before installation, installed, dead, taken) is seen in both kinds, from sources of both.
WINDOWS = frozenset({"cml2", "ors1", "crs1", "v1", "v2"})
MANAGED = frozenset({"cml1", "cml2", "ors1", "ors2", "crs1", "ws1", "v1", "v2", "v3"})


def spec(windows: frozenset[str] = frozenset(), culture: str = "", prefix: str = "tru") -> LabSpec:
    """Seventeen hosts: nine that can be managed, by WinRM if in `windows`, else by SSH; eight that nothing manages."""
    running = [
        Service("YSoftSafeQCML", [("tcp", p) for p in CML2_PORTS]),
        Service("YSoftSafeQCMLDBS", [("tcp", p) for p in LOOPBACK_PORTS], bind="127.0.0.1"),
        Service("YSoftSafeQTime", [("udp", 37)], kind="time"),
        Service("nginx", [("tcp", 5020)]),  # S10: the product's port, in other hands after installation
    ]
    cml1 = [Service("w3svc", [("tcp", 80)], kind="http"), Service("slapd", [("tcp", 389)])]
    snmpd = Service("snmpd", [("udp", 161)], kind="snmp")
    postfix = Service("postfix", [("tcp", 25)], kind="banner")
    konica = Service("konica", [*PRINTER_PORTS, ("tcp", 50003)])
    hosts = [
        LabHost("cml1", "10.77.1.11", "neta", services=cml1),
        LabHost("cml2", "10.77.2.12", "netb", installed=True, services=running),
        LabHost("ors1", "10.77.3.11", "branch1", services=[Service("jgroups", [("tcp", 7800)])]),  # taken before it
        # Installed and died: the unit file is there, no process.
        LabHost("ors2", "10.77.4.12", "branch2", True, [Service("YSoftSafeQORS", [("tcp", 80)], running=False)]),
        LabHost("crs1", "10.77.5.11", "reporting", services=[Service("msmdsrv", [("tcp", 2383)])]),
        LabHost(
            "sql1",
            "10.77.6.21",
            "data",
            services=[
                Service("sqlbrowser", [("udp", 1434)], kind="ssrp", instances={"SAFEQ": 51433}),
                Service("sqlservr", [("tcp", 51433)]),
            ],
            manage="none",
        ),
        LabHost("dc1", "10.77.6.22", "data", services=[Service("ntds", [("tcp", 636), ("tcp", 3268)])], manage="none"),
        LabHost("mail1", "10.77.6.23", "data", services=[postfix], manage="none"),
        LabHost("ws1", "10.77.7.50", "desks"),
        # In cml1's own subnet: a terminal to discover by broadcast, and a host that can hear it in its place.
        LabHost("tp2", "10.77.1.40", "neta", services=[Service("terminal", [("tcp", 4095)])], manage="none"),
        LabHost("v2", "10.77.1.2", "neta"),
        LabHost("v3", "10.77.9.2", "printers2"),
        LabHost("tp1", "10.77.8.40", "printers", services=[Service("terminal", [("tcp", 4095)])], manage="none"),
        LabHost("v1", "10.77.8.2", "printers"),
        LabHost(
            "mfp1",
            "10.77.8.11",
            "printers",
            services=[Service("ricoh", [*PRINTER_PORTS, ("tcp", 8080), ("tcp", 51443), ("tcp", 64098)]), snmpd],
            manage="none",
        ),
        LabHost(
            "mfp2",
            "10.77.8.12",
            "printers",
            services=[konica],
            manage="none",
        ),
        LabHost(
            "mfp3",
            "10.77.9.13",
            "printers2",
            services=[Service("toshiba", [*PRINTER_PORTS, ("tcp", 49629)]), snmpd],
            manage="none",
        ),
    ]
    hosts = [replace(h, manage="winrm", culture=culture) if h.name in windows else h for h in hosts]
    return LabSpec(hosts=hosts, networks=NETWORKS, prefix=prefix)


FEATURES: dict[str, Any] = {
    "cluster": True,
    "ors": True,
    "central_reporting": True,
    "workstation_client": {"protocol_level": 3, "ssl_proxy": True},
    "job_roaming": True,
    "near_roaming": [{"name": "g", "members": ["ors1", "ors2"], "size": 2}],
    "load_balancing": True,
    "time_sync": True,
    "firmware_updates": True,
    "preview": True,
    "etcd": True,
    "scan": {"smtp": True, "webdav": True, "smb": True, "ftp": {"mode": "passive", "passive_ports": "50000-50003"}},
    "ldap": ["ldaps", "ldap", "global_catalog"],
    "database": {"kind": "mssql", "instance": "SAFEQ"},
}
VANTAGE = {"printers": {"vantage": "v1"}, "printers2": {"vantage": "v3"}, "neta": {"vantage": "v2"}}
ROLES = {
    "cml1": ["cml", "ts"],
    "cml2": ["cml", "ts"],
    "ors1": ["ors", "ts"],
    "ors2": ["ors", "ts"],
    "crs1": ["crs"],
    "sql1": ["db"],
    "dc1": ["ldap"],
    "mail1": ["smtp"],
    "ws1": ["workstation"],
    "v1": ["vantage"],
    "v2": ["vantage"],
    "v3": ["vantage"],
}


def inventory(lab: NetLab, folder: Path, **changes: Any) -> Path:
    """The site's inventory.yaml, managed over the lab's management network."""
    found = lab.inventory_hosts()
    hosts = {name: {**found[name], "roles": roles} for name, roles in ROLES.items()}
    hosts["ws1"]["servers"] = ["ors1", "ors2", "cml1", "cml2"]
    printers = [
        {"name": "mfp1", "vendor": "ricoh", "terminal": ["ricoh", "browser"], "servers": ["cml1", "cml2"]},
        {"name": "mfp2", "vendor": "konica_minolta", "terminal": "konica_minolta", "servers": ["cml1", "cml2"]},
        {"name": "mfp3", "vendor": "toshiba", "terminal": "toshiba", "servers": ["ors2", "cml1"]},
    ]
    for printer in printers:
        printer["address"] = found[str(printer["name"])]["address"]
    document: dict[str, Any] = {
        "customer": "Namespaces",
        "site": "Truth",
        "manage": {"by": "ssh"},
        "features": FEATURES,
        "networks": {name: {"cidr": cidr, **VANTAGE.get(name, {})} for name, cidr in NETWORKS.items()},
        "hosts": hosts,
        "printers": printers,
        "terminals": [
            {
                "name": "tp1",
                "kind": "professional",
                "address": "10.77.8.40",
                "printer": "mfp1",
                "servers": ["cml1", "cml2"],
            },
            {"name": "tp2", "kind": "ultralight", "address": "10.77.1.40", "servers": ["cml1", "cml2"]},
        ],
        **changes,
    }
    text = io.StringIO()
    YAML().dump(document, text)
    path = folder / "inventory.yaml"
    path.write_text(text.getvalue(), "utf-8")
    return path
