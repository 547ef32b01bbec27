"""The last day of a ruling ends at midnight in the site's time zone: far from UTC, and where clocks are turned."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruled import ruled, rulings

from preflight.errors import InventoryError
from preflight.rulings.expiry import day_at, zone_of

CASE = "S04:cml1>mfp1"
# Zone, last day, the last moment that it holds and the first that it does not, in UTC, told by hand.
MIDNIGHTS = [
    ("UTC", "2026-11-26", "2026-11-26T23:59:59.999Z", "2026-11-27T00:00:00Z"),
    ("Europe/Prague", "2026-11-26", "2026-11-26T22:59:59.999Z", "2026-11-26T23:00:00Z"),
    ("Europe/Prague", "2026-07-15", "2026-07-15T21:59:59.999Z", "2026-07-15T22:00:00Z"),
    # Clocks go forward at 02:00, back at 03:00: days of 23 and of 25 hours.
    ("Europe/Prague", "2026-03-28", "2026-03-28T22:59:59.999Z", "2026-03-28T23:00:00Z"),
    ("Europe/Prague", "2026-03-29", "2026-03-29T21:59:59.999Z", "2026-03-29T22:00:00Z"),
    ("Europe/Prague", "2026-10-25", "2026-10-25T22:59:59.999Z", "2026-10-25T23:00:00Z"),
    # 14 hours before UTC, 11 behind it, and a zone of quarters.
    ("Pacific/Kiritimati", "2026-11-26", "2026-11-26T09:59:59.999Z", "2026-11-26T10:00:00Z"),
    ("Pacific/Pago_Pago", "2026-11-26", "2026-11-27T10:59:59.999Z", "2026-11-27T11:00:00Z"),
    ("Asia/Kathmandu", "2026-11-26", "2026-11-26T18:14:59.999Z", "2026-11-26T18:15:00Z"),
    # No midnight: the clocks of Cairo went from 24:00 to 01:00.
    ("Africa/Cairo", "2024-04-25", "2024-04-25T21:59:59.999Z", "2024-04-25T22:00:00Z"),
    # The last hour of the day twice: those of Cairo went from 24:00 back to 23:00.
    ("Africa/Cairo", "2024-10-31", "2024-10-31T21:59:59.999Z", "2024-10-31T22:00:00Z"),
    # The first hour of the next day twice: those of Havana went from 01:00 back to 00:00.
    ("America/Havana", "2024-11-02", "2024-11-03T03:59:59.999Z", "2024-11-03T04:00:00Z"),
    # A day that never was: Samoa went from the 29th to the 31st.
    ("Pacific/Apia", "2011-12-29", "2011-12-30T09:59:59.999Z", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2011-12-30", "2011-12-30T09:59:59.999Z", "2011-12-30T10:00:00Z"),
]


@pytest.mark.parametrize(("zone", "until", "last", "first"), MIDNIGHTS)
def test_midnight_at_the_site(zone: str, until: str, last: str, first: str, tmp_path: Path) -> None:
    found = rulings(tmp_path, [{"id": "W1", "requirement": "S04", "hosts": "mfp1", "until": until}])
    before, after = (ruled(found, {CASE: "failed"}, now, zone) for now in (last, first))
    assert before.standing(CASE) == "waived by W1"
    assert before.uses == {"W1": "used, 1"}
    assert after.standing(CASE) == "failed"
    assert after.uses == {"W1": "expired, 0"}
    assert after.run.cases[0].reason == f"waiver W1 of Eva expired on {until}; so it was seen"


@pytest.mark.parametrize(("until", "left"), [("2026-11-26", 0), ("2026-12-26", 30), ("2026-11-25", -1)])
def test_days_left_are_counted_in_the_sites_days(until: str, left: int, tmp_path: Path) -> None:
    found = rulings(tmp_path, [{"id": "W1", "requirement": "S04", "hosts": "mfp1", "until": until}])
    evening = "2026-11-26T22:30:00Z"  # 23:30 in Prague, the next day in Kiritimati
    assert ruled(found, {CASE: "failed"}, evening).run.rulings[0].ends_in_days == left
    there = ruled(found, {CASE: "failed"}, evening, "Pacific/Kiritimati")
    assert there.run.rulings[0].ends_in_days == left - 1


ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})


@given(
    st.sampled_from(ZONES),
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.integers(-50 * 3600, 50 * 3600),
)
def test_the_day_is_the_one_on_the_sites_calendar(zone: str, day: date, seconds: int) -> None:
    """Against the clock of the zone itself: the moment's own year, month and day there."""
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)
    local = now + (now.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() or timedelta())
    assert day_at(now, zone_of(zone)) == local.date()


def test_a_moment_needs_its_zone() -> None:
    with pytest.raises(ValueError, match="no moment"):
        day_at(datetime(2026, 11, 26, 12), UTC)  # noqa: DTZ001 - that is what is refused


def test_a_zone_that_the_machine_does_not_know() -> None:
    with pytest.raises(InventoryError, match=r"knows no time zone 'Mars/Olympus'.*tzdata"):
        zone_of("Mars/Olympus")
