"""Builds the run out of cases, verdicts and hosts: the last step of the way of one datum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from preflight.run.model import CaseResult, HostResult, Run, RunHead, count_cases
from preflight.values.case import Case, Phase
from preflight.values.observation import HostObservation
from preflight.values.outcome import Outcome, Verdict

NOT_SELECTED = "left out of this run"
NOT_BUILT = "not built yet"


def utc_text(when: datetime) -> str:
    """A moment as run.json writes it: ISO 8601 in UTC, to the millisecond. The moment must know its time zone."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def case_result(case: Case, verdict: Verdict | None, not_run: str = "", phase: Phase | None = None) -> CaseResult:
    """A case with its verdict; without one it is `not run`, for the reason given or the case's own."""
    judged = verdict or Verdict(Outcome.NOT_RUN, not_run or case.not_built or NOT_SELECTED)
    return CaseResult(
        id=case.id,
        row=case.row,
        section=case.section,
        level=case.level,
        requirement=case.requirement,
        purpose=case.purpose,
        protocol=case.protocol,
        ports=case.ports,
        notation=case.notation,
        source=case.source,
        destination=case.destination,
        hosts=tuple(sorted(case.hosts)),
        phase=phase,
        outcome=judged.outcome,
        reason=judged.reason,
        asked=judged.asked,
        seen=judged.seen,
        remedy=judged.remedy,
        strength=judged.strength,
        stand_in=judged.stand_in,
        findings=judged.findings,
        note=case.note,
        probes=judged.probes,
        restricted=case.restricted,
    )


def host_result(
    name: str,
    *,
    roles: Iterable[str],
    address: str,
    site: str,
    network: str | None,
    managed_by: str | None,
    seen: HostObservation | None,
    phase: Phase | None = None,
    skew_s: float | None = None,
) -> HostResult:
    """A machine with what the survey knows of it; `seen` None: it was not asked."""
    return HostResult(
        name=name,
        roles=tuple(sorted(roles)),
        address=address,
        site=site,
        network=network,
        managed_by=managed_by,
        via=seen.via if seen else "",
        reached=seen.reached if seen else None,
        failure=seen.failure if seen else "",
        cause=seen.cause if seen else "",
        remedy=seen.remedy if seen else "",
        phase=phase,
        system=_system(seen),
        skew_s=skew_s,
    )


def _system(seen: HostObservation | None) -> str:
    fact = seen.facts.get("system") if seen else None
    if fact is None or fact.status != "ok" or not isinstance(fact.value, dict):
        return ""
    words = [fact.value.get(key) for key in ("name", "version", "architecture")]
    shown = [word for word in words if isinstance(word, str) and word]
    # "Debian GNU/Linux 12 (bookworm)" already tells its version.
    return " ".join(w for i, w in enumerate(shown) if i == 0 or w not in shown[0])


def build_run(
    head: RunHead,
    judged: Iterable[tuple[Case, Verdict | None]],
    *,
    hosts: Sequence[HostResult],
    row_ids: Sequence[str],
    not_run: Mapping[str, str] | None = None,
    notes: Iterable[str] = (),
) -> Run:
    """The run. `row_ids`: the catalogue's rows in its order; `not_run`: case id -> why it has no verdict.

    A row without any case would vanish from the report: it is told in the notes, and such a run is not full. A case
    that this version cannot run (`Case.not_built`) does not make a run less than full, one left out does.
    """
    order = {row: place for place, row in enumerate(row_ids)}
    phases = {host.name: host.phase for host in hosts}
    why = not_run or {}
    results, left_out = [], False
    for case, verdict in sorted(judged, key=lambda pair: order.get(pair[0].row, len(order))):
        left_out |= verdict is None and case.not_built is None
        results.append(case_result(case, verdict, why.get(case.id, ""), phases.get(case.destination or "")))
    present = {result.row for result in results}
    lost = [row for row in row_ids if row not in present]
    remarks = [*notes]
    if lost:
        remarks.append(f"rows of the catalogue without any case, a fault of this program: {', '.join(lost)}")
    return Run.model_validate(
        {name: getattr(head, name) for name in RunHead.model_fields}
        | {
            "full": not (left_out or lost or head.interrupted),
            "counts": count_cases(results),
            "hosts": tuple(hosts),
            "cases": tuple(results),
            "notes": tuple(remarks),
        }
    )
