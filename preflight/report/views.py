"""The files that are views of a run: name -> what makes it. A run writes them, and they can be made again any time."""

from __future__ import annotations

from collections.abc import Callable

from preflight.report.change.markdown import request_markdown
from preflight.report.change.table import request_csv, request_xlsx
from preflight.report.change.windows import host_firewall
from preflight.report.junit import junit_xml
from preflight.report.recorded import Recorded, recorded
from preflight.report.signoff.assembly import signoff_html
from preflight.report.summary import summary_md
from preflight.report.table_csv import cases_csv

__all__ = ["VIEWS", "Recorded", "View", "recorded"]

View = Callable[[Recorded], bytes]
VIEWS: dict[str, View] = {
    "junit.xml": lambda recorded: junit_xml(recorded.run),
    "signoff.html": signoff_html,
    "cases.csv": lambda recorded: cases_csv(recorded.run),
    "summary.md": lambda recorded: summary_md(recorded.run, recorded.sha256),
    "change-request.csv": lambda recorded: request_csv(recorded.run),
    "change-request.xlsx": lambda recorded: request_xlsx(recorded.run),
    "change-request.md": lambda recorded: request_markdown(recorded.run),
    "host-firewall.ps1": lambda recorded: host_firewall(recorded.run),
}
