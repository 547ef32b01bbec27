"""What a checklist item is about, as its test sees it: facts of the site to read, words to say, evidence by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from preflight.checks.readings import Reading, values
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.topology.model import Topology
from preflight.values.case import Case
from preflight.values.observation import SiteFact, site_key

T = TypeVar("T")


class Subject:
    """A host or a directory, for one item. `seen` says what the outcome rests on."""

    def __init__(self, case: Case, site: Topology, name: str, site_facts: Mapping[str, SiteFact] | None = None) -> None:
        self.case = case
        self.site = site
        self.name = name
        self.readings: list[Reading] = []
        self.words: list[str] = []
        self.advice: list[str] = []
        self.remarks: list[str] = []
        self.remedy = ""
        self._site_facts = site_facts or {}
        self._known: dict[str, Any] = {}

    def get_of_site(self, kind: FactKind[T], of: str) -> T:
        """A fact that the suite's own machine asked. Raises UnobservedError: the item stays unverified."""
        key = site_key(kind.name, of)
        if key not in self._known:
            if kind.name not in self.case.facts:
                raise KeyError(f"row {self.case.row} does not list the fact {kind.name} in the catalogue")
            fact = self._site_facts.get(key)
            if fact is None:
                raise UnobservedError(f"nobody asked for {key}", "Run the check in a full survey.")
            self.read(Reading(key, fact.via, fact.at, of_site=True, told=values(key, {key: fact}, (key,))))
            self._known[key] = kind.parse(Told(fact.via, {kind.name: fact}))
        found: T = self._known[key]
        return found

    def read(self, reading: Reading) -> None:
        """Keep as evidence, once: what was refused is asked for again by every look at it."""
        if reading not in self.readings:
            self.readings.append(reading)

    def seen(self, text: str) -> None:
        """Say what was found; the report shows it beside the outcome, whatever that is."""
        self.words.append(text)

    def note(self, text: str) -> None:
        """A remark that changes nothing."""
        self.remarks.append(text)

    def advise(self, text: str) -> None:
        """A recommendation that is not met: the item becomes an advisory, unless it fails."""
        self.advice.append(text)

    def wrong(self, text: str, *, do: str = "") -> str:
        """The message of an assert, with what to do when the row's own remedy is not the right one."""
        self.remedy = do
        return text

    def unknown(self, text: str, *, do: str = "") -> UnobservedError:
        """To raise where what was read is not enough to tell."""
        return UnobservedError(text, do)


def listed(items: Iterable[object], limit: int = 8) -> str:
    """Some things as words, no more than a person reads: a, b and 5 more."""
    texts = [str(item) for item in items]
    more = len(texts) - limit
    return ", ".join(texts[:limit]) + (f" and {more} more" if more > 0 else "")
