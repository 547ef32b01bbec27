"""The files that are views of a run: name -> what makes it. A run writes them, and they can be made again any time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from preflight.report.change.markdown import request_markdown
from preflight.report.change.table import request_csv, request_xlsx
from preflight.report.change.windows import host_firewall
from preflight.report.junit import junit_xml
from preflight.report.summary import summary_md
from preflight.report.table_csv import cases_csv
from preflight.run.model import Run


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run with the digest of the run.json that holds it: what a view is made from, and nothing else."""

    run: Run
    sha256: str  # of run.json's bytes, hexadecimal


def recorded(run: Run, run_json: bytes) -> Recorded:
    """The run as it stands in those bytes."""
    return Recorded(run, hashlib.sha256(run_json).hexdigest())


View = Callable[[Recorded], bytes]
VIEWS: dict[str, View] = {
    "junit.xml": lambda recorded: junit_xml(recorded.run),
    "cases.csv": lambda recorded: cases_csv(recorded.run),
    "summary.md": lambda recorded: summary_md(recorded.run, recorded.sha256),
    "change-request.csv": lambda recorded: request_csv(recorded.run),
    "change-request.xlsx": lambda recorded: request_xlsx(recorded.run),
    "change-request.md": lambda recorded: request_markdown(recorded.run),
    "host-firewall.ps1": lambda recorded: host_firewall(recorded.run),
}
