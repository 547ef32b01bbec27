"""Runs out of thin air, for property tests: any outcome, any text that a host could say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from preflight.run.build import build_run, host_result
from preflight.run.model import CatalogueInfo, Controller, Run, RunHead
from preflight.run.model_rulings import RulingResult
from preflight.values.case import Case
from preflight.values.observation import Fact, HostObservation
from preflight.values.outcome import Outcome, Verdict

ROWS = {"C01": "server", "L01": "ldap", "S04": "server_to_printer", "P05": "printer_to_server", "I10": "inter_server"}
HOSTS = {"cml1": "10.1.1.11", "cml2": "10.1.1.12", "mfp1": "10.2.0.11", "mfp2": "10.2.0.12", "v6": "2001:db8::6"}
HOSTILE = (
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
    "\u202egpj.exe\u2066 \u200b\ufeff",
    "half a pair \ud800, none \uffff",
    "nul \x00 bell \x07 back \x08\x7f",
    "line\r\nFAILED forged\u2028line",
    "]]> --> </td></tr></table> \" onload='x' {{7*7}} &lt;",
    "\u4e2d\u6587\u5b57 \u017dluťou\u010dký a\u0301\u0301\u0301",
)
OBSERVED = tuple(outcome for outcome in Outcome if outcome not in (Outcome.WAIVED, Outcome.ATTESTED))
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(["refused (ECONNREFUSED)", "no answer within 5.0 s", "cml1 could not be reached: down", ""]),
    st.text(st.characters(exclude_categories=()), max_size=60),
)


def head(**changes: Any) -> RunHead:
    """The head of a run at an ordinary site."""
    values: dict[str, Any] = {
        "suite_version": "0.1.0",
        "run_id": "20261122T235959Z-example-hq",
        "started": "2026-11-22T23:59:59.000Z",
        "finished": "2026-11-23T00:00:11.500Z",
        "duration_s": 12.5,
        "controller": Controller(hostname="laptop", platform="Linux", user="eva"),
        "customer": "Example Print s.r.o.",
        "site": "Example HQ",
        "timezone": "Europe/Prague",
        "lab": None,
        "inventory_file": "inventory.yaml",
        "inventory_digest": "0" * 64,
        "catalogue": CatalogueInfo(product="safeq", version="5", revision=1, digest="1" * 64),
        "command": ("pytest",),
        "selection": {},
    }
    return RunHead.model_validate(values | changes)


def case(row: str, source: str | None, destination: str | None, **changes: Any) -> Case:
    """A flow of that row; rows of checks have no ends."""
    ends = frozenset(name for name in (source, destination) if name)
    name = f"{row}:{source}>{destination}" if ends else f"{row}:site"
    values: dict[str, Any] = {
        "id": name,
        "row": row,
        "section": ROWS[row],
        "level": "mandatory",
        "requirement": "The server reaches the printer.",
        "remedy": "Open the port.",
        "purpose": "printing",
        "protocol": "tcp",
        "ports": (9100,),
        "notation": "one",
        "source": source,
        "destination": destination,
        "hosts": ends,
        "serving": "device",
    }
    return Case(**(values | changes))


def ruling(name: str, kind: str, **changes: Any) -> RulingResult:
    """A ruling in force."""
    values: dict[str, Any] = {
        "id": name,
        "kind": kind,
        "requirement": ("S04",),
        "hosts": ("*",),
        "asked_by": "Eva",
        "approved_by": "Jan",
        "reason": "agreed",
        "until": "2027-01-31",
        "ends_in_days": 69,
        "file": "waivers.yaml:2",
        "state": "used",
        "cases": 1,
    }
    return RulingResult.model_validate(values | changes)


def counted(
    rulings: Sequence[RulingResult], judged: Sequence[tuple[Case, Verdict | None]], laid_over: Mapping[str, str]
) -> list[RulingResult]:
    """The rulings with the number of cases that each lies over: a run that tells another is none."""
    over = Counter(laid_over.get(one.id) for one, verdict in judged if verdict and verdict.outcome.blocks)
    return [each.model_copy(update={"cases": over[each.id]}) for each in rulings]


def run_of(
    judged: Sequence[tuple[Case, Verdict | None]],
    *,
    lost: Mapping[str, str] | None = None,
    not_run: Mapping[str, str] | None = None,
    rows: Sequence[str] = tuple(ROWS),
    notes: Sequence[str] = (),
    rulings: Sequence[RulingResult] = (),
    laid_over: Mapping[str, str] | None = None,
    denied: Mapping[str, tuple[str, ...]] | None = None,
    **changes: Any,
) -> Run:
    """A run of these cases; `lost`: host -> why it could not be reached; `laid_over`: case -> ruling.

    How many cases each ruling lies over is counted anew.
    """
    why = lost or {}
    hosts = [
        host_result(
            name,
            roles=["printer"] if name.startswith("mfp") else ["cml"],
            address=address,
            site="hq",
            network=None,
            managed_by=None if name.startswith("mfp") else "ssh",
            seen=None if name.startswith("mfp") else _seen(name, why.get(name)),
        )
        for name, address in HOSTS.items()
    ]
    return build_run(
        head(**changes),
        judged,
        hosts=hosts,
        row_ids=rows,
        not_run=not_run,
        notes=notes,
        rulings=counted(rulings, judged, laid_over or {}),
        laid_over=laid_over,
        denied=denied,
    )


def _seen(name: str, cause: str | None) -> HostObservation:
    system = {"name": "Debian GNU/Linux 12 (bookworm)", "version": "12", "architecture": "x86_64"}
    facts = {} if cause else {"system": Fact("system", "ok", system)}
    kind, remedy = ("unreachable", "Start it.") if cause else ("", "")
    return HostObservation(name, cause is None, f"ssh admin@{name}", 0.0, kind, cause or "", remedy, facts)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Any run."""
    judged: list[tuple[Case, Verdict | None]] = []
    names = st.sampled_from([None, *HOSTS])
    for number in range(draw(st.integers(0, 12))):
        source, destination = draw(names), draw(names)
        row = draw(st.sampled_from(list(ROWS)))
        one = case(row, source, destination, id=f"{row}:{number}", note=draw(texts), not_built=draw(st.none() | texts))
        outcome = draw(st.sampled_from([None, *OBSERVED]))
        told = {key: draw(texts) for key in ("reason", "asked", "seen", "remedy", "strength")} if outcome else {}
        findings = tuple(draw(st.lists(texts, max_size=2)))
        judged.append((one, Verdict(outcome, findings=findings, **told) if outcome else None))
    given = [
        ruling(name, draw(st.sampled_from(["waiver", "attestation"])), reason=draw(texts)) for name in ("R1", "R2")
    ]
    may = {
        c.id: [r.id for r in given if r.kind == "waiver" or verdict is None or verdict.outcome is not Outcome.FAILED]
        for c, verdict in judged
    }
    over = {name: draw(st.sampled_from(those)) for name, those in may.items() if those and draw(st.booleans())}
    lost = draw(st.dictionaries(st.sampled_from(["cml1", "cml2"]), texts, max_size=2))
    return run_of(
        judged,
        lost=lost,
        notes=draw(st.lists(texts, max_size=2)),
        rulings=given,
        laid_over=over,
        site=draw(texts),
        lab=draw(st.none() | texts),
        scenario=draw(st.none() | texts),
        interrupted=draw(st.booleans()),
        selection=draw(st.dictionaries(st.sampled_from(["hosts", "k", "row"]), texts, max_size=2)),
    )
