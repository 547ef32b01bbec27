"""`checklist.hardware`: the least that a server must have, by role; as written, and as values with our own defaults."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BeforeValidator, Field

from preflight.topology.raw_base import Raw, listed_word
from preflight.topology.scalars import matching, one_of
from preflight.values.hardware_minimum import DEFAULT_DISK, MEASURES, OURS, Measure, Minimum
from preflight.values.windows_systems import SYSTEM_NAMES

System = Annotated[str, one_of("system", SYSTEM_NAMES)]


class RawMinimum(Raw):
    """`checklist.hardware.ROLE`."""

    cores: Annotated[int, Field(ge=1, le=1024)] | None = None
    memory_gb: Annotated[float, Field(ge=0.5, le=65536)] | None = None
    free_gb: Annotated[float, Field(ge=0.5, le=1048576)] | None = None
    disk: Annotated[str, matching("a drive", "[A-Za-z]:", "one like 'D:'")] | None = None
    systems: (
        Annotated[
            list[System],
            Field(min_length=1, max_length=50),
            BeforeValidator(listed_word, json_schema_input_type=System | list[System]),
        ]
        | None
    ) = None


class RawHardware(Raw):
    """`checklist.hardware`: servers by role; a server with several roles needs the most of each."""

    cml: RawMinimum | None = None
    mps: RawMinimum | None = None
    ors: RawMinimum | None = None
    crs: RawMinimum | None = None
    ts: RawMinimum | None = None
    ap_connector: RawMinimum | None = None
    payment_system: RawMinimum | None = None
    db: RawMinimum | None = None


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the site says, by role."""

    roles: Mapping[str, RawMinimum] = field(default_factory=dict)

    def minimum(self, roles: Collection[str]) -> Minimum:
        """What a server with these roles needs: the most of each measure, systems that all of them allow."""
        said = [minimum for role, minimum in self.roles.items() if role in roles]
        systems = [frozenset(m.systems) for m in said if m.systems is not None]
        cores = max((m.cores for m in said if m.cores is not None), default=None)
        memory = max((m.memory_gb for m in said if m.memory_gb is not None), default=None)
        free = max((m.free_gb for m in said if m.free_gb is not None), default=None)
        found: dict[Measure, object] = {
            "cores": cores,
            "memory_gb": memory,
            "free_gb": free,
            "systems": systems or None,
        }
        return Minimum(
            OURS.cores if cores is None else cores,
            OURS.memory_gb if memory is None else float(memory),
            OURS.free_gb if free is None else float(free),
            frozenset.intersection(*systems) if systems else OURS.systems,
            next((m.disk.upper() for m in said if m.disk is not None), DEFAULT_DISK),
            frozenset(measure for measure in MEASURES if found[measure] is None),
        )


def resolve_hardware(written: RawHardware) -> Hardware:
    """The roles that something is said of."""
    said = {role: getattr(written, role) for role in RawHardware.model_fields}
    return Hardware({role: minimum for role, minimum in said.items() if minimum is not None})
