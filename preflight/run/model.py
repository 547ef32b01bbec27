"""Everything that came out of a run, as one validated value; every report is a view of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from preflight.run.base import Model, Moment, Text
from preflight.run.model_rulings import Comparison, RulingResult
from preflight.run.model_site import CertificateResult, HostResult, NetworkResult, RowResult
from preflight.values.case import Level, Phase
from preflight.values.outcome import Door, Outcome
from preflight.values.probe import Protocol

SCHEMA_VERSION: Literal[2] = 2
LAID_OVER: Mapping[str, Outcome] = {"waiver": Outcome.WAIVED, "attestation": Outcome.ATTESTED}
OutcomeCounts = dict[str, int]  # the value of each Outcome, and "total"


class ShutResult(Model):
    """One port whose way was seen shut while its end was proven to be listening (preflight.values.outcome.ShutPort)."""

    protocol: Protocol
    port: int
    address: Text
    doors: tuple[Door, ...]
    # Of a Windows host's own firewall: Domain, Private or Public, where it is one.
    profiles: dict[Door, Text] = Field(default_factory=dict)


class CaseResult(Model):
    """What came out of one case, in sentences for a person in a hurry.

    `outcome` is what was observed. A ruling lies over it and never replaces it: `standing` is what counts.
    """

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
    standing: Outcome  # waived or attested where a ruling in force lies over a blocking outcome, else the outcome
    ruling: Text | None = None  # id of the ruling that lies over it, in `Run.rulings`
    reason: Text
    asked: Text = ""
    seen: Text = ""
    remedy: Text = ""
    strength: Text = ""
    stand_in: Text | None = None
    findings: tuple[Text, ...] = ()
    note: Text = ""
    probes: tuple[Text, ...] = ()  # keys in observations.json
    evidence: tuple[Text, ...] = ()  # checklist items: facts read, of whom and which way, when
    spans: tuple[tuple[int, int], ...] = ()  # the whole range (first, last), where `ports` is a sample of it
    chosen: tuple[int, ...] = ()  # of a slash row: those of `ports` that the inventory says are used
    restricted: bool = False
    denied: tuple[Text, ...] = ()  # attestations in force that are for it and do not count: it was observed to fail
    shut: tuple[ShutResult, ...] = ()

    @model_validator(mode="after")
    def _standing_agrees(self) -> CaseResult:
        laid_over = self.standing in (Outcome.WAIVED, Outcome.ATTESTED)
        if self.outcome in (Outcome.WAIVED, Outcome.ATTESTED):
            raise ValueError(f"nothing observes an outcome {self.outcome.value!r}: a ruling is laid over one")
        if laid_over != (self.ruling is not None) or (laid_over and not self.outcome.blocks):
            raise ValueError("a standing of its own needs a ruling, and a ruling a blocking outcome below it")
        if not laid_over and self.standing is not self.outcome:
            raise ValueError("without a ruling the outcome is what stands")
        if self.standing is Outcome.ATTESTED and self.outcome is not Outcome.UNVERIFIED:
            raise ValueError("an attestation lies over unverified only, never over a failure that was observed")
        if self.denied and self.outcome is not Outcome.FAILED:
            raise ValueError("an attestation is denied where a failure was observed only")
        return self


class CatalogueInfo(Model):
    """Which vendor page the run was made from."""

    product: Text
    version: Text
    revision: int
    digest: Text


class Controller(Model):
    """The machine that pytest ran on."""

    hostname: Text
    platform: Text
    user: Text


class Counts(Model):
    """Cases by outcome: of each section, and of the whole run."""

    total: OutcomeCounts
    sections: dict[str, OutcomeCounts]


class PartResult(Model):
    """One of the runs that a merged run was made of."""

    customer: Text
    site: Text
    run_id: Text
    started: Moment
    sha256: Text  # of its run.json
    lab: Text | None
    full: bool  # of that run by itself; shards are not, their union may be
    prefix: Text  # what names of this site begin with where another site has the same; empty when there is one site
    counts: Counts  # of the cases that the merged run took from it: those of all parts add up to the run's own


class RunHead(Model):
    """What is known of a run without its results."""

    schema_version: Literal[2] = SCHEMA_VERSION
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
    rulings_digest: Text = ""  # over the texts of waivers and attestations; empty: none, or an older suite wrote it
    catalogue: CatalogueInfo
    command: tuple[Text, ...]  # argv; secrets are never on it
    selection: dict[Text, Text]  # option name without dashes -> what was given
    replay_of: Text | None = None
    as_of: Moment | None = None  # when the hosts were asked: a replay judges expiry by it; None: `started`
    interrupted: bool = False


class Run(RunHead):
    """The whole run. Counts and rulings must agree with its cases: a run.json that was edited by hand does not load."""

    full: bool  # nothing was left out by a selection or an interruption
    counts: Counts
    hosts: tuple[HostResult, ...]
    networks: tuple[NetworkResult, ...] = ()
    rows: tuple[RowResult, ...] = ()  # in the page's order
    cases: tuple[CaseResult, ...]  # in the catalogue's order
    certificates: tuple[CertificateResult, ...] = ()
    rulings: tuple[RulingResult, ...] = ()
    comparison: Comparison | None = None
    parts: tuple[PartResult, ...] = ()  # only of a merged run
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _counts_agree(self) -> Run:
        if self.counts != count_cases(self.cases):
            raise ValueError("the counts do not agree with the cases")
        if self.parts and sum((Counter(part.counts.total) for part in self.parts), Counter()) != +Counter(
            self.counts.total
        ):
            raise ValueError("the counts of the parts do not add up to those of the run")
        return self

    @model_validator(mode="after")
    def _rulings_agree(self) -> Run:
        known = {ruling.id: ruling for ruling in self.rulings}
        if len(known) < len(self.rulings):
            raise ValueError("two rulings have one id")
        over: Counter[str] = Counter()
        for case in self.cases:
            if not {name for name in case.denied if name in known and known[name].kind == "attestation"} == {
                *case.denied
            }:
                raise ValueError(f"{case.id}: denied {', '.join(case.denied)}, and not all are attestations of the run")
            if case.ruling is None:
                continue
            over[case.ruling] += 1
            if case.ruling not in known:
                raise ValueError(f"{case.id}: there is no ruling {case.ruling!r} in the run")
            if LAID_OVER[known[case.ruling].kind] is not case.standing:
                raise ValueError(f"{case.id}: a {known[case.ruling].kind} makes nothing {case.standing.value}")
        for ruling in self.rulings:
            if ruling.cases != over[ruling.id]:
                raise ValueError(f"ruling {ruling.id}: lies over {over[ruling.id]} cases, and {ruling.cases} are told")
            if ruling.cases and (ruling.state != "used" or ruling.ends_in_days < 0):
                raise ValueError(f"ruling {ruling.id}: lies over {ruling.cases} cases, and is not in force")
        return self


def moment_of(run: RunHead) -> datetime:
    """When the hosts were asked: of a replay when they were recorded, of a merged run that of its newest part."""
    return datetime.fromisoformat(run.as_of or run.started)


def count_cases(cases: Iterable[CaseResult]) -> Counts:
    """Cases by section (in the cases' order) and what stands of each; every outcome is there, also with 0."""
    tally: dict[str, Counter[Outcome]] = {}
    for case in cases:
        tally.setdefault(case.section, Counter())[case.standing] += 1
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
