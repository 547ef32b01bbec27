"""The PowerShell gather over stand-ins: recorded expectations, hanging commands, hostile values, cultures."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gather_run import HERE, STANDINS, ask, facts, powershell

pytestmark = pytest.mark.real
CASES: dict[str, dict[str, Any]] = json.loads((HERE / "gather_cases.json").read_text(encoding="utf-8"))
NAMES = (
    "product",
    "iis",
    "shared",
    "kernel",
    "orphan",
    "spooler",
    "datagrams",
)  # ports that windows2019.json leaves open


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    powershell()


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    """Real sockets for what the recorded host owns."""
    kinds = {name: socket.SOCK_DGRAM if name == "datagrams" else socket.SOCK_STREAM for name in NAMES}
    sockets = {name: socket.socket(socket.AF_INET, kind) for name, kind in kinds.items()}
    for name, sock in sockets.items():
        sock.bind(("127.0.0.1", 0))
        if kinds[name] == socket.SOCK_STREAM:
            sock.listen()
    yield {name: sock.getsockname()[1] for name, sock in sockets.items()}
    for sock in sockets.values():
        sock.close()


@pytest.fixture
def recorded(ports: dict[str, int], tmp_path: Path) -> Path:
    """windows2019.json with the ports filled in."""
    text = (STANDINS / "windows2019.json").read_text(encoding="utf-8")
    for name, port in ports.items():
        text = text.replace(f'"@{name}"', str(port)).replace(f"@{name}", str(port))
    path = tmp_path / "data.json"
    path.write_text(text, encoding="utf-8")
    return path


def agrees(expected: Any, seen: Any) -> bool:
    """Whether what was seen holds what is expected; {"holds": text} is a part of a text."""
    if isinstance(expected, dict) and set(expected) == {"holds"}:
        return expected["holds"] in seen
    if isinstance(expected, dict):
        return isinstance(seen, dict) and all(agrees(value, seen.get(key)) for key, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(seen) and all(agrees(*pair) for pair in zip(expected, seen, strict=True))
    return bool(expected == seen)


@pytest.mark.parametrize("name", CASES)
def test_recorded_hosts(name: str, recorded: Path, ports: dict[str, int], tmp_path: Path) -> None:
    case = CASES[name]
    registry = STANDINS / case["registry"] if "registry" in case else tmp_path / "keys.json"
    if "registry" not in case:
        registry.write_text(json.dumps(case.get("keys", {})), encoding="utf-8")
    wrap = ("unshare", "--user", "--map-user=1000") if case.get("plain_account") else ()
    if wrap and shutil.which("unshare") is None:
        pytest.skip("no unshare: another account cannot be tried")
    environment = {"PREFLIGHT_STANDIN_DATA": str(recorded)}
    seen = facts(*case["standins"], registry=registry, env=environment, wrap=wrap, **case["request"])
    for fact, expected in case["facts"].items():
        lines = {  # of what listens on the recorded ports
            at: [line for line in seen[fact]["value"] if line["local_port"] == ports[at]]
            for at in expected.get("lines", {})
        }
        rest = {key: value for key, value in expected.items() if key != "lines"}
        assert agrees(rest, seen[fact]), (fact, str(seen[fact]))
        for at, wanted in expected.get("lines", {}).items():
            assert agrees(wanted, lines[at]), (at, lines[at])


@pytest.mark.parametrize("culture", ["cs-CZ", "de-DE"])
def test_a_culture_changes_nothing(culture: str, recorded: Path) -> None:
    def told(chosen: str) -> dict[str, Any]:
        environment = {"PREFLIGHT_STANDIN_DATA": str(recorded), "PWSH_CULTURE": chosen}
        seen = facts(
            "windows2019",
            registry=STANDINS / "windows2019-registry.json",
            env=environment,
            services=["YSoft.*"],
            facts=["system", "addresses", "services", "firewall"],
        )
        return {name: {**event, "took_ms": 0} for name, event in seen.items()}

    assert told(culture) == told("en-US")


@pytest.mark.parametrize(
    ("hangs", "remarks"),
    [
        ("Get-NetTCPConnection", {"listeners": "owners took too long", "sockets": "owners took too long"}),
        ("Get-CimInstance", {"services": "did not answer in time"}),
        ("Get-NetConnectionProfile", {"firewall": "did not come in time"}),
        ("Get-Service", {}),
    ],
)
def test_a_command_that_hangs_costs_only_what_it_tells(hangs: str, remarks: dict[str, str], recorded: Path) -> None:
    environment = {"PREFLIGHT_STANDIN_DATA": str(recorded), "PREFLIGHT_STANDIN_HANGS": hangs}
    seen = facts(
        "windows2019",
        "hanging",
        registry=STANDINS / "windows2019-registry.json",
        env=environment,
        services=["YSoft.*"],
        fact_deadline_s=8,
    )
    assert {event["status"] for event in seen.values()} == {"ok"}
    assert [line["name"] for line in seen["services"]["value"]][:1] == ["YSoftSafeQCMLService"]
    for name, event in seen.items():
        assert remarks.get(name, "") in event["detail"]
        # Services' other source is silent, too, when the service control hangs: the detail then belongs to CIM alone.
        assert (name in remarks) == ("time" in event["detail"] or "too long" in event["detail"]), event


def test_a_registry_key_that_hangs_is_a_timeout_of_its_fact(tmp_path: Path) -> None:
    key = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
    registry = tmp_path / "keys.json"
    registry.write_text(json.dumps({"HKLM": {key: {"!hang": 40}}}), encoding="utf-8")
    seen = facts("windows2019", registry=registry, fact_deadline_s=6)
    assert {name for name, event in seen.items() if event["status"] != "ok"} == {"system"}
    assert seen["system"]["status"] == "timeout"
    assert seen["system"]["took_ms"] < 30000


def test_hostile_names_and_many_services(recorded: Path, tmp_path: Path) -> None:
    data = json.loads(recorded.read_text(encoding="utf-8"))
    nasty = "YSoft \"\\' \u0000\u001b[31m\u202e\u2028 ž \U0001f5a8"
    row = {"DisplayName": nasty, "State": "Running", "ProcessId": 7000, "PathName": f'"C:\\{nasty}'}
    data["Win32_Service"] = [{**row, "Name": nasty}, {**row, "Name": "YSoft<half>", "State": None, "ProcessId": None}]
    short = {"State": "Running", "PathName": "x.exe"}  # ConvertFrom-Json of 5.1, which the stand-in uses, reads 2 MB
    data["Win32_Service"] += [{**short, "Name": f"YSoftMany{n:05}", "ProcessId": n + 8000} for n in range(3000)]
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(data), encoding="ascii")
    rule = "Name=\u202e half|" + "|".join(f"LPort={n}" for n in range(500))
    keys = {
        "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules": {nasty: rule}
    }
    registry = tmp_path / "keys.json"
    registry.write_text(json.dumps({"HKLM": keys}), encoding="ascii")
    seen = facts(
        "windows2019", registry=registry, env={"PREFLIGHT_STANDIN_DATA": str(path)}, services=["ysoft(.|\\s)*"]
    )
    names = {line["name"]: line for line in seen["services"]["value"]}
    assert len(names) == 3002
    assert names[nasty]["display"] == nasty
    assert names["YSoft?"]["state"] == "unknown"
    assert seen["firewall"]["value"]["rules"][0]["name"] == nasty
    assert seen["firewall"]["value"]["rules"][0]["text"].startswith("Name=\u202e half|LPort=0|")


def test_more_rules_than_a_line_holds(tmp_path: Path) -> None:
    rules = {f"off{n}": "v2.30|Active=FALSE|Dir=In|" + "x" * 5000 for n in range(500)}
    rules |= {f"out{n}": "v2.30|Active=TRUE|Dir=Out|" + "x" * 5000 for n in range(300)}
    rules |= {f"in{n}": "v2.30|Active=TRUE|Dir=In|" + "x" * 5000 for n in range(300)}
    key = "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules"
    registry = tmp_path / "keys.json"
    registry.write_text(json.dumps({"HKLM": {key: rules}}), encoding="ascii")
    seen = facts("windows2019", registry=registry, facts=["firewall"])["firewall"]
    listed = [rule["name"] for rule in seen["value"]["rules"]]
    assert sum(name.startswith("in") for name in listed) == 300
    assert sum(name.startswith("out") for name in listed) == 300
    assert 0 < sum(name.startswith("off") for name in listed) < 500
    assert f"{len(listed)} of 1100 rules are listed" in seen["detail"]


@pytest.mark.parametrize("pattern", ["(", ")(", "YSoft\\"])
def test_a_pattern_that_is_none_is_a_fault(pattern: str) -> None:
    with pytest.raises(AssertionError, match="no regular expression"):
        ask("denied", services=[pattern], facts=["time"])
