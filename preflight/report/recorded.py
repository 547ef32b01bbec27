"""What a view is made from: a run, and the digest of the file that holds it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from preflight.run.model import Run


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run with the digest of the run.json that holds it: what a view is made from, and nothing else."""

    run: Run
    sha256: str  # of run.json's bytes, hexadecimal


def recorded(run: Run, run_json: bytes) -> Recorded:
    """The run as it stands in those bytes."""
    return Recorded(run, hashlib.sha256(run_json).hexdigest())
