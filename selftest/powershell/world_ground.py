"""Runs a command where a recorded server's own things are real: host name, addresses, listeners, name service.

unshare --net --mount --uts python -S world_ground.py GROUND COMMAND...
GROUND is JSON: hostname, addresses, listens, names.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import Any

import reads_names


def listening(address: str, port: int) -> socket.socket:
    """A TCP listener; :: takes IPv6 alone, as a second one beside 0.0.0.0 may follow."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family)


def main(ground: dict[str, Any]) -> int:
    """The command's exit code."""
    socket.sethostname(ground["hostname"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in ground["addresses"]:
        subprocess.run(["ip", "address", "add", f"{address}/24", "dev", "lo"], check=True)
    held = [listening(*one) for one in ground["listens"]]
    reads_names.ADDRESSES = {name: [address] for name, address in ground["names"].items()}
    reads_names.POINTERS = {address: name for name, address in ground["names"].items()}
    code = reads_names.main()
    for one in held:
        one.close()
    return code


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv.pop(1))))
