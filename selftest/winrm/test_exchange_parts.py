"""Long exchanges in parts: nothing is lost, nothing is asked twice, none is longer than PowerShell 5.1 reads."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.agents import contract
from preflight.agents.round_requests import parted

probes = st.builds(
    contract.ProbeRequest,
    key=st.text(st.characters(codec="utf-8"), max_size=40),
    protocol=st.sampled_from(["tcp", "udp"]),
    address=st.sampled_from(["10.1.1.11", "2001:db8::1"]),
    port=st.integers(1, 65535),
    timeout_s=st.sampled_from([0.5, 5.0]),
    send=st.binary(max_size=80).map(bytes.hex),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(probes, max_size=30), st.integers(900, 4000), st.integers(1, 400))
def test_the_parts_together_are_the_whole(asked: list[contract.ProbeRequest], most: int, concurrency: int) -> None:
    whole = contract.Exchange(id="b0", concurrency=concurrency, probes=tuple(asked))
    parts = parted(whole, most)
    assert [p for part in parts for p in part.probes] == asked  # type: ignore[union-attr]
    assert len({part.id for part in parts}) == len(parts)
    assert sum(part.concurrency for part in parts) < concurrency + len(parts)  # type: ignore[union-attr]
    for part in parts:
        text = json.dumps(part.model_dump(mode="json"), separators=(",", ":"))
        assert len(text) <= most + 100 or len(part.probes) == 1  # type: ignore[union-attr]


def test_what_fits_is_one_request_as_it_is() -> None:
    probe = contract.ProbeRequest(key="k", protocol="tcp", address="10.1.1.11", port=80, timeout_s=5)
    whole = contract.Exchange(id="b0", probes=(probe,) * 3000)
    assert parted(whole) == [whole]
    assert len(parted(contract.Exchange(id="b0", probes=(probe,) * 20_000))) == 2
