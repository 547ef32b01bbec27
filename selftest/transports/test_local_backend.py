"""The controller as a host."""

from __future__ import annotations

import os
import sys

import testinfra.host
from standin import Open, watch

from preflight.topology.model import Machine, Manage

HERE = Machine(
    "here", frozenset({"cml"}), "127.0.0.1", "main", None, Manage(by="local", address="127.0.0.1", python="no")
)


def test_an_agent_hears_and_answers(opened: Open) -> None:
    backend = opened(HERE)
    assert (backend.describe(), backend.python) == ("local", sys.executable)
    agent = watch(backend)
    pid = int(agent.line().split()[1])
    assert pid != os.getpid()
    agent.process.send(b"one")
    assert agent.line() == "got one"
    agent.process.close()
    assert agent.end().error is None


def test_testinfra_runs_commands(opened: Open) -> None:
    backend = opened(HERE)
    host = testinfra.host.Host(backend)
    backend.set_host(host)
    result = host.run("echo one&& exit 3")
    assert (result.rc, result.stdout.strip()) == (3, "one")


def test_a_peer_that_never_reads_blocks_nobody(opened: Open) -> None:
    agent = watch(opened(HERE), b"import time\nprint('up', flush=True)\ntime.sleep(60)")
    agent.line()
    for _ in range(4):
        agent.process.send(b"x" * 1024 * 1024)  # more than any pipe holds
    agent.process.kill()
    assert agent.end().error is None


def test_an_end_that_nobody_asked_for_is_told_once(opened: Open) -> None:
    agent = watch(opened(HERE), b"import sys\nsys.exit('out of memory')")
    end = agent.end()
    assert end.error is not None
    assert (end.exit_code, end.error.kind) == (1, "other")
    assert "out of memory" in end.error.cause
    assert agent.ends.empty()


def test_a_line_cut_off_by_the_end_is_no_line(opened: Open) -> None:
    agent = watch(opened(HERE), b"import sys\nsys.stdout.write('whole\\n{\"half')")
    assert agent.line() == "whole"
    assert agent.end().error is None
    assert agent.lines.empty()
