"""What an agent told, read as steps and findings: program, rights, clock, facts. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from preflight.agents import contract, contract_facts
from preflight.doctor.model import Effect
from preflight.doctor.notebook import Notebook, safe

MANAGEMENT = "management"  # the read that asks Windows' management interface anything
SKEW_WARNING_S = 60.0
SKEW_KERBEROS_S = 300.0  # MaxClockSkew, the default of Windows and MIT Kerberos
_VERSION = re.compile(r"(\w+) (\d+)\.(\d+)")


def read_hello(notes: Notebook, hello: contract.HelloEvent) -> None:
    """Login and program: an agent that says hello has both."""
    notes.step("login", "ok", f"logged in as {hello.user}")
    found = _VERSION.match(hello.language)
    program, major, minor = (found[1], int(found[2]), int(found[3])) if found else (hello.language[:20], 0, 0)
    if program.lower() != "powershell":
        notes.step("program", "ok", hello.language, f"{program.capitalize()} {major}.{minor}" if found else program)
        return
    seen = f"PowerShell {hello.language.partition(' ')[2]}, full language mode"
    word = f"PS {major}.{minor} full"
    if (major, minor) >= (5, 1):
        notes.step("program", "ok", seen, word)
        return
    notes.step("program", "warning", seen)
    remedy = "Install Windows Management Framework 5.1: the agents are written for it."
    notes.finding("program", "old-powershell", "which PowerShell runs there", seen, remedy, blocks=False)


def read_facts(
    notes: Notebook, hello: contract.HelloEvent, facts: Mapping[str, contract.FactEvent], asked: float, told: float
) -> None:
    """Rights, clock, and whether host and product can be known. Times: when the clock was asked and had answered."""
    system = _value(facts, "system")
    windows = hello.language.lower().startswith("powershell")
    if isinstance(system, contract_facts.SystemFact):
        windows = system.family == "windows"
        notes.system = f"{system.hostname}, {system.name} {system.version}"
    notes.windows = windows
    services = _value(facts, "services")
    notes.installed = None if services is None else bool(services)
    shut = windows and _shut(facts.get(MANAGEMENT))
    _rights(notes, hello, windows, shut)
    if shut and hello.elevated:
        _fact_missing(notes, facts, MANAGEMENT, "whether its management interface (WMI) answers", ("management",))
    if services is None:
        _fact_missing(notes, facts, "services", "whether the product is installed", ("product-unknown",))
    if _value(facts, "listeners") is None:
        _fact_missing(notes, facts, "listeners", "which ports are in use", ("owners",))
    _clock(notes, facts, asked, told)
    _own_address(notes, _value(facts, "addresses"))


def _value(facts: Mapping[str, contract.FactEvent], name: str) -> Any:
    """A fact in the shape that the contract promises; None where there is none."""
    event = facts.get(name)
    if event is None or event.status != "ok":
        return None
    try:
        return contract_facts.FACT_TYPES[name].validate_python(event.value)
    except ValueError:
        return None


def _shut(event: contract.FactEvent | None) -> bool:
    """Whether the management interface let the account ask nothing; an error or a missing class is an answer."""
    return event is None or event.status in ("denied", "timeout")


def _rights(notes: Notebook, hello: contract.HelloEvent, windows: bool, shut: bool) -> None:
    if hello.elevated:
        word = "admin" if windows else "root"
        notes.step("rights", "ok", f"{hello.user}, {'an elevated administrator' if windows else 'root'}", word)
        return
    effects: tuple[Effect, ...] = ("owners",) if windows else ("low-ports", "owners")
    effects += ("management",) if shut else ()
    what = "an elevated administrator" if windows else "root"
    remedy = (
        "Make that account an administrator there. A local account needs the policy below, too, or gets no full rights "
        "over the network."
        if windows
        else "Let the agents run as root by sudo, or manage the host as root."
    )
    seen = f"logged in as {hello.user}, not {what}"
    seen += ", and Windows' management interface does not let it ask" if shut else ""
    notes.finding("rights", "not-elevated", f"which rights {safe(hello.user, 60)} has", seen, remedy, effects=effects)


def _fact_missing(
    notes: Notebook, facts: Mapping[str, contract.FactEvent], name: str, what: str, effects: tuple[Effect, ...]
) -> None:
    event = facts.get(name)
    if event is None:
        seen = "no answer in time"
    elif event.status == "ok":
        seen = "an answer that is not in the contract"
    else:
        seen = f"{event.status}: {event.detail or 'no reason told'}"
    kind = "not-elevated" if event is not None and event.status == "denied" else "no-fact"
    remedy = {
        "denied": "Give the account more rights.",
        "timeout": "Look at the host's load, then run again.",
    }.get(event.status if event else "timeout", "Read what it says, then run again.")
    notes.finding("facts", kind, f"{what} (fact {name})", seen, remedy, effects=effects)


def _clock(notes: Notebook, facts: Mapping[str, contract.FactEvent], asked: float, told: float) -> None:
    fact = _value(facts, "time")
    if not isinstance(fact, contract_facts.TimeFact):
        notes.step("clock", "warning", "the host did not tell its time")
        notes.finding("clock", "no-fact", "its time", "no answer in time", "Run again.", blocks=False)
        return
    # The host read its clock at some moment between question and answer.
    skew, error = fact.epoch - (asked + told) / 2, max(0.0, (told - asked) / 2)
    notes.skew_s, notes.skew_error_s = round(skew, 3), round(error, 3)
    least = max(0.0, abs(skew) - error)
    seen = f"{_span(skew)} {'ahead of' if skew > 0 else 'behind'} this machine's clock"
    seen += f", give or take {_span(error)}" if error >= 1 else ""
    if least <= SKEW_WARNING_S:
        notes.step("clock", "ok", seen, _short(skew) if abs(skew) > error else "ok")
        return
    blocks = least > SKEW_KERBEROS_S
    remedy = f"Set the clock right, here or there; Kerberos refuses more than {SKEW_KERBEROS_S:.0f} s."
    notes.finding(
        "clock", "skew", "its clock against this machine's", seen, remedy,
        blocks=blocks, effects=("kerberos",) if blocks else (),
    )  # fmt: skip


def _short(skew: float) -> str:
    text = f"{skew:+.1f}" if abs(skew) < 10 else f"{skew:+.0f}"
    return "0.0 s" if float(text) == 0 else f"{text} s"


def _span(seconds: float) -> str:
    seconds = abs(seconds)
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 600:
        return f"{seconds:.0f} s"
    if seconds < 172800:
        return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.0f} days"


def _own_address(notes: Notebook, lines: Any) -> None:
    """Another machine at the management address is the mistake that costs a day."""
    own = [line.address for line in lines] if isinstance(lines, list) else []
    serving = notes.machine.address
    if not own or serving in own or serving.startswith("127."):
        return
    others = ", ".join(a for a in own if not a.startswith(("127.", "::1", "fe80:")))
    seen = f"it has {safe(others, 200) or 'loopback only'}"
    remedy = (
        "Right where NAT or a load balancer serves that address; else address or manage.address is another machine's."
    )
    notes.finding("address", "other-address", f"whether {serving} is its own address", seen, remedy, blocks=False)
