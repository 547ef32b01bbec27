"""Ports as people write them: what is a port or range comes out the same, everything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.topology.scalars import parse_ports, parse_span

PORT = st.integers(1, 65535)
SPAN = st.tuples(PORT, PORT).map(lambda pair: (min(pair), max(pair)))
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.binary(max_size=3)


@given(PORT, SPAN)
def test_ports_and_ranges(port: int, span: tuple[int, int]) -> None:
    assert parse_span(port) == parse_span(str(port)) == (port, port)
    assert parse_span(f"{span[0]}-{span[1]}") == span


@given(st.lists(SPAN, min_size=1, max_size=20))
def test_lists_keep_order_and_drop_repeats(spans: list[tuple[int, int]]) -> None:
    assert parse_ports([f"{first}-{last}" for first, last in spans]) == tuple(dict.fromkeys(spans))


@given(SPAN.filter(lambda span: span[0] < span[1]))
def test_reversed(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"is reversed; write {span[0]}-{span[1]}$"):
        parse_span(f"{span[1]}-{span[0]}")


@given(st.integers().filter(lambda n: not 1 <= n <= 65535))
def test_out_of_range(number: int) -> None:
    with pytest.raises(ValueError, match=r"ports go from 1 to 65535|is not a port"):
        parse_span(number)


@given(ANYTHING | st.lists(ANYTHING, max_size=3) | st.dictionaries(st.text(max_size=3), ANYTHING, max_size=2))
def test_anything_is_ports_or_refused(value: object) -> None:
    try:
        spans = parse_ports(value)
    except ValueError as error:
        refusal = str(error)
    else:
        assert spans
        assert all(1 <= first <= last <= 65535 for first, last in spans)
        return
    assert "; " in refusal, "the message says what would be right"


@pytest.mark.parametrize("value", ["\u0664\u0664\u0663", "443\n", " 443", "1-2-3", "-5", "0x50", True, 4.0, "", []])
def test_lookalikes(value: object) -> None:
    with pytest.raises(ValueError, match=r"not a port|empty"):
        parse_ports(value)
