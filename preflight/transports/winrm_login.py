"""How to log in over WinRM: what pywinrm is told, and which of its extras are missing."""

from __future__ import annotations

from typing import Any

from winrm import transport as winrm_transport

from preflight.topology.model import Manage, Topology
from preflight.transports.base import Revealable
from preflight.transports.winrm_http import OPERATION_S, READ_S, BoundedTransport
from preflight.transports.winrm_line import EnvelopeProtocol

PORTS = {"http": 5985, "https": 5986}
EXTRAS = {"kerberos": "HAVE_KERBEROS", "credssp": "HAVE_CREDSSP"}


def scheme(manage: Manage) -> str:
    """http or https."""
    return "https" if manage.https else "http"


def place(manage: Manage) -> str:
    """address:port, as in a URL."""
    address = f"[{manage.address}]" if ":" in manage.address else manage.address
    return f"{address}:{manage.port or PORTS[scheme(manage)]}"


def described(manage: Manage) -> str:
    """The way in one phrase, for reports. A certificate that nobody checks is said loudly."""
    user = f"{manage.user}@" if manage.user and manage.auth != "certificate" else ""
    unchecked = ", certificate not checked" if manage.https and manage.verify is False else ""
    sealed = "" if manage.https else ", encrypted"
    return f"winrm {user}{place(manage)} ({scheme(manage)}, {manage.auth}{sealed}{unchecked})"


def make_protocol(manage: Manage, password: Revealable | None, path: str) -> EnvelopeProtocol:
    """A pywinrm Protocol that has contacted nobody yet. Raises what pywinrm raises for files that are not there."""
    endpoint = f"{scheme(manage)}://{place(manage)}/{path}"
    settings: dict[str, Any] = {
        "endpoint": endpoint,
        "username": manage.user,
        "ca_trust_path": manage.verify if isinstance(manage.verify, str) else None,
        "server_cert_validation": "ignore" if manage.verify is False else "validate",
        "cert_pem": manage.certificate,
        "cert_key_pem": manage.certificate_key,
        # Over http: "always" fails where no keys can be had; "auto" would send in clear.
        "message_encryption": "auto" if manage.https else "always",
        "proxy": None,  # none, whatever the environment says
        "read_timeout_sec": READ_S,
        "service": "HTTP",
        "kerberos_delegation": False,
    }
    protocol = EnvelopeProtocol(
        endpoint,
        transport="kerberos",  # only because it asks for no password here; the real transport comes below
        operation_timeout_sec=OPERATION_S,
        read_timeout_sec=READ_S,
        proxy=None,
    )
    protocol.transport = BoundedTransport(
        auth_method=manage.auth, password=None if password is None else password.reveal(), **settings
    )
    return protocol


def missing_extras(topology: Topology) -> list[str]:
    """A sentence for each extra of pywinrm that a host of this inventory needs and that is not installed."""
    told = []
    for auth, flag in EXTRAS.items():
        hosts = [m.name for m in topology.machines.values() if m.manage and _uses(m.manage, auth)]
        if hosts and not getattr(winrm_transport, flag):
            names = ", ".join(hosts[:5]) + (f" and {len(hosts) - 5} more" if len(hosts) > 5 else "")
            told.append(
                f"`auth: {auth}` of {names} needs an extra of pywinrm that is not installed here; "
                f'type: pip install "pywinrm[{auth}]"'
            )
    return told


def _uses(manage: Manage, auth: str) -> bool:
    return manage.by == "winrm" and manage.auth == auth
