"""Database engines that listen on a Windows host, by their programs: those that no service starts are seen here."""

from __future__ import annotations

import ntpath
from collections.abc import Iterable
from dataclasses import dataclass

from preflight.facts.model import Told, UnobservedError
from preflight.facts.own_tables import engines
from preflight.facts.standing import LISTENERS
from preflight.facts.windows_services import WindowsService, alike, plain
from preflight.values.observation import Socket

MOST_PORTS = 5  # that are told of one program


@dataclass(frozen=True, slots=True)
class EngineListener:
    """One process of an engine, with its TCP ports; `service` is empty where none is known to have started it."""

    engine: str
    program: str  # mysqld.exe
    path: str
    pid: int | None
    ports: tuple[int, ...]
    service: str
    windows: bool

    def __str__(self) -> str:
        more = ", ..." if len(self.ports) > MOST_PORTS else ""
        told = [f"listens on TCP {', '.join(map(str, self.ports[:MOST_PORTS]))}{more}"]
        told += [f"pid {self.pid}"] if self.pid is not None else []
        told += [self.path or "path unknown"]
        told += [f"service {self.service}"] if self.service else []
        return f"{self.program} ({', '.join(told)})"

    def of_service(self, service: WindowsService) -> bool:
        """Whether it is a known engine service's: by name or process, else by the folder (pg_ctl.exe, postgres.exe)."""
        if self.service.casefold() == service.name.casefold() or (self.pid is not None and self.pid == service.pid):
            return True
        return not self.path or _folder(self.path) == _folder(service.program)


def listening_engines(told: Told, services: Iterable[WindowsService]) -> tuple[list[EngineListener], str]:
    """The engines that listen; and why there may be more, empty where all listeners are known."""
    try:
        sockets = [s for s in LISTENERS.parse(told) if s.protocol == "tcp" and s.state == "LISTEN"]
    except UnobservedError as error:
        return [], f"databases were looked for among services and programs only: {error.reason}"
    named = {service.pid: service.name for service in services if service.pid is not None}
    ports: dict[tuple[str, str, int | None, str], set[int]] = {}
    for s in sockets:
        key = (_program(s), plain(s.path), s.pid, plain(s.service) or named.get(s.pid or 0, ""))
        ports.setdefault(key, set()).add(s.local_port)
    found = []
    for (program, path, pid, service), open_ports in ports.items():
        known = next((engine for engine in engines() if program and alike(program, engine.programs)), None)
        if known:
            found.append(
                EngineListener(known.engine, program, path, pid, tuple(sorted(open_ports)), service, known.windows)
            )
    return found, _unseen(told, sockets)


def _unseen(told: Told, sockets: Iterable[Socket]) -> str:
    remark = told.remark(LISTENERS.name).rstrip(".")
    blind = sorted({s.local_port for s in sockets if not _program(s)}) if remark else []
    some = ", ".join(map(str, blind[:MOST_PORTS])) + (", ..." if len(blind) > MOST_PORTS else "")
    return f"who listens on TCP {some} is not known, it may be a database: {remark}" if blind else ""


def _program(socket: Socket) -> str:
    """The executable's name; without rights Windows tells processes without .exe."""
    name = ntpath.basename(plain(socket.path)) or plain(socket.process)
    return f"{name}.exe" if name and "." not in name else name


def _folder(path: str) -> str:
    return ntpath.dirname(path.casefold().replace("/", "\\"))
