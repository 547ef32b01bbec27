"""Asks the SQL browser which TCP port a named instance has."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from preflight.database.options import AskOptions
from preflight.errors import TransportError
from preflight.wire import ssrp

TRIES = 2  # a datagram may be lost
OPEN_PORT = "Open UDP 1434 to the server, or write the instance's port into the inventory (checklist.database.port)."


@dataclass(frozen=True, slots=True)
class Found:
    """The port, and what the browser said, in words."""

    port: int
    said: str


def find_instance(address: str, instance: str, options: AskOptions) -> Found:
    """Raises TransportError: browser-silent, browser-strange, no-instance, instance-without-tcp."""
    where = f"the SQL browser on {address} (UDP {options.browser_port})"
    reply = _ask(address, where, options)
    known, said = ssrp.instances(reply), ssrp.describe(reply)
    if known is None or said is None:
        raise TransportError("browser-strange", f"{where} gave an answer that is none of its protocol.", OPEN_PORT)
    if instance.upper() not in known:
        raise TransportError(
            "no-instance",
            f"{where} knows no instance {instance}: {said}.",
            "Correct features.database.instance, or have the instance started.",
        )
    port = known[instance.upper()]
    if port is None:
        raise TransportError(
            "instance-without-tcp",
            f"{where} says that {instance} has no TCP port.",
            "Have TCP/IP switched on for the instance (SQL Server Configuration Manager) and the service restarted.",
        )
    return Found(port, said)


def _ask(address: str, where: str, options: AskOptions) -> bytes:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(options.browser_s)
            asking.connect((address, options.browser_port))  # so that others' datagrams do not come in
            for _ in range(TRIES):
                asking.send(ssrp.REQUEST)
                try:
                    return asking.recv(65535)
                except TimeoutError:
                    continue
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TransportError("browser-silent", f"{where} could not be asked: {reason}.", OPEN_PORT) from None
    raise TransportError("browser-silent", f"{where} gave no answer.", OPEN_PORT)
