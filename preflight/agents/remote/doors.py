"""Opening a temporary listener, and the words that are said at it."""

import errno
import os
import re
import socket
import sys

MYPY = False
if MYPY:
    from typing import Any, Optional

LINE = re.compile(rb"PREFLIGHT/1 ([0-9a-f]{16}) ([A-Za-z0-9]{1,32})\r?\n\Z")
MAX_WORDS = 512
PKTINFO = getattr(socket, "IP_PKTINFO", 8)  # Linux; the name came with Python 3.12


def plain(address: str) -> str:
    """An address as people write it: IPv4 mapped into IPv6 as IPv4, no scope."""
    address = address.partition("%")[0]
    return address[7:] if address.startswith("::ffff:") and "." in address else address


def is_loopback(address: str) -> bool:
    """True for an address that only the host itself can reach."""
    return address == "::1" or plain(address).startswith("127.")


def resolve(address: str, port: int, kind: int) -> "tuple[int, Any]":
    """Family and socket address of an IP address; raises OSError or ValueError, never asks a name server."""
    found = socket.getaddrinfo(address.encode("ascii"), port, 0, kind, 0, socket.AI_NUMERICHOST)[0]
    return found[0], found[4]


class Door(object):
    """One listener and whether the host itself has reached it."""

    def __init__(self, request: "dict[str, Any]") -> None:
        self.key = request["key"]
        self.protocol = request["protocol"]
        self.port = request["port"]
        self.bind = request["bind"]
        self.prove = self.bind if request["prove"] and is_loopback(self.bind) else request["prove"]
        self.sock: "Optional[socket.socket]" = None
        self.decided = False


def open_door(protocol: str, bind: str, port: int) -> "tuple[Optional[socket.socket], str, str]":
    """Binds one listener: (socket, "", "") or (None, status, detail).

    Never shares a port with anybody: SO_REUSEADDR only where the system still refuses a port that is listened on.
    """
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    try:
        family, target = resolve(bind, port, kind)
    except (OSError, ValueError):
        return None, "error", "%s is not an IP address" % ascii(bind)[:80]
    sock = None
    try:
        sock = socket.socket(family, kind)
        sock.setblocking(False)
        if os.name == "nt":
            sock.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", -5), 1)
        elif sys.platform.startswith("linux") and protocol == "tcp":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and bind == "::":
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if protocol == "udp" and family == socket.AF_INET and sys.platform.startswith("linux"):
            sock.setsockopt(socket.IPPROTO_IP, PKTINFO, 1)
        sock.bind(target)
        if protocol == "tcp":
            sock.listen(1024)
    except OSError as exc:
        if sock is not None:
            sock.close()
        return (None,) + refusal(exc, protocol, bind, port)
    return sock, "", ""


def refusal(exc: OSError, protocol: str, bind: str, port: int) -> "tuple[str, str]":
    """Status and sentence for a listener that could not be opened."""
    where = "%s %s:%d" % (protocol, bind, port)
    if getattr(exc, "winerror", None) == 10013:
        return "excluded", "%s is in an excluded port range, or somebody holds it exclusively (10013)" % where
    if exc.errno in (errno.EADDRINUSE, 10048):
        return "in-use", "%s is taken (EADDRINUSE)" % where
    if exc.errno in (errno.EACCES, errno.EPERM):
        hint = "ports below 1024 need root: run with sudo" if port < 1024 else "the system forbids it"
        return "denied", "%s: %s (%s)" % (where, hint, errno.errorcode[exc.errno])
    return "error", "%s: %s (%s)" % (where, exc.strerror or exc, errno.errorcode.get(exc.errno or 0, exc.errno))


def words(token: str, nonce: str) -> bytes:
    """What a prober says."""
    return ("PREFLIGHT/1 %s %s\n" % (token, nonce)).encode("ascii")


def nonce_in(data: bytes, token: str) -> str:
    """The nonce of a line with this token; empty for a stranger's."""
    match = LINE.match(data)
    return match.group(2).decode("ascii") if match and match.group(1).decode("ascii") == token else ""


def take_datagram(sock: socket.socket) -> "tuple[bytes, Any, str, Any]":
    """One datagram: data, sender, the own address that it came to, and what answer() needs; raises OSError."""
    if sock.family == socket.AF_INET and sys.platform.startswith("linux"):
        data, extras, _, sender = sock.recvmsg(MAX_WORDS + 1, 64)
        for level, kind, value in extras:
            if level == socket.IPPROTO_IP and kind == PKTINFO and len(value) >= 12:
                # in_pktinfo: interface, own address to answer from, address in the datagram's header
                return data, sender, socket.inet_ntoa(value[8:12]), b"\0\0\0\0" + value[4:8] + b"\0\0\0\0"
    else:
        data, sender = sock.recvfrom(MAX_WORDS + 1)
    return data, sender, sock.getsockname()[0], None


def answer(sock: socket.socket, data: bytes, sender: "Any", source: "Any") -> None:
    """Echoes a datagram from the address that it came to; an answer that cannot be sent is not worth a word."""
    try:
        if source is not None:
            sock.sendmsg([data], [(socket.IPPROTO_IP, PKTINFO, source)], 0, sender)
        else:
            sock.sendto(data, sender)
    except OSError:
        pass
