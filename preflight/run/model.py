"""Everything that came out of a run, as one validated value; every report is a view of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from preflight.run.clean import clean
from preflight.values.case import Level, Phase
from preflight.values.outcome import Outcome
from preflight.values.probe import Protocol

SCHEMA_VERSION: Literal[1] = 1
# Every text of a run goes through `clean`, also when a run.json is read back: no view can show what a host smuggled in.
Text = Annotated[str, BeforeValidator(clean)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]
OutcomeCounts = dict[str, int]  # the value of each Outcome, and "total"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class CaseResult(_Model):
    """What came out of one case, in sentences for a person in a hurry."""

    id: Text
    row: Text
    section: Text
    level: Level
    requirement: Text
    purpose: Text
    protocol: Protocol | None
    ports: tuple[int, ...]
    notation: Text
    source: Text | None
    destination: Text | None
    hosts: tuple[Text, ...]  # sorted
    phase: Phase | None  # the destination's, from what was gathered there
    outcome: Outcome
    reason: Text
    asked: Text = ""
    seen: Text = ""
    remedy: Text = ""
    strength: Text = ""
    stand_in: Text | None = None
    findings: tuple[Text, ...] = ()
    note: Text = ""
    probes: tuple[Text, ...] = ()  # keys in observations.json
    restricted: bool = False


class HostResult(_Model):
    """One machine of the inventory, and whether it could be talked to."""

    name: Text
    roles: tuple[Text, ...]  # sorted
    address: Text
    site: Text
    network: Text | None
    managed_by: Text | None  # None: no agent runs there
    via: Text = ""
    reached: bool | None = None  # None: it was not asked
    failure: Text = ""
    cause: Text = ""
    remedy: Text = ""
    phase: Phase | None = None
    system: Text = ""
    skew_s: float | None = None  # host's clock minus the controller's


class CatalogueInfo(_Model):
    """Which vendor page the run was made from."""

    product: Text
    version: Text
    revision: int
    digest: Text


class Controller(_Model):
    """The machine that pytest ran on."""

    hostname: Text
    platform: Text
    user: Text


class Counts(_Model):
    """Cases by outcome: of each section, and of the whole run."""

    total: OutcomeCounts
    sections: dict[str, OutcomeCounts]


class RunHead(_Model):
    """What is known of a run without its results."""

    schema_version: Literal[1] = SCHEMA_VERSION
    suite_version: Text
    run_id: Text
    started: Moment
    finished: Moment
    duration_s: float
    controller: Controller
    customer: Text
    site: Text
    timezone: Text
    lab: Text | None  # name of the lab world: such a run says so everywhere, and decides nothing
    scenario: Text | None = None
    inventory_file: Text  # the name only
    inventory_digest: Text
    catalogue: CatalogueInfo
    command: tuple[Text, ...]  # argv; secrets are never on it
    selection: dict[Text, Text]  # option name without dashes -> what was given
    replay_of: Text | None = None
    interrupted: bool = False


class Run(RunHead):
    """The whole run. Its counts must agree with its cases: a run.json that was edited by hand does not load."""

    full: bool  # nothing was left out by a selection or an interruption
    counts: Counts
    hosts: tuple[HostResult, ...]
    cases: tuple[CaseResult, ...]  # in the catalogue's order
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _counts_agree(self) -> Run:
        if self.counts != count_cases(self.cases):
            raise ValueError("the counts do not agree with the cases")
        return self


def count_cases(cases: Iterable[CaseResult]) -> Counts:
    """Cases by section (in the cases' order) and outcome; every outcome is there, also with 0."""
    tally: dict[str, Counter[Outcome]] = {}
    for case in cases:
        tally.setdefault(case.section, Counter())[case.outcome] += 1
    whole: Counter[Outcome] = Counter()
    for counter in tally.values():
        whole.update(counter)
    return Counts(total=_spell(whole), sections={section: _spell(c) for section, c in tally.items()})


def _spell(counter: Counter[Outcome]) -> OutcomeCounts:
    return {outcome.value: counter[outcome] for outcome in Outcome} | {"total": counter.total()}


def missing_rows(run: Run, row_ids: Iterable[str]) -> list[str]:
    """Rows of the catalogue that have no case in the run: must be empty, every row reaches the report."""
    present = {case.row for case in run.cases}
    return [row for row in row_ids if row not in present]
