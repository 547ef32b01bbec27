"""Logins held against each other: clashes of case, several containers, characters that do not belong there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from preflight.directory.attribute_tally import Value
from preflight.directory.redaction import Samples, Tagger
from preflight.values.directory_users import LoginsSeen


@dataclass(slots=True)
class _Known:
    exact: bytes
    container: int
    users: int = 1
    clash: bool = False
    across: bool = False


class LoginTally:
    """Counts of all logins."""

    def __init__(self, forbidden: str, tagger: Tagger, most: int) -> None:
        self._forbidden = frozenset(forbidden)
        self._tagger = tagger
        self._most = most
        self._known: dict[bytes, _Known] = {}
        self._samples = Samples()
        self._met: set[str] = set()
        self._bad = self._blank = self._foreign = 0

    def add(self, values: Iterable[Value], container: int) -> None:
        """Count the logins of one user that stands in that container."""
        for value in values:
            if value.text is None:
                continue
            self._look(value.text)
            folded = self._tagger.tag(value.text.casefold().encode("utf-8", "surrogatepass"))
            known = self._known.get(folded)
            if known is None:
                if len(self._known) < self._most:
                    self._known[folded] = _Known(value.tag, container)
                continue
            known.users += 1
            known.clash |= known.exact != value.tag
            known.across |= known.container != container
            if known.clash or known.across:
                self._samples.offer(folded, value.text)

    def seen(self) -> LoginsSeen:
        """All that was counted."""
        clashes = [known for known in self._known.values() if known.clash]
        return LoginsSeen(
            case_clashes=len(clashes),
            clash_users=sum(known.users for known in clashes),
            across_containers=sum(known.across for known in self._known.values()),
            forbidden=self._bad,
            forbidden_characters="".join(sorted(self._met)),
            inner_blanks=self._blank,
            not_ascii=self._foreign,
            samples=self._samples.told({tag: known.users for tag, known in self._known.items()}),
        )

    def _look(self, text: str) -> None:
        met = self._forbidden.intersection(text)
        if met:
            self._bad += 1
            self._met |= met
        self._blank += any(c.isspace() for c in text)
        self._foreign += not text.isascii()
