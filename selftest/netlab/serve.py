"""A lab service: one process that listens on all its ports, in one of the plain ways of the trade.

Run by path under the service's own name (argv[0]); the settings are one JSON argument.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

Settings = dict[str, Any]
SINCE_1900 = 2_208_988_800  # seconds from 1900 to 1970, RFC 868


class Listeners:
    """All sockets of the service, in one loop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.kind: str = settings["kind"]
        self.loop = selectors.DefaultSelector()
        for protocol, port in settings["ports"]:
            self._open(protocol, port)

    def _open(self, protocol: str, port: int) -> None:
        sort = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        listener = socket.socket(socket.AF_INET, sort)
        listener.setblocking(False)
        if protocol == "tcp":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.settings["bind"], port))
        if protocol == "tcp":
            listener.listen(1024)
        self.loop.register(listener, selectors.EVENT_READ, self._accept if protocol == "tcp" else self._datagram)

    def forever(self) -> None:
        """Serves until killed."""
        while True:
            for key, _ in self.loop.select():
                with contextlib.suppress(OSError):  # a peer that went away, or an ICMP error from an earlier reply
                    key.data(key.fileobj)

    def _accept(self, listener: socket.socket) -> None:
        peer, _ = listener.accept()
        if self.kind == "close":
            peer.close()
            return
        peer.setblocking(False)
        if self.kind == "time":
            peer.send(_now())
            peer.close()
            return
        self.loop.register(peer, selectors.EVENT_READ, self._hear)
        if self.kind == "banner":
            peer.send(self.settings["banner"].encode() + b"\r\n")

    def _hear(self, peer: socket.socket) -> None:
        try:
            data = peer.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._end(peer)
        elif self.kind == "http":
            peer.send(b"HTTP/1.0 200 OK\r\nServer: netlab\r\nContent-Length: 2\r\n\r\nok")
            self._end(peer)
        elif self.kind == "banner":
            leaving = data.upper().startswith(b"QUIT")
            peer.send(b"221 bye\r\n" if leaving else b"250 ok\r\n")
            if leaving:
                self._end(peer)

    def _end(self, peer: socket.socket) -> None:
        self.loop.unregister(peer)
        peer.close()

    def _datagram(self, listener: socket.socket) -> None:
        data, peer = listener.recvfrom(65536)
        answer = b""
        if self.kind == "udp-echo":
            answer = data
        elif self.kind == "time":
            answer = _now()
        elif self.kind == "ssrp":
            answer = _browser(data, self.settings["instances"])
        if answer:
            listener.sendto(answer, peer)


def _now() -> bytes:
    return struct.pack(">I", (int(time.time()) + SINCE_1900) & 0xFFFFFFFF)


def _browser(request: bytes, instances: dict[str, int]) -> bytes:
    """SQL Server Browser's answer, MS-SQLR 2.2: all instances for 2 and 3, one for 4 and its name, else silence."""
    wanted = request[1:].split(b"\0")[0].decode("ascii", "replace").upper() if request[:1] == b"\x04" else ""
    if request[:1] not in (b"\x02", b"\x03", b"\x04"):
        return b""
    text = "".join(
        f"ServerName;{socket.gethostname()};InstanceName;{name};IsClustered;No;Version;15.0.2000.5;tcp;{port};;"
        for name, port in instances.items()
        if request[0] != 4 or name.upper() == wanted
    ).encode("ascii")
    return b"\x05" + struct.pack("<H", len(text)) + text if text else b""


def main() -> None:
    """Listens, says so on standard output, serves."""
    settings: Settings = json.loads(sys.argv[1])
    Path("/proc/self/comm").write_text(settings["name"][:15], encoding="utf-8")
    listeners = Listeners(settings)
    print("ready", flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    listeners.forever()


if __name__ == "__main__":
    main()
