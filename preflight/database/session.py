"""One account's session on a database server, over python-tds."""

from __future__ import annotations

import contextlib
import logging
import ssl
from dataclasses import dataclass
from typing import Any

import pytds
from pytds import tds_base

from preflight.database import queries
from preflight.database.channel import Channel
from preflight.database.options import AskOptions, Deadline
from preflight.errors import PreflightError, TransportError
from preflight.topology.checklist_database import ExternalDatabase
from preflight.topology.credentials import Secret
from preflight.values.database import ServerError, TlsSeen

# It tells of every failed login, which is an answer here and no event.
logging.getLogger("pytds").setLevel(logging.CRITICAL)
APPLICATION = "SafeQ Preflight"
_ONE_ATTEMPT_S = 0.1  # python-tds repeats a login that failed until this is over; the deadline is the channel's


class LoginRefusedError(PreflightError):
    """The server does not let the account in."""

    def __init__(self, errors: tuple[ServerError, ...]) -> None:
        super().__init__(", ".join(str(error.number) for error in errors))
        self.errors = errors


class QueryError(PreflightError):
    """The server does not answer a question."""

    def __init__(self, error: ServerError) -> None:
        super().__init__(str(error.number))
        self.error = error


@dataclass(frozen=True, slots=True)
class Door:
    """Where the server is, and how it is entered."""

    database: ExternalDatabase
    address: str
    port: int
    context: ssl.SSLContext
    options: AskOptions

    def channel(self, deadline: Deadline) -> Channel:
        """A connection that has agreed on encryption. Raises TransportError."""
        try:
            return self._greeted(deadline, clear=False)
        except TransportError as error:
            if error.kind != "no-encryption" or self.database.encrypt:
                raise
            return self._greeted(deadline, clear=True)

    def _greeted(self, deadline: Deadline, *, clear: bool) -> Channel:
        channel = Channel.open(self.address, self.port, deadline, self.options)
        try:
            channel.greet(self.context, self.database.certificate_name, clear=clear)
        except BaseException:
            channel.close()
            raise
        return channel


class Session:
    """An account that was let in."""

    def __init__(self, connection: Any, tls: TlsSeen) -> None:
        self._connection = connection
        self.tls = tls

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a question. Raises QueryError, TransportError."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []
        except TransportError:
            raise
        except tds_base.Error as error:
            number = getattr(error, "number", None)
            if not isinstance(number, int):
                raise _strange(error) from None
            state, severity = getattr(error, "state", 0), getattr(error, "severity", 0)
            raise QueryError(ServerError(number, state, severity, str(getattr(error, "text", ""))[:300])) from None
        except Exception as error:  # bytes that python-tds stumbles over
            raise _strange(error) from None

    def use(self, database: str) -> None:
        """Open a database. Raises QueryError, TransportError."""
        self.rows(queries.use(database))

    def close(self) -> None:
        """End the session."""
        with contextlib.suppress(Exception):  # the other end may be gone, and nothing depends on it
            self._connection.close()


def log_in(door: Door, user: str, password: Secret, database: str, deadline: Deadline) -> Session:
    """Let the account in, once: a login that fails is not repeated. Raises LoginRefusedError, TransportError."""
    channel = door.channel(Deadline(door.options.login_s, deadline))
    try:
        connection = pytds.connect(
            dsn=door.address,
            port=door.port,
            user=user,
            password=password.reveal(),
            database=database,
            sock=channel,  # type: ignore[arg-type]
            autocommit=True,
            as_dict=True,
            appname=APPLICATION,
            login_timeout=_ONE_ATTEMPT_S,
            disable_connect_retry=True,
        )
    except TransportError:
        channel.close()
        raise
    except Exception as error:
        channel.close()
        if channel.login is not None and channel.login.errors:
            raise LoginRefusedError(channel.login.errors) from None
        raise _strange(error) from None
    channel.extend(deadline)
    return Session(connection, channel.tls)


def _strange(error: Exception) -> TransportError:
    inner = error.__cause__ or error
    cause = f"the server said what python-tds does not understand: {type(inner).__name__}: {inner}"[:300]
    return TransportError("other", cause, "Check what listens there; report this message if it is an MS SQL server.")
