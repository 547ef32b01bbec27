"""Ports in headings: those that the site uses, ranges as ranges."""

from __future__ import annotations

from typing import Any

import pytest
from generated import case, run_of

from preflight.report.ports import used_ports
from preflight.report.signoff.blocking import blocking_html, findings_of
from preflight.report.terminal import where
from preflight.run.model import CaseResult
from preflight.values.outcome import Outcome, Verdict

CASES: list[tuple[dict[str, Any], str]] = [
    ({"ports": (9100,)}, "tcp 9100"),
    ({"ports": (80, 443), "notation": "slash"}, "tcp 80/443"),
    ({"ports": (50001, 50003), "notation": "slash", "chosen": (50003,)}, "tcp 50003"),
    ({"ports": (5011, 5012, 5013, 5020), "notation": "comma"}, "tcp 5011-5013, 5020"),
    ({"ports": (50000, 50002, 50015), "notation": "sample", "spans": ((50000, 50015),)}, "tcp 50000-50015"),
    ({"ports": (), "protocol": "udp"}, "udp"),
]


def failed(**changes: Any) -> CaseResult:
    return run_of([(case("S04", "cml1", "mfp1", **changes), Verdict(Outcome.FAILED, "shut"))], rows=["S04"]).cases[0]


@pytest.mark.parametrize(("changes", "text"), CASES, ids=[text for _, text in CASES])
def test_used_ports(changes: dict[str, Any], text: str) -> None:
    assert used_ports(failed(**changes)) == text
    shown = f" {text}" if changes["ports"] else ""
    assert where(failed(**changes)) == f"S04{shown}, cml1 to mfp1"


def test_a_long_list_is_cut_in_headings_and_leaves_the_ends() -> None:
    many = {"ports": tuple(range(1000, 1100, 2)), "notation": "comma"}
    assert where(failed(**many)) == "S04 tcp 1000, 1002, 1004, 1006, 1008, 1010, ..., cml1 to mfp1"
    run = run_of([(case("S04", "cml1", "mfp1", **many), Verdict(Outcome.FAILED, "shut"))], rows=["S04"])
    assert "TCP 1000, 1002, 1004, 1006, 1008, 1010, 1012, 1014, ... " in blocking_html(findings_of(run))
