"""Web servers that are installed on a Windows host, and what is reserved for port 80 at http.sys.

Reservations are the names of the values of a registry key, UrlAclInfo (see the read).
"""

from __future__ import annotations

import ntpath
import re
from dataclasses import dataclass

from preflight.agents.reads import RegistryRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.own_tables import web_servers, windows_reservations
from preflight.facts.port_holders import Holder
from preflight.facts.registry_key import registry_key
from preflight.facts.windows_services import SERVICE_READS, WindowsService, alike, parse_services, plain

URLS_READ = RegistryRead(name="web:urlacl", path=r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\UrlAclInfo")
_PORT_80 = re.compile(r"http://[^/]*?:80(?::[^/]*)?/(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Web:
    """Services of web servers, and reservations for port 80. `untold`: why a part of it is not known."""

    services: tuple[WindowsService, ...]  # all of the host's, for the names of holders
    servers: tuple[tuple[str, WindowsService], ...]  # (web server, its service)
    reserved: tuple[str, ...]  # URLs for port 80 that are not Windows' own
    windows: tuple[str, ...]  # owners of Windows' own
    untold: tuple[str, ...] = ()

    def behind(self, holder: Holder) -> str:
        """Who may listen through http.sys: for a holder that is the kernel, a piece of a sentence; else nothing."""
        if not holder.kernel or holder.services:
            return ""
        iis = [service for name, service in self.servers if name == "IIS" and service.running]
        if iis:
            return f"http.sys, for IIS: its service {iis[0]} runs"
        if self.reserved:
            return f"http.sys, reserved for {', '.join(self.reserved[:5])}"
        if self.windows:
            return f"http.sys; IIS does not run, and only Windows' own {', '.join(self.windows)} reserved the port"
        return "http.sys, for a program that runs with administrator rights"

    def remarks(self) -> list[str]:
        """What is there and may be silent: no finding."""
        found = [f"{name} is installed: {service}" for name, service in self.servers]
        found += [f"reserved at http.sys, which holds no port by itself: {url}" for url in self.reserved[:20]]
        return found + list(self.untold)


def parse_web(told: Told) -> Web:
    """What is known of web servers. Never raises: the table of listeners alone decides who holds a port."""
    untold: list[str] = []
    services: tuple[WindowsService, ...] = ()
    reserved: list[str] = []
    windows: list[str] = []
    try:
        services = parse_services(told)
    except UnobservedError as error:
        untold.append(f"installed web servers are not known: {error.reason}")
    try:
        key = registry_key(told, URLS_READ.name)
        for url in key.values if key else ():
            if (found := _PORT_80.fullmatch(plain(url))) is None:
                continue
            owner = _windows_owner(found[1])
            windows += [owner] if owner else []
            reserved += [plain(url)] if not owner else []
    except UnobservedError as error:
        untold.append(f"reservations at http.sys are not known: {error.reason}")
    servers = [(name, service) for service in services if (name := web_server(service))]
    return Web(services, tuple(servers), tuple(reserved), tuple(dict.fromkeys(windows)), tuple(untold))


def web_server(service: WindowsService) -> str:
    """The web server that a service is, by its name or its program; empty when it is none of the table's."""
    program = ntpath.basename(service.program)
    for known in web_servers():
        if alike(service.name, known.services) or (program and alike(program, known.programs)):
            return known.server
    return ""


def _windows_owner(path: str) -> str:
    """The part of Windows that reserves a path, empty for others'."""
    first = path.strip("/").casefold()
    return next((known.owner for known in windows_reservations() if known.path.casefold() == first), "")


WEB = FactKind("web", parse_web, reads=(*SERVICE_READS, URLS_READ), rests_on=("system",))
