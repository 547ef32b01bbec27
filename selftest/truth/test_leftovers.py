"""Nothing stays on a host: not after kill -9 of pytest in mid-survey, not after a cut network, not after Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from netlab import ground
from netlab.lab import NetLab
from truth.truth_middle import HOSTS, clean, spec, start, until

REASON = ground.available()
pytestmark = [pytest.mark.real, pytest.mark.skipif(REASON is not None, reason=str(REASON))]
LIMIT_S = 10.0  # the promise: nothing of ours is left on any host so long after the end


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetLab]:
    with NetLab(spec("lft"), tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def test_kill_9_in_mid_survey(lab: NetLab, tmp_path: Path) -> None:
    running = start(lab, tmp_path)
    running.kill()
    running.communicate(timeout=10)
    until(lambda: clean(lab), LIMIT_S)
    until(lambda: str(lab.ssh_config) not in processes_here(), LIMIT_S)


def processes_here() -> str:
    """Command lines of this machine's processes: no ssh of the dead run may stay behind."""
    found = (line.replace(b"\0", b" ").decode("utf-8", "replace") for line in cmdlines())
    return "\n".join(line for line in found if line.startswith("ssh "))


def cmdlines() -> Iterator[bytes]:
    """Those of the processes that are still there when it comes to them."""
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            yield place.read_bytes()


def test_cut_network_in_mid_survey(lab: NetLab, tmp_path: Path) -> None:
    running = start(lab, tmp_path)
    for host in HOSTS:
        lab.cut(host)
    try:
        until(lambda: clean(lab), LIMIT_S)
        told, _ = running.communicate(timeout=60)
    finally:
        for host in HOSTS:
            lab.mend(host)
    assert running.returncode == 1, told
    run = json.loads(next((tmp_path / "reports").glob("2*/run.json")).read_text("utf-8"))
    # What a host had asked itself before the cut may stand; nothing that needed the cut network does.
    asked = [c for c in run["cases"] if c["probes"] and c["source"] != c["destination"]]
    assert {c["outcome"] for c in asked} == {"unverified"}, told


def test_one_host_lost_in_mid_survey(lab: NetLab, tmp_path: Path) -> None:
    """What it was to hear is unverified: nobody may be told to open a firewall because a host went away."""
    running = start(lab, tmp_path)
    lab.cut("cml2")
    try:
        told, _ = running.communicate(timeout=60)
    finally:
        lab.mend("cml2")
    assert running.returncode == 1, told
    run = json.loads(next((tmp_path / "reports").glob("2*/run.json")).read_text("utf-8"))
    asked = [c for c in run["cases"] if c["probes"] and c["source"] != c["destination"]]
    towards = {c["outcome"] for c in asked if c["destination"] == "cml2"}
    back = {c["outcome"] for c in asked if c["destination"] == "cml1"}
    assert towards == {"unverified"}, told
    assert back == {"unverified"}, told
    until(lambda: clean(lab), LIMIT_S)


def test_ctrl_c_in_mid_survey(lab: NetLab, tmp_path: Path) -> None:
    running = start(lab, tmp_path)
    running.send_signal(signal.SIGINT)
    told, _ = running.communicate(timeout=20)
    assert running.returncode == 2, told
    until(lambda: clean(lab), LIMIT_S)
    run = json.loads(next((tmp_path / "reports").glob("2*/run.json")).read_text("utf-8"))
    assert run["interrupted"] is True
    assert not run["full"]
    assert {c["outcome"] for c in run["cases"]} <= {"not run", "not applicable", "unverified"}
