"""A process of a network namespace of its own that holds sockets of all kinds until its standard input ends.

Its argument is the number of connections; each has both its ends here.
"""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

PAIRS = int(sys.argv[1])
CHILD = "import sys; sys.stdin.read()"


def connections(listener: socket.socket, pairs: int) -> list[socket.socket]:
    """Both ends of each; what is more than one process may hold is held by others that it forks."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    room = most // 2 - 100
    if pairs > room:
        read_end, write_end = os.pipe()
        if os.fork() == 0:
            kept = connections(listener, pairs - room)
            os.write(write_end, b".")
            sys.stdin.read()
            os._exit(len(kept) and 0)
        os.read(read_end, 1)
        pairs = room
    kept = []
    for _ in range(pairs):
        kept += [socket.create_connection(listener.getsockname()), listener.accept()[0]]
    return kept


def main() -> None:
    """Opens everything, says ready, waits."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    Path("/proc/self/comm").write_text("ysoftcml", encoding="ascii")
    kept: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 4096), backlog=PAIRS)
    kept.append(listener)
    kept += connections(listener, PAIRS)
    for ours, theirs in (kept[1:3], kept[3:5]):
        ours.shutdown(socket.SHUT_WR)  # FIN_WAIT_2 here, CLOSE_WAIT there
        if theirs is kept[4]:
            theirs.shutdown(socket.SHUT_WR)  # TIME_WAIT
    kept.append(socket.create_server(("0.0.0.0", 80)))  # noqa: S104 - of a namespace without a network
    kept.append(socket.create_server(("::1", 8443), family=socket.AF_INET6))
    kept.append(socket.create_server(("::", 5012), family=socket.AF_INET6, dualstack_ipv6=True))
    kept.append(socket.create_connection(("127.0.0.1", 5012)))  # IPv4 mapped into IPv6 at the other end
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")):  # noqa: S104
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind((address, 161))
        kept.append(sock)
    talking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    talking.connect(("127.0.0.1", 161))
    kept.append(talking)
    handed = socket.create_server(("127.0.0.1", 9100))  # held by a child alone: the service is its parent
    child = subprocess.Popen(
        [sys.executable, "-S", "-c", CHILD], stdin=subprocess.PIPE, pass_fds=[handed.fileno()], close_fds=True
    )
    handed.close()
    print("ready", os.getpid(), flush=True)
    sys.stdin.read()
    child.communicate()


if __name__ == "__main__":
    main()
