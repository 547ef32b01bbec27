"""C08 over WinRM with a real PowerShell, from inventory to verdict: when Windows Update is asked, and at what cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from checklist.item_cases import catalogue, item_tests
from gather_run import STANDINS, powershell
from ruamel.yaml import YAML

from preflight.agents.reads import UpdatesRead
from preflight.agents.rounds import open_session
from preflight.agents.scripts import AgentName
from preflight.agents.session import Inbox
from preflight.checks.judging import run_check
from preflight.checks.subjects import subject_of
from preflight.lab.wsman.process import ProcessExecutor
from preflight.lab.wsman.server import Endpoint, EndpointSettings
from preflight.plan.build import build_plan
from preflight.survey import slow_reads
from preflight.survey.options import SurveyOptions
from preflight.survey.recorder import Recorder
from preflight.survey.run import survey
from preflight.topology.credentials import Secret
from preflight.topology.loader import load_inventory
from preflight.transports.winrm import WinRmBackend
from preflight.values.observation import HostObservation, Observations
from preflight.values.outcome import Verdict

pytestmark = [pytest.mark.real, pytest.mark.slow]
USER, PASSWORD = "CORP\\preflight", "Heslo-Zimni-2024"
CURRENT = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
LCU = {"Title": "2023-10 Cumulative Update (KB5031361)", "KBArticleID": "5031361", "MsrcSeverity": "Critical"}
SITE: dict[str, Any] = {"customer": "Updates", "site": "Updates", "lab": "default"}  # a lab's table counts for ever
Asked = tuple[Verdict, HostObservation, int, list[str]]


class Board:
    """The survey's switchboard over one machine."""

    def __init__(self, backend: WinRmBackend) -> None:
        self.backend = backend
        self.sent: list[AgentName] = []

    def open(self, _: str, agent: AgentName, inbox: Inbox) -> Any:
        self.sent.append(agent)
        return open_session(self.backend, agent, inbox, 600.0)

    def describe(self, machine: str) -> str:
        return f"WinRM to {machine}"

    def close(self) -> None:
        self.backend.close()


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    """Asks and judges C08: the verdict, the host, how many processes it took, and what the provider was asked."""
    keys = json.loads((STANDINS / "windows2019-registry.json").read_text(encoding="utf-8"))
    keys["HKLM"][CURRENT] |= {"CurrentBuildNumber": "17763", "UBR": 4}
    policy = "SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate"
    keys["HKLM"] |= {policy: {"WUServer": "http://wsus:8530"}, f"{policy}\\AU": {"UseWUServer": 1}}
    keys["HKLM"]["SYSTEM\\CurrentControlSet\\Control\\Session Manager"] = {}
    files = {"keys": keys, "rows": {"Win32_QuickFixEngineering": []}, "scan": {}}
    trace = tmp_path / "asked"
    own = {
        "PWSH_STANDINS": ":".join(str(STANDINS / f"{name}.ps1") for name in ("windows2019", "cim", "updates")),
        "PWSH_REGISTRY": str(tmp_path / "keys.json"),
        "PREFLIGHT_STANDIN_CIM": str(tmp_path / "rows.json"),
        "PREFLIGHT_STANDIN_SCAN": str(tmp_path / "scan.json"),
        "PREFLIGHT_STANDIN_SCANS": str(trace),
    }
    executor = ProcessExecutor({"powershell": [powershell()]}, own)
    with Endpoint(EndpointSettings(users={USER: PASSWORD}), executor) as endpoint:

        def asked(provider: dict[str, Any], known: str = "17763.4", **said: str) -> Asked:
            files["scan"] = {UpdatesRead(name="scan").criteria: provider}
            for name, value in files.items():
                (tmp_path / f"{name}.json").write_text(json.dumps(value), encoding="ascii")
            manage: dict[str, Any] = {"by": "winrm", "address": "127.0.0.1", "port": endpoint.port, "user": USER}
            manage["password"] = {"env": "UNUSED"}
            site = {**SITE, "hosts": {"cml1": {"roles": ["cml"], "address": "10.1.1.11", "manage": manage}}}
            entry = {"version": known, "as_of": "2023-10-10", "source": "recorded"}
            site["checklist"] = {**said, "patches": {"fresh_days": 36500, "versions": {"windows": [entry]}}}
            with (tmp_path / "inventory.yaml").open("w", encoding="utf-8") as out:
                YAML().dump(site, out)
            topology = load_inventory(tmp_path / "inventory.yaml")
            case = next(case for case in build_plan(catalogue(), topology) if case.row == "C08")
            recorder = Recorder()
            board = Board(WinRmBackend(topology.machines["cml1"], lambda _: Secret(PASSWORD)))
            survey([case], topology.machines, board, SurveyOptions(gather_timeout_s=60), recorder)
            scans = ["scan"] if said.get("windows_update") == "ask" else []
            assert board.sent == ["gather", *scans], "its script goes where the site says so, and nowhere else"
            seen = Observations(hosts=recorder.hosts)
            verdict = run_check(item_tests()["C08"], subject_of(case, topology, seen))
            processes = sum(endpoint.stats.view().commands_ever.values())
            return verdict, seen.hosts["cml1"], processes, trace.read_text().splitlines() if trace.exists() else []

        yield asked


def test_it_is_asked_once_where_the_site_says_so(ask: Callable[..., Asked]) -> None:
    result = {"ReturnValue": 0, "Updates": [LCU], "PSComputerName": None}
    verdict, _, processes, asked = ask({"results": [result]}, windows_update="ask")
    assert verdict.outcome == "failed", verdict
    words = "security updates are outstanding on cml1 (1), by Windows Update's own answer from the WSUS server "
    assert verdict.reason == f"{words}http://wsus:8530: KB5031361"
    assert (processes, asked) == (2, [UpdatesRead(name="scan").criteria])


def test_nobody_is_asked_where_the_site_says_nothing(ask: Callable[..., Asked]) -> None:
    verdict, host, processes, asked = ask({"results": [{"ReturnValue": 0, "Updates": [LCU]}]})
    assert (verdict.outcome, processes, asked) == ("passed", 1, [])
    assert not any(name.startswith("updates:") for name in host.facts)


def test_an_answer_counts_where_the_table_knows_no_such_build(ask: Callable[..., Asked]) -> None:
    verdict, _, _, _ = ask({"results": [{"ReturnValue": 0, "Updates": None}]}, "20348.1", windows_update="ask")
    assert verdict.outcome == "passed", verdict
    assert (
        "no patch is outstanding, by Windows Update's own answer from the WSUS server http://wsus:8530" in verdict.seen
    )


def test_a_scan_that_hangs_leaves_the_host_alive_and_the_table_to_judge(
    ask: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UpdatesRead, "patience_s", 3.0)
    monkeypatch.setattr(slow_reads, "_START_S", 60.0)
    verdict, host, _, asked = ask({"sleep": 120}, windows_update="ask")
    assert (host.reached, len(asked)) == (True, 1)
    assert host.facts["windows:version"].status == "ok"
    scan = host.facts["updates:scan"]
    assert (scan.status, scan.detail) == ("timeout", "not read within its deadline"), "the agent said so itself"
    assert verdict.outcome == "passed", verdict
    assert "Windows Update gave no answer, so the table of patches alone decides" in " / ".join(verdict.findings)
