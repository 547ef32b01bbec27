"""What an agent told, read as findings: rights, clock, program, facts; hostile words among it."""

from __future__ import annotations

from typing import Any

import pytest

from preflight.agents.contract import FactEvent, HelloEvent
from preflight.doctor.model import COLUMNS, Examination, Step
from preflight.doctor.notebook import Notebook
from preflight.doctor.reading import read_facts, read_hello
from preflight.errors import TransportError
from preflight.topology.model import Machine, Manage, SecretRef

AT = 1_800_000_000.0
WINDOWS: dict[str, Any] = {"family": "windows", "name": "Windows Server 2019", "version": "10.0.17763"}
LINUX: dict[str, Any] = {"family": "linux", "name": "Debian GNU/Linux 12", "version": "6.1"}


def machine(**manage: Any) -> Machine:
    """cml1, over SSH unless told."""
    way = Manage(**{"by": "ssh", "address": "10.1.1.11", "user": "preflight", **manage})
    return Machine("cml1", frozenset({"cml"}), "10.1.1.11", "main", None, way)


def look(
    system: dict[str, Any] = LINUX,
    *,
    elevated: bool = True,
    language: str = "python 3.9.2",
    epoch: float = AT,
    asked: float = AT,
    told: float = AT,
    user: str = "preflight",
    **facts: Any,
) -> Examination:
    """What comes of such a host. `facts`: name -> value, or a status in place of one."""
    notes = Notebook(machine(), "ssh preflight@10.1.1.11")
    hello = HelloEvent(
        event="hello", contract=1, agent="gather", language=language, pid=7, user=user, elevated=elevated
    )
    values: dict[str, Any] = {
        "system": {"hostname": "CML1", "architecture": "x", "user": user, "elevated": elevated, **system},
        "services": [],
        "listeners": [],
        "addresses": [{"interface": "eth0", "address": "10.1.1.11", "prefix": 24}],
        "time": {"epoch": epoch, "utc_offset_s": 0},
        "management": [{"Name": "CML1"}],
        **facts,
    }
    events = {}
    for name, value in values.items():
        status = value if isinstance(value, str) else "ok"
        events[name] = FactEvent(event="fact", id="doctor", name=name, status=status, value=value)  # type: ignore[arg-type]
    read_hello(notes, hello)
    read_facts(notes, hello, events, asked, told)
    return notes.done()


def step(seen: Examination, column: str) -> Step:
    """One column."""
    return next(s for s in seen.steps if s.stage == column)


def test_a_healthy_host_has_no_finding() -> None:
    seen = look()
    assert seen.findings == ()
    assert [s.word for s in seen.steps[3:]] == ["ok", "Python 3.9", "root", "ok"]
    assert seen.installed is False
    assert "CML1, Debian" in seen.system


# skew of the host's clock, how long the answer took, kind of finding, whether it blocks
CLOCKS = [
    (0.0, 0.0, None, False),
    (59.0, 0.0, None, False),
    (-61.0, 0.0, "skew", False),
    (299.0, 0.0, "skew", False),
    (301.0, 0.0, "skew", True),
    (-86400.0, 0.0, "skew", True),
    (61.0, 4.0, None, False),  # may be 59: what is not sure is not claimed
    (63.0, 4.0, "skew", False),
    (301.0, 4.0, "skew", False),
]


@pytest.mark.parametrize(("skew", "took", "kind", "blocks"), CLOCKS)
def test_the_clock_with_the_round_trip_taken_into_account(
    skew: float, took: float, kind: str | None, blocks: bool
) -> None:
    seen = look(epoch=AT + skew, asked=AT - took / 2, told=AT + took / 2)
    assert [f.kind for f in seen.findings] == ([kind] if kind else [])
    assert [f.blocks for f in seen.findings] == ([blocks] if kind else [])
    assert seen.skew_s == pytest.approx(skew)
    if kind:
        assert ("behind" if skew < 0 else "ahead") in seen.findings[0].seen
        assert seen.findings[0].typed


def test_ordinary_rights_on_unix_and_on_windows() -> None:
    unix, windows = look(elevated=False), look(WINDOWS, elevated=False, language="powershell 5.1.17763")
    assert unix.findings[0].effects == ("low-ports", "owners")
    assert windows.findings[0].effects == ("owners",)  # Windows lets everybody listen below 1024
    lines = [t.line for t in unix.findings[0].typed]
    assert "hosts.cml1.manage.sudo: true" in lines
    assert any("S-1-5-32-544" in t.line for t in windows.findings[0].typed)  # its name is another in each language


@pytest.mark.parametrize("status", ["denied", "timeout"])
def test_a_management_interface_that_lets_an_ordinary_account_ask_nothing(status: str) -> None:
    seen = look(WINDOWS, elevated=False, language="powershell 5.1.17763", management=status)
    assert [(f.stage, f.kind, f.effects) for f in seen.findings] == [
        ("rights", "not-elevated", ("owners", "management"))
    ]
    assert "management interface does not let it ask" in seen.findings[0].seen


@pytest.mark.parametrize("status", ["error", "absent"])
def test_a_management_interface_that_answers_lets_the_account_ask(status: str) -> None:
    seen = look(WINDOWS, elevated=False, language="powershell 5.1.17763", management=status)
    assert seen.findings[0].effects == ("owners",)


def test_a_management_interface_that_does_not_answer_an_administrator() -> None:
    seen = look(WINDOWS, language="powershell 5.1.17763", management="timeout")
    assert [(f.stage, f.kind, f.effects) for f in seen.findings] == [("facts", "no-fact", ("management",))]
    assert look(management="denied").findings == (), "Linux has none"


def test_powershell_and_its_language_mode() -> None:
    assert step(look(WINDOWS, language="powershell 5.1.17763.1"), "program").word == "PS 5.1 full"
    old = look(WINDOWS, language="powershell 4.0")
    assert [(f.kind, f.blocks) for f in old.findings] == [("old-powershell", False)]
    notes = Notebook(machine(by="winrm", user="a", password=SecretRef("env", "X")), "winrm a@10.1.1.11:5985")
    notes.lost_transport(TransportError("language-mode", "PowerShell runs in ConstrainedLanguage.", "Allow it."))
    seen = notes.done()
    assert (step(seen, "login").state, step(seen, "program").state) == ("ok", "not ok")
    assert step(seen, "rights").state == "not reached"


@pytest.mark.parametrize("status", ["denied", "timeout", "absent", "error"])
def test_a_host_that_cannot_tell_its_services_blocks_what_depends_on_it(status: str) -> None:
    seen = look(services=status)
    assert seen.installed is None
    assert [(f.stage, f.effects) for f in seen.findings] == [("facts", ("product-unknown",))]


def test_another_machine_at_the_address_is_told() -> None:
    seen = look(addresses=[{"interface": "eth0", "address": "10.9.9.9", "prefix": 24}])
    assert [(f.kind, f.blocks) for f in seen.findings] == [("other-address", False)]
    assert "10.9.9.9" in seen.findings[0].seen


def test_a_fact_that_is_not_in_the_contract_is_no_fact() -> None:
    seen = look(services=[{"nonsense": 1}], time={"epoch": "soon"})
    assert seen.installed is None
    assert {f.kind for f in seen.findings} == {"no-fact"}


def test_hostile_words_are_cleaned_and_cut() -> None:
    evil = "\x1b]0;owned\x07\x1b[2Jroot\u202e\n\nNOT OK  cml9"
    seen = look({**LINUX, "name": evil, "hostname": "x" * 5000}, user=evil, elevated=False)
    texts = [seen.system, *(s.seen for s in seen.steps), *(f.asked + f.seen + f.remedy for f in seen.findings)]
    assert all(text.isprintable() for text in texts)
    assert len(seen.system) <= 600


# kind of a transport's failure, where it is shown when name and port were looked at from here
STAGES = [
    ("auth", "login"),
    ("host-key", "login"),
    ("secret", "login"),
    ("refused", "login"),  # the port took our own connection a moment before
    ("dns", "login"),
    ("quota", "login"),
    ("no-python", "program"),
    ("no-powershell", "program"),
    ("contract", "program"),
    ("sudo", "rights"),
    ("rights", "rights"),
]


@pytest.mark.parametrize(("kind", "stage"), STAGES)
def test_a_failure_stands_in_its_column_and_those_behind_it_are_not_reached(kind: str, stage: str) -> None:
    notes = Notebook(machine(), "ssh preflight@10.1.1.11")
    for before in ("name", "port", "tls"):
        notes.step(before, "ok")  # type: ignore[arg-type]
    notes.lost_transport(TransportError(kind, "It failed.", "Mend it."))
    seen = notes.done()
    at = [s.stage for s in seen.steps].index(stage)  # type: ignore[arg-type]
    assert seen.steps[at].state == "not ok"
    assert {s.state for s in seen.steps[at + 1 :]} <= {"not reached"}
    assert seen.findings[0].effects == ("agent",)
    assert [s.stage for s in seen.steps] == list(COLUMNS)


def test_a_secret_is_named_and_never_shown() -> None:
    notes = Notebook(machine(password=SecretRef("env", "CML1_PASSWORD")), "ssh preflight@10.1.1.11")
    notes.lost_transport(TransportError("auth", "No.", "Look."))
    lines = [t.line for t in notes.done().findings[0].typed]
    assert any("CML1_PASSWORD" in line for line in lines)
