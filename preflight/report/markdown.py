"""Text in Markdown that nobody can act through: what comes from a run stands in code spans, where nothing is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from preflight.report.text import clean_text, fit

LIMIT = 300


def code(text: str, limit: int = LIMIT) -> str:
    """The text as a code span: no link, mention, issue number, HTML or emoji in it means anything to a renderer.

    Within one only a backtick ends it, and in a table a bar ends the cell. Escapes for the two are read differently by
    GitHub, GitLab and others, so they become an apostrophe and a broken bar.
    """
    kept = fit(" ".join(clean_text(text).replace("`", "'").replace("|", "\u00a6").split()), limit)
    return f"`{kept}`" if kept else "-"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table: the first column to the left, numbers to the right. Heads and cells stand as they are given."""
    lines = [_line(heads), _line([":--", *["--:"] * (len(heads) - 1)])]
    return [*lines, *map(_line, rows)]


def within(entries: Iterable[Sequence[str]], budget: int) -> tuple[list[str], int]:
    """The lines of as many whole entries as fit into so many bytes, and how many entries that were."""
    lines: list[str] = []
    taken = 0
    for entry in entries:
        budget -= sum(len(line.encode()) + 1 for line in entry)
        if budget < 0:
            break
        lines += entry
        taken += 1
    return lines, taken


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
