"""The way to a host as the controller sees it, before any login: name, port, TLS. No byte of ours is sent."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass

import certifi

from preflight.doctor.certificate import Certificate, read_certificate
from preflight.topology.model import Manage
from preflight.transports.ssh_command import find_ssh, ssh_arguments

RESOLVE_S = 4.0
CONNECT_S = 5.0  # Windows asks a refused port again for a second or two: a shorter wait takes refused for dropped
TLS_S = 3.0
SSH_PORT = 22
# OpenSSL's X509_V_ERR codes; all others are a chain that does not end at a known CA.
_KINDS = {9: "not-yet-valid", 10: "expired", 62: "wrong-name", 64: "wrong-name"}
WINRM_PORT = {False: 5985, True: 5986}


@dataclass(frozen=True, slots=True)
class Approach:
    """Where to look; `not_from_here` says why nothing is looked at."""

    address: str
    port: int
    tls: bool = False
    ca_file: str | None = None
    not_from_here: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one step of the approach saw; `kind` is empty when all is well."""

    seen: str
    kind: str = ""
    addresses: tuple[str, ...] = ()
    certificate: Certificate | None = None


def approach_of(manage: Manage) -> Approach:
    """The address and port that the transport will connect to. Raises TransportError when there is no ssh."""
    if manage.by == "ssh":
        return _ssh_approach(manage)
    if manage.by == "winrm":
        # The CAs that the transport will trust: those of the inventory's file, else Python's certifi.
        trusted = manage.verify if isinstance(manage.verify, str) else certifi.where()
        return Approach(manage.address, manage.port or WINRM_PORT[manage.https], manage.https, trusted)
    reason = "simulated" if manage.by == "lab" else "this machine itself"
    return Approach(manage.address, 0, not_from_here=reason)


def _ssh_approach(manage: Manage) -> Approach:
    """ssh itself is asked what its configuration makes of the address; it contacts nobody for that."""
    if manage.jump:
        return Approach(manage.address, 0, not_from_here=f"through jump host {manage.jump}: not looked at from here")
    words = [find_ssh(), "-G", *ssh_arguments(manage, "own", None)]
    try:
        shown = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Approach(manage.address, manage.port or SSH_PORT)
    lines = shown.stdout.decode("utf-8", "replace").splitlines()
    told = dict(line.split(" ", 1) for line in lines if " " in line)
    for key, what in (("proxyjump", "jump host"), ("proxycommand", "ProxyCommand")):
        if told.get(key, "none") != "none":
            reason = f"through {what} {told[key]} (ssh_config): not looked at from here"
            return Approach(manage.address, 0, not_from_here=reason)
    port = told.get("port", "")
    return Approach(told.get("hostname", manage.address), int(port) if port.isdigit() else manage.port or SSH_PORT)


def resolve(approach: Approach) -> Looked:
    """Look the name up with the controller's own resolver, which may hang: RESOLVE_S at most."""
    found: list[list[str] | OSError] = []

    def ask() -> None:
        try:
            lines = socket.getaddrinfo(approach.address, approach.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            found.append(error if isinstance(error, OSError) else OSError(str(error)))
        else:
            found.append(list(dict.fromkeys(str(line[4][0]) for line in lines)))

    asking = threading.Thread(target=ask, name="preflight-resolve", daemon=True)
    asking.start()
    asking.join(RESOLVE_S)
    if not found:
        return Looked(f"no answer from the name servers within {RESOLVE_S:g} s", "dns")
    if isinstance(found[0], OSError):
        return Looked(f"the name does not resolve: {found[0].strerror or found[0]}", "dns")
    addresses = tuple(found[0])
    return Looked(f"{approach.address} is {', '.join(addresses[:4])}", addresses=addresses)


def connect(approach: Approach, addresses: tuple[str, ...]) -> Looked:
    """Open and close one TCP connection: to the first address that takes it, CONNECT_S for all."""
    deadline = time.monotonic() + CONNECT_S
    worst = Looked("no address to connect to", "dns")
    for number, address in enumerate(addresses):
        patience = max(0.2, (deadline - time.monotonic()) / (len(addresses) - number))
        began = time.monotonic()
        try:
            socket.create_connection((address, approach.port), timeout=patience).close()
        except ConnectionRefusedError:
            worst = Looked(f"{address} refused TCP {approach.port}", "refused")
        except TimeoutError:
            worst = Looked(f"{address} did not answer on TCP {approach.port} within {patience:.0f} s", "dropped")
        except OSError as error:
            worst = Looked(f"{address} cannot be reached: {error.strerror or error}", "unreachable")
        else:
            took = (time.monotonic() - began) * 1000
            return Looked(f"{address} took TCP {approach.port} in {took:.0f} ms", addresses=(address,))
    return worst


def handshake(approach: Approach, address: str) -> Looked:
    """Shake hands as a client that checks; where that fails, once more without checking, to read the certificate."""
    deadline = time.monotonic() + TLS_S
    try:
        strict = ssl.create_default_context(cafile=approach.ca_file)
    except OSError as error:
        return Looked(f"the file of trusted certificates cannot be used: {error.strerror or error}", "ca-file")
    why, kind = "", ""
    try:
        raw = _peer(strict, approach, address, deadline)
    except ssl.SSLCertVerificationError as error:
        why, kind = error.verify_message or str(error), _KINDS.get(error.verify_code, "untrusted")
        lax = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        lax.check_hostname = False
        lax.verify_mode = ssl.CERT_NONE  # only to read what is shown there; nothing is sent
        try:
            raw = _peer(lax, approach, address, deadline)
        except (OSError, ValueError):
            return Looked(f"the certificate is not trusted: {why}", kind)
    except ssl.SSLError as error:
        words = str(error.reason or error).replace("_", " ").lower()
        return Looked(f"TCP {approach.port} took the connection and does not speak TLS: {words}", "no-tls")
    except TimeoutError:
        return Looked(f"TCP {approach.port} took the connection and did not answer to TLS in {TLS_S:g} s", "no-tls")
    except OSError as error:
        said = error.strerror or str(error) or "closed"
        return Looked(f"TCP {approach.port} broke the connection off in the TLS handshake: {said}", "no-tls")
    shown = read_certificate(raw)
    if why:
        names = f"; it is for {', '.join(shown.names)}" if shown and kind == "wrong-name" else ""
        return Looked(f"{shown.told if shown else 'a certificate'}; not trusted: {why}{names}", kind, (), shown)
    return Looked(f"{shown.told if shown else 'a certificate'}; trusted", certificate=shown)


def _peer(context: ssl.SSLContext, approach: Approach, address: str, deadline: float) -> bytes:
    """The certificate (DER) that the other end shows."""
    left = max(0.2, deadline - time.monotonic())
    with socket.create_connection((address, approach.port), timeout=left) as plain:
        plain.settimeout(max(0.2, deadline - time.monotonic()))
        with context.wrap_socket(plain, server_hostname=approach.address) as secured:
            return secured.getpeercert(binary_form=True) or b""


def by_hand(manage: Manage) -> list[str]:
    """The ssh command that a person would type for this host."""
    words = ["ssh"]
    for flag, value in (("-F", manage.ssh_config), ("-J", manage.jump), ("-i", manage.key_file)):
        words += [flag, value] if value else []
    words += ["-p", str(manage.port)] if manage.port else []
    return [*words, f"{manage.user}@{manage.address}" if manage.user else manage.address]
