"""Writes one host's examination down, stage after stage; the first that fails leaves those behind it not reached."""

from __future__ import annotations

import time

from preflight.doctor.mend import typed_for
from preflight.doctor.model import COLUMNS, Effect, Examination, Finding, Stage, State, Step
from preflight.errors import TransportError
from preflight.topology.model import Machine
from preflight.transports.clean import cleaned

WORDS: dict[State, str] = {"ok": "ok", "warning": "warning", "not ok": "NOT OK", "not reached": "-"}
# Which stage a transport's failure belongs to; kinds that are not here are the login's.
_STAGE_OF: dict[str, Stage] = {
    "dns": "name",
    "refused": "port",
    "unreachable": "port",
    "timeout": "port",
    "tls": "tls",
    "no-python": "program",
    "no-powershell": "program",
    "language-mode": "program",
    "contract": "program",
    "ended": "program",
    "sudo": "rights",
    "rights": "rights",
}


class Notebook:
    """The examination of one host while it goes on."""

    def __init__(self, machine: Machine, way: str) -> None:
        self.machine, self.way = machine, way
        self.port = 0
        self.windows = machine.manage is not None and machine.manage.by == "winrm"
        self.installed: bool | None = None
        self.system = ""
        self.skew_s: float | None = None
        self.skew_error_s = 0.0
        self.failed = False
        self._steps: dict[Stage, Step] = {}
        self._findings: list[Finding] = []
        self._began = time.monotonic()

    def step(self, stage: Stage, state: State, seen: str = "", word: str = "") -> None:
        """One stage's outcome; without a word the state's own stands in the table."""
        self._steps[stage] = Step(stage, state, safe(word) or WORDS.get(state, "n/a"), safe(seen))

    def finding(
        self,
        stage: Stage,
        kind: str,
        asked: str,
        seen: str,
        remedy: str,
        *,
        blocks: bool = True,
        effects: tuple[Effect, ...] = (),
    ) -> None:
        """Something that is not right, with what to type for its kind. A step is made where none stands."""
        typed = typed_for(kind, self.machine, self.port, self.windows)
        self._findings.append(
            Finding(self.machine.name, stage, kind, safe(asked), safe(seen), safe(remedy), blocks, typed, effects)
        )
        if stage in COLUMNS and stage not in self._steps:
            self.step(stage, "not ok" if blocks else "warning", seen)

    def lost(self, stage: Stage, kind: str, asked: str, seen: str, remedy: str) -> None:
        """The host cannot be asked any further: everything that needs its agent is blocked."""
        self.failed = True
        self._steps.pop(stage, None)
        self.finding(stage, kind, asked, seen, remedy, effects=("agent",))

    def lost_transport(self, error: TransportError) -> None:
        """As `lost`, at the stage that the error tells of. What was seen from here to be well stays well."""
        stage = _STAGE_OF.get(error.kind, "login")
        if stage in ("name", "port", "tls") and stage in self._steps:
            stage = "login"
        if stage in ("program", "rights"):
            self.step("login", "ok", "it came that far")
        self.lost(stage, error.kind, self.way, error.cause, error.remedy)

    def done(self) -> Examination:
        """All that was written, with the stages that were not reached."""
        for stage in COLUMNS:
            if stage not in self._steps:
                self.step(stage, "not reached", "an earlier stage failed")
        return Examination(
            self.machine.name,
            self.machine.address,
            safe(self.way),
            tuple(self._steps[stage] for stage in COLUMNS),
            tuple(self._findings),
            self.installed,
            safe(self.system),
            self.skew_s,
            self.skew_error_s,
            round(time.monotonic() - self._began, 3),
        )


def safe(text: str, limit: int = 600) -> str:
    """One printable line: what a host wrote may hold anything."""
    line = " ".join(cleaned(text[: limit * 8]).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."
