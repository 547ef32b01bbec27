"""What kind of machine a host is, as pictures and matrices group and draw it."""

from __future__ import annotations

from typing import Literal

from preflight.run.model import Run
from preflight.run.model_site import HostResult

Kind = Literal["server", "database", "directory", "workstation", "printer", "terminal", "vantage", "other"]
# Role -> kind, and its name for one and for many. A machine with several roles is what stands first here.
_ROLES: dict[str, tuple[Kind, str, str]] = {
    "cml": ("server", "CML server", "CML servers"),
    "mps": ("server", "MPS server", "MPS servers"),
    "ors": ("server", "ORS server", "ORS servers"),
    "crs": ("server", "CRS server", "CRS servers"),
    "db": ("database", "database server", "databases"),
    "ldap": ("directory", "directory server", "directories"),
    "ts": ("server", "terminal server", "terminal servers"),
    "ap_connector": ("server", "AP connector", "AP connectors"),
    "payment_system": ("server", "payment system", "payment systems"),
    "smtp": ("server", "mail server", "mail servers"),
    "scan_server": ("server", "scan server", "scan servers"),
    "printer": ("printer", "printer", "printers"),
    "terminal": ("terminal", "terminal", "terminals"),
    "card_reader": ("terminal", "card reader", "card readers"),
    "payment_machine": ("terminal", "payment machine", "payment machines"),
    "recharge_station": ("terminal", "recharge station", "recharge stations"),
    "workstation": ("workstation", "workstation", "workstations"),
    "vantage": ("vantage", "vantage host", "vantage hosts"),
}
_OTHER: tuple[Kind, str, str] = ("other", "machine", "machines")
DEVICES: frozenset[Kind] = frozenset({"printer", "terminal", "workstation"})  # sites have hundreds of them
CORE = frozenset({"cml", "mps", "ors", "crs"})
ROLE_ORDER = (*_ROLES, "")


def main_role(host: HostResult) -> str:
    """The role that says most about the machine; empty where none is known."""
    return next((role for role in _ROLES if role in host.roles), "")


def kind_of(host: HostResult) -> Kind:
    """What it is drawn as."""
    return _ROLES.get(main_role(host), _OTHER)[0]


def role_words(role: str, count: int) -> str:
    """The role's name for so many machines, without the number."""
    return _ROLES.get(role, _OTHER)[1 if count == 1 else 2]


def machines_of(run: Run) -> dict[str, HostResult]:
    """The run's machines by name, in its order; ends that the inventory lacks come last, without a role."""
    known = {host.name: host for host in run.hosts}
    for case in run.cases:
        for name in (case.source, case.destination):
            if name is not None and name not in known:
                known[name] = HostResult(name=name, roles=(), address="", site="", network=None, managed_by=None)
    return known
