"""Windows Update's own answer by the real engine over a stand-in for its provider: told, refused, late, or strange."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from gather_run import powershell
from reads_run import Told, told, told_by_python

from preflight.agents.contract import Gather
from preflight.agents.reads import CimRead, FileRead, Read, UpdatesRead

pytestmark = pytest.mark.real
LCU = {"Title": "2023-10 Cumulative Update (KB5031361)", "KBArticleID": "5031361", "MsrcSeverity": "Critical"}
CZECH = {"Title": "Aktualizace \u017e \U0001f5a8", "KBArticleID": None, "MsrcSeverity": ""}
MANY = [{**LCU, "Title": f"\u017e{n}" * 100} for n in range(500)]
NOTHING = {"status": "ok", "detail": "", "value": {"total": 0, "updates": []}}
STRANGE = {"status": "error", "value": None, "detail": "Windows Update answered in a shape that is not known"}

OTHER_SHAPES: dict[str, list[Any]] = {
    "no object": [],
    "a text": ["some text"],
    "no updates": [{"ReturnValue": 0}],
    "no code": [{"Updates": []}],
    "an empty code": [{"ReturnValue": None, "Updates": []}],
    "a text for updates": [{"ReturnValue": 0, "Updates": "a text"}],
    "an update without a title": [{"ReturnValue": 0, "Updates": [LCU, {"Name": "no title"}]}],
    "two objects": [{"ReturnValue": 0, "Updates": []}, {"ReturnValue": 0, "Updates": [LCU]}],
}
# The exception's code, the error's name, and what is told of it.
REFUSALS = {
    "access by name": ("80131500", "HRESULT 0x80070005", "denied", "(0x80070005)"),
    "access of WMI by name": ("80131500", "HRESULT 0x80041003", "denied", "(0x80041003)"),
    "access by code": ("80070005", "Invoke", "denied", "a code"),
    "no class": ("80131500", "HRESULT 0x80041010", "absent", "(0x80041010)"),
    "no namespace": ("80131500", "HRESULT 0x8004100e", "absent", "(0x8004100E)"),
    "no method": ("80131500", "MI RESULT 17", "absent", "(MI result 17)"),
    "no way to the source": ("80131500", "HRESULT 0x80240438", "error", "(0x80240438)"),
    "a general error": ("80131500", "MI RESULT 1", "error", "(MI result 1)"),
}


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    powershell()


def scanned(folder: Path, provider: dict[str, Any], *more: Read, **how: Any) -> Told:
    """What the agent tells: a read for each criteria that the provider knows, of the same name, and more."""
    path = folder / "scan.json"
    path.write_text(json.dumps(provider), encoding="ascii")
    environment = {"PREFLIGHT_STANDIN_SCAN": str(path), **how.pop("env", {})}
    reads = [UpdatesRead(name=criteria, criteria=criteria) for criteria in provider]
    return told(*reads, *more, standins=("windows2019", "updates"), env=environment, **{"agent": "scan", **how})


@pytest.mark.parametrize("culture", ["en-US", "cs-CZ"])
def test_updates_as_windows_has_them(culture: str, tmp_path: Path) -> None:
    long = [{"Title": "x" * 5000}, {"Title": "x" * 199 + "\U0001f5a8"}]
    provider: dict[str, Any] = {
        "some": {"results": [{"ReturnValue": 0, "Updates": [LCU, CZECH, *long], "PSComputerName": None}]},
        "none": {"results": [{"ReturnValue": 0, "Updates": None}]},
        "empty": {"results": [{"ReturnValue": 0, "Updates": []}]},
        "many": {"results": [{"ReturnValue": 0, "Updates": MANY}]},
        "too many": {"results": [{"ReturnValue": 0, "Updates": MANY * 3}]},
    }
    seen = scanned(tmp_path, provider, env={"PWSH_CULTURE": culture})
    updates = [
        {"title": LCU["Title"], "kb": "5031361", "severity": "Critical"},
        {"title": CZECH["Title"], "kb": "", "severity": ""},
        {"title": "x" * 200, "kb": "", "severity": ""},
        {"title": "x" * 199 + "?", "kb": "", "severity": ""},
    ]
    assert seen["some"] == {"status": "ok", "detail": "", "value": {"total": 4, "updates": updates}}
    assert (seen["none"], seen["empty"]) == (NOTHING, NOTHING)
    many, most = seen["many"], seen["too many"]
    assert (many["value"]["total"], len(many["value"]["updates"]), many["detail"]) == (500, 500, "")
    assert (most["value"]["total"], len(most["value"]["updates"])) == (1500, 1000)
    assert most["detail"] == "1000 of 1500 updates are listed."


def test_an_answer_of_another_shape_is_none(tmp_path: Path) -> None:
    provider: dict[str, Any] = {name: {"results": results} for name, results in OTHER_SHAPES.items()}
    provider["a code"] = {"results": [{"ReturnValue": 0x8024402C, "Updates": None}]}
    seen = scanned(tmp_path, provider)
    code = {"status": "error", "value": None, "detail": "Windows Update answered with the code 0x8024402C"}
    assert seen.pop("a code") == code
    assert seen == dict.fromkeys(OTHER_SHAPES, STRANGE)


def test_refusals(tmp_path: Path) -> None:
    provider = {what: {"error": code, "name": name} for what, (code, name, _, _) in REFUSALS.items()}
    seen = scanned(tmp_path, provider)
    assert {what: event["status"] for what, event in seen.items()} == {what: row[2] for what, row in REFUSALS.items()}
    for what, row in REFUSALS.items():
        assert seen[what]["detail"].startswith("COMException: a code")
        assert seen[what]["detail"].endswith(row[3]), what


def test_a_system_without_the_provider() -> None:
    read = UpdatesRead(name="scan")
    seen = told(read, agent="scan")["scan"]
    assert seen == {"status": "absent", "value": None, "detail": "Invoke-CimMethod is not there"}


def test_the_agent_that_every_host_gets_knows_nothing_of_it(tmp_path: Path) -> None:
    """Whatever it is asked: it has not the words to call a provider's method."""
    trace, read = tmp_path / "asked", UpdatesRead(name="scan")
    environment = {"PREFLIGHT_STANDIN_SCANS": str(trace)}
    unknown = {"status": "absent", "value": None, "detail": "this agent knows no read of the kind 'updates'"}
    provider = {read.criteria: {"results": [{"ReturnValue": 0, "Updates": [LCU]}]}}
    assert scanned(tmp_path, provider, agent="gather", env=environment) == {read.criteria: unknown}
    assert not trace.exists()
    assert told_by_python(read)["scan"] == unknown


def test_the_scan_agent_reads_all_else_as_the_other_one(tmp_path: Path) -> None:
    cim = CimRead(name="cim", class_name="Win32_OperatingSystem", properties=("Caption",))
    reads = (FileRead(name="file", path="/etc/hosts"), cim)
    assert scanned(tmp_path, {}, *reads) == scanned(tmp_path, {}, *reads, agent="gather")


def test_a_scan_that_hangs_ends_with_its_deadline_and_costs_no_other(tmp_path: Path) -> None:
    file = FileRead(name="file", path="/etc/hosts")
    seen = scanned(tmp_path, {"scan": {"sleep": 40}}, file, facts=["time"], fact_deadline_s=3)
    assert seen["scan"] == {"status": "timeout", "value": None, "detail": "not read within its deadline"}
    assert (seen["file"]["status"], seen["time"]["status"]) == ("ok", "ok")


def test_who_is_no_administrator_asks_nobody(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no unshare: another account cannot be tried")
    criteria, trace = UpdatesRead(name="scan").criteria, tmp_path / "asked"
    provider = {criteria: {"results": [{"ReturnValue": 0, "Updates": []}]}}
    environment = {"PREFLIGHT_STANDIN_SCANS": str(trace)}
    wrap = ("unshare", "--user", "--map-user=1000")
    refusal = "not asked: the account is no elevated administrator"
    seen = scanned(tmp_path, provider, env=environment, wrap=wrap)
    assert seen[criteria] == {"status": "denied", "value": None, "detail": refusal}
    assert not trace.exists()
    assert scanned(tmp_path, provider, env=environment)[criteria] == NOTHING
    assert trace.read_text(encoding="utf-8") == f"{criteria}\n", "asked once"


def test_its_time_is_longer_than_a_requests() -> None:
    assert UpdatesRead.patience_s > 2 * Gather(id="g").fact_deadline_s
    assert FileRead.patience_s == 0
