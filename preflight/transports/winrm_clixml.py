"""PowerShell's stderr as text: errors that it wrote as CLIXML are made plain, progress is left out."""

from __future__ import annotations

import re

HEADER = b"#< CLIXML"
_ERROR = re.compile(r'<S S="(?:Error|Warning)">(.*?)</S>', re.DOTALL)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}


def plain_stderr(raw: bytes) -> bytes:
    """The same, without the XML around it. What stands before the header, or is no CLIXML, stays."""
    before, header, document = raw.partition(HEADER)
    if not header:
        return raw
    text = "".join(_ERROR.findall(document.decode("utf-8", "replace")))
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    for entity, char in _ENTITIES.items():
        text = text.replace(entity, char)
    # Surrogate pairs come as two escapes; a lone half is replaced.
    return before + text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")
