"""One attribute of all users, counted value by value as they come; no value is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from preflight.directory.redaction import Samples, Tagger
from preflight.values.directory_users import AttributeSeen

MAX_TEXT = 1000  # characters; longer values are measured and compared, not looked into
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Value:
    """One value as the tallies see it: its tag, and its text where it is text of a sane length."""

    __slots__ = ("size", "tag", "text")

    def __init__(self, tag: bytes, text: str | None, size: int) -> None:
        self.tag = tag
        self.text = text  # without blanks around; None: binary, or too long
        self.size = size


class AttributeTally:
    """Counts of one attribute."""

    def __init__(self, role: str, name: str, named_by: str, tagger: Tagger, max_distinct: int) -> None:
        self._named = (role, name, named_by)
        self._tagger = tagger
        self._max = max_distinct
        self._users_of: dict[bytes, int] = {}
        self._samples = Samples()
        self._filled = self._missing = self._missing_enabled = 0
        self._several = self._most = 0
        self._shortest: int | None = None
        self._longest: int | None = None
        self._digits = self._binary = self._control = self._blanks = self._long = 0
        self._exact = True

    @property
    def name(self) -> str:
        """The attribute's name."""
        return self._named[1]

    @property
    def filled(self) -> int:
        """Users that have it so far."""
        return self._filled

    def add(self, raw: Sequence[bytes], enabled: bool) -> list[Value]:
        """Count one user's values; gives those that are not blank."""
        values = [value for value in map(self._value, raw) if value is not None]
        if not values:
            self._missing += 1
            self._missing_enabled += enabled
            return values
        self._filled += 1
        self._several += len(values) > 1
        self._most = max(self._most, len(values))
        for value in values:
            self._measure(value)
            self._compare(value)
        return values

    def seen(self, in_schema: bool | None, readable: bool | None) -> AttributeSeen:
        """All that was counted."""
        users = self._filled + self._missing
        shared = [count for count in self._users_of.values() if count > 1]
        role, name, named_by = self._named
        return AttributeSeen(
            role=role,
            name=name,
            named_by=named_by,
            in_schema=in_schema,
            filled=self._filled,
            missing=self._missing,
            missing_enabled=self._missing_enabled,
            rate=round(self._filled / users, 6) if users else None,
            readable=True if self._filled else readable,
            distinct=len(self._users_of),
            distinct_exact=self._exact,
            duplicates=len(shared),
            duplicate_users=sum(shared),
            multi_valued=self._several,
            most_values=self._most,
            shortest=self._shortest,
            longest=self._longest,
            digits_only=self._digits,
            binary=self._binary,
            control_characters=self._control,
            blanks_around=self._blanks,
            too_long=self._long,
            samples=self._samples.told(self._users_of),
        )

    def _value(self, raw: bytes) -> Value | None:
        if len(raw) > MAX_TEXT * 4:
            self._long += 1
            return Value(self._tagger.tag(raw), None, len(raw))
        try:
            whole = raw.decode("utf-8")
        except UnicodeDecodeError:
            self._binary += 1
            return Value(self._tagger.tag(raw), None, len(raw))
        text = whole.strip()
        if not text:
            return None
        self._blanks += text != whole
        if len(text) > MAX_TEXT:
            self._long += 1
            return Value(self._tagger.tag(raw), None, len(text))
        return Value(self._tagger.tag(text.encode()), text, len(text))

    def _measure(self, value: Value) -> None:
        self._shortest = value.size if self._shortest is None else min(self._shortest, value.size)
        self._longest = value.size if self._longest is None else max(self._longest, value.size)
        if value.text is not None:
            self._digits += value.text.isascii() and value.text.isdigit()
            self._control += not value.text.isprintable() and bool(_CONTROL.search(value.text))

    def _compare(self, value: Value) -> None:
        before = self._users_of.get(value.tag, 0)
        if not before and len(self._users_of) >= self._max:
            self._exact = False
            return
        self._users_of[value.tag] = before + 1
        if before == 1:
            self._samples.offer(value.tag, value.text or "?" * min(value.size, 2))
