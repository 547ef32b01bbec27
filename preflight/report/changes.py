"""What changed between two runs, for the terminal: what got worse first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from preflight.report.text import Line, fit
from preflight.run.model_rulings import Change, ChangeKind, Comparison
from preflight.run.steady import steady
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

# Worst first; each with its heading and colour.
KINDS: dict[ChangeKind, tuple[str, str]] = {
    "regressed": ("regressed: did not block then, blocks now", "red"),
    "new": ("new: not there then, or did not apply", "yellow"),
    "changed": ("changed otherwise", "yellow"),
    "fixed": ("fixed: blocked then, does not now", "green"),
    "gone": ("gone: not there now, or does not apply any more", ""),
    "changed evidence": ("same outcome, other evidence", "dim"),
}


def tally(comparison: Comparison) -> str:
    """The numbers in one line: 2 regressed, 1 fixed, 320 unchanged."""
    counted = Counter(change.kind for change in comparison.changes)
    told = [f"{counted[kind]} {kind}" for kind in KINDS if counted[kind]]
    blocks = sum(
        change.kind == "new" and change.after is not None and change.after.blocks for change in comparison.changes
    )
    told = [f"{text} ({blocks} of them block)" if text.endswith(" new") and blocks else text for text in told]
    told.append(f"{comparison.unchanged} unchanged")
    if comparison.not_compared:
        told.append(f"{comparison.not_compared} not run in one of the two")
    return ", ".join(told)


def alike(comparison: Comparison, kind: ChangeKind) -> list[list[Change]]:
    """Changes of one kind, like ones (row, way, reason) together; those that block now come first."""
    groups: dict[tuple[str, Outcome | None, Outcome | None, str], list[Change]] = {}
    for change in comparison.changes:
        if change.kind == kind:
            key = (change.row, change.before, change.after, steady(change.reason))
            groups.setdefault(key, []).append(change)
    return sorted(groups.values(), key=lambda found: not (found[0].after is not None and found[0].after.blocks))


def since(comparison: Comparison) -> str:
    """Which run is compared with, in words."""
    what = "the accepted baseline" if comparison.accepted else "run"
    return f"{what} {comparison.run_id} of {comparison.started[:16].replace('T', ' ')} UTC"


def change_lines(comparison: Comparison, width: int, limit: int = 40) -> list[Line]:
    """The whole comparison, like changes together; at most `limit` entries of a kind, then the number of the rest."""
    lines = [Line(fit(f"note: {text}", width), "yellow") for text in comparison.differs]
    for kind, (heading, style) in KINDS.items():
        groups = alike(comparison, kind)
        if not groups:
            continue
        lines.append(Line(f"{heading} ({sum(map(len, groups))})", f"{style} bold".strip()))
        for group in groups[:limit]:
            lines.append(Line(fit(f"  {names(group, 1)}: {standings(group[0])}: {group[0].reason}", width), style))
            if len(group) > 1:
                lines.append(Line(fit(f"      {names(group, 8)}", width), "dim"))
        if len(groups) > limit:
            lines.append(Line(f"  ... and {counted(sum(map(len, groups[limit:])), 'more case')}", "dim"))
    return [*lines, Line(tally(comparison), "bold")]


def standings(change: Change) -> str:
    """What stood, and what stands."""
    then = change.before.value if change.before else "not there"
    now = change.after.value if change.after else "not there"
    return now if then == now else f"{then} -> {now}"


def names(changes: Sequence[Change], most: int) -> str:
    """Some cases by id, and the number of the others."""
    more = f" and {len(changes) - most} more" if len(changes) > most else ""
    return ", ".join(change.case for change in changes[:most]) + more
