"""Linux: the host's own addresses with their prefixes, asked of the kernel by netlink."""

import os
import socket
import struct

MYPY = False
if MYPY:
    from typing import Any

GET_ADDRESS, NEW_ADDRESS, DONE, FAILED = 22, 20, 3, 2  # RTM_GETADDR, RTM_NEWADDR, NLMSG_DONE, NLMSG_ERROR
DUMP_REQUEST = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
ADDRESS, LOCAL = 1, 2  # IFA_ADDRESS, IFA_LOCAL


def read_addresses() -> "list[dict[str, Any]]":
    """Every IPv4 and IPv6 address; raises OSError."""
    lines: "list[dict[str, Any]]" = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.settimeout(5)
        kernel.send(struct.pack("=LHHLLBBBBL", 24, GET_ADDRESS, DUMP_REQUEST, 1, 0, 0, 0, 0, 0, 0))
        while True:
            data = kernel.recv(262144)
            while len(data) >= 16:
                size, kind = struct.unpack_from("=LH", data)
                if kind == DONE:
                    return lines
                if kind == FAILED or size < 16:
                    number = -struct.unpack_from("=l", data, 16)[0]
                    raise OSError(number, os.strerror(number))
                if kind == NEW_ADDRESS:
                    lines += parse_address_message(data[16:size])
                data = data[(size + 3) & ~3 :]


def parse_address_message(body: bytes) -> "list[dict[str, Any]]":
    """struct ifaddrmsg and its attributes; IFA_LOCAL is the own end of a point-to-point line."""
    family, prefix, _, _, index = struct.unpack_from("=BBBBL", body)
    if family not in (socket.AF_INET, socket.AF_INET6):
        return []
    attributes = {}
    rest = body[8:]
    while len(rest) >= 4:
        size, kind = struct.unpack_from("=HH", rest)
        if size < 4:
            break
        attributes[kind] = rest[4:size]
        rest = rest[(size + 3) & ~3 :]
    raw = attributes.get(LOCAL, attributes.get(ADDRESS, b""))
    if len(raw) != (4 if family == socket.AF_INET else 16):
        return []
    try:
        name = socket.if_indextoname(index)
    except OSError:
        name = str(index)
    return [{"interface": name, "address": socket.inet_ntop(family, raw), "prefix": prefix}]
