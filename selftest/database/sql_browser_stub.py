"""A SQL browser on a port of loopback that tells what a test wants ([MS-SQLR])."""

from __future__ import annotations

import socket
import threading


class Browser:
    """A SQL browser on a port of loopback ([MS-SQLR]); `reply` None: it is silent."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.reply: bytes | None = None
        self.asked: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def tells(self, *instances: tuple[str, int | None]) -> None:
        text = "".join(
            f"ServerName;SQL1;InstanceName;{name};IsClustered;No;Version;15.0.2000.5"
            + (f";tcp;{port};;" if port else ";;")
            for name, port in instances
        ).encode()
        self.reply = b"\x05" + len(text).to_bytes(2, "little") + text

    def _serve(self) -> None:
        while True:
            try:
                asked, peer = self.socket.recvfrom(100)
            except OSError:
                return
            self.asked.append(asked)
            if self.reply is not None and asked == b"\x03":
                self.socket.sendto(self.reply, peer)
