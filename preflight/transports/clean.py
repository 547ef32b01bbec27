"""Makes text that came from a host safe to print: no control characters, no terminal sequences, bounded."""

from __future__ import annotations

import re
import unicodedata

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: window title, links
    r"|\x1b[@-Z\\-_]"
)


def cleaned(raw: bytes | str) -> str:
    """Lines of text without terminal sequences, control, formatting and bidirectional characters."""
    text = raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else raw
    text = _SEQUENCE.sub("", text).replace("\r\n", "\n").replace("\t", " ")
    return "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] not in "CZ" or c == " ").strip()


def last_lines(text: str, count: int = 3, width: int = 300) -> str:
    """The end of a cleaned text as one line, to stand at the end of a sentence."""
    joined = " / ".join(line.strip() for line in text.splitlines()[-count:] if line.strip())
    joined = joined.rstrip(".")
    return joined if len(joined) <= width else "..." + joined[-width:]
