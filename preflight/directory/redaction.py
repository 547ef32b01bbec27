"""Values told apart without being told: salted tags, first characters and lengths."""

from __future__ import annotations

import secrets
from hashlib import blake2b

from preflight.values.directory_users import Sample

MAX_SAMPLES = 5
_STARS = 20


class Tagger:
    """Short tags of values: equal for equal values of one observation, of no use for any other."""

    __slots__ = ("_key",)

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def tag(self, value: bytes) -> bytes:
        """Eight bytes; two values share them by chance once in 10^19 pairs."""
        return blake2b(value, digest_size=8, key=self._key).digest()


def hidden(text: str) -> str:
    """`n***** (6)`: the first character and the length; of a single character not even that."""
    first = text[:1] if len(text) > 1 and text[:1].isprintable() else "*"
    return f"{first}{'*' * min(len(text) - 1, _STARS)} ({len(text)})"


class Samples:
    """A few samples, by tag, with what is known of them when all has been read."""

    __slots__ = ("_shown",)

    def __init__(self) -> None:
        self._shown: dict[bytes, str] = {}

    def offer(self, tag: bytes, text: str) -> None:
        """Keep the value's redacted form while there is room."""
        if len(self._shown) < MAX_SAMPLES:
            self.offer_shown(tag, hidden(text))

    def offer_shown(self, tag: bytes, shown: str) -> None:
        """Keep a value that is redacted already."""
        if len(self._shown) < MAX_SAMPLES:
            self._shown.setdefault(tag, shown)

    def told(self, entries: dict[bytes, int]) -> tuple[Sample, ...]:
        """The samples; `entries` holds how many users have each."""
        return tuple(Sample(shown, tag.hex()[:8], entries.get(tag, 0)) for tag, shown in self._shown.items())
