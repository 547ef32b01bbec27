"""junit.xml, made from the run: it counts cases, as every other view does."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from preflight.run.model import CaseResult, Run
from preflight.values.outcome import Outcome

# XML 1.0, production [2] Char: what is not in it cannot be written, not even as a reference.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FAILING = (Outcome.FAILED, Outcome.UNVERIFIED)
_SKIPPED = (Outcome.NOT_APPLICABLE, Outcome.NOT_RUN)


def junit_xml(run: Run) -> bytes:
    """One testsuite a section, one testcase a case, UTF-8.

    failed: <failure type="failed">; unverified: <failure type="unverified">, since it blocks as much, and <error> would
    say that the suite broke; not applicable and not run: <skipped>; advisory: passes, its text in <system-out>.
    """
    total = run.counts.total
    root = ET.Element(
        "testsuites", _attributes(name=f"preflight {run.site}", **_counts(total), time=str(run.duration_s))
    )
    suites = {
        section: ET.SubElement(
            root, "testsuite", _attributes(name=section, timestamp=run.started.rstrip("Z"), time="0", **_counts(counts))
        )
        for section, counts in run.counts.sections.items()
    }
    for suite in suites.values():
        _properties(suite, {"run": run.run_id, "site": run.site, "lab": run.lab})
    kinds = {change.case: change.kind for change in run.comparison.changes} if run.comparison else {}
    for case in run.cases:
        _testcase(suites[case.section], case, kinds.get(case.id))
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _testcase(suite: ET.Element, case: CaseResult, change: str | None) -> None:
    attributes = _attributes(classname=f"{case.section}.{case.row}", name=case.id, time="0")
    element = ET.SubElement(suite, "testcase", attributes)
    told = {
        "row": case.row,
        "level": case.level,
        "outcome": case.outcome.value,
        "standing": case.standing.value,
        "ruling": case.ruling,
        "source": case.source,
        "destination": case.destination,
        "protocol": case.protocol,
        "ports": ",".join(map(str, case.ports)) or None,
        "phase": case.phase,
        "change": change,
    }
    _properties(element, told)
    if case.standing in _FAILING:
        failure = ET.SubElement(element, "failure", _attributes(type=case.standing.value, message=case.reason))
        failure.text = _legal(_story(case))
    elif case.standing in _SKIPPED:
        ET.SubElement(
            element, "skipped", _attributes(type=case.standing.value, message=f"{case.standing}: {case.reason}")
        )
    elif case.standing is not Outcome.PASSED:
        ET.SubElement(element, "system-out").text = _legal(f"{case.standing}: {case.reason}\n{_story(case)}")


def _story(case: CaseResult) -> str:
    told = [("required", case.requirement), ("asked", case.asked), ("seen", case.seen), ("do", case.remedy)]
    told += [("finding", finding) for finding in case.findings]
    return "\n".join(f"{name}: {text}" for name, text in told if text)


def _counts(counts: dict[str, int]) -> dict[str, str]:
    failures = sum(counts[outcome] for outcome in _FAILING)
    skipped = sum(counts[outcome] for outcome in _SKIPPED)
    return {"tests": str(counts["total"]), "failures": str(failures), "errors": "0", "skipped": str(skipped)}


def _properties(parent: ET.Element, told: dict[str, str | None]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in told.items():
        if value is not None:
            ET.SubElement(properties, "property", _attributes(name=name, value=value))


def _attributes(**texts: str) -> dict[str, str]:
    return {name: _legal(text) for name, text in texts.items()}


def _legal(text: str) -> str:
    # Nothing illegal is printable, and most texts are.
    return text if text.isprintable() else _ILLEGAL.sub("\ufffd", text)
