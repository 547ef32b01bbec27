"""Runs that are parts of one site, and what they give merged."""

from __future__ import annotations

import hashlib

from generated import case, run_of

from preflight.run.merge import merge
from preflight.run.model import Run
from preflight.run.store import run_bytes
from preflight.values.outcome import Outcome, Verdict


def merged(*parts: Run) -> Run:
    """One run out of these."""
    return merge([(run, hashlib.sha256(run_bytes(run)).hexdigest()) for run in parts], "merged")


def shard(number: int, judged: dict[str, Outcome | None], **changes: object) -> Run:
    """The n-th run of a site; `judged`: printer -> what came out, None: not run."""
    cases = [
        (case("S04", "cml1", name), Verdict(outcome, f"run {number}") if outcome else None)
        for name, outcome in judged.items()
    ]
    changes = {"run_id": f"r{number}", "started": f"2026-11-2{number}T00:00:00Z", "rows": ["S04"], **changes}
    not_run = {c.id: f"left out of {number}" for c, verdict in cases if verdict is None}
    return run_of(cases, not_run=not_run, **changes)
