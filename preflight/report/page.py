"""The head of the HTML report: the lab's banner, cases by section, hosts. Everything from a run is escaped."""

from __future__ import annotations

from preflight.report.cells import safe
from preflight.report.decision import verdict_line
from preflight.run.model import OutcomeCounts, Run, RunHead
from preflight.run.model_site import HostResult
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

_CSS = """
.pf-lab { background: #7a1fa2; color: #fff; font-size: 32px; font-weight: bold; padding: 16px; text-align: center; }
.pf-lab small { display: block; font-size: 15px; font-weight: normal; }
.pf-decision { font-size: 18px; font-weight: bold; color: #000; }
.pf-head, .pf-table, .pf-details { color: #222; }
.pf-table { margin: 8px 0 16px; }
.pf-table th, .pf-table td { border: 1px solid #ccc; padding: 3px 8px; text-align: left; }
.pf-table td.pf-n { text-align: right; }
.pf-table tr.pf-total td { font-weight: bold; }
.pf-lost td { background: #fdecea; }
.pf-tag { border-radius: 3px; color: #fff; padding: 1px 6px; white-space: nowrap; }
.pf-passed { background: #2e7d32; }
.pf-failed { background: #c62828; }
.pf-advisory { background: #8d6e00; }
.pf-unverified { background: #bf4300; }
.pf-waived { background: #4a3f8f; }
.pf-attested { background: #1f5f8b; }
.pf-not-applicable { background: #616161; }
.pf-not-run { background: #37474f; }
.pf-case { border-top: 1px solid #ccc; padding: 4px 8px; }
.pf-case dl { display: grid; grid-template-columns: 90px 1fr; margin: 4px 0; }
.pf-case dt { color: #555; }
.pf-case dd { margin: 0; overflow-wrap: anywhere; }
.col-pfReason { max-width: 480px; overflow-wrap: anywhere; }
"""


def style_css() -> str:
    """The rules that these pieces need, for pytest-html's --css or a <style> element."""
    return _CSS


def banner_html(run: RunHead) -> str:
    """Whose report it is; for a lab run in large letters that it decides nothing, for a replay whose it is."""
    lab = ""
    if run.lab is not None:
        scenario = f", scenario {safe(run.scenario)}" if run.scenario else ""
        lab = (
            f'<div class="pf-lab">LAB RUN: simulated site &ldquo;{safe(run.lab)}&rdquo;{scenario}'
            "<small>No real host was asked. Never a sign-off decision.</small></div>"
        )
    catalogue = f"{run.catalogue.product} {run.catalogue.version}, revision {run.catalogue.revision}"
    told = [
        ("Customer", run.customer),
        ("Site", run.site),
        ("Run", run.run_id),
        ("Judged again from", run.replay_of),
        ("From, until", f"{run.started}, {run.finished} ({run.duration_s:.1f} s)"),
        ("Asked from", f"{run.controller.hostname}, {run.controller.platform}, by {run.controller.user}"),
        ("Catalogue", catalogue),
        ("Inventory", f"{run.inventory_file}, SHA-256 {run.inventory_digest}"),
        ("Suite", run.suite_version),
        ("Selection", ", ".join(f"{key}={value}" for key, value in run.selection.items()) or "everything"),
    ]
    rows = "".join(f"<tr><th>{name}</th><td>{safe(text)}</td></tr>" for name, text in told if text)
    return f'<div class="pf-head">{lab}<table class="pf-table">{rows}</table></div>'


def summary_html(run: Run) -> str:
    """The decision, and cases (not tests) by section and outcome."""
    keys = [outcome.value for outcome in Outcome] + ["total"]
    head = "".join(f"<th>{key}</th>" for key in ("section", *keys))
    body = "".join(_counts(section.replace("_", " "), counts, keys) for section, counts in run.counts.sections.items())
    notes = "".join(f"<p>{safe(note)}</p>" for note in run.notes)
    return (
        f'<p class="pf-decision">{safe(verdict_line(run).text)}</p>{notes}'
        f'<table class="pf-table"><caption>Cases, as in run.json; the numbers of pytest-html count tests</caption>'
        f"<tr>{head}</tr>{body}{_counts('TOTAL', run.counts.total, keys, 'pf-total')}</table>"
    )


def _counts(name: str, counts: OutcomeCounts, keys: list[str], css: str = "") -> str:
    cells = "".join(f'<td class="pf-n">{counts[key]}</td>' for key in keys)
    return f'<tr class="{css}"><td>{safe(name)}</td>{cells}</tr>'


def hosts_html(run: Run) -> str:
    """The machines that an agent can run on, and any that could not be reached; devices are only counted."""
    shown = [host for host in run.hosts if host.managed_by is not None or host.reached is not None]
    heads = ("host", "roles", "address", "asked by", "state", "phase", "system", "clock")
    body = "".join(_host(host) for host in shown)
    silent = len(run.hosts) - len(shown)
    others = counted(silent, "more machine runs", "more machines run")
    rest = f"<p>{others} no agent: printers, terminals and the like.</p>" if silent else ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<table class="pf-table"><caption>Hosts</caption><tr>{head}</tr>{body}</table>{rest}'


def _host(host: HostResult) -> str:
    if host.reached is None:
        state = "not asked"
    elif host.reached:
        state = "reached"
    else:
        state = f"not reached: {host.cause or host.failure} {host.remedy}"
    phase = {"before": "before installation", "after": "after installation", None: ""}[host.phase]
    clock = "" if host.skew_s is None else f"{host.skew_s:+.1f} s"
    by = host.via or host.managed_by or ""
    texts = (host.name, ", ".join(host.roles), host.address, by, state, phase, host.system, clock)
    cells = "".join(f"<td>{safe(text)}</td>" for text in texts)
    return f'<tr class="{"pf-lost" if host.reached is False else ""}">{cells}</tr>'
