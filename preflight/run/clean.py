"""Makes text that may come from a host harmless: no control characters, no escapes, no hidden marks, no length."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 2000
_MARK = " [cut, {} characters]"
# ECMA-48: CSI sequences; strings (OSC, DCS, SOS, PM, APC) up to BEL or ST; then the two-character escapes.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")


def clean(text: object, limit: int = LIMIT) -> object:
    """One line of printable text, `limit` characters at most; anything that is no string comes back as it is.

    Line breaks become spaces (a host may not forge lines of a report), escape sequences, control and format characters
    (bidi marks, zero-width ones) go, and what no encoding can carry becomes U+FFFD. Cleaning twice changes nothing.
    """
    return clean_text(text, limit) if isinstance(text, str) else text


def clean_text(text: str, limit: int = LIMIT) -> str:
    """As `clean`, for what is known to be a string."""
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    length = len(text)
    # Ten megabytes of escapes are not worth reading: only the beginning is ever looked at.
    kept = _ESCAPES.sub("", text[: limit * 8])
    kept = "".join(map(_harmless, _BREAKS.sub(" ", kept)))
    if len(kept) <= limit and length <= limit * 8:
        return kept
    mark = _MARK.format(length)
    return kept[: max(0, limit - len(mark))] + mark[:limit]


def clean_lines(text: str) -> str:
    """A message of several lines for a terminal: as `clean`, but its lines stay lines."""
    return "\n".join(clean_text(line) for line in text.split("\n"))


def _harmless(character: str) -> str:
    if character.isprintable():
        return character
    category = unicodedata.category(character)
    if category.startswith("Z"):
        return " "
    return "" if category in ("Cc", "Cf") else "\ufffd"  # else surrogate, private or unassigned
