"""Runs a command in a network of its own whose only name server is this one: it knows few names, and is silent on some.

unshare --net --mount python -S reads_names.py COMMAND...
"""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

A, PTR = 1, 12
FILES = {
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n",
    "hosts": "127.0.0.1 localhost\n10.9.0.5 written.test\n",
    "nsswitch.conf": "hosts: files dns\npasswd: files\ngroup: files\n",
}
ADDRESSES = {"a.test": ["10.9.0.1"], "two.test": ["10.9.0.2", "10.9.0.22"], "nothing.test": []}
POINTERS = {"10.9.0.1": "a.test", "10.9.0.2": "lost.test", "10.9.0.4": "silent.test"}
BROKEN = {"broken.test", "10.9.0.6"}  # SERVFAIL
SILENT = {"silent.test", "10.9.0.3"}


def name_of(data: bytes) -> str:
    """The name that a query asks for."""
    labels, at = [], 12
    while data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode("ascii"))
        at += 1 + data[at]
    return ".".join(labels).lower()


def written(name: str) -> bytes:
    """A name as it goes over the wire."""
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"


def answer(query: bytes) -> bytes | None:
    """The reply to a query, None for silence."""
    name = name_of(query)
    question = query[12 : 12 + len(written(name)) + 4]
    (kind,) = struct.unpack("!H", question[-4:-2])
    if name.endswith(".in-addr.arpa"):
        name = ".".join(reversed(name.split(".")[:4]))
    if name in SILENT:
        return None
    records = []
    if kind == PTR and name in POINTERS:
        records = [written(POINTERS[name])]
    if kind == A:
        records = [socket.inet_aton(address) for address in ADDRESSES.get(name, [])]
    known = name in ADDRESSES or name in POINTERS
    code = 2 if name in BROKEN else 0 if known else 3
    head = query[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(records), 0, 0)
    body = b"".join(struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data for data in records)
    return head + question + body


def serve(server: socket.socket) -> None:
    """Answers until the process ends."""
    while True:
        query, peer = server.recvfrom(512)
        reply = answer(query)
        if reply is not None:
            server.sendto(reply, peer)


def main() -> int:
    """The command's exit code."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            path = Path(folder, name)
            path.write_text(text, encoding="ascii")
            subprocess.run(["mount", "--bind", str(path), str(Path("/etc", name).resolve())], check=True)
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        return subprocess.run(sys.argv[1:], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
