"""Nothing stays on a WinRM host: not after Ctrl-C, not after an error of ours, not after kill -9 or a cut network."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from netlab import ground, windows
from netlab.lab import NetLab
from truth.truth_middle import HOSTS, begin, clean, silent, spec, start, until

REASON = ground.available() or windows.missing()
pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.skipif(REASON is not None, reason=str(REASON))]
WINDOWS = "cml1"
LIMIT_S = (
    30.0  # the promise for listeners: nobody there sees that the controller is gone, only their own clock ends them
)
AGENTS_S = 75.0  # a process without listeners may live to the end of what it was asked
ERROR = """
from preflight.survey import batch

def broken(*_: object) -> object:
    raise RuntimeError("broken on purpose")

batch.probe_request = broken
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetLab]:
    with NetLab(spec("lfw", "winrm", "ssh"), tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def without_shells(lab: NetLab) -> bool:
    """No shell is open at the endpoint and no command runs in one."""
    counts = lab.winrm_counts(WINDOWS)
    return not counts.shells_open and not counts.commands_running


def left(lab: NetLab) -> object:
    """What is still there."""
    return {host: lab.leftovers(host) for host in HOSTS}, lab.winrm_counts(WINDOWS)


def test_ctrl_c_in_mid_survey(lab: NetLab, tmp_path: Path) -> None:
    running = start(lab, tmp_path)
    assert lab.winrm_counts(WINDOWS).shells_open == 1
    running.send_signal(signal.SIGINT)
    told, _ = running.communicate(timeout=30)
    assert running.returncode == 2, told
    assert without_shells(lab), lab.winrm_counts(WINDOWS)
    until(lambda: clean(lab), 10, lambda: left(lab))
    run = json.loads(next((tmp_path / "reports").glob("2*/run.json")).read_text("utf-8"))
    assert run["interrupted"] is True
    assert {c["outcome"] for c in run["cases"]} <= {"not run", "not applicable", "unverified"}


def test_an_error_in_mid_survey(lab: NetLab, tmp_path: Path) -> None:
    (tmp_path / "broken_survey.py").write_text(ERROR, encoding="utf-8")
    before = lab.winrm_counts(WINDOWS)
    running = begin(lab, tmp_path, ["-p", "broken_survey"], tmp_path)
    told, _ = running.communicate(timeout=90)
    assert "broken on purpose" in told
    assert running.returncode, told
    assert lab.winrm_counts(WINDOWS).shells_ever == before.shells_ever + 1
    assert without_shells(lab), lab.winrm_counts(WINDOWS)
    until(lambda: clean(lab), 10, lambda: left(lab))


def test_kill_9_in_mid_survey(lab: NetLab, tmp_path: Path) -> None:
    running = start(lab, tmp_path)
    running.kill()
    running.communicate(timeout=10)
    until(lambda: silent(lab), LIMIT_S)
    until(lambda: clean(lab), AGENTS_S, lambda: left(lab))


def test_cut_network_in_mid_survey(lab: NetLab, tmp_path: Path) -> None:
    running = start(lab, tmp_path)
    lab.cut(WINDOWS)
    try:
        until(lambda: silent(lab), LIMIT_S)
        told, _ = running.communicate(timeout=120)
    finally:
        lab.mend(WINDOWS)
    assert running.returncode == 1, told
    run = json.loads(next((tmp_path / "reports").glob("2*/run.json")).read_text("utf-8"))
    # Nobody may be told to open a firewall because a host went away.
    asked = [c for c in run["cases"] if c["probes"] and c["source"] != c["destination"]]
    assert {c["outcome"] for c in asked} == {"unverified"}, told
    until(lambda: clean(lab), AGENTS_S, lambda: left(lab))
