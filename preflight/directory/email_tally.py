"""E-mail addresses by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterable

from preflight.directory.attribute_tally import Value
from preflight.directory.redaction import Samples, Tagger
from preflight.values.directory_users import EmailsSeen

# A look, no proof: one @, no blanks, a domain of at least two labels.
_SHAPE = re.compile(r"[^@\s]{1,64}@(?:[^@\s.]{1,63}\.){1,20}[^@\s.]{2,63}\Z")


class EmailTally:
    """Counts of all addresses."""

    def __init__(self, tagger: Tagger, most: int) -> None:
        self._tagger = tagger
        self._most = most
        self._users_of: dict[bytes, int] = {}
        self._domains: set[bytes] = set()
        self._samples = Samples()
        self._misshapen_of: dict[bytes, int] = {}
        self._values = self._shaped = 0

    def add(self, values: Iterable[Value]) -> None:
        """Count the addresses of one user."""
        for value in values:
            self._values += 1
            if value.text is None or not _SHAPE.match(value.text):
                self._samples.offer(value.tag, value.text or "??")
                if len(self._misshapen_of) < 1000:
                    self._misshapen_of[value.tag] = self._misshapen_of.get(value.tag, 0) + 1
                continue
            self._shaped += 1
            folded = value.text.casefold()
            if len(self._domains) < 10_000:
                self._domains.add(self._tagger.tag(folded.partition("@")[2].encode()))
            tag = self._tagger.tag(folded.encode())
            if tag in self._users_of or len(self._users_of) < self._most:
                self._users_of[tag] = self._users_of.get(tag, 0) + 1

    def seen(self) -> EmailsSeen:
        """All that was counted."""
        return EmailsSeen(
            values=self._values,
            shaped=self._shaped,
            misshapen=self._values - self._shaped,
            domains=len(self._domains),
            duplicates_folded=sum(count > 1 for count in self._users_of.values()),
            samples=self._samples.told(self._misshapen_of),
        )
