"""What stands on the terminal: recorded texts at 80 and 120 columns, and rules that hold at every width."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shown import everything

from preflight.doctor.document import document
from preflight.doctor.model import Diagnosis
from preflight.doctor.render import diagnosis_lines
from preflight.report.text import columns

HERE = Path(__file__).parent


def shown(diagnosis: Diagnosis, width: int, ascii_only: bool = False) -> list[str]:
    """Lines without their styles."""
    return [line.text for line in diagnosis_lines(diagnosis, width, ascii_only)]


@pytest.mark.parametrize("width", [80, 120])
def test_what_is_shown_is_what_was_recorded(width: int) -> None:
    recorded = (HERE / f"shown-{width}.txt").read_text("utf-8")
    assert "\n".join(shown(everything(), width)) + "\n" == recorded


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_nothing_is_wider_than_the_terminal_but_what_is_to_be_typed(width: int) -> None:
    typed = [t.line for h in everything().hosts for f in h.findings for t in f.typed]
    for line in shown(everything(), width):
        assert columns(line) <= width or any(line.endswith(t) for t in typed)
    assert all(any(line.endswith(t) for line in shown(everything(), width)) for t in typed)


def test_ok_and_not_ok_stand_in_words() -> None:
    lines = shown(everything(), 100)
    assert all(word in "\n".join(lines) for word in ("NOT OK", "warning", "ok"))
    starts = [line.split("  ")[0] for line in lines]
    assert starts.index("cml1") < starts.index("dc1")


def test_one_line_a_host_whatever_is_wrong_with_it() -> None:
    lines = shown(everything(), 100)
    table = lines[: lines.index("")]
    assert sum(line.startswith(("cml1 ", "cml2 ", "a-very", "ors1 ", "dc1 ")) for line in table) == 5


def test_equal_problems_are_told_once_with_all_hosts() -> None:
    text = "\n".join(shown(everything(), 120))
    assert text.count("did not accept the login") == 1
    assert "cml2, a-very-long-name-of-a-host-at-a-branch: login (auth)" in text


def test_a_console_with_a_small_code_page() -> None:
    diagnosis = replace(everything(), notes=("Žluťoučký kůň \u2026",))
    assert all(line.isascii() for line in shown(diagnosis, 80, ascii_only=True))


def test_json_has_the_same_content() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    made = document(everything(), site="c, s", inventory="x.yaml", scenario=None, at=at)
    again = json.loads(json.dumps(made))
    assert again["exit_code"] == 1
    assert again["blocked"]["of"] == 262
    by_name = {host["name"]: host for host in again["hosts"]}
    assert by_name["cml1"]["state"] == "ok"
    assert by_name["dc1"]["state"] == "no agent: asked from others"
    findings = by_name["ors1"]["findings"]
    assert [f["kind"] for f in findings] == ["not-elevated", "skew"]
    assert findings[0]["blocked"][0] == {"by": "low-ports", "cases": 2, "rows": ["W01", "W04"]}


def test_exit_codes() -> None:
    diagnosis = everything()
    assert diagnosis.exit_code == 1
    well = replace(diagnosis, hosts=tuple(h for h in diagnosis.hosts if h.state != "not ok"))
    assert well.exit_code == 0
