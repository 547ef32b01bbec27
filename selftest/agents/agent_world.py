"""The machines that a recorded case talks to: small servers on 127.0.0.1, each of one kind."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable

LOW, HIGH = 20000, 30000  # below the range that systems give to outgoing connections


def free_port(protocol: str) -> int:
    """A port on which nothing listens."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    for _ in range(200):
        port = random.randint(LOW, HIGH)  # noqa: S311 - no secret
        with socket.socket(socket.AF_INET, kind) as sock, contextlib.suppress(OSError):
            sock.bind(("0.0.0.0", port))  # noqa: S104
            return port
    raise RuntimeError("no free port found")


def reset(sock: socket.socket) -> None:
    """Ends a connection by RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class Server:
    """One server of the world; `open_connections` tells how many peers are still there."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        protocol, _, self.manner = kind.partition("-")
        self.port = free_port(protocol)
        self.peers: list[socket.socket] = []
        self.sock: socket.socket | None = None
        if self.manner == "free":
            return
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", self.port))
        if protocol == "tcp":
            self.sock.listen(64)
        work: Callable[[], None] = self._tcp if protocol == "tcp" else self._udp
        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()

    def _tcp(self) -> None:
        assert self.sock is not None
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.sock.accept()
                if self.manner == "reset":
                    peer.recv(1)  # after the first byte, so that connecting itself succeeds
                    reset(peer)
                elif self.manner == "closes":
                    peer.close()
                elif self.manner == "greets":
                    peer.sendall(b"220 ready\r\n")
                    self.peers.append(peer)
                elif self.manner == "floods":
                    peer.sendall(b"x" * 100_000)
                    self.peers.append(peer)
                elif self.manner in ("pieces", "hesitates"):
                    peer.sendall(b"FIRST")
                    # So that the second is a read of its own; after so long, on a busy machine as well.
                    time.sleep(0.3 if self.manner == "pieces" else 4.0)
                    peer.sendall(b"SECOND")
                    self.peers.append(peer)
                elif self.manner == "leaves":
                    peer.sendall(b"FIRST")
                    peer.close()
                elif self.manner == "echo":
                    peer.sendall(peer.recv(4096))
                    self.peers.append(peer)
                else:
                    self.peers.append(peer)

    def _udp(self) -> None:
        assert self.sock is not None
        with contextlib.suppress(OSError):
            while True:
                data, sender = self.sock.recvfrom(4096)
                if sender is None:  # shut down
                    return
                if self.manner == "echo":
                    self.sock.sendto(data, sender)

    def open_connections(self) -> int:
        """Peers that have not hung up."""
        count = 0
        for peer in self.peers:
            readable, _, _ = select.select([peer], [], [], 0)
            if not readable:
                count += 1
                continue
            with contextlib.suppress(OSError):
                count += bool(peer.recv(1, socket.MSG_PEEK))
        return count

    def close(self) -> None:
        """Gives everything back."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
            self.thread.join(10)
            self.sock.close()
        for peer in self.peers:
            peer.close()
