"""junit.xml: what each outcome becomes, and that everything legal and illegal can be written."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from generated import case, ruling, run_of

from preflight.report.junit import junit_xml
from preflight.run.compare import compare
from preflight.run.model import CaseResult, Run
from preflight.values.outcome import Outcome, Verdict


def parsed(run: Run) -> ET.Element:
    return ET.fromstring(junit_xml(run))  # noqa: S314 - we wrote it


def only_case(run: Run) -> ET.Element:
    found = parsed(run).findall("testsuite/testcase")
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("outcome", "child", "kind", "message"),
    [
        (Outcome.PASSED, None, None, None),
        (Outcome.FAILED, "failure", "failed", "why"),
        (Outcome.UNVERIFIED, "failure", "unverified", "why"),
        (Outcome.ADVISORY, "system-out", None, None),
        (Outcome.NOT_APPLICABLE, "skipped", "not applicable", "not applicable: why"),
        (Outcome.NOT_RUN, "skipped", "not run", "not run: why"),
    ],
)
def test_outcomes(outcome: Outcome, child: str | None, kind: str | None, message: str | None) -> None:
    run = run_of([(case("S04", "cml1", "mfp1"), Verdict(outcome, "why", "asked so", "seen that", "do this"))])
    element = only_case(run)
    assert element.get("classname") == "server_to_printer.S04"
    assert element.get("name") == "S04:cml1>mfp1"
    told = {p.get("name"): p.get("value") for p in element.iterfind("properties/property")}
    assert told == {
        "row": "S04",
        "level": "mandatory",
        "outcome": outcome.value,
        "standing": outcome.value,
        "source": "cml1",
        "destination": "mfp1",
        "protocol": "tcp",
        "ports": "9100",
    }
    rest = [e for e in element if e.tag != "properties"]
    assert [e.tag for e in rest] == ([child] if child else [])
    if child:
        assert (rest[0].get("type"), rest[0].get("message")) == (kind, message)
    if child in ("failure", "system-out"):
        assert "seen: seen that\ndo: do this" in (rest[0].text or "")


def test_a_ruling_is_told_beside_what_was_observed_and_what_changed() -> None:
    judged = [(case("S04", "cml1", "mfp1", ports=(9100, 9101)), Verdict(Outcome.FAILED, "shut"))]
    then = run_of(judged)
    now = run_of(judged, rulings=[ruling("R1", "waiver")], laid_over={"S04:cml1>mfp1": "R1"})
    now = now.model_copy(update={"comparison": compare(then, now)})
    told = {p.get("name"): p.get("value") for p in only_case(now).iterfind("properties/property")}
    expected = {"outcome": "failed", "standing": "waived", "ruling": "R1", "change": "changed", "ports": "9100,9101"}
    assert expected.items() <= told.items()


def test_a_suite_is_a_section() -> None:
    passed = Verdict(Outcome.PASSED, "heard")
    run = run_of([(case(row, "cml1", "mfp1"), passed) for row in ("P05", "C01", "S04")], lab="default")
    root = parsed(run)
    assert [suite.get("name") for suite in root] == ["server", "server_to_printer", "printer_to_server"]
    assert root[0].get("timestamp") == "2026-11-22T23:59:59.000"
    assert {p.get("name"): p.get("value") for p in root[0].iterfind("properties/property")}["lab"] == "default"


def test_illegal_characters_go_even_when_a_text_was_never_cleaned() -> None:
    good = run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.FAILED, "why"))])
    raw = "a\x00b\x1bc\x0bd\ud800e\uffff\U0001f600"
    values = {name: getattr(good.cases[0], name) for name in CaseResult.model_fields}
    dirty = CaseResult.model_construct(**values | {"reason": raw, "id": raw})
    run = good.model_copy(update={"cases": (dirty,)})
    assert only_case(run).get("name") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd\U0001f600"
