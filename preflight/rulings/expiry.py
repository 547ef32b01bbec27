"""What day it is at the site: a ruling's last day ends at midnight there."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, tzinfo

from preflight.errors import InventoryError


def zone_of(name: str) -> tzinfo:
    """The time zone of that name; InventoryError where this machine has no data on it."""
    if name == "UTC":
        return UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise InventoryError(
            f"timezone: this machine knows no time zone {name!r}, so nobody can tell when a waiver ends; install the "
            "Python package tzdata"
        ) from None


def day_at(now: datetime, zone: tzinfo) -> date:
    """The date on the site's calendars at that moment, which must know its own time zone."""
    if now.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    return now.astimezone(zone).date()
