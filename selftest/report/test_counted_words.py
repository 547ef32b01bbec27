"""One case, two cases: what is counted agrees with its number in every report and on the terminal."""

from __future__ import annotations

import re

from generated import case, ruling, run_of

from preflight.report.changes import change_lines
from preflight.report.page import hosts_html
from preflight.report.ruled import ruling_lines
from preflight.report.terminal import blocking
from preflight.report.views import VIEWS, recorded
from preflight.run.compare import compare
from preflight.run.model import Run
from preflight.run.store import run_bytes
from preflight.values.counted import counted
from preflight.values.outcome import Outcome, Verdict

PLURALS = (
    "advisories|boxes|cases|certificates|days|entries|findings|flows|groups|hosts|kinds|lines|machines|pairs|printers|"
    "rows|rules|runs|sites|zones"
)
WRONG = re.compile(rf"(?<![\d.,:/-])1 (?:more |unverified |failed |blocking )?(?:{PLURALS})\b")


def one_of_each() -> Run:
    """One case of each outcome, and one host that could not be reached and holds up one case."""
    outcomes = [Outcome.FAILED, Outcome.UNVERIFIED, Outcome.ADVISORY, Outcome.ADVISORY, Outcome.PASSED]
    judged = [
        (case("S04", "cml1", "mfp1", id=f"S04:{n}"), Verdict(outcome, f"reason {'abcde'[n]}"))
        for n, outcome in enumerate(outcomes)
    ]
    lost = (case("S04", "cml2", "mfp2"), Verdict(Outcome.UNVERIFIED, "cml2 could not be reached"))
    waived = (case("P05", "mfp1", "cml1"), Verdict(Outcome.FAILED, "refused"))
    over = {waived[0].id: "W1"}
    return run_of(
        [*judged, lost, waived, (case("C01", None, "cml1"), None)],
        lost={"cml2": "no route"}, rows=["C01", "S04", "P05"], rulings=[ruling("W1", "waiver")], laid_over=over,
    )  # fmt: skip


def test_one_is_singular_wherever_it_is_told() -> None:
    run = one_of_each()
    before = run_of([(case("S04", "cml1", "mfp1", id="S04:0"), Verdict(Outcome.PASSED, "heard"))], rows=["S04"])
    source = recorded(run, run_bytes(run))
    texts = {
        name: view(source).decode("utf-8", "replace") for name, view in VIEWS.items() if not name.endswith(".xlsx")
    }
    for limit in range(1, 5):
        texts[f"terminal {limit}"] = "\n".join(line.text for line in blocking(run, limit, 200))
    texts["rulings"] = "\n".join(line.text for line in ruling_lines(run, 200))
    texts["changes"] = "\n".join(line.text for line in change_lines(compare(before, run), 200, 1))
    texts["page"] = hosts_html(run)
    assert "... and 1 more entry (1 case): see the report" in texts["terminal 2"]
    assert {name: found for name, text in texts.items() if (found := WRONG.findall(text))} == {}


def test_counted() -> None:
    assert [counted(number, "case") for number in (0, 1, 2)] == ["0 cases", "1 case", "2 cases"]
    assert [counted(number, "entry is", "entries are") for number in (1, 3)] == ["1 entry is", "3 entries are"]
