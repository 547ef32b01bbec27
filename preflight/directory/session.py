"""A conversation with one directory server: StartTLS, bind, searches. Nothing here can write to it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from preflight.directory.channel import Channel
from preflight.directory.options import Deadline
from preflight.directory.wording import bind_trouble, code_name, plain
from preflight.errors import TransportError
from preflight.wire import ldap_requests
from preflight.wire.ldap_replies import BadReplyError, Entry, Reply, decode
from preflight.wire.ldap_requests import Search


@dataclass(frozen=True, slots=True)
class SearchEnd:
    """How a search ended."""

    reply: Reply
    entries: int
    references: tuple[bytes, ...]
    oversize: int


class Session:
    """Requests and replies over a channel. Every method raises TransportError where no answer came."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._number = 0
        self._broken: TransportError | None = None  # after that, every question fails at once

    def start_tls(self, deadline: Deadline) -> None:
        """Agree on TLS; the handshake is the caller's."""
        self._send(ldap_requests.start_tls(self._next()), deadline)
        reply = self._one(deadline)
        if reply.code != 0:
            raise TransportError(
                "no-starttls",
                f"the directory does not begin TLS on this port ({code_name(reply.code)}: {plain(reply.text)}).",
                "Have a certificate set up there, or use `protocol: ldaps`.",
            )

    def secure(self, context: ssl.SSLContext, name: str | None, deadline: Deadline) -> ssl.SSLSocket:
        """Begin TLS; raises ssl.SSLError where it fails."""
        return self.channel.secure(context, name, deadline)

    def bind(self, name: str, password: str, deadline: Deadline) -> Reply:
        """Log in by name and password; empty: anonymous. Raises TransportError with the reason of a refusal."""
        if name and not password:
            raise TransportError(
                "no-password", "an empty password makes an anonymous login of it.", "Give the account's password."
            )
        self._send(ldap_requests.bind(self._next(), name, password), deadline)
        reply = self._one(deadline)
        trouble = bind_trouble(reply, password)
        if trouble:
            raise trouble
        return reply

    def who_am_i(self, deadline: Deadline) -> str:
        """As whom the directory knows us (RFC 4532): `dn:...`, `u:DOMAIN\\name`; empty where it does not tell."""
        self._send(ldap_requests.who_am_i(self._next()), deadline)
        reply = self._one(deadline)
        return plain(reply.value, 1000) if reply.code == 0 else ""

    def search(self, wanted: Search, deadline: Deadline, each: Callable[[Entry], None]) -> SearchEnd:
        """Search, and hand over each entry as it comes. The end's code is the caller's to judge.

        Raises TransportError, of kind `invalid-filter` where the question cannot be asked at all.
        """
        number = self._next()
        try:
            request = ldap_requests.search(number, wanted)
        except ValueError as error:
            raise TransportError("invalid-filter", f"{error}.", "Check filter and DNs in the inventory.") from None
        self._send(request, deadline)
        entries = oversize = 0
        references: list[bytes] = []
        while True:
            message = self._message(deadline)
            if message is None:
                oversize += 1
                continue
            reply = self._decoded(message)
            if reply.number != number:
                continue
            if reply.entry is not None:
                entries += 1
                each(reply.entry)
            elif reply.kind == "reference":
                references.extend(reply.referrals[:20] if len(references) < 1000 else ())
            elif reply.kind == "done":
                return SearchEnd(reply, entries, tuple(references), oversize)

    def found(self, wanted: Search, deadline: Deadline, most: int = 1000) -> tuple[list[Entry], Reply]:
        """The entries of a small search, `most` of them kept."""
        kept: list[Entry] = []
        end = self.search(wanted, deadline, lambda entry: kept.append(entry) if len(kept) < most else None)
        return kept, end.reply

    def close(self) -> None:
        """Say goodbye where that is still possible, and close."""
        try:
            self.channel.send(ldap_requests.unbind(self._next()), Deadline(0.5))
        except (TransportError, ssl.SSLError):
            pass
        finally:
            self.channel.close()

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _send(self, request: bytes, deadline: Deadline) -> None:
        if self._broken:
            raise self._broken
        try:
            self.channel.send(request, deadline)
        except TransportError as error:
            self._broken = error
            raise

    def _message(self, deadline: Deadline) -> bytes | None:
        try:
            return self.channel.message(deadline)
        except TransportError as error:
            self._broken = error
            raise

    def _one(self, deadline: Deadline) -> Reply:
        while True:
            message = self._message(deadline)
            reply = self._decoded(message) if message is not None else None
            if reply is not None and reply.number == self._number and reply.kind in ("bind", "extended"):
                return reply

    def _decoded(self, message: bytes) -> Reply:
        try:
            reply = decode(message)
        except BadReplyError as error:
            said = f"what answers there does not speak LDAP: {error}."
            self._broken = TransportError("not-ldap", said, "Check the port and the protocol.")
            raise self._broken from None
        if reply.number == 0 and reply.kind == "extended":  # notice of disconnection (RFC 4511, 4.4.1)
            said = f"the directory ended the connection: {code_name(reply.code)}, {plain(reply.text)}."
            self._broken = TransportError("closed", said, "Its log may say why.")
            raise self._broken
        return reply
