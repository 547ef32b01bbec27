"""Reads in PowerShell over stand-ins: the registry, the management interface, what hangs, is denied, or is too much."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from gather_run import STANDINS, powershell
from reads_run import keys_file, told

from preflight.agents.reads import CimRead, FileRead, NamesRead, Read, RegistryRead

pytestmark = pytest.mark.real
STANDIN = ("windows2019", "cim")
KEYS: dict[str, Any] = {
    "SOFTWARE\\A": {
        "": "unnamed",
        "Text": 'a "b" \\ \u017e \U0001f5a8',
        "Expand": {"expand": "%SystemRoot%\\x"},
        "Multi": ["a", "b"],
        "One": ["a"],
        "None": [],
        "Blob": {"hex": "01ff"},
        "Empty": {"hex": ""},
        "Big": {"qword": -1},
        "Small": {"qword": 1},
        "Number": 4294967295,
        "Zero": 0,
    },
    "SOFTWARE\\A\\First": {"Text": "1", "Other": 2},
    "SOFTWARE\\A\\First\\Below": {"Text": "not asked"},
    "SOFTWARE\\A\\Second": {},
    "SOFTWARE\\A\\Shut": {"!deny": True},
    "SOFTWARE\\Shut": {"!deny": True},
}
VALUES = {
    **{name: value for name, value in KEYS["SOFTWARE\\A"].items() if not isinstance(value, dict)},
    "Expand": "%SystemRoot%\\x",
    "Blob": {"hex": "01ff"},
    "Empty": {"hex": ""},
    "Big": 18446744073709551615,
    "Small": 1,
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "Win32_OperatingSystem": [
        {
            "LastBootUpTime": {"date": "2026-11-20T08:00:00Z"},
            "InstallDate": {"date": "2026-11-20T08:00:00.25+01:00"},
            "Uptime": {"span": 90.5},
            "Caption": "Windows \u017e",
            "Load": 1.5,
            "Many": {"list": ["a", {"date": "1970-01-01T00:00:01Z"}, 3]},
            "Single": {"list": ["only"]},
            "Nobody": {"list": []},
            "Gone": None,
            "Flag": True,
            "Size": 18446744073709551615,
        }
    ],
    "MSFT_NetAdapter": [{"State": {"raw": 2, "shown": "Zapnuto"}, "Name": "Ethernet"}],
    "Win32_LogicalDisk": [
        {"DeviceID": "C:", "Filter": "DriveType=3"},
        {"DeviceID": "D:", "Filter": "DriveType=5"},
    ],
    "There": [{"Name": "x", "Namespace": "root/Microsoft/Windows/Defender"}],
}


def key(name: str, path: str, **more: Any) -> RegistryRead:
    """A read below HKLM."""
    return RegistryRead(name=name, path=f"HKLM\\{path}", **more)


def cim(name: str, *properties: str, **more: Any) -> CimRead:
    """A read named as its class."""
    return CimRead(name=name, class_name=name, properties=properties or ("Name",), **more)


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    powershell()


@pytest.fixture
def rows(tmp_path: Path) -> dict[str, str]:
    """The environment that tells the stand-in of the rows."""
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(ROWS), encoding="ascii")
    return {"PREFLIGHT_STANDIN_CIM": str(path)}


@pytest.mark.parametrize("culture", ["en-US", "cs-CZ"])
def test_registry_values_as_they_are_written(culture: str, tmp_path: Path) -> None:
    reads: tuple[Read, ...] = (
        key("all", "SOFTWARE\\A"),
        key("some", "software\\a\\", values=("TEXT", "nope", "")),
        key("below", "SOFTWARE\\A", values=("Text",), subkeys=True),
        RegistryRead(name="long", path="HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\First"),
        key("shut", "SOFTWARE\\Shut"),
        key("gone", "SOFTWARE\\Gone"),
        key("hive", "", subkeys=True),
        RegistryRead(name="no hive", path="HKXX\\SOFTWARE"),
        RegistryRead(name="no path", path=""),
    )
    seen = told(*reads, registry=keys_file(tmp_path, KEYS), env={"PWSH_CULTURE": culture})
    assert seen["all"] == {"status": "ok", "detail": "", "value": {"exists": True, "values": VALUES, "subkeys": {}}}
    text = VALUES["Text"]
    assert seen["some"]["value"]["values"] == {"TEXT": text, "": "unnamed"}
    assert seen["below"]["value"] == {
        "exists": True,
        "values": {"Text": text},
        "subkeys": {"First": {"Text": "1"}, "Second": {}},
    }
    assert seen["below"]["detail"] == "1 subkeys are left out, the account may not read them."
    assert seen["long"]["value"]["values"] == {"Text": "1", "Other": 2}
    assert seen["shut"]["status"] == "denied"
    assert seen["gone"] == {"status": "absent", "value": None, "detail": "no such key"}
    assert list(seen["hive"]["value"]["subkeys"]) == ["SOFTWARE"]
    assert [seen[name]["status"] for name in ("no hive", "no path")] == ["absent", "error"]


def test_more_than_one_event_should_hold(tmp_path: Path) -> None:
    keys: dict[str, Any] = {f"SOFTWARE\\Many\\{n:04}": {"Name": f"n{n}"} for n in range(4200)}
    keys |= {f"SOFTWARE\\Wide\\{n:04}": {"Name": "x" * 10000} for n in range(400)}
    keys["SOFTWARE\\Heavy"] = {"first": "x" * 1000000, "second": "x" * 1000000, "third": "short"}
    keys["SOFTWARE\\Heavy"]["blob"] = keys["SOFTWARE\\Wide\\0001"]["blob"] = {"hex": "00" * 600000}
    seen = told(
        key("many", "SOFTWARE\\Many", subkeys=True),
        key("wide", "SOFTWARE\\Wide", subkeys=True),
        key("heavy", "SOFTWARE\\Heavy"),
        registry=keys_file(tmp_path, keys),
    )
    assert {event["status"] for event in seen.values()} == {"ok"}
    assert len(seen["many"]["value"]["subkeys"]) == 4000
    assert seen["many"]["detail"] == "4000 of 4200 subkeys are listed, the key has too much to list all."
    assert 140 < len(seen["wide"]["value"]["subkeys"]) <= 150
    assert " of 400 subkeys are listed" in seen["wide"]["detail"]
    assert seen["wide"]["detail"].endswith(" 1 values are left out, they are too big.")
    assert {len(values["Name"]) for values in seen["wide"]["value"]["subkeys"].values()} == {10000}
    assert sorted(seen["heavy"]["value"]["values"]) == ["first", "third"]
    assert seen["heavy"]["detail"] == "2 values are left out, they are too big."


@pytest.mark.parametrize("culture", ["en-US", "cs-CZ"])
def test_instances_without_culture_and_words(culture: str, rows: dict[str, str]) -> None:
    seen = told(
        cim("Win32_OperatingSystem", *ROWS["Win32_OperatingSystem"][0], "Unheard"),
        cim("MSFT_NetAdapter", "State", "Name", "Unheard"),
        cim("Win32_LogicalDisk", "DeviceID", where="DriveType=3"),
        cim("There", namespace="root/Microsoft/Windows/Defender"),
        cim("Nothing"),
        standins=STANDIN,
        env={**rows, "PWSH_CULTURE": culture, "TZ": "Europe/Prague"},
    )
    assert {event["status"] for event in seen.values()} == {"ok"}, seen
    system = {
        "LastBootUpTime": 1795161600.0,
        "InstallDate": 1795158000.25,
        "Uptime": 90.5,
        "Caption": "Windows \u017e",
        "Load": 1.5,
        "Many": ["a", 1.0, 3],
        "Single": ["only"],
        "Nobody": [],
        "Gone": None,
        "Flag": True,
        "Size": 18446744073709551615,
        "Unheard": None,
    }
    assert seen["Win32_OperatingSystem"]["value"] == [system]
    assert list(seen["Win32_OperatingSystem"]["value"][0]) == list(system)
    assert seen["MSFT_NetAdapter"]["value"] == [{"State": 2, "Name": "Ethernet", "Unheard": None}]
    assert seen["Win32_LogicalDisk"]["value"] == [{"DeviceID": "C:"}]
    assert seen["There"]["value"] == [{"Name": "x"}]
    assert seen["Nothing"]["value"] == []


def test_more_instances_than_one_event_should_hold(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"Many": [{"Name": f"n{n}"} for n in range(4100)]}), encoding="ascii")
    seen = told(cim("Many"), standins=STANDIN, env={"PREFLIGHT_STANDIN_CIM": str(path)})["Many"]
    assert len(seen["value"]) == 4000
    assert seen["detail"] == "4000 of 4100 instances are listed, there is too much to list all."


def test_refusals_of_the_management_interface(rows: dict[str, str]) -> None:
    codes = {"80041010": "absent", "8004100E": "absent", "80041002": "absent", "80041003": "denied"}
    codes |= {"80070005": "denied", "80041017": "error", "800706BA": "error"}
    seen = told(*(cim(f"Code{code}") for code in codes), cim("Denied"), standins=STANDIN, env=rows)
    assert {name: event["status"] for name, event in seen.items()} == {
        **{f"Code{code}": status for code, status in codes.items()},
        "Denied": "denied",
    }
    assert seen["Denied"]["detail"] == "UnauthorizedAccessException: Access denied"


def test_what_hangs_costs_itself_alone(rows: dict[str, str], tmp_path: Path) -> None:
    keys = {"SOFTWARE\\Slow": {"!hang": 40}, "SOFTWARE\\Slow2": {"!hang": 40}, "SOFTWARE\\A": {"x": 1}}
    # More that hang than lanes begin with, and all of them before the others.
    reads: list[Read] = [key("slow", "SOFTWARE\\Slow"), key("slow2", "SOFTWARE\\Slow2")]
    reads += [CimRead(name=f"hangs{n}", class_name="Hangs", properties=("x",)) for n in range(3)]
    fine: list[Read] = [key(f"key{n}", "SOFTWARE\\A") for n in range(10)]
    fine += [CimRead(name=f"cim{n}", class_name="There", properties=("Name",)) for n in range(5)]
    fine += [FileRead(name="file", path="/etc/hosts"), NamesRead(name="names", forward=("localhost",))]
    seen = told(
        *reads,
        *fine,
        facts=["time", "services"],
        fact_deadline_s=9,
        standins=STANDIN,
        env=rows,
        registry=keys_file(tmp_path, keys),
    )
    late = {"status": "timeout", "value": None, "detail": "not read within its deadline"}
    assert {name: event for name, event in seen.items() if event["status"] != "ok"} == {
        read.name: late for read in reads
    }
    assert len(seen) == len(reads) + len(fine) + 2


def test_without_administrator_rights_only_the_management_interface_is_refused(
    rows: dict[str, str], tmp_path: Path
) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no unshare: another account cannot be tried")
    seen = told(
        cim("There"),
        key("key", "SOFTWARE\\A", values=("Zero",)),
        FileRead(name="file", path="/etc/hosts"),
        standins=STANDIN,
        env={**rows, "PREFLIGHT_STANDIN_DENIES": "root/cimv2=0"},
        registry=keys_file(tmp_path, KEYS),
        wrap=("unshare", "--user", "--map-user=1000"),
    )
    assert seen["There"]["status"] == "denied"
    assert seen["There"]["detail"].startswith("the account is no elevated administrator, and")
    assert seen["key"]["value"]["values"] == {"Zero": 0}
    assert seen["file"]["status"] == "ok"


def test_a_host_that_denies_everything_still_answers_every_read() -> None:
    names = NamesRead(name="names", forward=("localhost",))
    registry = STANDINS / "windows2019-registry.json"
    seen = told(cim("Win32_Service"), key("key", "SOFTWARE\\A"), names, standins=("denied",), registry=registry)
    statuses = {name: event["status"] for name, event in seen.items()}
    assert statuses == {"Win32_Service": "denied", "key": "absent", "names": "ok"}
