"""An endpoint as a process of its own, for a network namespace: `python -m preflight.lab.wsman.serve SETTINGS.json`.

It prints one line `ready {"port": ..., "url": ...}`. After that each line on its stdin gets one line on its stdout:
`stats` the counts as JSON, `faults [...]` the word `ok` once they hold. It leaves, and ends every command, when stdin
ends or a SIGTERM comes.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from preflight.lab.wsman.faults import Fault
from preflight.lab.wsman.process import ProcessExecutor
from preflight.lab.wsman.server import Endpoint
from preflight.lab.wsman.settings import EndpointSettings, TlsFiles

FAULTS: TypeAdapter[tuple[Fault, ...]] = TypeAdapter(tuple[Fault, ...])
POLL_S = 0.5


class ServeSettings(BaseModel):
    """The settings file. `commands` maps a program's name to what runs in its place: {"powershell.exe": ["/x/pwsh"]}.

    `stats_file`, when given, holds the counts too: replaced whole after each change.
    """

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None
    key: Path | None = None
    auth: frozenset[Literal["basic", "ntlm"]] = frozenset({"basic", "ntlm"})
    users: dict[str, str] = {}
    allow_unencrypted: bool = False
    max_shells_per_user: int = 30
    idle_timeout_s: float = 7200.0
    commands: dict[str, list[str]] = {}
    environment: dict[str, str] = {}
    cwd: str | None = None
    faults: tuple[Fault, ...] = ()
    stats_file: Path | None = None

    def endpoint(self) -> Endpoint:
        """The endpoint that these describe, not started. Raises ValueError when half a certificate is given."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("`certificate` and `key` go together")
        tls = TlsFiles(self.certificate, self.key) if self.certificate and self.key else None
        settings = EndpointSettings(
            self.host,
            self.port,
            tls,
            self.auth,
            self.users,
            self.allow_unencrypted,
            max_shells_per_user=self.max_shells_per_user,
            idle_timeout_s=self.idle_timeout_s,
        )
        made = Endpoint(settings, ProcessExecutor(self.commands, self.environment, self.cwd))
        made.faults = self.faults
        return made


def _keep(endpoint: Endpoint, path: Path, over: threading.Event) -> None:
    """Keep the counts in a file, the last ones too."""
    version = -1
    while True:
        is_last = over.is_set()
        new = endpoint.stats.wait_change(version, 0 if is_last else POLL_S)
        if new == version:
            if is_last:
                return
            continue
        version = new
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(json.dumps(endpoint.stats.view().as_json()), encoding="utf-8")
        fresh.replace(path)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _obey(endpoint: Endpoint, line: str) -> str:
    word, _, rest = line.strip().partition(" ")
    if word == "stats":
        return json.dumps(endpoint.stats.view().as_json())
    if word == "faults":
        endpoint.faults = FAULTS.validate_json(rest)
        return "ok"
    return f"no such word: {word!r}; there are stats and faults"


def main(arguments: list[str]) -> int:
    """Serve until stdin ends. 2 when the settings are no good."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m preflight.lab.wsman.serve SETTINGS.json\n")
        return 2
    try:
        settings = ServeSettings.model_validate_json(Path(arguments[0]).read_bytes())
        endpoint = settings.endpoint()
        endpoint.start()
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 2
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(endpoint, settings.stats_file, over))
    signal.signal(signal.SIGTERM, _leave)
    try:
        if settings.stats_file is not None:
            keeper.start()
        _say(f"ready {json.dumps({'port': endpoint.port, 'url': endpoint.url})}")
        for line in sys.stdin:
            try:
                _say(_obey(endpoint, line))
            except ValidationError as error:
                _say(f"not understood: {error.errors()[0]['msg']}")
    finally:
        endpoint.close()
        over.set()
        if keeper.is_alive():
            keeper.join()
    return 0


def _leave(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
