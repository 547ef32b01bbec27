"""Several runs in one: shards of a site, or several sites. Pure; the order in which they are given means nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from preflight.run.merge_belonging import ages_told, forced_told, refuse, refuse_strangers
from preflight.run.merge_names import Names, names_of
from preflight.run.merge_shards import SiteUnion, unite
from preflight.run.model import CaseResult, Controller, PartResult, Run, RunHead, count_cases, moment_of

Part = tuple[Run, str]  # with the SHA-256 of its run.json


def merge(parts: Sequence[Part], run_id: str) -> Run:
    """One run out of these.

    Runs of one site (same customer and site) are shards: each case once, of those that ran it the latest counts, what
    disagrees is noted. Rulings count as of the newest part, which is `as_of` of the merged run. Other sites stand side
    by side, and where two use one name each gets its site in front. The run is full when every site's shards together
    left nothing out. Comparisons of the parts are dropped: they are about other runs. RecordingError when the runs do
    not belong together.
    """
    refuse(parts)
    ordered = sorted(
        parts, key=lambda part: (part[0].customer, part[0].site, moment_of(part[0]), part[0].run_id, part[1])
    )
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in ordered:
        groups.setdefault((part[0].customer, part[0].site), []).append(part)
    for shards in groups.values():
        refuse_strangers([run for run, _ in shards])
    now = max(moment_of(run) for run, _ in ordered)
    unions = [unite([run for run, _ in shards], now) for shards in groups.values()]
    names = names_of(unions)
    runs = [run for run, _ in ordered]
    rows = next((run.rows for run in runs if run.rows), ())
    place = {row: number for number, row in enumerate([r.id for r in rows] or dict.fromkeys(_rows(runs)))}
    cases = [name.case(case) for name, union in zip(names, unions, strict=True) for case in union.cases]
    cases.sort(key=lambda case: place.get(case.row, len(place)))  # stable: sites stay together within a row
    full = all(union.full for union in unions)
    head = _head(runs, run_id, interrupted=not full and any(run.interrupted for run in runs))
    pairs = list(zip(names, unions, strict=True))
    return Run.model_validate(
        {name: getattr(head, name) for name in RunHead.model_fields}
        | {
            "full": full,
            "counts": count_cases(cases),
            "hosts": tuple(name.host(host) for name, union in pairs for host in union.hosts),
            "networks": tuple(name.network(network) for name, union in pairs for network in union.networks),
            "rows": rows,
            "cases": tuple(cases),
            "certificates": tuple(name.certificate(shown) for name, union in pairs for shown in union.certificates),
            "rulings": tuple(name.ruling(ruling) for name, union in pairs for ruling in union.rulings),
            "parts": tuple(_parts(pairs, [[sha for _, sha in shards] for shards in groups.values()], cases)),
            "notes": (*_notes(pairs), *forced_told(runs), *ages_told(runs)),
        }
    )


def _head(runs: Sequence[Run], run_id: str, *, interrupted: bool) -> RunHead:
    first = runs[0]
    digests = list(dict.fromkeys(run.inventory_digest for run in runs))
    same = {key: value for key, value in first.selection.items() if all(r.selection.get(key) == value for r in runs)}
    zones = {run.timezone for run in runs}
    return RunHead(
        suite_version=_all(run.suite_version for run in runs),
        run_id=run_id,
        started=min(runs, key=lambda run: datetime.fromisoformat(run.started)).started,
        as_of=max((run.as_of or run.started for run in runs), key=datetime.fromisoformat),
        finished=max(runs, key=lambda run: datetime.fromisoformat(run.finished)).finished,
        duration_s=round(sum(run.duration_s for run in runs), 3),
        controller=Controller(
            hostname=_all(run.controller.hostname for run in runs),
            platform=_all(run.controller.platform for run in runs),
            user=_all(run.controller.user for run in runs),
        ),
        customer=_all(run.customer for run in runs),
        site=_all(run.site for run in runs),
        timezone=first.timezone if len(zones) == 1 else "UTC",
        lab=None if first.lab is None else _all(run.lab or "" for run in runs),
        scenario=_all(run.scenario for run in runs if run.scenario) or None,
        inventory_file=_all(run.inventory_file for run in runs),
        inventory_digest=digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest(),
        catalogue=first.catalogue,
        command=("preflight", "merge", *(run.run_id for run in runs)),
        selection=same,
        interrupted=interrupted,
    )


def _parts(
    pairs: Sequence[tuple[Names, SiteUnion]], digests: Sequence[Sequence[str]], cases: Sequence[CaseResult]
) -> Iterable[PartResult]:
    by_id = {case.id: case for case in cases}
    for (name, union), shas in zip(pairs, digests, strict=True):
        taken: list[list[CaseResult]] = [[] for _ in union.runs]
        for known, number in union.origin.items():
            taken[number].append(by_id[name.id(known)])
        for run, sha, mine in zip(union.runs, shas, taken, strict=True):
            yield PartResult(
                customer=run.customer,
                site=run.site,
                run_id=run.run_id,
                started=run.started,
                sha256=sha,
                lab=run.lab,
                full=run.full,
                prefix=name.prefix,
                counts=count_cases(mine),
            )


def _notes(pairs: Sequence[tuple[Names, SiteUnion]]) -> tuple[str, ...]:
    if len(pairs) == 1:
        return pairs[0][1].notes
    return tuple(f"{name.prefix}: {note}" for name, union in pairs for note in union.notes)


def _rows(runs: Iterable[Run]) -> Iterable[str]:
    return (case.row for run in runs for case in run.cases)


def _all(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts))
