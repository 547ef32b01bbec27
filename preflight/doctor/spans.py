"""Row ids in few words: S01-S08, S10. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def spans(rows: Sequence[str], page: Sequence[str]) -> str:
    """Rows in the page's order; three or more neighbours of one letter become a span."""
    place = {row: number for number, row in enumerate(page)}
    runs: list[list[str]] = []
    for row in rows:
        last = runs[-1][-1] if runs else ""
        if last and row[0] == last[0] and place[row] == place[last] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)
