"""Machines that are not in the phase that --phase states: one cause of many unverified cases, told once a machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from preflight.run.model import CaseResult, Run
from preflight.values.case import Phase
from preflight.values.counted import counted
from preflight.values.outcome import Outcome
from preflight.values.stated_phase import stated_phase


@dataclass(slots=True)
class OtherPhase:
    """A machine in another phase than was stated, with the cases that are unverified because of it."""

    host: str
    stated: Phase
    lab: bool
    cases: list[CaseResult] = field(default_factory=list)

    @property
    def title(self) -> str:
        """`the product is not on cml1 although --phase=after says so`."""
        if self.stated == "after":
            return f"the product is not on {self.host} although --phase=after says so"
        return f"the product is on {self.host} although --phase=before denies it"

    @property
    def remedy(self) -> str:
        """What to do about it; in the lab, where nobody installs anything, the scenario that shows that phase."""
        told = f"Correct --phase, or see why the product is {'not' if self.stated == 'after' else 'already'} there."
        scenario = "installed" if self.stated == "after" else "healthy"
        return f"{told} In the lab write --scenario={scenario}." if self.lab else told

    @property
    def line(self) -> str:
        """The title with the number of cases."""
        return f"{self.title}: {counted(len(self.cases), 'case')}"


def other_phases(run: Run) -> tuple[list[OtherPhase], set[str]]:
    """These machines in the order of their first cases, and the ids of the cases."""
    found: dict[tuple[str, Phase], OtherPhase] = {}
    taken: set[str] = set()
    for case in run.cases:
        if case.standing is not Outcome.UNVERIFIED or case.destination is None:
            continue
        stated = stated_phase(case.reason)
        if stated is not None:
            entry = OtherPhase(case.destination, stated, run.lab is not None)
            found.setdefault((entry.host, stated), entry).cases.append(case)
            taken.add(case.id)
    return list(found.values()), taken
