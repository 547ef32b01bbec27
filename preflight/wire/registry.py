"""The protocols that a probe can speak, by the name a catalogue row gives (`speak:`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Wire:
    """One protocol: the request to send (given the SNMP community and the server's name) and what a reply says.

    `describe` returns a short text when the bytes are an answer of the protocol, None when they are not. It never
    raises, whatever the bytes.
    """

    name: str
    request: Callable[[str, str], bytes]
    describe: Callable[[bytes], str | None]
    secret_in_reply: bool = False  # the reply repeats the community: it is blanked before it is recorded
    until: bytes = b""  # a whole answer ends so: it may come in pieces. Empty: what comes first is enough


@cache
def wire(name: str) -> Wire:
    """The protocol of that name. Raises KeyError for a name that the catalogue's loader should have refused."""
    # Imported when first spoken: ldap3 and pysnmp cost more to load than the rest of the suite together.
    if name == "snmp":
        from preflight.wire import snmp

        return Wire(name, lambda community, _: snmp.request(community), snmp.describe, secret_in_reply=True)
    if name == "ldap":
        from preflight.wire import ldap

        return Wire(name, lambda *_: ldap.request(), ldap.describe)
    if name == "ssrp":
        from preflight.wire import ssrp

        return Wire(name, lambda *_: ssrp.REQUEST, ssrp.describe)
    if name == "smtp":
        from preflight.wire import smtp

        return Wire(name, lambda *_: b"", smtp.describe)
    if name == "time":
        from preflight.wire import time868

        return Wire(name, lambda *_: b"", time868.describe)
    if name == "tls":
        from preflight.wire import tls, tls_hello

        return Wire(name, lambda _, server: tls_hello.client_hello(server), tls.describe, until=tls_hello.SERVER_DONE)
    raise KeyError(name)
