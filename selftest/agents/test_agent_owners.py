"""Linux: who holds a socket, and which of the product's services he is; what an account may not see is said."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agent_start import greet, start
from runner import AgentProcess, free_port

from preflight.agents.remote import proctable, units

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the facts come out of /proc")
HOLD = """
import socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
print(1, flush=True)
time.sleep(60)
"""
# The service itself is the parent; a child under another name holds the port, as the product's java does.
SERVICE = "import subprocess, sys; subprocess.run([sys.argv[3], '-c', sys.argv[2], sys.argv[1]])"
UNIT = """[Unit]
Description = The queue
[Service]
ExecStart=-/usr/bin/java -Dx=%i \\
  -jar '/opt/q.jar'
ExecStart=/bin/no
"""


@pytest.fixture
def product() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A stand-in for a service of the product, whose child listens."""
    port = free_port("tcp")
    argv = ["YSoftSelftestCML", "-c", SERVICE, str(port), HOLD, sys.executable]
    with subprocess.Popen(argv, executable=sys.executable, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process, port
        os.killpg(process.pid, 9)


def gathered(agent: AgentProcess, **request: Any) -> dict[str, dict[str, Any]]:
    """Facts by name."""
    agent.say(do="gather", id="g", fact_deadline_s=20, **request)
    *facts, _ = agent.until("done")
    return {fact["name"]: fact for fact in facts}


def test_socket_of_a_child_belongs_to_the_service(product: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = product
    agent = greet(start("gather"))
    try:
        with socket.create_connection(("127.0.0.1", port)) as client:
            facts = gathered(agent, facts=["listeners", "sockets", "services"], services=["ysoft.*", "YSQ.*"])
            lines = [line for line in facts["listeners"]["value"] if line["local_port"] == port]
            assert len(lines) == 1
            assert lines[0]["service"] == "YSoftSelftestCML"
            assert lines[0]["pid"] != process.pid
            assert Path(lines[0]["path"]).name.startswith("python")
            own = client.getsockname()[1]
            both = {(line["local_port"], line["peer_port"]): line for line in facts["sockets"]["value"]}
            assert both[port, own]["state"] == "ESTABLISHED"
            assert both[own, port]["pid"] == os.getpid()
            assert both[own, port]["service"] is None
        services = [line for line in facts["services"]["value"] if line["name"] == "YSoftSelftestCML"]
        assert [(line["state"], line["pid"]) for line in services] == [("running", process.pid)]
        nothing = gathered(agent, facts=["services"], services=["YSoft"])  # a pattern is the whole name
        assert nothing["services"]["value"] == []
    finally:
        agent.stop()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another account")
def test_other_account_is_told_what_it_cannot_see_and_may_not_open() -> None:
    python = shutil.which("python3", path="/usr/bin:/bin")
    if python is None:
        pytest.skip("no python3 that another account could run")
    port = free_port("tcp")
    with socket.socket() as held:
        held.bind(("127.0.0.1", port))
        held.listen()
        agent = greet(start("gather", python, user="nobody", cwd="/"))
        try:
            fact = gathered(agent, facts=["listeners"])["listeners"]
        finally:
            agent.stop()
    line = next(line for line in fact["value"] if line["local_port"] == port)
    assert fact["status"] == "ok"
    assert line.get("pid") is None
    assert "run with sudo" in fact["detail"]
    agent = greet(start("listen", python, user="nobody", cwd="/"))
    try:
        if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="ascii")) < 1000:
            pytest.skip("this system lets everybody open low ports")
        lines = [{"key": "low", "protocol": "tcp", "port": 999}]
        agent.say(do="listen", id="w", token="0" * 16, window_s=5, listeners=lines)
        event = agent.next()
        assert event["status"] == "denied"
        assert "sudo" in event["detail"]
    finally:
        agent.stop()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0100007F:1F90", ("127.0.0.1", 8080)),
        ("0000000000000000FFFF00000B01010A:01BB", ("10.1.1.11", 443)),
        ("00000000000000000000000000000000:0203", ("::", 515)),
        ("B80D0120000000000000000001000000:0050", ("2001:db8::1", 80)),
    ],
)
@pytest.mark.skipif(sys.byteorder != "little", reason="recorded on a little-endian machine")
def test_addresses_of_proc_net(text: str, address: tuple[str, int]) -> None:
    assert proctable.parse_address(text) == address


def test_table_that_is_too_long_loses_what_matters_least() -> None:
    states = ["TIME_WAIT"] * proctable.MAX_LINES + ["CLOSE_WAIT", "ESTABLISHED"]
    rows, remark = proctable.cut([({"state": state}, "0") for state in states])
    assert len(rows) == proctable.MAX_LINES
    assert [row["state"] for row, _ in rows[:2]] == ["ESTABLISHED", "CLOSE_WAIT"]
    assert "20000 of 20002" in remark


def test_units_by_name_command_and_mask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "etc", tmp_path / "lib"
    first.mkdir()
    second.mkdir()
    (first / "YSoftQueue.service").write_text(UNIT, encoding="utf-8")
    (second / "YSoftQueue.service").write_text("[Service]\nExecStart=/other\n", encoding="utf-8")
    (second / "unrelated.service").write_text(UNIT, encoding="utf-8")
    (second / "YSoftOff.service").write_text(UNIT, encoding="utf-8")
    (first / "YSoftOff.service").symlink_to("/dev/null")
    monkeypatch.setattr(units, "UNIT_FOLDERS", (str(first), str(tmp_path / "none"), str(second)))
    found = units.read_units([re.compile("ysoft.*", re.IGNORECASE)])
    assert [(one.name, one.display) for one in found] == [("YSoftQueue", "The queue")]
    assert found[0].command == ["/usr/bin/java", "-Dx=%i", "-jar", "/opt/q.jar"]
    assert units.binary_runs(found[0], ["/usr/bin/java", "-Dx=7", "-jar", "/opt/q.jar"], "/usr/lib/jvm/java")
    assert not units.binary_runs(found[0], ["/usr/bin/java", "-jar", "/opt/else.jar"], "/usr/lib/jvm/java")
