"""Which backend serves which `manage.by`; the lab puts itself in by `register`, so that nothing here imports it."""

from __future__ import annotations

from collections.abc import Callable

from preflight.errors import TransportError
from preflight.topology.model import Machine
from preflight.transports.base import PreflightBackend, Secrets
from preflight.transports.local import LocalBackend
from preflight.transports.ssh import SshBackend

Factory = Callable[[Machine, Secrets, object | None], PreflightBackend]


def _ssh(machine: Machine, secrets: Secrets, _: object | None) -> PreflightBackend:
    return SshBackend(machine, secrets)


def _local(machine: Machine, _secrets: Secrets, _lab: object | None) -> PreflightBackend:
    return LocalBackend(machine)


def _winrm(machine: Machine, secrets: Secrets, _: object | None) -> PreflightBackend:
    from preflight.transports.winrm import WinRmBackend  # pywinrm takes a moment to load

    return WinRmBackend(machine, secrets)


_FACTORIES: dict[str, Factory] = {"ssh": _ssh, "local": _local, "winrm": _winrm}


def register(by: str, factory: Factory) -> None:
    """Serve a further `manage.by`, or replace one."""
    _FACTORIES[by] = factory


def open_backend(machine: Machine, secrets: Secrets, lab: object | None) -> PreflightBackend:
    """The way to a machine; nothing is contacted yet. Raises TransportError when there is none.

    `secrets` resolves a reference when it is needed; `lab` is handed to the factory as it is.
    """
    if machine.manage is None:
        cause = f"{machine.name} has `manage: none`, so no agent can run there."
        raise TransportError("not-managed", cause, "Say in the inventory how the host is managed.")
    factory = _FACTORIES.get(machine.manage.by)
    if factory is None:
        cause = f"{machine.name} is managed by {machine.manage.by}, which nobody serves in this run."
        raise TransportError("not-built", cause, "Change `manage.by` of that host.")
    return factory(machine, secrets, lab)
