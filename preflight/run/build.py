"""Builds the run out of cases, verdicts and hosts: the last step of the way of one datum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from preflight.run.model import LAID_OVER, CaseResult, Run, RunHead, ShutResult, count_cases
from preflight.run.model_rulings import Comparison, RulingResult
from preflight.run.model_site import CertificateResult, HostResult, NetworkResult, RowResult
from preflight.values.case import Case, Phase
from preflight.values.observation import HostObservation
from preflight.values.outcome import Outcome, ShutPort, Verdict

NOT_SELECTED = "left out of this run"
NOT_BUILT = "not built yet"


def utc_text(when: datetime) -> str:
    """A moment as run.json writes it: ISO 8601 in UTC, to the millisecond. The moment must know its time zone."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def case_result(
    case: Case,
    verdict: Verdict | None,
    not_run: str = "",
    phase: Phase | None = None,
    ruling: RulingResult | None = None,
    denied: tuple[str, ...] = (),
) -> CaseResult:
    """A case with its verdict; without one it is `not run`, for the reason given or the case's own.

    `ruling`: one in force that lies over the case; it counts for blocking outcomes only. `denied`: ids of attestations
    that are for it and do not count.
    """
    judged = verdict or Verdict(Outcome.NOT_RUN, not_run or case.not_built or NOT_SELECTED)
    over = ruling if judged.outcome.blocks else None
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
        standing=LAID_OVER[over.kind] if over is not None else judged.outcome,
        ruling=over.id if over is not None else None,
        reason=judged.reason,
        asked=judged.asked,
        seen=judged.seen,
        remedy=judged.remedy,
        strength=judged.strength,
        stand_in=judged.stand_in,
        findings=judged.findings,
        note=case.note,
        probes=judged.probes,
        evidence=judged.evidence,
        spans=case.spans,
        chosen=case.chosen,
        restricted=case.restricted,
        denied=denied,
        shut=tuple(_shut(port) for port in judged.shut),
    )


def _shut(port: ShutPort) -> ShutResult:
    return ShutResult(
        protocol=port.protocol,
        port=port.port,
        address=port.address,
        doors=port.doors,
        profiles=dict(port.profiles),
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
    networks: Sequence[NetworkResult] = (),
    rows: Sequence[RowResult] = (),
    certificates: Sequence[CertificateResult] = (),
    rulings: Sequence[RulingResult] = (),
    laid_over: Mapping[str, str] | None = None,
    denied: Mapping[str, tuple[str, ...]] | None = None,
    comparison: Comparison | None = None,
) -> Run:
    """The run. `row_ids`: the catalogue's rows in its order; `not_run`: case id -> why it has no verdict; `laid_over`:
    case id -> id of the ruling in force that lies over it; `denied`: case id -> ids of attestations that cannot.

    A row without any case would vanish from the report: it is told in the notes, and such a run is not full. A case
    that this version cannot run (`Case.not_built`) does not make a run less than full, one left out does.
    """
    order = {row: place for place, row in enumerate(row_ids)}
    phases = {host.name: host.phase for host in hosts}
    why = not_run or {}
    known = {ruling.id: ruling for ruling in rulings}
    over = {case: known[ruling] for case, ruling in (laid_over or {}).items()}
    results, left_out = [], False
    for case, verdict in sorted(judged, key=lambda pair: order.get(pair[0].row, len(order))):
        left_out |= verdict is None and case.not_built is None
        phase = phases.get(case.destination or "")
        overruled = (denied or {}).get(case.id, ())
        results.append(case_result(case, verdict, why.get(case.id, ""), phase, over.get(case.id), overruled))
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
            "networks": tuple(networks),
            "rows": tuple(rows),
            "certificates": tuple(certificates),
            "rulings": tuple(rulings),
            "comparison": comparison,
            "cases": tuple(results),
            "notes": tuple(remarks),
        }
    )
