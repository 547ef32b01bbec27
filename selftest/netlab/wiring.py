"""How a lab is plugged together: links, addresses, kernel settings and private files, as text for `ip` and `mount`."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from netlab.host import PYTHON, PYTHON_ENV
from netlab.spec import LabHost, LabSpec, Service

SERVE = Path(__file__).with_name("serve.py")
# One missing answer more or less would turn a refusal into silence: ICMP errors are not rationed.
EVERYWHERE = {"net/ipv4/icmp_ratemask": "0", "net/ipv4/conf/all/rp_filter": "0"}


def router_settings(spec: LabSpec) -> dict[str, str]:
    """Kernel settings of the router; bridged packets are no business of its rules, where the kernel could do that."""
    bridge = {f"net/bridge/bridge-nf-call-{kind}": "0" for kind in ("iptables", "ip6tables", "arptables")}
    found = EVERYWHERE | {"net/ipv4/ip_forward": "1", "net/ipv4/conf/all/send_redirects": "0"}
    for number in range(len(spec.networks)):
        found |= _link(f"br{number}") | {f"net/ipv4/conf/br{number}/send_redirects": "0"}
    return found | {name: value for name, value in bridge.items() if Path("/proc/sys", name).exists()}


def host_settings() -> dict[str, str]:
    """Kernel settings of a host: it answers for an address only on the link that has it."""
    return EVERYWHERE | {"net/ipv4/conf/all/arp_ignore": "1", "net/ipv4/conf/all/arp_announce": "2"} | _link("eth0")


def _link(name: str) -> dict[str, str]:
    # A burst of connections must not be lost while the neighbour's address is being asked for.
    return {f"net/ipv4/conf/{name}/rp_filter": "0", f"net/ipv4/neigh/{name}/unres_qlen_bytes": "4194304"}


def management(number: int) -> IPv4Network:
    """The management network of a lab; `number` tells labs that live at the same time apart."""
    return IPv4Network(f"10.78.{number}.0/24")


def management_address(number: int, index: int) -> str:
    """Of the host at `index` in the spec; the lab's own end is the first address."""
    return str(management(number)[10 + index])


def cables(spec: LabSpec, router: int, hosts: list[int]) -> str:
    """Links between host and router namespaces, given as process ids; both ends are born inside."""
    lines = []
    for index, host in enumerate(hosts):
        for inside, outside in (("eth0", "h"), ("mgmt0", "m")):
            if outside == "m" and not spec.hosts[index].managed:
                continue
            lines.append(f"link add name {outside}{index} netns {router} type veth peer name {inside} netns {host}")
    return "\n".join(lines) + "\n"


def router_links(spec: LabSpec) -> str:
    """A bridge a network, with the router's address on it; one without an address for management."""
    lines = ["link set lo up"]
    numbers = {name: number for number, name in enumerate(spec.networks)}
    for name, cidr in spec.networks.items():
        bridge = f"br{numbers[name]}"
        lines += [
            f"link add name {bridge} type bridge forward_delay 0 mcast_snooping 0",
            f"addr add {spec.gateway(name)}/{IPv4Network(cidr).prefixlen} broadcast + dev {bridge}",
            f"link set {bridge} up",
        ]
    lines += ["link add name brm type bridge forward_delay 0 mcast_snooping 0", "link set brm up"]
    lines += ["link set up0 master brm up"]
    for index, host in enumerate(spec.hosts):
        lines.append(f"link set h{index} master br{numbers[host.network]} up")
        if host.managed:
            # Isolated: over the management network hosts see the lab, never each other.
            lines += [f"link set m{index} master brm up", f"link set m{index} type bridge_slave isolated on"]
    return "\n".join(lines) + "\n"


def host_links(spec: LabSpec, host: LabHost, manage: str | None) -> str:
    """A host's two addresses and its way out, through the router."""
    prefix = IPv4Network(spec.networks[host.network]).prefixlen
    lines = ["link set lo up", f"addr add {host.address}/{prefix} broadcast + dev eth0", "link set eth0 up"]
    if manage:
        lines += [f"addr add {manage}/24 dev mgmt0", "link set mgmt0 up"]
    lines.append(f"route add default via {spec.gateway(host.network)} dev eth0 src {host.address}")
    return "\n".join(lines) + "\n"


def private_files(spec: LabSpec, folder: Path) -> dict[str, str]:
    """Files that every host sees in the place of the machine's own: names, accounts, no name server.

    root gets an empty home folder (so that nobody's shell start-up runs) and a password that matches nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    accounts = [line for line in Path("/etc/passwd").read_text(encoding="utf-8").splitlines() if line[:5] != "root:"]
    texts = {
        "hosts": "127.0.0.1 localhost\n" + "".join(f"{host.address} {host.name}\n" for host in spec.hosts),
        "resolv.conf": "",
        "passwd": "\n".join(["root:x:0:0:root:/run/home:/bin/sh", *accounts, ""]),
        "shadow": "root:*:19000:0:99999:7:::\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {str(folder / name): f"/etc/{name}" for name in texts}


def service_message(service: Service, host: LabHost, folder: Path) -> dict[str, Any]:
    """A service as the host's first process wants it: unit text, command, and how to know that it listens."""
    bind = host.address if service.bind == "address" else service.bind
    unit = (
        f"[Unit]\nDescription={service.name}\n\n[Service]\nType=simple\nExecStart=/opt/netlab/{service.name}\n\n"
        "[Install]\nWantedBy=multi-user.target\n"
    )
    message = {
        "name": service.name,
        "unit": unit if service.unit else "",
        "argv": [],
        "executable": PYTHON,
        "env": PYTHON_ENV,
        "ready_udp": 0,
    }
    if not service.running:
        return message
    if service.kind == "snmp":
        config = folder / "snmpd.conf"
        config.write_text(f"rocommunity public\nsysDescr netlab {host.name}\nsysName {host.name}\n", encoding="utf-8")
        port = next((port for protocol, port in service.ports if protocol == "udp"), 161)
        argv = [
            service.name,
            "-f",
            "-Ln",
            "-C",
            "-c",
            str(config),
            "-p",
            "/run/snmpd.pid",
            f"udp:{host.address}:{port}",
        ]
        return message | {
            "argv": argv,
            "executable": "/usr/sbin/snmpd",
            "env": {"SNMP_PERSISTENT_DIR": "/run/snmp"},
            "ready_udp": port,
        }
    settings = {
        "name": service.name,
        "kind": service.kind,
        "bind": bind,
        "ports": service.ports,
        "banner": service.banner,
        "instances": dict(service.instances),
    }
    return message | {"argv": [service.name, "-S", str(SERVE), json.dumps(settings)]}
