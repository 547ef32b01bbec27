"""SMTP's greeting (RFC 5321, section 3.1): the server speaks first, nothing is sent."""

from __future__ import annotations


def describe(reply: bytes) -> str | None:
    """The greeting's first line when it is one (code 220, or 554 for a server that takes no mail from here)."""
    line = reply.split(b"\n", 1)[0].decode("ascii", "replace").strip()
    if line[:3] in ("220", "554") and line[3:4] in ("", " ", "-"):
        return f"SMTP greeting {line[:120]}"
    return None
