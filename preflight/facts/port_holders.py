"""Who holds a TCP port of a host: process, path and service of each listener, and whether that is the product."""

from __future__ import annotations

import ntpath
from collections.abc import Iterable
from dataclasses import dataclass

from preflight.facts.standing import Service
from preflight.facts.windows_services import WindowsService, plain
from preflight.values.observation import Socket

KERNEL = 4  # Windows' own process: http.sys listens in it for IIS and others


@dataclass(frozen=True, slots=True)
class Holder:
    """One listener on a port."""

    address: str
    port: int
    pid: int | None  # None: the account may not see whose it is
    process: str
    path: str
    services: tuple[str, ...]
    ours: bool  # the product's

    @property
    def kernel(self) -> bool:
        """Whether http.sys, or another part of the kernel, listens in somebody's place."""
        return self.pid == KERNEL

    def __str__(self) -> str:
        if self.pid is None and not self.process:
            return f"a process that the account may not see ({self.address}:{self.port})"
        known = [f"pid {self.pid}" if self.pid is not None else "", self.path]
        known += [f"service {', '.join(self.services)}" if self.services else ""]
        known += [f"{self.address}:{self.port}"]
        return f"{self.process or 'a process'} ({', '.join(text for text in known if text)})"


def holders_of(
    port: int, sockets: Iterable[Socket], services: Iterable[WindowsService], product: Iterable[Service]
) -> tuple[Holder, ...]:
    """The listeners on a TCP port, the product's last. A listener on one address counts like one on all."""
    own = {service.name.casefold() for service in product}
    known = tuple(services)
    found = {
        (s.local, s.pid): _holder(s, known, own)
        for s in sockets
        if s.protocol == "tcp" and s.state == "LISTEN" and s.local_port == port
    }
    return tuple(sorted(found.values(), key=lambda holder: holder.ours))


def _holder(socket: Socket, services: tuple[WindowsService, ...], own: set[str]) -> Holder:
    path = plain(socket.path)
    said = plain(socket.service)
    return Holder(
        address=plain(socket.local),
        port=socket.local_port,
        pid=socket.pid,
        process=plain(socket.process) or ntpath.basename(path),
        path=path,
        services=(said,) if said else _services_of(socket.pid, path, services),
        ours=said.casefold() in own,
    )


def _services_of(pid: int | None, path: str, services: tuple[WindowsService, ...]) -> tuple[str, ...]:
    """Services of that process; else those of its program, for a child that listens in its parent's place."""
    if pid is None or pid == KERNEL:
        return ()
    found = [s.name for s in services if s.pid == pid]
    if not found and path and not path.casefold().endswith("\\svchost.exe"):
        found = [s.name for s in services if s.running and s.program.casefold() == path.casefold()]
    return tuple(found)
