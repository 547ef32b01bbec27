"""What stays of a sentence when the same thing is seen again: measured times, dates of now and chance numbers go."""

from __future__ import annotations

import re

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:UTC|GMT|Z|[+-]\d\d:?\d\d)\b)?"
# Most specific first. A date without a time of day stays: a patch's or a browser's date is what was seen.
_OPEN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b\d{{4}}-\d\d-\d\d[T ]{_CLOCK}"), "<time>"),  # ISO 8601
    (re.compile(rf"\b(?:{_DAY}, )?\d{{1,2}} {_MONTH} \d{{4}} {_CLOCK}"), "<time>"),  # RFC 5322: an SMTP greeting
    (re.compile(rf"(?<![\w:.]){_CLOCK}(?![\w:])"), "<time>"),  # and not a piece of a MAC or IPv6 address
    (re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)? (ms|s|seconds?|days?)\b"), r"<n> \1"),  # "207 days left": less tomorrow
    # The port of the asking end, which its system picks anew each time; that of the asked end stays.
    (re.compile(r"\b((?:connected|connection) from [0-9A-Fa-f.:]+(?:%\w+)?):\d+"), r"\1:<port>"),
    (re.compile(r"\b(pid|process) \d+\b"), r"\1 <n>"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "<nonce>"),  # a UUID made for this one question
)


def steady(text: str) -> str:
    """The text with these left open, so that two of them are equal when they tell the same."""
    for pattern, instead in _OPEN:
        text = pattern.sub(instead, text)
    return text
