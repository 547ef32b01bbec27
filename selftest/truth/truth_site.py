"""A site on real kernels: servers before and after installation, dead and taken ports, and rules of every kind."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

from netlab.lab import NetLab
from netlab.spec import LabHost, LabSpec, Rule, Service
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


def spec() -> LabSpec:
    """Fourteen hosts: seven that SSH manages, seven that nothing does."""
    running = [
        Service("YSoftSafeQCML", [("tcp", p) for p in CML2_PORTS]),
        Service("YSoftSafeQCMLDBS", [("tcp", p) for p in LOOPBACK_PORTS], bind="127.0.0.1"),
        Service("YSoftSafeQTime", [("udp", 37)], kind="time"),
        Service("nginx", [("tcp", 5020)]),  # S10: the product's port, in other hands after installation
    ]
    cml1 = [Service("w3svc", [("tcp", 80)], kind="http"), Service("slapd", [("tcp", 389)])]
    snmpd = Service("snmpd", [("udp", 161)], kind="snmp")
    hosts = [
        LabHost("cml1", "10.77.1.11", "neta", services=cml1),
        LabHost("cml2", "10.77.2.12", "netb", installed=True, services=running),
        LabHost("ors1", "10.77.3.11", "branch1"),
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
            ssh=False,
        ),
        LabHost("dc1", "10.77.6.22", "data", services=[Service("ntds", [("tcp", 636), ("tcp", 3268)])], ssh=False),
        LabHost("mail1", "10.77.6.23", "data", services=[Service("postfix", [("tcp", 25)], kind="banner")], ssh=False),
        LabHost("ws1", "10.77.7.50", "desks"),
        LabHost("tp1", "10.77.8.40", "printers", services=[Service("terminal", [("tcp", 4095)])], ssh=False),
        LabHost("v1", "10.77.8.2", "printers"),
        LabHost(
            "mfp1",
            "10.77.8.11",
            "printers",
            services=[Service("ricoh", [*PRINTER_PORTS, ("tcp", 8080), ("tcp", 51443), ("tcp", 64098)]), snmpd],
            ssh=False,
        ),
        LabHost(
            "mfp2", "10.77.8.12", "printers", services=[Service("konica", [*PRINTER_PORTS, ("tcp", 50003)])], ssh=False
        ),
        LabHost(
            "mfp3",
            "10.77.9.13",
            "printers2",
            services=[Service("toshiba", [*PRINTER_PORTS, ("tcp", 49629)]), snmpd],
            ssh=False,
        ),
    ]
    return LabSpec(hosts=hosts, networks=NETWORKS, prefix="tru")


MIXED = [
    # Closed printer VLAN for one port, on one CML: silently; on the other: told by ICMP.
    Rule("drop", "printers", "cml1", "tcp", (5012,)),
    Rule("reject-icmp", "printers", "cml2", "tcp", (5012,)),
    Rule("reject-rst", "branch1", "cml1", "tcp", (6010,)),
    Rule("reject-port", "branch2", "cml1", "tcp", (6010,)),
    Rule("drop", "neta", "cml2", "tcp", (4099, 20225)),
    Rule("reject-icmp", "netb", "cml1", "tcp", (4099, 4111)),
    # Proxies that accept everything: towards a host before, and one after its installation.
    Rule("proxy", "desks", "ors1", "tcp", (9100, 515)),
    Rule("proxy", "neta", "cml2", "tcp", (20222, 6020)),
    Rule("proxy", "netb", "cml1", "tcp", (20223,)),
    # The host's own firewall.
    Rule("drop", "any", "cml1", "tcp", (20224, 5025), where="host"),
    Rule("reject-port", "any", "crs1", "tcp", (4139,), where="host"),
    # UDP.
    Rule("drop", "neta", "mfp1", "udp", (161,)),
    Rule("reject-icmp", "netb", "mfp1", "udp", (161,)),
    Rule("drop", "neta", "sql1", "udp", (1434,)),
    Rule("reject-port", "printers", "cml1", "udp", (37,)),
    # Devices and existing services.
    Rule("drop", "neta", "mfp1", "tcp", (515,)),
    Rule("reject-rst", "netb", "mfp2", "tcp", (9100,)),
    Rule("drop", "neta", "dc1", "tcp", (636,)),
    Rule("drop", "netb", "sql1", "tcp", (51433,)),
    Rule("reject-icmp", "branch2", "mfp3", "tcp"),
    # Reachable from nowhere but a workstation: the second place must see the difference.
    Rule("drop", "desks", ("cml1", "cml2"), "tcp", (20223, 20224)),
    # Translation: the branch and the printers are behind the router's address.
    Rule("snat", "printers", ("cml1", "cml2")),
    Rule("snat", "branch1", "cml2"),
]


def random_rules(seed: int) -> list[Rule]:
    """Sixty rules over the flows of the page, drawn by chance; device paths get no proxy, as nothing there can tell."""
    draw = random.Random(seed)  # noqa: S311 - test data
    servers, places = (
        ("cml1", "cml2", "ors1", "ors2", "crs1"),
        ("neta", "netb", "branch1", "branch2", "desks", "printers"),
    )
    ports = (
        80,
        443,
        9100,
        515,
        4096,
        4097,
        4099,
        4111,
        6010,
        6020,
        20222,
        20223,
        5011,
        5012,
        5013,
        5021,
        5022,
        8000,
        4139,
    )
    rules: list[Rule] = []
    for _ in range(45):
        action: Any = draw.choice(["drop", "reject-icmp", "reject-port", "reject-rst", "proxy", "accept"])
        rules.append(Rule(action, draw.choice(places), draw.choice(servers), "tcp", tuple(draw.sample(ports, 2))))
    for _ in range(10):
        action = draw.choice(["drop", "reject-icmp", "reject-rst"])
        rules.append(
            Rule(
                action,
                draw.choice(places[:4]),
                draw.choice(("mfp1", "mfp2", "mfp3", "dc1")),
                "tcp",
                (draw.choice((9100, 515, 80, 443, 636)),),
            )
        )
    for _ in range(5):
        rules.append(
            Rule(
                draw.choice(["drop", "reject-port"]),
                "any",
                draw.choice(servers),
                "tcp",
                (draw.choice(ports),),
                where="host",
            )
        )
    return rules


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
        "networks": {
            name: {"cidr": cidr, **({"vantage": "v1"} if name.startswith("printers") else {})}
            for name, cidr in NETWORKS.items()
        },
        "hosts": hosts,
        "printers": printers,
        "terminals": [
            {
                "name": "tp1",
                "kind": "professional",
                "address": "10.77.8.40",
                "printer": "mfp1",
                "servers": ["cml1", "cml2"],
            }
        ],
        **changes,
    }
    text = io.StringIO()
    YAML().dump(document, text)
    path = folder / "inventory.yaml"
    path.write_text(text.getvalue(), "utf-8")
    return path
