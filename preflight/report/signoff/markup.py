"""What the rooms of the page are built from: text made safe, outcomes as words, tables with captions and scopes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from preflight.report.cells import safe
from preflight.report.marks import BY_SEVERITY as SEVERITY
from preflight.report.text import fit
from preflight.run.model import Run
from preflight.values.outcome import Outcome

__all__ = ["LONG", "SEVERITY", "ends", "facts", "known_rows", "plural", "room", "row_link", "safe", "table", "tag"]

LONG = 600  # characters of one text in the tables; findings tell theirs whole


def plural(count: int, one: str, many: str = "") -> str:
    """ "1 case", "1,200 cases"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def tag(outcome: Outcome, count: int | None = None) -> str:
    """An outcome as a word with a mark and a colour of its own; the word alone tells it."""
    times = f"{count:,} " if count is not None else ""
    return f'<span class="tag {outcome.value.replace(" ", "-")}">{times}{outcome.value}</span>'


def row_link(row: str, known: Container[str] | None = None) -> str:
    """A row's id, leading to its place in the tables; without a link where the rows that are `known` lack it."""
    return f'<a href="#row-{safe(row)}">{safe(row)}</a>' if known is None or row in known else safe(row)


def known_rows(run: Run) -> set[str]:
    """The rows that have a place in the tables: rulings and earlier runs may name others."""
    return {row.id for row in run.rows} | {case.row for case in run.cases}


def room(name: str, title: str, content: str, css: str = "") -> str:
    """A part of the page with its heading; `name` is its anchor."""
    return (
        f'<section id="{name}" class="room {css}" aria-labelledby="{name}-title">'
        f'<h2 id="{name}-title">{title}</h2>{content}</section>\n'
    )


def table(caption: str, heads: Sequence[str], body: Iterable[str], css: str = "", *, hidden: bool = False) -> str:
    """A table in a box that scrolls sideways by itself. Caption, heads and rows are HTML already.

    `hidden`: the caption is for screen readers only, since a heading above says the same.
    """
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    quiet = ' class="quiet"' if hidden else ""
    return (
        f'<div class="scroll"><table class="{css}"><caption{quiet}>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def facts(told: Iterable[tuple[str, str]], css: str = "facts") -> str:
    """Names and what is told of them; those with an empty text are left out. The texts are made safe here."""
    lines = "".join(f"<div><dt>{name}</dt><dd>{safe(text)}</dd></div>" for name, text in told if text)
    return f'<dl class="{css}">{lines}</dl>' if lines else ""


def ends(sources: Sequence[str], destinations: Sequence[str], most: int = 3) -> str:
    """ "cml1, cml2 to mfp1, mfp2 and 7 more": safe, and empty where there are no ends."""
    from_, to = _some(sources, most), _some(destinations, most)
    if from_ and to:
        return f"{safe(from_)} to {safe(to)}"
    return safe(from_ or to)


def _some(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return fit(", ".join(names[:most]), 160) + more
