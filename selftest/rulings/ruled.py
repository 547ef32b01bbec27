"""A site with rulings and verdicts out of a table, put through the overlay and into a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from generated import case as generated_case
from generated import run_of

from fixtures.runmodel import ruling_result
from preflight.catalogue.loader import load_catalogue
from preflight.report.ruled import denied_by
from preflight.rulings.expiry import day_at, zone_of
from preflight.rulings.loader import load_rulings
from preflight.rulings.model import Rulings
from preflight.rulings.overlay import overlay, told
from preflight.rulings.remarks import remarks
from preflight.run.model import Run
from preflight.topology.loader import load_inventory
from preflight.values.case import Case
from preflight.values.outcome import Outcome, Verdict

SITE = Path(__file__).with_name("ruled_site.yaml")
ROWS = {row.id: row.section for row in load_catalogue().rows}
TOPOLOGY = load_inventory(SITE)
NOON = "2026-11-26T12:00:00Z"
# What an entry of the table leaves unsaid.
WAIVER = {"asked_by": "Eva", "approved_by": "Jan", "reason": "agreed", "ticket": "T-1", "until": "2027-01-31"}
ATTESTATION = {key: value for key, value in WAIVER.items() if key != "ticket"} | {"reason": "looked at"}


def case(name: str) -> Case:
    """A case by its id: S04:cml1>mfp1, C09:cml1, L01:corp, P05:site."""
    row, _, about = name.partition(":")
    source, arrow, destination = about.partition(">")
    if arrow:
        return replace(generated_case("S04", source, destination), id=name, row=row, section=ROWS[row])
    item = replace(generated_case("S04", None, about if about in TOPOLOGY.machines else None), id=name)
    if about == "corp":
        item = replace(item, directory=about, hosts=frozenset({"dc1"}))
    return replace(item, row=row, section=ROWS[row])


def rulings(
    folder: Path, waivers: Sequence[Mapping[str, Any]] = (), attestations: Sequence[Mapping[str, Any]] = ()
) -> Rulings:
    """Write the two files, each entry completed, and load them. JSON is YAML, too."""
    for key, entries, rest in (("waivers", waivers, WAIVER), ("attestations", attestations, ATTESTATION)):
        if entries:
            lines = "".join(f"  - {json.dumps({**rest, **entry}, default=str)}\n" for entry in entries)
            (folder / f"{key}.yaml").write_text(f"{key}:\n{lines}", encoding="utf-8")
    return load_rulings(folder, TOPOLOGY, list(ROWS))


@dataclass(frozen=True)
class Ruled:
    """What came out."""

    run: Run

    def standing(self, name: str) -> str:
        """`waived by W1`, or the outcome."""
        found = next(c for c in self.run.cases if c.id == name)
        return f"{found.standing} by {found.ruling}" if found.ruling else str(found.standing)

    @property
    def uses(self) -> dict[str, str]:
        """Id of each ruling -> state and number of cases, and how many failed ones it does not cover."""
        told = {r.id: f"{r.state}, {r.cases}" for r in self.run.rulings}
        return {
            name: f"{text}, not over {denied} that failed"
            if (denied := denied_by(self.run)[name]) and text.startswith("used")
            else text
            for name, text in told.items()
        }


def ruled(found: Rulings, cases: Mapping[str, str], now: str = NOON, timezone: str = "Europe/Prague") -> Ruled:
    """The run of these cases (id -> what was observed) at that moment."""
    today = day_at(datetime.fromisoformat(now), zone_of(timezone))
    judged: list[tuple[Case, Verdict | None]] = []
    for name, outcome in cases.items():
        verdict = None if outcome == "not run" else Verdict(Outcome(outcome), "so it was seen")
        one = case(name)
        judged.append((one, told(found, one, verdict, today) if verdict else None))
    over = overlay(found, judged, today)
    return Ruled(
        run_of(
            judged,
            rows=list(ROWS),
            rulings=[ruling_result(use, today) for use in over.uses],
            laid_over=over.laid_over,
            denied=over.denied,
            notes=remarks(over.uses),
        )
    )
