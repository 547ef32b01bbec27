"""Writes a command so that sh, csh, fish and cmd read it alike: plain words, or double quotes around the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence

from preflight.errors import TransportError

_PLAIN = re.compile(r"[A-Za-z0-9_./:=@+,~-]+")
# Inside double quotes these mean something to one shell or another; a backslash only before another or at the end.
_FORBIDDEN = re.compile(r"[\"$`!%\x00-\x1f\x7f]|\\\\|\\$")


def remote_command(argv: Sequence[str]) -> str:
    """One command line for a shell that is not known. Raises TransportError for a word no shell would take alike."""
    return " ".join(_word(word) for word in argv)


def _word(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    if not word or _FORBIDDEN.search(word):
        cause = f"The word {word!r} of a remote command cannot be written for every shell."
        raise TransportError("other", cause, 'Write manage.python without quotes and without any of $ ` ! % ".')
    return f'"{word}"'
