"""Runs for the sign-off page: one with every outcome and hostile text everywhere, and sites of any size."""

from __future__ import annotations

from typing import Any

from generated import HOSTILE, case, head, ruling, run_of

from preflight.report.recorded import Recorded
from preflight.run.model import CaseResult, Run, count_cases
from preflight.run.model_rulings import Change, Comparison
from preflight.run.model_site import HostResult, RowResult
from preflight.values.outcome import Outcome, Verdict

DIGEST = "5a" * 32
PWNED = (
    "<script>window.pwned=1;alert(1)</script>"
    "<img src=http://127.0.0.1:9/x onerror='window.pwned=1'><svg onload=\"window.pwned=1\">"
    "</style></script></title></table><iframe src=javascript:alert(1)></iframe> \"' onmouseover='window.pwned=1' "
    "javascript:window.pwned=1 url(http://127.0.0.1:9/y) ${alert(1)} `x` &lt;b&gt; \\"
)
EVIL = " ".join((PWNED, *HOSTILE, b"\xff\xfe\xc3(".decode("utf-8", "surrogateescape")))


def recorded_of(run: Run) -> Recorded:
    """As it stands in a file of that digest."""
    return Recorded(run, DIGEST)


def hostile_run(text: str = EVIL, **changes: Any) -> Run:
    """Every outcome, the text in every field that can come from a host, a name or a file."""
    judged = []
    for number, outcome in enumerate(Outcome):
        below = {Outcome.WAIVED: Outcome.FAILED, Outcome.ATTESTED: Outcome.UNVERIFIED}.get(outcome, outcome)
        one = case(
            "S04", "cml1", f"mfp{number}", note=text, requirement=text, purpose=text, id=f"S04:{number} {text[:300]}"
        )
        verdict = Verdict(below, *[text] * 5, stand_in=text, findings=(text, text), evidence=(text,), probes=(text,))
        judged.append((one, None if outcome is Outcome.NOT_RUN else verdict))
    laid = {judged[list(Outcome).index(o)][0].id: r for o, r in ((Outcome.WAIVED, "R1"), (Outcome.ATTESTED, "R2"))}
    told = dict.fromkeys(("asked_by", "approved_by", "reason", "ticket", "until", "file"), text)
    rulings = [
        ruling("R1", "waiver", hosts=(text,), ends_in_days=9, **told),
        ruling("R2", "attestation", requirement=(text,), **told),
    ]
    run = run_of(
        judged,
        lost={"cml2": text},
        not_run={judged[-1][0].id: text},
        notes=[text],
        rulings=rulings,
        laid_over=laid,
        **{"site": text, "customer": text, "scenario": text, "run_id": text, "selection": {"k": text}} | changes,
    )
    change = Change(case=text, row=text, kind="regressed", before=None, after=Outcome.FAILED, reason=text)
    compared = Comparison(run_id=text, started=run.started, accepted=True, unchanged=3, changes=(change,))
    rows = (_row("S04", text), _row(text, text))
    return run.model_copy(update={"comparison": compared, "rows": rows})


def _row(name: str, text: str) -> RowResult:
    told = dict.fromkeys(("level", "requirement", "purpose", "when", "ports", "source", "destination", "note"), text)
    return RowResult(id=name, section=text[:40] or "section", kind="flow", protocol="tcp", **told)


def fleet(cases: int, *, unlike: bool = False, blocking: bool = True) -> Run:
    """A site of that many cases: five servers, 40 rows, printers enough. `unlike`: each case has words of its own."""
    rows = [RowResult.model_validate(_ROW | {"id": f"F{n:02}", "section": f"section_{n // 8}"}) for n in range(40)]
    servers = [f"cml{n}" for n in range(1, 6)]
    printers = [f"mfp-{n:05}" for n in range(-(-cases // (len(rows) * len(servers))))]
    hosts = [_host(name, f"10.1.0.{n}", "ssh") for n, name in enumerate(servers, 1)]
    hosts += [_host(name, f"10.{2 + n // 60_000}.{n // 250 % 240}.{n % 250}") for n, name in enumerate(printers, 1)]
    made: list[CaseResult] = []
    for row in rows:
        for server in servers:
            made += [_case(row, server, printer, n, unlike, blocking) for n, printer in enumerate(printers)]
    results = tuple(made[:cases])
    values = {name: getattr(head(), name) for name in type(head()).model_fields}
    return Run(**values, full=True, counts=count_cases(results), hosts=tuple(hosts), rows=tuple(rows), cases=results)


_ROW = {
    "kind": "flow",
    "level": "mandatory",
    "requirement": "The server reaches the printer on this port, to deliver the jobs that users release there.",
    "purpose": "delivery of jobs",
    "when": "",
    "protocol": "tcp",
    "ports": "9100",
    "source": "server",
    "destination": "printer",
    "note": "",
}


def _host(name: str, address: str, by: str | None = None) -> HostResult:
    return HostResult(name=name, roles=("x",), address=address, site="hq", network=None, managed_by=by)


def _case(row: RowResult, server: str, printer: str, number: int, unlike: bool, blocking: bool) -> CaseResult:
    outcome, reason = Outcome.PASSED, f"open: {printer} accepted after {number % 90}.5 ms"
    if blocking and number % 20 == 3:
        outcome, reason = Outcome.FAILED, f"refused by {printer}, whose other ports answer"
    elif blocking and number % 50 == 7:
        outcome, reason = Outcome.UNVERIFIED, "no answer within 5.0 s, and the network has no machine to ask from"
    elif number % 90 == 11:
        outcome, reason = Outcome.NOT_APPLICABLE, f"{printer} takes no jobs by this way"
    if unlike:
        reason += f", as word{number}of{row.id}{server} says in a sentence that is the same for nobody else"
    return CaseResult(
        id=f"{row.id}:{server}>{printer}",
        row=row.id,
        section=row.section,
        level="mandatory",
        requirement=row.requirement,
        purpose=row.purpose,
        protocol="tcp",
        ports=(9100,),
        notation="one",
        source=server,
        destination=printer,
        hosts=(server, printer),
        phase=None,
        outcome=outcome,
        standing=outcome,
        reason=reason,
        asked=f"{server} asked {printer} TCP 9100",
        seen=f"after {number % 90}.5 ms" if outcome is Outcome.PASSED else "RST",
        remedy=f"Open TCP 9100 from {server} to {printer}, and look at the access list of the device."
        if outcome.blocks
        else "",
        strength="connection accepted",
        probes=(f"{server}>{printer}@9100/tcp/device",),
    )
