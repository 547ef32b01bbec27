"""A table that an agent cut counts as untold, by the very sentences that the agents say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import preflight
from preflight.agents.remote import proctable
from preflight.facts.model import Told, UnobservedError
from preflight.facts.standing import LISTENERS
from preflight.values.observation import Fact

POWERSHELL = Path(preflight.__file__).parent / "agents" / "powershell" / "table.ps1"


def told(detail: str) -> Told:
    return Told("cml1", {"listeners": Fact("listeners", "ok", [], detail)})


def test_what_the_python_agent_cuts() -> None:
    rows = [({"state": "LISTEN"}, "1")] * (proctable.MAX_LINES + 1)
    with pytest.raises(UnobservedError, match="only a part of listeners"):
        LISTENERS.parse(told(proctable.cut(rows)[1]))
    with pytest.raises(UnobservedError, match="only a part of listeners"):
        LISTENERS.parse(told(proctable.slim([{}] * 20, lambda lines: len(lines) * proctable.MAX_BYTES / 10)[1]))


def test_without_paths_it_is_all_there() -> None:
    lines = [{"path": "/usr/sbin/x"}] * 20
    _, said = proctable.slim(lines, lambda lines: proctable.MAX_BYTES + (1 if "path" in lines[0] else -1))
    assert "paths are left out" in said
    assert LISTENERS.parse(told(said)) == []


def test_the_powershell_agent_says_it_alike() -> None:
    sentences = re.findall(r'remarks\.Add\("(.* are listed.*?)"\)', POWERSHELL.read_text("utf-8"))
    assert len(sentences) == 2
    for sentence in sentences:
        numbers = iter(("17000", "20000"))
        said = re.sub(r"\$\([^)]*\)|\$[\w:]+", lambda _, n=numbers: next(n), sentence)
        with pytest.raises(UnobservedError, match="17000 of 20000"):
            LISTENERS.parse(told(said))
