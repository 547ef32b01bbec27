"""Who is asking: Basic for each request, NTLM for a whole TCP connection."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import spnego

from preflight.lab.wsman.settings import AuthScheme

_USER_FILE = "NTLM_USER_FILE"  # pyspnego's acceptor takes its accounts from a file that this variable names
_FILE = Path(tempfile.gettempdir(), f"preflight-wsman-{secrets.token_hex(16)}")
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Refused:
    """A 401 and what stands in its WWW-Authenticate headers."""

    challenges: tuple[str, ...]


class Accounts:
    """Names and passwords."""

    def __init__(self, users: Mapping[str, str], with_ntlm: bool) -> None:
        self._users = {name.casefold(): (name, password) for name, password in users.items()}
        lines = []
        for name, password in users.items() if with_ntlm else ():
            if set(":\r\n") & set(name + password):
                raise ValueError(f"{name}: NTLM here takes no colon or line break in a name or password")
            domain, _, user = name.rpartition("\\")
            lines += [f"{where}:{user}:{password}\n" for where in ([domain] if domain else ["", "."])]
        self._lines = "".join(lines).encode("utf-8")
        if with_ntlm and os.environ.get(_USER_FILE) != str(_FILE):
            # Once, before there is a client, and for good: other threads read the environment, and a variable that
            # goes under their hands is an error of theirs. Clients that give names and passwords do not look there.
            os.environ[_USER_FILE] = str(_FILE)

    def known_as(self, name: str) -> str:
        """A name as the settings write it; `.\\name` is `name`."""
        return self._users.get(name.removeprefix(".\\").casefold(), (name, ""))[0]

    def check(self, name: str, password: str) -> bool:
        """Whether this is the account's password."""
        known = self._users.get(name.removeprefix(".\\").casefold())
        return known is not None and hmac.compare_digest(known[1].encode(), password.encode())

    def accept(self, token: bytes, context: spnego.ContextProxy | None) -> tuple[spnego.ContextProxy, bytes | None]:
        """One step of an NTLM login, bare or inside SPNEGO. Raises SpnegoError, and anything for a broken token."""
        with _one_at_a_time, self._user_file():
            if context is None:
                bare = token.startswith(b"NTLMSSP\0")
                options = spnego.NegotiateOptions.use_ntlm if bare else spnego.NegotiateOptions.use_negotiate
                context = spnego.server(protocol="ntlm" if bare else "negotiate", options=options)
            return context, context.step(token)

    @contextmanager
    def _user_file(self) -> Iterator[None]:
        """The file that the acceptor reads, for this moment only: a killed endpoint leaves no passwords behind."""
        try:
            with os.fdopen(os.open(_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.write(self._lines)
            yield
        finally:
            _FILE.unlink(missing_ok=True)


class Login:
    """The login of one TCP connection."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._step: spnego.ContextProxy | None = None
        self._user: str | None = None
        self.context: spnego.ContextProxy | None = None  # of a finished NTLM login: it seals the messages

    def enter(self, header: str | None, offered: frozenset[AuthScheme], refuse: bool) -> str | Refused:
        """The user's name, or why not. `refuse` lets a login be tried and fail."""
        scheme, _, given = (header or "").partition(" ")
        if header is None and self._user is not None:
            return self._user
        if scheme.lower() == "basic" and "basic" in offered:
            return self._basic(given, offered, refuse)
        if scheme.lower() in ("negotiate", "ntlm") and "ntlm" in offered:
            return self._ntlm(scheme, given, offered, refuse)
        return Refused(self._challenges(offered))

    def _challenges(self, offered: frozenset[AuthScheme]) -> tuple[str, ...]:
        names = {"ntlm": "Negotiate", "basic": 'Basic realm="WSMAN"'}
        return tuple(text for scheme, text in names.items() if scheme in offered)

    def _basic(self, given: str, offered: frozenset[AuthScheme], refuse: bool) -> str | Refused:
        try:
            name, _, password = base64.b64decode(given, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return Refused(self._challenges(offered))
        if refuse or not self._accounts.check(name, password):
            return Refused(self._challenges(offered))
        return self._accounts.known_as(name)

    def _ntlm(self, scheme: str, given: str, offered: frozenset[AuthScheme], refuse: bool) -> str | Refused:
        if self.context is not None:  # a new login on a connection that has one
            self._user = self.context = self._step = None
        try:
            token = base64.b64decode(given, validate=True)
            self._step, answer = self._accounts.accept(token, self._step)
        except Exception:  # a broken token ends in anything: struct.error, AttributeError, SpnegoError
            self._step = None
            return Refused(self._challenges(offered))
        if not self._step.complete:
            return Refused((f"{scheme} {base64.b64encode(answer or b'').decode()}",))
        context, self._step = self._step, None
        if refuse:
            return Refused(self._challenges(offered))
        self.context = context
        self._user = self._accounts.known_as(context.client_principal or "")
        return self._user
