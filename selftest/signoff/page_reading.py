"""Reads a sign-off page as a program would: rooms, tags, and the id of every case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "input"}


@dataclass
class Entry:
    """One entry of a row: its outcome, its lines of ids, and the id of a case that is told in a line of its own."""

    outcome: str
    lines: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """Tags, ids and attributes of a page, its headings, and the entries of each row."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: set[tuple[str, str]] = set()
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.rows: dict[str, list[Entry]] = {}
        self.open: list[str] = []
        self.styles: list[str] = []
        self._row = ""
        self._line = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.attributes |= {(tag, name) for name in told}
        self.anchors += [told["id"]] if "id" in told else []
        self.links += [told["href"]] if "href" in told else []
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append((tag, ""))
        if tag == "tbody":
            self._row = told.get("id", "").removeprefix("row-")
        if "data-o" in told:
            self.rows.setdefault(self._row, []).append(Entry(told["data-o"]))
        if tag in ("li", "b") and self._row:
            self._line = tag
            entry = self.rows[self._row][-1]
            (entry.lines if tag == "li" else entry.whole).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"
        self._line = "" if tag == self._line else self._line
        self._row = "" if tag == "tbody" else self._row

    def handle_data(self, data: str) -> None:
        if self.headings and self.open and self.open[-1] in ("h1", "h2", "h3"):
            self.headings[-1] = (self.headings[-1][0], self.headings[-1][1] + data)
        if self._line:
            entry = self.rows[self._row][-1]
            (entry.lines if self._line == "li" else entry.whole)[-1] += data

    def cases(self) -> Counter[tuple[str, str]]:
        """(id, outcome) of every case, by the rule that the page itself gives for reading them."""
        found: Counter[tuple[str, str]] = Counter()
        for row, entries in self.rows.items():
            for entry in entries:
                found.update((name, entry.outcome) for line in entry.lines for name in ids_of(row, line))
                found.update((name, entry.outcome) for name in entry.whole)
        return found


def ids_of(row: str, line: str) -> list[str]:
    """The ids that a line stands for."""
    left, arrow, right = line.partition(" > ")
    if not arrow:
        return line.split(", ")
    return [f"{row}:{source}>{destination}" for source in left.split(", ") for destination in right.split(", ")]
