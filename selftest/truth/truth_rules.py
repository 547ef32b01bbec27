"""What the router and the hosts' firewalls do to the flows of the truth site."""

from __future__ import annotations

import random
from typing import Any

from netlab.spec import Rule

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
    # ... and towards existing services: one that runs, and one that does not (2382).
    Rule("proxy", "desks", "crs1", "tcp", (2382,)),
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
