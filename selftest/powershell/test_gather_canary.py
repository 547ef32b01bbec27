"""An account that is no administrator asks the management interface one question, and no more where it is denied."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from gather_run import powershell
from reads_run import Told, keys_file, told

from preflight.agents.reads import CimRead, FileRead, Read, RegistryRead

pytestmark = pytest.mark.real
DEFENDER = "root/Microsoft/Windows/Defender"
ROWS = {
    "Win32_Service": [{"Name": "Spooler"}],
    "Win32_Processor": [{"Name": "cpu"}],
    "Win32_LogicalDisk": [{"Name": "C:"}],
    "MSFT_MpPreference": [{"Name": "preference"}],
    "MSFT_MpComputerStatus": [{"Name": "status"}],
}
NOT_LET_IN = "the account is no elevated administrator, and the management interface "


def cim(class_name: str, namespace: str = "root/cimv2") -> CimRead:
    """A read named as its class."""
    return CimRead(name=class_name, class_name=class_name, namespace=namespace, properties=("Name",))


# In the order of the plan: neither the first namespace nor service control is what the canary is to try.
READS: tuple[Read, ...] = (
    cim("MSFT_MpPreference", DEFENDER),
    cim("MSFT_MpComputerStatus", "ROOT\\Microsoft\\Windows\\Defender"),
    cim("Win32_Service"),
    cim("Win32_Processor"),
    cim("Win32_LogicalDisk", "root\\cimv2"),
)
CLASSES = [read.name for read in READS]


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    powershell()
    if shutil.which("unshare") is None:
        pytest.skip("no unshare: another account cannot be tried")


class Asking:
    """Asks as an account without administrator rights, and knows which questions reached the management interface."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._trace = folder / "asked"
        self.rows: dict[str, Any] = dict(ROWS)

    def __call__(self, *reads: Read, denies: str = "", facts: tuple[str, ...] = (), **request: Any) -> Told:
        (self._folder / "rows.json").write_text(json.dumps(self.rows), encoding="ascii")
        self._trace.write_text("", encoding="ascii")
        self._folder.chmod(0o755)
        self._trace.chmod(0o666)
        return told(
            *reads,
            facts=list(facts),
            standins=("windows2019", "cim"),
            env={
                "PREFLIGHT_STANDIN_CIM": str(self._folder / "rows.json"),
                "PREFLIGHT_STANDIN_TRACE": str(self._trace),
                "PREFLIGHT_STANDIN_DENIES": denies,
            },
            registry=keys_file(self._folder, {"SOFTWARE\\A": {"x": 1}}),
            wrap=("unshare", "--user", "--map-user=1000"),
            **request,
        )

    @property
    def asked(self) -> list[str]:
        """Class names in the order of asking."""
        return [line.split()[-1] for line in self._trace.read_text(encoding="ascii").splitlines()]


@pytest.fixture
def ask(tmp_path: Path) -> Asking:
    return Asking(tmp_path)


def test_an_account_that_is_let_in_is_told_everything(ask: Asking) -> None:
    seen = ask(*READS, facts=("system", "services"))
    assert seen["system"]["value"]["elevated"] is False
    for read in READS:
        assert seen[read.name] == {"status": "ok", "value": ROWS[read.name], "detail": ""}
    assert ask.asked[0] == "Win32_Processor"
    assert sorted(ask.asked) == sorted(CLASSES), "each is asked once; the fact services asks nothing of its own"


def test_an_account_that_is_denied_at_once_has_asked_one_question(ask: Asking) -> None:
    seen = ask(*READS, RegistryRead(name="key", path="HKLM\\SOFTWARE\\A"), denies="root/cimv2=0")
    why = NOT_LET_IN + "did not let it into root/cimv2 (UnauthorizedAccessException: Access denied)"
    assert [seen[name] for name in CLASSES] == [{"status": "denied", "value": None, "detail": why}] * len(CLASSES)
    assert seen["key"]["value"]["values"] == {"x": 1}
    assert ask.asked == ["Win32_Processor"]


@pytest.mark.slow
def test_an_account_that_is_denied_after_the_deadline_has_asked_one_question(ask: Asking) -> None:
    seen = ask(*READS, RegistryRead(name="key", path="HKLM\\SOFTWARE\\A"), denies="root/cimv2=20", fact_deadline_s=4)
    why = NOT_LET_IN + "did not answer it in root/cimv2 within 4 s; to turn an account away, Windows takes about 5 s"
    assert [seen[name] for name in CLASSES] == [{"status": "denied", "value": None, "detail": why}] * len(CLASSES)
    assert ask.asked == ["Win32_Processor"]
    assert next(iter(seen)) == "key", "what is no question to the management interface does not wait for it"


def test_a_denial_within_a_long_deadline_is_told_in_its_own_words(ask: Asking) -> None:
    seen = ask(cim("Win32_Processor"), cim("Win32_LogicalDisk"), denies="root/cimv2=1", fact_deadline_s=30)
    assert {seen[name]["status"] for name in seen} == {"denied"}
    assert "did not let it into root/cimv2 (Unauthorized" in seen["Win32_LogicalDisk"]["detail"]
    assert ask.asked == ["Win32_Processor"]


@pytest.mark.parametrize("code", ["80041010", "80041017"], ids=["no such class", "a question that is refused"])
def test_a_canary_without_an_answer_that_was_let_in_lets_the_others_ask(code: str, ask: Asking) -> None:
    ask.rows["Win32_Processor"] = [{"error": code}]
    seen = ask(*READS)
    assert seen["Win32_Processor"]["status"] == {"80041010": "absent", "80041017": "error"}[code]
    assert {seen[name]["status"] for name in CLASSES if name != "Win32_Processor"} == {"ok"}


def test_rights_are_tried_in_each_namespace(ask: Asking) -> None:
    seen = ask(*READS, denies=f"{DEFENDER}=0")
    assert {name: seen[name]["status"] for name in CLASSES} == {
        name: "denied" if name.startswith("MSFT") else "ok" for name in CLASSES
    }
    assert f"into {DEFENDER} (" in seen["MSFT_MpComputerStatus"]["detail"]
    assert [name for name in ask.asked if name.startswith("MSFT")] == ["MSFT_MpPreference"]


def test_service_control_that_denies_hides_nothing_else(ask: Asking) -> None:
    ask.rows["Win32_Service"] = [{"error": "80041003"}]
    seen = ask(*READS)
    assert {name for name in CLASSES if seen[name]["status"] != "ok"} == {"Win32_Service"}
    assert seen["Win32_Service"]["detail"].startswith("COMException: a code")


def test_a_canary_that_is_alone(ask: Asking) -> None:
    assert ask(cim("Win32_Service"), denies="root/cimv2=0")["Win32_Service"]["status"] == "denied"
    assert ask(cim("Win32_Service"))["Win32_Service"]["value"] == ROWS["Win32_Service"]


def test_an_administrator_asks_everything_side_by_side(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("root stands for an administrator")
    trace = tmp_path / "asked"
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps(ROWS), encoding="ascii")
    env = {"PREFLIGHT_STANDIN_CIM": str(rows), "PREFLIGHT_STANDIN_TRACE": str(trace)}
    seen = told(
        *READS, FileRead(name="file", path="/etc/hosts"), standins=("windows2019", "cim"),
        env={**env, "PREFLIGHT_STANDIN_DENIES": "root/cimv2=0"},
    )  # fmt: skip
    assert {seen[name]["detail"] for name in ("Win32_Service", "Win32_Processor", "Win32_LogicalDisk")} == {
        "UnauthorizedAccessException: Access denied"
    }
    assert {seen[name]["status"] for name in CLASSES if name.startswith("MSFT")} == {"ok"}
    assert len(trace.read_text(encoding="ascii").splitlines()) == len(READS)
