"""The fact `firewall` of a real gather agent, in a network namespace of its own with rules of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from agent_start import start
from runner import AgentProcess

from preflight.agents.remote import packetfilter
from preflight.agents.scripts import agent_script, bootstrap_command
from preflight.firewall.evaluate import evaluate
from preflight.firewall.model import Flow

ROOT = sys.platform == "linux" and os.geteuid() == 0
RULES = "table inet f {\nchain i { type filter hook input priority 0; policy drop; tcp dport 5012 accept;\n}\n}\n"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the packet filter is Linux'")


def ask(agent: AgentProcess) -> dict[str, Any]:
    try:
        agent.say(do="hello", contract=1, life_s=60)
        agent.say(do="gather", id="g", facts=["firewall"], fact_deadline_s=20)
        return next(event for event in agent.until("done") if event["event"] == "fact")
    finally:
        agent.stop()


def namespaced(script: str) -> AgentProcess:
    """An agent in a namespace where a shell script has run before."""
    agent = bootstrap_command(sys.executable, agent_script("gather"))
    return AgentProcess(
        ["unshare", "--net", "--mount", "sh", "-ec", f'{script}\nexec "$@"', "sh", *agent], agent_script("gather")
    )


@pytest.fixture
def nft() -> str:
    """Skips where there are no namespaces or no nft."""
    found = shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin")
    tried = ROOT and subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode == 0
    if not tried or found is None:
        pytest.skip("needs root, network namespaces and nft")
    return found


def test_rules_are_told_as_nft_tells_them_and_can_be_judged(nft: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.write_text(RULES, encoding="utf-8")
    fact = ask(namespaced(f"ip link set lo up\n{nft} -f {rules}"))
    assert fact["status"] == "ok", fact
    assert fact["value"]["kind"] == "nftables"
    assert {"127.0.0.1", "::1"} <= set(fact["value"]["interfaces"][0]["addresses"])
    asked = [Flow("in", "tcp", "10.0.0.2", port, "10.0.0.1") for port in (5012, 5013)]
    assert [evaluate(fact["value"], flow).verdict for flow in asked] == ["allow", "block"]


def test_no_rules_are_an_empty_list(nft: str) -> None:
    assert nft
    fact = ask(namespaced("true"))
    assert fact["status"] == "ok"
    assert evaluate(fact["value"], Flow("in", "tcp", "10.0.0.2", 1, "10.0.0.1")).verdict == "allow"


@pytest.mark.skipif(not ROOT, reason="only root can become another account")
def test_all_but_root_are_denied() -> None:
    python = shutil.which("python3", path="/usr/bin:/bin")
    if python is None:
        pytest.skip("no python3 that another account could run")
    fact = ask(start("gather", python, user="nobody", cwd="/"))
    assert fact["status"] == "denied"
    assert "root" in fact["detail"]


@pytest.mark.parametrize("argv", [["sleep", "60"], ["sh", "-c", "exec sleep 60 >/dev/null"]])
def test_a_program_that_hangs_is_killed(argv: list[str]) -> None:
    with pytest.raises(OSError, match="stopped after"):
        packetfilter.run_bounded(argv, time.monotonic())


def test_a_program_that_says_too_much_is_killed() -> None:
    with pytest.raises(OSError, match="more than"):
        packetfilter.run_bounded(["yes"], time.monotonic() + 60)


def test_a_program_that_fails_is_no_answer() -> None:
    with pytest.raises(OSError, match="code 1"):
        packetfilter.run_bounded(["false"], time.monotonic() + 60)


def test_where_there_is_no_nft_it_says_what_else_there_may_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not ROOT:
        pytest.skip("needs root")
    tables = tmp_path / "tables"
    monkeypatch.setattr(packetfilter, "NFT_PLACES", ())
    monkeypatch.setattr(packetfilter, "LEGACY_TABLES", (str(tables),))
    assert packetfilter.read_packet_filter(time.monotonic() + 3)["kind"] in ("none", "other")
    tables.write_text("filter\n", encoding="utf-8")
    assert packetfilter.read_packet_filter(time.monotonic() + 3)["kind"] == "other"
