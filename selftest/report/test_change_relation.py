"""The relation that rules are made from: which pairs are one machine, found without a look at every pair."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from preflight.report.change.needs import End, same_machine
from preflight.report.change.relation import relate

ENDS = st.builds(
    End,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["10.0.0.1", "10.0.0.2", "127.0.0.1", "127.9.9.9", "::1", ""]),
)


@given(st.lists(st.tuples(ENDS, ENDS), max_size=12))
def test_machines_and_themselves(pairs: list[tuple[End, End]]) -> None:
    relation = relate([("S04", source, destination, ((80, 80),)) for source, destination in pairs], [])
    number = {end: place for place, members in enumerate(relation.ends) for end in members}
    sources, destinations = {s for s, _ in pairs}, {d for _, d in pairs}
    assert relation.free == {(number[s], number[d]) for s in sources for d in destinations if same_machine(s, d)}


def test_a_fleet_is_not_gone_through_pair_by_pair() -> None:
    """2,500 printers that both ask and are asked: six million pairs, of which 2,500 are one machine."""
    server = End("cml1", "10.1.1.11")
    printers = [End(f"mfp{n}", f"10.2.{n // 250}.{n % 250 + 1}") for n in range(2500)]
    ways = [("S04", server, printer, ((9100, 9100),)) for printer in printers]
    ways += [("P05", printer, server, ((5012, 5012),)) for printer in printers]
    looked = 0

    class Counted(End):
        """An end that counts how often its name is asked for."""

        __slots__ = ()

        @property
        def name(self) -> str:  # type: ignore[override]
            nonlocal looked
            looked += 1
            return self[0]

    relation = relate([(row, Counted(*s), Counted(*d), spans) for row, s, d, spans in ways], [])
    assert len(relation.free) == 2501
    assert looked < 100_000
