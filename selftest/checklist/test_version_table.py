"""The rule for versions against a dated table, and what is read out of hostile or odd text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.patches import installed_on
from preflight.values.version_table import KnownVersion, VersionTable, parse_version

DAY = date(2026, 11, 10)
TABLE = VersionTable(
    {
        "firefox": (
            KnownVersion((158, 0, 1), DAY, "a"),
            KnownVersion((153, 5), DAY, "a", (153,)),
        ),
        "windows": (
            KnownVersion((20348, 100), DAY, "patch", (20348,)),
            KnownVersion((20348, 90), DAY, "hotpatch of the same month", (20348,)),
        ),
    },
    14,
    "a table",
)


@pytest.mark.parametrize(
    ("product", "version", "days", "kind"),
    [
        ("firefox", (158, 0, 1), 0, "current"),
        ("firefox", (158, 0, 1), 14, "current"),
        ("firefox", (158, 0, 1), 15, "unknown"),
        ("firefox", (158, 0, 1), -400, "current"),
        ("firefox", (158, 0), 0, "behind"),
        ("firefox", (158,), -1, "unknown"),
        ("firefox", (158, 0, 1, 0), 0, "current"),
        ("firefox", (153, 5, 0), 0, "current"),
        ("firefox", (153, 6), 3, "newer"),
        ("firefox", (153, 4), 3, "behind"),
        ("firefox", (154, 0), 3, "behind"),
        ("firefox", (140, 14), 3, "behind"),
        ("firefox", (159,), 14, "newer"),
        ("firefox", (159,), 15, "unknown"),
        ("firefox", (157,), 15, "unknown"),
        ("windows", (20348, 90), 5, "current"),
        ("windows", (20348, 95), 5, "behind"),
        ("windows", (20348, 101), 5, "newer"),
        ("windows", (26100, 1), 5, "unknown"),
        ("chrome", (1,), 0, "unknown"),
    ],
)
def test_where_a_version_stands(product: str, version: tuple[int, ...], days: int, kind: str) -> None:
    assert TABLE.stand(product, version, DAY + timedelta(days=days)).kind == kind


def test_no_table_knows_nothing() -> None:
    assert VersionTable().stand("chrome", (1,), DAY).kind == "unknown"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("158.0.1 (x64 en-US)", (158, 0, 1)),
        ("140.5.0esr", (140, 5, 0)),
        (" 11.1790.17763.0 ", (11, 1790, 17763, 0)),
        ("", None),
        ("latest", None),
        ("9999999999", None),
        (None, None),
        (158, None),
    ],
)
def test_a_version_is_read_out_of_text(text: object, version: tuple[int, ...] | None) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2/27/2020", date(2020, 2, 27)),
        ("02/27/2020 00:00:00", date(2020, 2, 27)),
        ("27/02/2020", date(2020, 2, 27)),  # no month has that number
        ("27.02.2020", date(2020, 2, 27)),
        ("27. 2. 2020 0:00:00", date(2020, 2, 27)),  # Czech
        ("2020-02-27T00:00:00", date(2020, 2, 27)),
        ("20200227", date(2020, 2, 27)),
        ("20200227000000.000000+060", date(2020, 2, 27)),
        ("01c9c5ce4b48e5fd", date(2009, 4, 25)),  # a published example of Server 2008
        (1582761600, date(2020, 2, 27)),
        (1582761600.0, date(2020, 2, 27)),
        ("13/13/2020", None),
        ("31.02.2020", None),
        ("", None),
        ("ffffffffffffffff", None),
        (1e300, None),
        (-1, None),
        (True, None),
        (None, None),
        ([2020], None),
    ],
)
def test_a_hotfix_has_its_day_in_many_forms(value: object, day: date | None) -> None:
    assert installed_on(value) == day


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.lists(st.integers())))
def test_no_value_breaks_the_reading(value: object) -> None:
    assert installed_on(value) is None or isinstance(installed_on(value), date)
    assert parse_version(value) is None or isinstance(parse_version(value), tuple)
