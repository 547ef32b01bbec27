"""What of another SafeQ is on a server (C10): remains of an earlier one, another version, a client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preflight.facts.own_tables import remains as marks
from preflight.facts.remains import Remains, programs_left
from preflight.facts.software import Program

CLEAR = "Uninstall the earlier SafeQ, then delete what is left of its services, folders and registry key"
LEAVE = "Uninstall the other SafeQ, or move it to another machine; then delete its folders and registry key"
LOOK = "Look which version the program is that the service runs; if it is not the one that is tested, uninstall it"


@dataclass(frozen=True, slots=True)
class AnotherSafeq:
    """Findings with evidence, by how sure they are, and what to do about them."""

    wrong: tuple[str, ...]
    doubtful: tuple[str, ...]
    steps: tuple[str, ...]


def another_safeq(remains: Remains, programs: Iterable[Program]) -> AnotherSafeq:
    """Where the product is installed, its own services and folders are none of it, and nor is a client beside it."""
    installed, tested = remains.installed, marks().version
    other = [f"another SafeQ than {tested}: service {part}" for part in remains.of("other")]
    left = [] if installed else [f"left of an earlier SafeQ: {text}" for text in remains.evidence()]
    unclear = [f"which SafeQ is this? Service {part}, whose name is not {tested}'s" for part in remains.of("unclear")]
    lesser = [] if installed else [f"service {part}" for part in (*remains.of("client"), *remains.of("helper"))]
    perhaps = f"perhaps another SafeQ than {tested}" if installed else "perhaps left of an earlier SafeQ"
    older = [f"{perhaps}: {text}" for text in [*lesser, *programs_left(programs, installed)]]
    steps = [LEAVE] if other or (older and installed) else []
    steps += [LOOK] if unclear else []
    steps += [CLEAR] if left or (older and not installed) else []
    return AnotherSafeq((*other, *left), (*unclear, *older), tuple(steps))
