"""Which cases of the plan a finding keeps from being asked, and so which rows of the page. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from preflight.agents.reads import CimRead
from preflight.doctor.model import Blocked, Effect, Examination, Finding, Step
from preflight.facts.registry import BY_NAME
from preflight.values.case import Case
from preflight.values.probe import Probe

FIRST_FREE_PORT = 1024  # below it a Unix system lets only root listen
SAY_LESS = {"web", "hotfixes"}  # facts whose items are judged without Windows' management interface, too: C01, C08


@dataclass(frozen=True, slots=True)
class Needs:
    """What the cases of a plan need of each machine. Built once: a fleet's plan has 150,000 cases."""

    cases: Sequence[Case]
    agent: dict[str, set[int]]  # machine -> numbers of the cases that nobody can observe without an agent there
    product: dict[str, list[tuple[int, Probe]]]  # machine -> probes of its product ports
    heard: dict[str, list[tuple[int, Probe]]]  # machine -> broadcasts that it is to hear
    management: dict[str, set[int]]  # machine -> cases that rest on its management interface
    page: Sequence[str]

    def blocked(self, effect: Effect, machine: str, installed: bool | None) -> Blocked:
        """What one effect on one machine keeps from being asked; `installed`: the product is there, None: unknown."""
        numbers: set[int] = set()
        product = self.product.get(machine, [])
        if effect == "agent":
            numbers = self.agent.get(machine, set())
        elif effect == "management":
            numbers = self.management.get(machine, set())
        elif effect == "product-unknown":
            numbers = {number for number, _ in product}
        elif effect == "owners" and installed is not False:
            # Before installation nobody's socket is judged by its owner; after it, whose the port is decides.
            numbers = {n for n, p in product if p.protocol == "tcp" and not p.restricted}
        elif effect == "low-ports":
            asked = list(self.heard.get(machine, []))
            if installed is not True:  # no temporary listener is opened on a host that has the product
                asked += [(n, p) for n, p in product if not p.installed_only]
            numbers = {n for n, p in asked if 0 < p.port < FIRST_FREE_PORT}
        rows = {self.cases[n].row for n in numbers}
        return Blocked(effect, tuple(r for r in self.page if r in rows), frozenset(self.cases[n].id for n in numbers))


def needs_of(cases: Iterable[Case], page: Sequence[str]) -> Needs:
    """Index the cases that a run would ask; those that do not apply or are not built need nobody."""
    kept = [c for c in cases if c.not_applicable is None and c.not_built is None]
    needs = Needs(kept, {}, {}, {}, {}, page)
    for number, case in enumerate(kept):
        if case.protocol is None and case.destination is not None and case.unasked is None and host_told(case):
            needs.agent.setdefault(case.destination, set()).add(number)
            if any(asks_management(name) for name in case.facts):
                needs.management.setdefault(case.destination, set()).add(number)
        for look in case.passive if not case.probes else ():  # else it is asked in another way, too
            needs.agent.setdefault(look.server, set()).add(number)
        for probe in case.probes:
            needs.agent.setdefault(probe.source, set()).add(number)
            if probe.serving == "product":
                needs.product.setdefault(probe.destination, []).append((number, probe))
            elif probe.broadcast:
                needs.heard.setdefault(probe.destination, []).append((number, probe))
            else:
                continue
            needs.agent.setdefault(probe.destination, set()).add(number)
    return needs


def host_told(case: Case) -> bool:
    """Whether a checklist item needs its host's own word; for C11 the controller asks in the place of a node."""
    return not case.facts or not any(BY_NAME[name].of_site for name in case.facts)


def asks_management(fact: str) -> bool:
    """Whether a fact cannot be had without Windows' management interface."""
    return fact not in SAY_LESS and any(isinstance(read, CimRead) for read in BY_NAME[fact].reads)


def with_blocked(host: Examination, needs: Needs) -> Examination:
    """The examination with its blocked rows. Rights and facts that no row misses here are no finding."""
    found: list[Finding] = []
    spared = set()
    for finding in host.findings:
        blocked = tuple(needs.blocked(effect, host.host, host.installed) for effect in finding.effects)
        blocked = tuple(b for b in blocked if b.cases or b.effect in ("agent", "kerberos"))
        if finding.stage in ("rights", "facts") and finding.effects and not blocked:
            spared.add(finding.stage)
        else:
            found.append(replace(finding, blocked=blocked))
    steps = tuple(_enough(step) if step.stage in spared else step for step in host.steps)
    return replace(host, findings=tuple(found), steps=steps)


def _enough(step: Step) -> Step:
    return replace(step, state="ok", word="user", seen=f"{step.seen}: enough for what is asked here")
