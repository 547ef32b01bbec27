"""The time protocol (RFC 868): an empty datagram asks, four bytes answer with the seconds since 1900 (row S02)."""

from __future__ import annotations

from datetime import UTC, datetime

_SECONDS_1900_TO_1970 = 2_208_988_800


def describe(reply: bytes) -> str | None:
    """The time that the server told."""
    if len(reply) != 4:
        return None
    epoch = int.from_bytes(reply, "big") - _SECONDS_1900_TO_1970
    if epoch < 0:
        return None
    return f"time server said {datetime.fromtimestamp(epoch, UTC):%Y-%m-%d %H:%M:%S} UTC"
