"""The lab itself: builds hosts, router and management network, answers questions about them, removes everything."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from netlab import ground, wiring
from netlab.host import LabError, Machine
from netlab.keys import Keys
from netlab.paths import await_all
from netlab.plugging import plug, unplug
from netlab.router import PROXY_PORT, host_text, router_text
from netlab.rules import expected
from netlab.spec import Expected, LabHost, LabSpec, Rule, Service
from netlab.windows import Counts, Windows, counts, missing

_serial = itertools.count()


class NetLab:
    """A lab for the time of a `with`; `workdir` takes its keys and logs and may stay behind.

    Two labs can live at the same time: their service networks are their own, their management networks differ.
    """

    def __init__(self, spec: LabSpec, workdir: Path) -> None:
        self.spec = spec
        self.workdir = workdir.resolve()
        if self.workdir.is_relative_to("/run") or self.workdir.is_relative_to("/proc"):
            raise ValueError(f"{self.workdir}: hosts have a /run and a /proc of their own and could not see it")
        self.machines: dict[str, Machine] = {}
        self.ssh_config = self.known_hosts = self.key_file = self.workdir
        self._rules: list[Rule] = list(spec.rules)
        self._texts: dict[str, str] = {}
        self._keys: Keys | None = None
        self._link = ""
        self._number = -1
        self.windows: Windows | None = None  # where the lab has WinRM hosts

    def __enter__(self) -> Self:
        """Builds it all; whatever fails, nothing stays."""
        by_winrm = any(host.manage == "winrm" for host in self.spec.hosts)
        reason = ground.available() or (missing() if by_winrm else None)
        if reason:
            raise LabError(reason)
        ground.remove_leftovers(self.spec.prefix)
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Removes everything but the work folder."""
        self.close()

    def close(self) -> None:
        """Ends every process and namespace of the lab, and its link into this one."""
        if self._link:
            unplug(self._link)
        for machine in self.machines.values():
            machine.hang_up()
        for machine in self.machines.values():
            machine.wait()
        if self._keys:
            self._keys.wait()
        if self.windows:
            self.windows.close()
        self.machines.clear()
        self._link = ""

    # Building: everything is started, then everything is waited for.

    def _build(self) -> None:
        by_ssh = [host.name for host in self.spec.hosts if host.manage == "ssh"]
        if any(host.manage == "winrm" for host in self.spec.hosts):
            self.windows = Windows(self.spec.prefix)
        serial = next(_serial)
        for name in ("router", *(host.name for host in self.spec.hosts)):
            label = ground.label(self.spec.prefix, f"{serial}:{name}")
            self.machines[name] = Machine(name, label, self.workdir / "hosts" / name)
        keys = self._keys = Keys(self.workdir / "ssh", by_ssh)
        files = wiring.private_files(self.spec, self.workdir / "etc")
        for machine in self.machines.values():
            machine.hear()
        self._link, self._number = plug(self.spec, self.machines)
        keys.finish()
        self._set_up_router(files)
        for host in self.spec.hosts:
            self._set_up(host, files, keys)
        for machine in self.machines.values():
            machine.hear()
        self.rules(self._rules)
        self.ssh_config, self.known_hosts = keys.client_files({name: self.mgmt_address(name) for name in by_ssh})
        self.key_file = keys.client
        managed = {host.name: self.mgmt_address(host.name) for host in self.spec.hosts if host.managed}
        await_all(self.spec, self.machines, managed)

    def _set_up_router(self, files: dict[str, str]) -> None:
        proxy = Service("proxy", [("tcp", PROXY_PORT)], unit=False)
        here = LabHost("router", "0.0.0.0", "")  # noqa: S104 - it proxies on every bridge
        self.machines["router"].tell(
            "setup",
            hostname="router",
            binds=files,
            sysctl=wiring.router_settings(self.spec),
            ip=wiring.router_links(self.spec),
            daemon=None,
            services=[wiring.service_message(proxy, here, self.workdir)],
        )

    def _set_up(self, host: LabHost, files: dict[str, str], keys: Keys) -> None:
        folder = self.machines[host.name].folder
        manage = self.mgmt_address(host.name) if host.managed else None
        daemon = None
        if host.manage == "ssh":
            daemon = keys.daemon(host.name, folder / "sshd.log")
        elif manage and self.windows:
            daemon = self.windows.daemon(host, manage, folder)
        self.machines[host.name].tell(
            "setup",
            hostname=host.name,
            binds=files,
            sysctl=wiring.host_settings(),
            ip=wiring.host_links(self.spec, host, manage),
            daemon=daemon,
            services=[wiring.service_message(service, host, folder) for service in host.services],
        )

    # Rules.

    def rules(self, rules: Sequence[Rule]) -> None:
        """Replaces all rules; each table is replaced in one transaction, and flows known to it are forgotten."""
        texts = {host.name: host_text(self.spec, rules, host) for host in self.spec.hosts}
        texts["router"] = router_text(self.spec, rules)
        changed = {name: text for name, text in texts.items() if self._texts.get(name) != text}
        for name, text in changed.items():
            self.machines[name].tell("nft", text=text)
        failures = []
        for name in changed:
            try:
                self.machines[name].hear()
            except LabError as error:
                failures.append(str(error))
        if failures:
            raise LabError("\n".join(failures))
        self._rules = list(rules)
        self._texts = texts

    def expected(self, source: str, destination: str, protocol: str, port: int) -> Expected:
        """What the rules now in force do to a flow; "open" says nothing about whether something listens."""
        return expected(self.spec, self._rules, source, destination, protocol, port)

    # Management.

    def mgmt_address(self, host: str) -> str:
        """The address at which the lab manages a host; raises KeyError, and LabError for one that nothing manages."""
        if not self.spec.host(host).managed:
            raise LabError(f"{host} cannot be managed")
        return wiring.management_address(self._number, self.spec.hosts.index(self.spec.host(host)))

    def inventory_hosts(self) -> dict[str, dict[str, Any]]:
        """For `hosts:` of an inventory: address and manage of each; roles are the caller's to add."""
        found: dict[str, dict[str, Any]] = {}
        for host in self.spec.hosts:
            manage: dict[str, Any] | str = "none"
            if host.manage == "winrm" and self.windows:
                manage = self.windows.manage(self.mgmt_address(host.name))
            elif host.manage == "ssh":
                manage = {
                    "by": "ssh",
                    "address": self.mgmt_address(host.name),
                    "user": "root",
                    "key_file": str(self.key_file),
                    "ssh_config": str(self.ssh_config),
                }
            found[host.name] = {"address": host.address, "manage": manage}
        return found

    def cut(self, host: str) -> None:
        """Pulls the management cable of a host at the switch: packets vanish both ways, nobody is told."""
        self._cable(host, "down")

    def mend(self, host: str) -> None:
        """Plugs it in again."""
        self._cable(host, "up")

    def _cable(self, host: str, state: str) -> None:
        self.mgmt_address(host)
        port = f"m{self.spec.hosts.index(self.spec.host(host))}"
        done = self.machines["router"].run(["ip", "link", "set", port, state])
        if done.returncode:
            raise LabError(f"{host}: {done.stderr}")

    # Looks into a host, and changes of its services.

    def run(
        self, host: str, argv: Sequence[str], text: str = "", timeout_s: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command inside a host (or "router") past SSH; never raises for an exit code."""
        return self.machines[host].run(argv, text, timeout_s)

    def processes(self, host: str) -> list[list[str]]:
        """Argument lists of the host's processes, its first one left out."""
        return list(self.machines[host].processes().values())

    def leftovers(self, host: str) -> list[list[str]]:
        """Processes that neither the lab started nor sshd is: shells, agents, PowerShells."""
        machine = self.machines[host]
        own = set(machine.ask("started")["pids"])
        return [argv for pid, argv in machine.processes().items() if pid not in own and not argv[0].startswith("sshd:")]

    def listeners(self, host: str) -> set[tuple[str, int]]:
        """(protocol, port) of everything that listens in the host."""
        return self.machines[host].listeners()

    def ssh_connections(self, host: str) -> int:
        """Connections that sshd let in since it started."""
        return self.machines[host].log().count("Accepted publickey for ")

    def ssh_sessions(self, host: str) -> int:
        """Commands, shells and subsystems that sshd started since it started."""
        return self.machines[host].log().count("Starting session: ")

    def winrm_counts(self, host: str) -> Counts:
        """What a WinRM host's endpoint has counted since it started."""
        return counts(self.machines[host].folder)

    def serve(self, host: str, service: Service) -> None:
        """Adds a service to a living host."""
        machine = self.machines[host]
        message = wiring.service_message(service, self.spec.host(host), machine.folder)
        machine.ask("serve", service=message)

    def stop(self, host: str, service: str) -> None:
        """Kills a service's processes; the unit file stays, so it is installed and dead."""
        self.machines[host].ask("stop", name=service)
