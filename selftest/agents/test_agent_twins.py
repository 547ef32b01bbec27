"""The agents in PowerShell and in Python are twins: asked the same, all at once, they say the same."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from batch_runner import Events, run_batch
from powershell_start import powershell
from runner import CASES

from preflight.agents.scripts import agent_script, bootstrap_command, powershell_command, powershell_feed

FILES = sorted(CASES.glob("*.json"))
BATCH = [file for file in FILES if json.loads(file.read_text(encoding="utf-8")).get("needs") != "stream"]
TWINS = [file for file in BATCH if not file.stem.startswith("gather")]  # facts are those of another system
MARKS = ("hello", "ready", "done", "closed")  # what was said before one of these was said before it by the twin, too
FREE = {  # fields that differ from run to run or from language to language by their nature
    "hello": ("language", "pid", "user", "elevated"),
    "heard": ("at", "port"),
    "result": ("at", "took_ms"),
    "fact": ("took_ms",),
}
ALLOWED = [  # case, field and a piece of the event: what only the language or the system words, and why
    # The sentence is the system's; .NET writes its own.
    ("listen-error", "detail", "EADDRNOTAVAIL"),
    # PowerShell gets text: bytes that are no UTF-8 are replaced before it sees them.
    ("exchange-malformed", "text", "JSON in UTF-8: b'\\\\x"),
    # A datagram socket whose connect was denied has a port that .NET does not tell.
    ("exchange-broadcast", "local_port", "denied"),
    # There is no management interface; PowerShell names the command that it has not found.
    ("reads-answered", "detail", '"name": "c"'),
    # Moments pass between the two; a device's time may change at any of them.
    ("reads-answered", "value", '"name": "time"'),
    ("reads-answered", "value", '"name": "disk"'),
    ("reads-answered", "value", '"name": "device"'),
]


def load(file: Path) -> dict[str, Any]:
    """The case, or a skip where it is for another system."""
    case: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if sys.platform not in case.get("systems", [sys.platform]):
        pytest.skip(f"recorded for {', '.join(case['systems'])}")
    return case


def play_python(case: dict[str, Any]) -> Events:
    """The case with the Python agent."""
    script = agent_script(case["agent"])
    return run_batch(
        case, bootstrap_command(sys.executable, script), lambda lines: script + b"".join(line + b"\n" for line in lines)
    )


def play_powershell(case: dict[str, Any], engine: str, culture: str) -> Events:
    """The case with the PowerShell agent."""
    script = agent_script(case["agent"], "powershell")
    environment = {**os.environ, "PWSH_CULTURE": culture}
    return run_batch(case, powershell_command(engine), lambda lines: powershell_feed(script, lines), env=environment)


def plain(name: str, events: Events, ordered: bool) -> dict[str, list[Any]]:
    """The events by what they answer, without what may differ; sorted between two marks unless the order counts."""
    said: dict[str, list[Any]] = {}
    for event in events:
        kept = {key: value for key, value in event.items() if key not in FREE.get(event["event"], ())}
        if "local_port" in kept:
            kept["local_port"] = kept["local_port"] > 0
        kept.update({field: "*" for case, field, holds in ALLOWED if case == name and holds in json.dumps(event)})
        about = "" if event["event"] == "fault" else kept.get("id", "")  # faults come in the order of the requests
        said.setdefault(about, [[]])[-1].append(kept)
        if event["event"] in MARKS:
            said[about].append([])
    if not ordered:
        said = {
            about: [sorted(part, key=lambda event: json.dumps(event, sort_keys=True)) for part in parts]
            if about
            else parts
            for about, parts in said.items()
        }
    return said


@pytest.mark.parametrize("file", TWINS, ids=lambda file: file.stem)
def test_both_languages_say_the_same_whatever_the_culture(file: Path) -> None:
    case = load(file)
    engine = powershell()
    with ThreadPoolExecutor(3) as pool:
        python = pool.submit(play_python, case)
        cultures = [pool.submit(play_powershell, case, engine, culture) for culture in ("", "cs-CZ")]
    wanted = plain(file.stem, python.result(), case.get("ordered", False))
    for one in cultures:
        assert plain(file.stem, one.result(), case.get("ordered", False)) == wanted


@pytest.mark.parametrize("stem", ["gather-malformed", "gather-some"])
def test_gather_in_powershell_says_what_the_case_records(stem: str) -> None:
    if not _gather_is_there():
        pytest.skip("no gather agent in PowerShell")
    case = load(CASES / f"{stem}.json")
    assert play_powershell(case, powershell(), "cs-CZ")


def _gather_is_there() -> bool:
    return files("preflight.agents.powershell").joinpath("gather.ps1").is_file()
