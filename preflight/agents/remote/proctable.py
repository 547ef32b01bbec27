"""Linux: the kernel's socket tables out of /proc/net, as lines of the contract."""

import os
import socket
import sys

MYPY = False
if MYPY:
    from typing import Any

PROC = "/proc"
MAX_LINES = 20000
MAX_BYTES = 3500000  # of one event, below the 4 MiB that the controller takes
STATES = {  # include/net/tcp_states.h, named as in RFC 9293
    1: "ESTABLISHED",
    2: "SYN_SENT",
    3: "SYN_RECEIVED",
    4: "FIN_WAIT_1",
    5: "FIN_WAIT_2",
    6: "TIME_WAIT",
    7: "CLOSED",
    8: "CLOSE_WAIT",
    9: "LAST_ACK",
    10: "LISTEN",
    11: "CLOSING",
    12: "SYN_RECEIVED",
}
RANK = {"ESTABLISHED": 0, "": 0, "LISTEN": 0, "TIME_WAIT": 2}  # what is cut last; everything else is 1


def parse_address(text: str) -> "tuple[str, int]":
    """ "0100007F:1F90" -> ("127.0.0.1", 8080); the address is made of 32-bit words in the host's byte order."""
    address, _, port = text.partition(":")
    raw = bytes.fromhex(address)
    if sys.byteorder == "little":
        raw = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
    if len(raw) == 16 and raw[:12] == b"\0" * 10 + b"\xff\xff":
        raw = raw[12:]
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw), int(port, 16)


def read_table(listening: bool) -> "list[tuple[dict[str, Any], str]]":
    """(line, inode) of every listener, or of every other socket; raises OSError where there is no /proc/net."""
    rows = []
    for name in ("tcp", "tcp6", "udp", "udp6"):
        try:
            with open(os.path.join(PROC, "net", name), "rb") as table:
                lines = table.read().decode("ascii", "replace").splitlines()[1:]
        except OSError:
            if name.endswith("6"):
                continue  # a system without IPv6
            raise
        for line in lines:
            parts = line.split()
            if len(parts) < 10:
                continue
            state = int(parts[3], 16)
            tcp = name.startswith("tcp")
            if listening != (state == 10 if tcp else state != 1):
                continue
            rows.append((_line(tcp, state, parts), parts[9]))
    return rows


def _line(tcp: bool, state: int, parts: "list[str]") -> "dict[str, Any]":
    local, local_port = parse_address(parts[1])
    line: "dict[str, Any]" = {"protocol": "tcp" if tcp else "udp", "local": local, "local_port": local_port}
    peer, peer_port = parse_address(parts[2])
    if peer_port:
        line["peer"], line["peer_port"] = peer, peer_port
    if tcp:
        line["state"] = STATES.get(state, str(state))
    return line


def cut(rows: "list[tuple[dict[str, Any], str]]") -> "tuple[list[tuple[dict[str, Any], str]], str]":
    """As many rows as one fact may hold, TIME_WAIT thrown out first, and the sentence that says so."""
    if len(rows) <= MAX_LINES:
        return rows, ""
    kept = sorted(rows, key=lambda row: RANK.get(row[0].get("state", ""), 1))[:MAX_LINES]
    return kept, "%d of %d sockets are listed, the host has too many to list all." % (len(kept), len(rows))


def slim(lines: "list[dict[str, Any]]", weigh: "Any") -> "tuple[list[dict[str, Any]], str]":
    """Lines that fit into one event: first without paths, then fewer."""
    if weigh(lines) <= MAX_BYTES:
        return lines, ""
    for line in lines:
        line.pop("path", None)
    total = len(lines)
    while len(lines) > 1 and weigh(lines) > MAX_BYTES:
        lines = lines[: len(lines) * 9 // 10]
    return lines, "Owners' paths are left out, %d of %d lines are listed: the host has many sockets." % (
        len(lines),
        total,
    )
