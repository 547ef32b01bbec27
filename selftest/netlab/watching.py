"""For the library's own tests: a lab with something of everything, and plain sockets that look at it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from netlab import LabHost, LabSpec, NetLab, Rule, Service

NETWORKS = {"servers": "10.77.1.0/24", "printers": "10.77.2.0/24", "clients": "10.77.3.0/24"}
PUBLISHED = "10.99.0.5"  # an address that nobody has
PORTS = list(range(8001, 8011))
SEEN = {  # what the rules say -> what a socket sees
    ("tcp", "open"): "accepted",
    ("tcp", "drop"): "timeout",
    ("tcp", "reject-icmp"): "EHOSTUNREACH icmp 3/13",
    ("tcp", "reject-port"): "ECONNREFUSED icmp 3/3",
    ("tcp", "reject-rst"): "ECONNREFUSED rst",
    ("tcp", "proxy"): "accepted",
    ("udp", "open"): "answered",
    ("udp", "drop"): "timeout",
    ("udp", "reject-icmp"): "EHOSTUNREACH icmp 3/13",
    ("udp", "reject-port"): "ECONNREFUSED icmp 3/3",
}
# Asks flows side by side and tells each outcome, with the ICMP type and code when a router or host sent one.
ASK = r"""
import errno, json, socket, struct, sys
from concurrent.futures import ThreadPoolExecutor
def ask(flow):
    protocol, address, port = flow
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR
    s.settimeout(1)
    try:
        s.connect((address, port))
        if protocol == "tcp":
            return "accepted"
        s.send(b"hello")
        return "answered" if s.recv(99) == b"hello" else "garbled"
    except TimeoutError:
        return "timeout"
    except OSError as error:
        name = errno.errorcode[error.errno]
        try:
            _, extra, _, _ = s.recvmsg(512, 512, socket.MSG_ERRQUEUE)
            _, origin, kind, code = struct.unpack("IBBB", extra[0][2][:7])
            return f"{name} icmp {kind}/{code}"
        except OSError:
            return f"{name} rst"
with ThreadPoolExecutor(200) as pool:
    print(json.dumps(list(pool.map(ask, json.load(sys.stdin)))))
"""
HOLD = (
    "import socket,sys; s=socket.create_connection((sys.argv[1],int(sys.argv[2])),5); print('up',flush=True); input()"
)
SHOUT = r"""
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.settimeout(1)
s.sendto(b"x", (sys.argv[1], int(sys.argv[2])))
try:
    while True: print(s.recvfrom(99)[1][0])
except TimeoutError: pass
"""


def echo() -> list[Service]:
    return [
        Service("plain", [("tcp", port) for port in PORTS]),
        Service("echo", [("udp", p) for p in PORTS], kind="udp-echo"),
    ]


def spec(prefix: str = "ntest", rules: list[Rule] | None = None) -> LabSpec:
    kinds = [
        Service("nginx", [("tcp", 80)], kind="http"),
        Service("smtp", [("tcp", 25)], kind="banner"),
        Service("closer", [("tcp", 81)], kind="close"),
        Service("timed", [("udp", 37)], kind="time"),
        Service("sqlbrowser", [("udp", 1434)], kind="ssrp", instances={"SAFEQ": 1433, "OTHER": 50123}),
        Service("snmpd", [("udp", 161)], kind="snmp"),
    ]
    product = Service("YSoftSafeQCML", [("tcp", 5012)])
    dead = Service("YSoftSafeQORS", [("tcp", 5013)], running=False)
    hosts = [
        LabHost("s1", "10.77.1.11", "servers", services=[*echo()]),
        LabHost("s2", "10.77.1.12", "servers", installed=True, services=[*echo(), product]),
        LabHost("p1", "10.77.2.11", "printers", services=[*echo()], manage="none"),
        LabHost("p2", "10.77.2.12", "printers", installed=True, services=[*echo(), dead]),
        LabHost("c1", "10.77.3.11", "clients", services=[*echo(), *kinds]),
    ]
    return LabSpec(hosts, NETWORKS, rules or [], prefix)


def observe(lab: NetLab, source: str, flows: list[tuple[str, str, int]]) -> list[str]:
    """What `source` sees of (protocol, host or address, port), asked side by side."""
    asked = [(protocol, str(lab.spec.address_of(end)), port) for protocol, end, port in flows]
    done = lab.run(source, ["python3", "-c", ASK], json.dumps(asked))
    assert done.returncode == 0, done.stderr
    answers: list[str] = json.loads(done.stdout)
    return answers


@contextmanager
def held(lab: NetLab, source: str, address: str, port: int) -> Iterator[None]:
    """A connection kept open meanwhile."""
    command = lab.machines[source].enter(["python3", "-c", HOLD, address, str(port)])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        yield
        process.communicate("\n")


def peers(lab: NetLab, host: str, port: int) -> list[str]:
    """Addresses connected to a port, by the host's own table."""
    shown = lab.run(host, ["ss", "-Htn", "state", "established", f"( sport = :{port} )"]).stdout
    return [line.split()[3].rpartition(":")[0] for line in shown.splitlines()]


def talk(lab: NetLab, protocol: str, port: int, data: bytes) -> bytes:
    """Sends to c1 from s1 and returns what came back until it closed or fell silent."""
    code = (
        "import socket,sys;t=sys.argv[1]=='tcp';s=socket.socket(type=socket.SOCK_STREAM if t else socket.SOCK_DGRAM);"
        "s.settimeout(2);s.connect(('10.77.3.11',int(sys.argv[2])));d=bytes.fromhex(sys.argv[3]);d and s.send(d);"
        "print(s.recv(4096).hex())"
    )
    done = lab.run("s1", ["python3", "-c", code, protocol, str(port), data.hex()])
    assert done.returncode == 0, done.stderr
    return bytes.fromhex(done.stdout.strip())


def ssh(lab: NetLab, host: str, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["ssh", "-F", str(lab.ssh_config), "-o", "BatchMode=yes", host, command],
        capture_output=True,
        text=True,
        check=False,
    )
