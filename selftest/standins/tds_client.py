"""One connection to a TDS server, for the PowerShell stand-in of SqlClient: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from dataclasses import asdict
from typing import Any

from preflight.database.encryption import tls_context
from preflight.database.options import AskOptions, Deadline
from preflight.database.session import Door, LoginRefusedError, QueryError, log_in
from preflight.errors import TransportError
from preflight.topology.checklist_database import ExternalDatabase
from preflight.topology.credentials import Secret


def talk() -> None:
    """The first line says where to log in and as whom, each other one is a statement; a line answers each."""
    said = answers()
    next(said)
    for line in sys.stdin:
        print(json.dumps(said.send(json.loads(line))), flush=True)


def answers() -> Generator[dict[str, Any], Any, None]:
    """Rows; or the server's errors; or why it was not reached."""
    asked = yield {}
    database = ExternalDatabase(server="sql1", encrypt=asked["encrypt"])
    door = Door(
        database, asked["address"], asked["port"], tls_context(database), AskOptions(connect_s=3.0, login_s=5.0)
    )
    try:
        session = log_in(door, asked["user"], Secret(asked["password"]), asked["database"], Deadline(30.0))
    except LoginRefusedError as error:
        yield {"errors": [asdict(one) for one in error.errors]}
        return
    except TransportError as error:
        yield {"unreached": error.cause}
        return
    told: dict[str, Any] = {"rows": []}
    while True:
        statement = yield told
        try:
            told = {"rows": session.rows(statement)}
        except QueryError as error:
            told = {"errors": [asdict(error.error)]}
        except TransportError as error:
            told = {"unreached": error.cause}


if __name__ == "__main__":
    talk()
