"""A server's end of a TDS connection: messages in packets, in clear or by TLS, the handshake wrapped in PRELOGIN."""

from __future__ import annotations

import socket
import ssl
import struct


class Wire:
    """Messages over a socket. Raises EOFError when the client has gone."""

    def __init__(self, made: socket.socket) -> None:
        self.made = made
        self.tls: ssl.SSLObject | None = None
        self.into, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()

    def encrypt(self, context: ssl.SSLContext) -> None:
        """The handshake, wrapped in PRELOGIN packets."""
        tls = context.wrap_bio(self.into, self.out, server_side=True)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                if pending := self.out.read():
                    self.reply(pending, 0x12)
                kind, payload = self.message()
                assert kind == 0x12
                self.into.write(payload)
        if pending := self.out.read():
            self.reply(pending, 0x12)
        self.tls = tls

    def message(self) -> tuple[int, bytes]:
        payload, status, kind = b"", 0, 0
        while not status & 1:
            kind, status, length = struct.unpack(">BBH4x", self.take(8))
            payload += self.take(length - 8)
        return kind, payload

    def take(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self.read(size - len(data))
        return data

    def read(self, size: int) -> bytes:
        while self.tls is not None:
            try:
                return self.tls.read(size)
            except ssl.SSLWantReadError:
                self.into.write(self.receive(65536))
        return self.receive(size)

    def receive(self, size: int) -> bytes:
        data = self.made.recv(size)
        if not data:
            raise EOFError
        return data

    def reply(self, payload: bytes, kind: int) -> None:
        for start in range(0, len(payload), 4088):
            piece = payload[start : start + 4088]
            last = start + 4088 >= len(payload)
            packet = struct.pack(">BBHHBB", kind, int(last), 8 + len(piece), 51, 1, 0) + piece
            if self.tls is not None:
                self.tls.write(packet)
                packet = self.out.read()
            self.made.sendall(packet)
