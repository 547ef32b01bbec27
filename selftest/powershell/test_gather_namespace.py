"""The stand-ins of a network namespace tell the truth: the gathers in PowerShell and Python see the same sockets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gather_run import HERE, facts, powershell

from preflight.agents.contract_facts import FACT_TYPES
from preflight.agents.scripts import agent_script, bootstrap_command

pytestmark = pytest.mark.real
WORDS = {"facts": ["listeners", "sockets", "services", "addresses"], "services": ["YSoft.*"], "fact_deadline_s": 30}
Table = set[tuple[tuple[str, Any], ...]]


@contextmanager
def holder(pairs: int) -> Iterator[tuple[str, ...]]:
    """The command that enters a namespace full of sockets."""
    powershell()
    if os.geteuid() != 0 or shutil.which("nsenter") is None:
        pytest.skip("a network namespace needs root and nsenter")
    process = subprocess.Popen(
        ["unshare", "--net", sys.executable, "-S", str(HERE / "gather_holder.py"), str(pairs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        word, pid = process.stdout.readline().split()
        assert word == "ready"
        yield ("nsenter", "-t", pid, "-n")
    finally:
        process.communicate()


@pytest.fixture(scope="module")
def inside() -> Iterator[tuple[str, ...]]:
    """A namespace with 300 sockets."""
    with holder(150) as command:
        yield command


def python_facts(inside: tuple[str, ...]) -> dict[str, Any]:
    """What the Python agent says of the same moment."""
    script = agent_script("gather")
    hello = b'{"do":"hello","contract":1,"finish":true}\n'
    line = json.dumps({"do": "gather", "id": "g", **WORDS}).encode() + b"\n"
    done = subprocess.run(
        [*inside, *bootstrap_command(sys.executable, script)],
        input=script + hello + line,
        capture_output=True,
        timeout=60,
        check=True,
    )
    events = [json.loads(text) for text in done.stdout.splitlines()]
    return {
        event["name"]: FACT_TYPES[event["name"]].dump_python(FACT_TYPES[event["name"]].validate_python(event["value"]))
        for event in events
        if event["event"] == "fact"
    }


def table(lines: list[dict[str, Any]]) -> Table:
    """Lines without their order."""
    return {tuple(sorted(line.items())) for line in lines}


def as_windows(seen: dict[str, Any]) -> tuple[Table, Table]:
    """Listeners and sockets as Windows tells them: it knows no peer of a UDP socket, so each counts as a listener."""
    datagrams = [line for line in seen["sockets"] if line["protocol"] == "udp"]
    plain = [{**line, "peer": "", "peer_port": 0} for line in datagrams]
    return table(seen["listeners"] + plain), table([line for line in seen["sockets"] if line["protocol"] == "tcp"])


def test_both_agents_see_the_same(inside: tuple[str, ...], tmp_path: Path) -> None:
    installed = [
        {
            "name": "ysoftcml",
            "display": "CML",
            "path": '"C:\\SafeQ\\cml.exe" -s',
            "process": "ysoftcml",
            "running": True,
        },
        {"name": "YSoftGone", "display": "", "path": "C:\\gone.exe", "process": "ysoftgone", "running": True},
        {"name": "YSoftOff", "display": "", "path": "C:\\off.exe", "process": "ysoftcml", "running": False},
        {"name": "Spooler", "display": "Print", "path": "", "process": "", "running": True},
    ]
    services = tmp_path / "services.json"
    services.write_text(json.dumps(installed), encoding="utf-8")
    before = python_facts(inside)
    seen = facts("namespace", wrap=inside, env={"PREFLIGHT_STANDIN_SERVICES": str(services)}, **WORDS)
    after = python_facts(inside)
    assert {event["status"] for event in seen.values()} == {"ok"}
    listeners, sockets = as_windows(before)
    assert as_windows(after)[0] == listeners
    assert table(seen["listeners"]["value"]) == listeners
    fleeting = sockets ^ as_windows(after)[1]  # TIME_WAIT goes by itself
    assert table(seen["sockets"]["value"]) - fleeting == sockets - fleeting
    assert len(sockets - fleeting) > 298
    states = {dict(line)["state"] for line in sockets}
    assert {"ESTABLISHED", "FIN_WAIT_2", "CLOSE_WAIT"} <= states
    assert {dict(line)["service"] for line in listeners} == {"ysoftcml"}
    assert len({dict(line)["pid"] for line in listeners}) == 2  # the service's own and its child's
    assert table(seen["addresses"]["value"]) == table(before["addresses"])
    running = {
        line["name"]: (line["state"], line["pid"] is not None, line["path"]) for line in seen["services"]["value"]
    }
    assert running == {
        "ysoftcml": ("running", True, "C:\\SafeQ\\cml.exe"),
        "YSoftGone": ("stopped", False, "C:\\gone.exe"),
        "YSoftOff": ("stopped", False, "C:\\off.exe"),
    }
    assert seen["listeners"]["detail"] == ""


def test_more_sockets_than_a_table_holds(tmp_path: Path) -> None:
    services = tmp_path / "services.json"
    services.write_text('[{"name": "YSoftCML", "process": "ysoftcml", "running": true}]', encoding="utf-8")
    asked = {"facts": ["listeners", "sockets"], "services": ["YSoft.*"]}
    with holder(10100) as command:
        seen = facts("namespace", wrap=command, env={"PREFLIGHT_STANDIN_SERVICES": str(services)}, **asked)
    lines = seen["sockets"]["value"]
    assert seen["sockets"]["status"] == "ok"
    assert "20000 of 202" in seen["sockets"]["detail"]
    assert 10000 < len(lines) <= 20000
    assert {line["state"] for line in lines} == {"ESTABLISHED"}  # the others are thrown out first
    owners = [line["service"] for line in lines if line["pid"] is not None]
    assert owners.count("YSoftCML") > 9000  # those of the first process; the others it forked are its children
    assert len(seen["listeners"]["value"]) > 5
