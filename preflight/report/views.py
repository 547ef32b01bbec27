"""The files that are views of a run: name -> what makes it. A run writes them, and they can be made again any time."""

from __future__ import annotations

from collections.abc import Callable

from preflight.report.junit import junit_xml
from preflight.report.recorded import Recorded, recorded
from preflight.report.signoff.assembly import signoff_html

__all__ = ["VIEWS", "Recorded", "View", "recorded"]

View = Callable[[Recorded], bytes]
VIEWS: dict[str, View] = {
    "junit.xml": lambda recorded: junit_xml(recorded.run),
    "signoff.html": signoff_html,
}
