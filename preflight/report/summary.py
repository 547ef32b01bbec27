"""summary.md: a run for a pull request or a ticket. Decision, counts, what blocks, what changed; under 60 KB."""

from __future__ import annotations

from preflight.report.changes import KINDS, alike, names, since, standings, tally
from preflight.report.decision import verdict_line
from preflight.report.groups import Group, LostHost, grouped, lost_hosts
from preflight.report.markdown import code, table, within
from preflight.report.phases import OtherPhase, other_phases
from preflight.report.ruled import denied_by, denied_text, ends_text, scope_text
from preflight.report.terminal import where
from preflight.run.model import Run
from preflight.run.model_rulings import Change, Comparison
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

# GitHub takes 65,536 characters in a comment.
BLOCKING_BYTES, CHANGES_BYTES = 32_000, 12_000
_PARTS = 50
_SHOWN = 15  # entries of one kind
_TOLD = tuple(kind for kind in KINDS if kind != "changed evidence")


def summary_md(run: Run, sha256: str) -> bytes:
    """The file. `sha256`: of the run.json that it was made from."""
    lines = [f"# SafeQ Preflight: {code(run.site, 80)}", ""]
    if run.lab is not None:
        lines += [f"**LAB RUN: simulated site {code(run.lab, 80)}. No real host was asked.**", ""]
    lines += [f"**Decision:** {code(verdict_line(run).text)}", "", *_head(run, sha256), ""]
    lines += ["## Cases", "", *_counts(run), "", "## What blocks", "", *_blocking(run)]
    if run.rulings:
        lines += ["", "## Waivers and attestations", "", *_rulings(run)]
    if run.parts:
        lines += ["", "## Merged from", "", *_parts(run)]
    if run.comparison is not None:
        lines += ["", "## What changed", "", *changes_md(run.comparison)]
    return "\n".join([*lines, ""]).encode("utf-8")


def changes_md(comparison: Comparison) -> list[str]:
    """What changed, worst first; cases whose evidence alone has changed are counted only."""
    lines = [f"Compared with {code(since(comparison), 120)}: {code(tally(comparison))}", ""]
    lines += [f"- {code(text)}" for text in comparison.differs[:10]]
    entries: list[list[str]] = []
    for kind in _TOLD:
        groups = alike(comparison, kind)
        entries += [[_change(group)] for group in groups[:_SHOWN]]
        if len(groups) > _SHOWN:
            entries.append([f"- **{kind}**: {counted(sum(map(len, groups[_SHOWN:])), 'more case')}"])
    told, taken = within(entries, CHANGES_BYTES)
    lines += told
    if taken < len(entries):
        lines.append("- ... and more: see `run.json`")
    return lines


def _change(group: list[Change]) -> str:
    change = group[0]
    return f"- **{change.kind}** {code(names(group, 4), 200)}: {code(standings(change))}, {code(change.reason, 160)}"


def _head(run: Run, sha256: str) -> list[str]:
    page = f"{run.catalogue.product} {run.catalogue.version}, revision {run.catalogue.revision}"
    told = [
        ("Customer", run.customer),
        ("Run", run.run_id),
        ("Started", run.started),
        ("Vendor page", page),
        ("Suite", run.suite_version),
        ("Judged again from", run.replay_of or ""),
        ("SHA-256 of run.json", sha256),
    ]
    return [f"- {name}: {code(text, 120)}" for name, text in told if text]


def _counts(run: Run) -> list[str]:
    keys = [*(outcome.value for outcome in Outcome), "total"]
    rows = [
        [code(name.replace("_", " "), 60), *(str(counts[key]) for key in keys)]
        for name, counts in run.counts.sections.items()
    ]
    return table(["section", *keys], [*rows, ["**all**", *(f"**{run.counts.total[key]}**" for key in keys)]])


def _rulings(run: Run) -> list[str]:
    """Who took what upon themselves, until when: for those who read nothing else."""
    lines = []
    denied = denied_by(run)
    for ruling in run.rulings[:_PARTS]:
        over = counted(ruling.cases, "case") if ruling.state == "used" else f"nothing ({ruling.state})"
        if ruling.state == "used" and (not_over := denied_text(denied[ruling.id])):
            over += f", **{not_over}**"
        people = f"{ruling.asked_by}, approved by {ruling.approved_by}"
        lines.append(
            f"- {ruling.kind} {code(ruling.id, 60)} over {over}: {code(scope_text(ruling), 120)}; "
            f"{code(people, 120)}; {code(ends_text(ruling), 60)}"
        )
    more = len(run.rulings) - _PARTS
    return [*lines, *([f"- ... and {more} more: see `run.json`"] if more > 0 else [])]


def _parts(run: Run) -> list[str]:
    """A line a part, with the cases that were taken from it: they add up to the table of all cases."""
    keys = [*(outcome.value for outcome in Outcome), "total"]
    rows = [
        [code(f"{part.site}, {part.run_id}", 80), *(str(part.counts.total[key]) for key in keys)]
        for part in run.parts[:_PARTS]
    ]
    more = len(run.parts) - _PARTS
    return [*table(["run", *keys], rows), *(["", f"... and {more} more: see `run.json`"] if more > 0 else [])]


def _blocking(run: Run) -> list[str]:
    lost, taken = lost_hosts(run)
    phases, theirs = other_phases(run)
    taken |= theirs
    rest = [case for case in run.cases if case.standing.blocks and case.id not in taken]
    groups = grouped([case for case in rest if case.standing is Outcome.FAILED], run.hosts)
    groups += grouped([case for case in rest if case.standing is not Outcome.FAILED], run.hosts)
    entries: list[LostHost | OtherPhase | Group] = [*lost, *phases, *groups]
    if not entries:
        return ["Nothing."]
    lines, shown = within(map(_entry, entries), BLOCKING_BYTES)
    if shown < len(entries):
        hidden = counted(sum(len(entry.cases) for entry in entries[shown:]), "case")
        more = counted(len(entries) - shown, "more entry", "more entries")
        lines.append(f"- ... and {more} ({hidden}): see the report")
    return lines


def _entry(entry: LostHost | OtherPhase | Group) -> list[str]:
    if isinstance(entry, LostHost):
        host, cases = entry.host, counted(len(entry.cases), "case")
        title = f"- **unreached** {code(f'{host.name} ({host.address})', 120)}: {cases} unverified because of it"
        told = [("seen", host.cause or host.failure), ("do", host.remedy)]
    elif isinstance(entry, OtherPhase):
        title, told = f"- **unverified** {code(entry.line)}", [("do", entry.remedy)]
    else:
        case, more = entry.first, len(entry.cases) - 1
        also = f", and {more} more like it" if more else ""
        title = f"- **{case.standing.value}** {code(where(case), 160)}{also}"
        told = [("why", case.reason), ("seen", case.seen), ("do", case.remedy)]
    return [title, *(f"  - {name}: {code(text)}" for name, text in told if text)]
