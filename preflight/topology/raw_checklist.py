"""The keys of `checklist` as they are written, and the step from there to values: one line a group of items."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from preflight.topology.checklist import Checklist
from preflight.topology.checklist_antivirus import RawAntivirus, resolve_antivirus
from preflight.topology.checklist_database import RawExternalDatabase
from preflight.topology.checklist_hardware import RawHardware, resolve_hardware
from preflight.topology.checklist_interfering import RawInterfering, resolve_interfering
from preflight.topology.checklist_shares import RawShare
from preflight.topology.checklist_software import RawSoftware, resolve_software
from preflight.topology.checklist_versions import BrowserTable, PatchTable
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_base import Raw


def _asked(value: Any) -> Any:
    if value in ("ask", "never"):
        return value
    raise ValueError("write ask, or never: it makes each CML server look for updates, which takes a minute")


AskOrNever = Annotated[Literal["ask", "never"], PlainValidator(_asked, json_schema_input_type=Literal["ask", "never"])]


class RawChecklist(Raw):
    """`checklist`."""

    software: Annotated[list[RawSoftware], Field(max_length=500)] | None = None
    antivirus: RawAntivirus = Field(default_factory=RawAntivirus)
    interfering: RawInterfering = Field(default_factory=RawInterfering)
    shares: Annotated[list[RawShare], Field(max_length=20)] = Field(
        default_factory=list
    )  # resolved by the loader: they name secrets
    database: RawExternalDatabase | None = None  # resolved by the loader: it names hosts
    hardware: RawHardware = Field(default_factory=RawHardware)
    browsers: BrowserTable | None = None  # both tables are read by the loader
    patches: PatchTable | None = None
    windows_update: AskOrNever = "never"


def resolve_checklist(written: RawChecklist, at: Place, problems: Problems) -> Checklist:
    """The values, as far as they need nothing but themselves."""
    return Checklist(
        software=resolve_software(written.software, at.of("software"), problems),
        antivirus=resolve_antivirus(written.antivirus, at.of("antivirus"), problems),
        interfering=resolve_interfering(written.interfering, at.of("interfering"), problems),
        hardware=resolve_hardware(written.hardware),
        ask_windows_update=written.windows_update == "ask",
    )
