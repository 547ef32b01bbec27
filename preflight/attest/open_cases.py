"""What attesting needs of a site: its inventory, page and plan, its rulings, and the run that left cases open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from preflight.catalogue.loader import load_catalogue
from preflight.errors import RecordingError
from preflight.plan.build import build_plan
from preflight.report.groups import grouped
from preflight.rulings.expiry import day_at, zone_of
from preflight.rulings.loader import load_rulings
from preflight.rulings.model import Rulings
from preflight.run.model import CaseResult, Run
from preflight.run.recorded import load_run, newest_runs, resolve_run
from preflight.topology.loader import load_inventory
from preflight.topology.model import Topology
from preflight.values.case import Case
from preflight.values.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Taken:
    """The run that is asked about, and what there is to know of the choice; empty where it is the plain one."""

    run: Run
    which: str


@dataclass(frozen=True, slots=True)
class Site:
    """A site as it stands in its files today."""

    inventory: Path
    topology: Topology
    rows: tuple[str, ...]
    catalogue_digest: str
    plan: dict[str, Case]
    rulings: Rulings
    today: date

    @property
    def folder(self) -> Path:
        """Where inventory, rulings and reports are."""
        return self.inventory.parent

    def load_newest(self) -> Taken:
        """The newest run, full or not, and as `load_run`: what rulings did is best told by those that had them."""
        return self._checked(newest_runs(self.folder / "reports")[0])

    def load_run(self, name: str | None) -> Taken:
        """The run of that name; else the newest full one, before newer ones that left something out.

        Raises RecordingError, also for a run of another site or page.
        """
        reports = self.folder / "reports"
        if name:
            return self._checked(load_run(resolve_run(reports, name, replayable=False)))
        newest, full = newest_runs(reports)
        if full is None or full is newest:
            return self._checked(newest)
        which = f"the newest full run; {newest.run_id} is newer and partial, to take it write: "
        return self._checked(full, f"{which}preflight attest {newest.run_id}")

    def _checked(self, run: Run, which: str = "") -> Taken:
        if run.parts:
            raise RecordingError(f"run {run.run_id} was merged out of several: name the one that asked these hosts")
        if (run.customer, run.site) != (self.topology.customer, self.topology.site_name):
            raise RecordingError(
                f"run {run.run_id} is of {run.customer}, {run.site}; the inventory {self.inventory} is of "
                f"{self.topology.customer}, {self.topology.site_name}: give that run's own by --inventory"
            )
        if run.catalogue.digest != self.catalogue_digest:
            raise RecordingError(
                f"run {run.run_id} was made with another page ({run.catalogue.product} {run.catalogue.version}, "
                f"revision {run.catalogue.revision}): ask the hosts again, or give its --catalogue"
            )
        partial = "" if run.full else "a partial run: of what was left out of it nothing is said here"
        return Taken(run, which or partial)


def load_site(inventory: Path, catalogue_folder: Path | None) -> Site:
    """Everything that stands beside the inventory. Raises InputError."""
    topology = load_inventory(inventory)
    catalogue = load_catalogue(catalogue_folder)
    rows = tuple(row.id for row in catalogue.rows)
    return Site(
        inventory=inventory,
        topology=topology,
        rows=rows,
        catalogue_digest=catalogue.digest,
        plan={case.id: case for case in build_plan(catalogue, topology)},
        rulings=load_rulings(inventory.parent, topology, rows),
        today=day_at(datetime.now(UTC), zone_of(topology.timezone)),
    )


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """Unverified cases of one row for one reason, which one look answers."""

    first: CaseResult
    cases: tuple[Case, ...]


def open_groups(run: Run, site: Site) -> tuple[list[OpenGroup], int]:
    """What the run left unverified and nothing lies over since, like cases together, in the page's order.

    Also how many of the run's unverified cases the inventory no longer has.
    """
    left = [case for case in run.cases if case.standing is Outcome.UNVERIFIED]
    known = [case for case in left if case.id in site.plan]
    still = [case for case in known if not _answered(site, site.plan[case.id])]
    groups = [
        OpenGroup(group.first, tuple(site.plan[case.id] for case in group.cases)) for group in grouped(still, run.hosts)
    ]
    return groups, len(left) - len(known)


def _answered(site: Site, case: Case) -> bool:
    """Whether a ruling that came after the run is for the case: it need not be asked about twice."""
    return any(ruling.in_force(site.today) for ruling in site.rulings.of(case))


def names_of(cases: Sequence[Case]) -> str:
    """The machines of the cases, or their arrows: cml1, cml2; mfp1 > cml1."""
    texts = [f"{case.source} > {case.destination}" if case.source else case.about or "the site" for case in cases]
    more = f" and {len(texts) - 6} more" if len(texts) > 6 else ""
    return ", ".join(texts[:6]) + more
