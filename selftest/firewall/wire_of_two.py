"""Two network namespaces with a wire between them: real packets through real nftables (root on Linux).

Both ask and both listen; `far` has the rules. They live as long as this process holds their stdin.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import IO, Any

NEAR, FAR = "10.77.0.1", "10.77.0.2"
NEAR6, FAR6 = "fd77::1", "fd77::2"
PORTS = (21, 80, 443, 5011, 5012, 5013)
# Asks everything side by side: [protocol, address, port] -> accepted, refused or silence. A datagram holds its number.
_ASK = """
import json, select, socket, sys, threading
asked = json.load(sys.stdin)
seen = [""] * len(asked)
def ask(n, protocol, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.7)
        try:
            sock.connect((address, port))
            if protocol == "udp":
                sock.send(b"%d" % n)
                sock.recv(10)
            seen[n] = "accepted"
        except TimeoutError:
            seen[n] = "silence"
        except PermissionError:
            seen[n] = "denied"
        except OSError:
            seen[n] = "refused"
threads = [threading.Thread(target=ask, args=(n, *line)) for n, line in enumerate(asked)]
[t.start() for t in threads]
[t.join() for t in threads]
print(json.dumps(seen))
"""
_SERVE = """
import selectors, socket, sys, threading
heard = []
def told():
    for _ in sys.stdin:
        print(" ".join(heard), flush=True)
        heard.clear()
    __import__("os")._exit(0)
threading.Thread(target=told, daemon=True).start()
chosen = selectors.DefaultSelector()
for port in map(int, sys.argv[1:]):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        sock = socket.socket(socket.AF_INET6, kind)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("::", port))
        if kind == socket.SOCK_STREAM:
            sock.listen(64)
        chosen.register(sock, selectors.EVENT_READ, kind)
print("up", flush=True)
while True:
    for key, _ in chosen.select():
        if key.data == socket.SOCK_STREAM:
            key.fileobj.accept()[0].close()
        else:
            data, peer = key.fileobj.recvfrom(64)
            heard.append(data.decode())
            try:
                key.fileobj.sendto(data, peer)
            except OSError:
                pass
"""


@functools.cache
def unavailable() -> str | None:
    """Why it cannot be done here; None when it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "real nftables need root on Linux"
    missing = [name for name in ("unshare", "nsenter", "ip", "nft") if shutil.which(name) is None]
    if missing:
        return f"real nftables need {', '.join(missing)}"
    tried = subprocess.run(["unshare", "--net", "nft", "list", "ruleset"], capture_output=True, check=False)
    return f"no nftables in a namespace here: {tried.stderr.decode()[:200]}" if tried.returncode else None


@dataclass(slots=True)
class Place:
    """One namespace and the process that holds it."""

    holder: subprocess.Popen[bytes]
    server: subprocess.Popen[bytes] | None = None

    def command(self, argv: list[str]) -> list[str]:
        """The command, run in there."""
        return ["nsenter", "--target", str(self.holder.pid), "--net", *argv]

    def run(self, argv: list[str], said: str = "") -> str:
        """Run to the end; raises CalledProcessError with what it complained of."""
        done = subprocess.run(self.command(argv), input=said, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{argv}: {done.stderr}"
        return done.stdout


class Wire:
    """The two places, wired and listening."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.near, self.far = (Place(self._start(["unshare", "--net", "sh", "-c", "echo up; exec cat"])) for _ in "12")
        pids = [place.holder.pid for place in (self.near, self.far)]
        # Made inside, so that no name of ours is ever seen in the machine's own network.
        self.near.run(["ip", "link", "add", "near0", "type", "veth", "peer", "name", "far0", "netns", str(pids[1])])
        for place, name, four, six in ((self.near, "near0", NEAR, NEAR6), (self.far, "far0", FAR, FAR6)):
            place.run(["ip", "address", "add", f"{four}/24", "dev", name])
            place.run(["ip", "-6", "address", "add", f"{six}/64", "dev", name, "nodad"])
            place.run(["ip", "link", "set", name, "up"])
            place.run(["ip", "link", "set", "lo", "up"])
            # Else the kernel sends only so many ICMP errors a second, and a reject looks like silence.
            limits = "echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit"
            place.run(["sh", "-ec", limits])
            place.server = self._start(place.command([sys.executable, "-I", "-c", _SERVE, *map(str, PORTS)]))
        # A fresh IPv6 link has to find itself first.
        first = [("tcp", FAR, PORTS[0]), ("tcp", FAR6, PORTS[0])]
        assert any(self.ask(self.near, first) == ["accepted"] * 2 for _ in range(20)), "the wire does not carry"

    def _start(self, argv: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.processes.append(process)
        output: IO[bytes] | None = process.stdout
        assert output is not None
        assert output.readline() == b"up\n"
        return process

    def rules(self, text: str) -> dict[str, Any]:
        """Put rules in force at `far`; the fact `firewall` that an agent there would tell."""
        written = text.replace("; }", ";\n}\n")  # older nft wants a line's end behind a chain
        self.far.run(["nft", "-f", "-"], f"flush ruleset\n{written}\n")
        told = json.loads(self.far.run(["nft", "--json", "list", "ruleset"]))
        lines = [
            {"interface": "far0", "profile": "unknown", "kind": "unknown", "addresses": [FAR, FAR6]},
            {"interface": "lo", "profile": "unknown", "kind": "unknown", "addresses": ["127.0.0.1", "::1"]},
        ]
        return {"kind": "nftables", "running": True, "interfaces": lines, "ruleset": told}

    def ask(self, place: Place, asked: list[tuple[str, str, int]]) -> list[str]:
        """accepted, refused, silence or denied; heard: a datagram came through, its answer did not."""
        seen: list[str] = json.loads(place.run([sys.executable, "-I", "-c", _ASK], json.dumps(asked)))
        heard = self._heard(self.far if place is self.near else self.near)
        return [
            "heard" if line[0] == "udp" and told != "accepted" and n in heard else told
            for n, (line, told) in enumerate(zip(asked, seen, strict=True))
        ]

    @staticmethod
    def _heard(place: Place) -> set[int]:
        server = place.server
        assert server is not None
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"?\n")
        server.stdin.flush()
        return {int(word) for word in server.stdout.readline().split()}

    def close(self) -> None:
        """Everything goes with its holders."""
        for process in reversed(self.processes):
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            process.wait(20)
            process.stdout.close()
