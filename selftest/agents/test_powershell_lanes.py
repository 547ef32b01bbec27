"""Lanes of the PowerShell gather agent: what goes wrong in one, or before the first, is told and ends nothing."""

from __future__ import annotations

import json
from typing import Any

from batch_runner import BatchProcess
from powershell_start import powershell

from preflight.agents.scripts import agent_script, powershell_command, powershell_feed

HELLO = {"do": "hello", "contract": 1, "life_s": 60, "finish": True}
MARK = b"\nOpen-Lanes\n"


def gather(worse: bytes, **asked: Any) -> BatchProcess:
    """An agent that has been asked; `worse` goes in before its lanes are made."""
    script = agent_script("gather", "powershell")
    assert script.count(MARK) == 1
    lines = [json.dumps(line).encode("ascii") for line in (HELLO, {"do": "gather", "id": "g", **asked})]
    feed = powershell_feed(script.replace(MARK, b"\n" + worse + MARK), lines)
    return BatchProcess(powershell_command(powershell()), feed)


def test_lanes_that_cannot_open_are_a_fault_of_the_request() -> None:
    agent = gather(b"function New-LaneSession { throw 'no room' }")
    try:
        events = agent.until("fault")
        assert [event["event"] for event in events] == ["hello", "fault"]
        assert events[-1]["id"] == "g"
        assert "no room" in events[-1]["text"]
        assert agent.finish() == 0
    finally:
        agent.stop()


def test_a_read_of_which_nothing_comes_is_told_as_that() -> None:
    read = {"kind": "file", "name": "f", "path": "/"}
    agent = gather(b"function Read-FileAnswer($read, $about) { }", facts=[], reads=[read])
    try:
        fact = agent.until("done")[-2]
        assert (fact["name"], fact["status"]) == ("f", "error")
        assert fact["detail"] == "it was read, and nothing came of it"
        assert agent.finish() == 0
    finally:
        agent.stop()
