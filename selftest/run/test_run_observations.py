"""Observations come back from their file as they were, and broken files are refused with a reason."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.errors import RecordingError
from preflight.run.observations import dump_observations, load_observations, observations_bytes
from preflight.values.observation import (
    Attempt,
    Fact,
    Heard,
    HostObservation,
    ListenerObservation,
    Observations,
    ProbeObservation,
    Socket,
)

number = st.floats(allow_nan=False, allow_infinity=False)
word = st.text(max_size=8)
port = st.integers(0, 65535)
maybe = st.none() | word
value = st.recursive(
    st.none() | st.booleans() | st.integers() | number | word,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(word, inner, max_size=3),
    max_leaves=5,
)
facts = st.builds(Fact, word, st.sampled_from(["ok", "denied", "timeout"]), value, word, number)
hosts = st.builds(
    HostObservation, word, st.booleans(), word, number, word, word, word, st.dictionaries(word, facts, max_size=2)
)
sockets = st.builds(
    Socket, st.sampled_from(["tcp", "udp"]), word, port, word, port, word, st.none() | port, maybe, maybe, maybe
)
attempts = st.builds(
    Attempt,
    st.sampled_from(["accepted", "refused", "silent"]),
    number,
    number,
    word,
    port,
    word,
    word,
    word,
    st.booleans(),
)
probes = st.builds(
    ProbeObservation,
    word,
    st.sampled_from(["listener", "held", "plain", "not-asked"]),
    port,
    st.lists(attempts, max_size=2).map(tuple),
    st.lists(st.builds(Heard, word, port, number, word), max_size=2).map(tuple),
    st.lists(sockets, max_size=2).map(tuple),
    st.booleans(),
    word,
)
listeners = st.builds(ListenerObservation, word, word, port, word, st.sampled_from(["up", "in-use"]), word, number)
observations = st.builds(
    Observations,
    st.dictionaries(word, hosts, max_size=2),
    st.dictionaries(word, listeners, max_size=2),
    st.dictionaries(word, probes, max_size=3),
)


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(observations)
def test_what_was_written_is_read_back(tmp_path: Path, seen: Observations) -> None:
    dump_observations(seen, tmp_path / "o.json")
    again = load_observations(tmp_path / "o.json")
    assert again == seen
    assert observations_bytes(again) == observations_bytes(seen)


def test_the_order_of_discovery_does_not_change_the_file() -> None:
    one, two = ProbeObservation("a", "plain", 1), ProbeObservation("b", "plain", 2)
    assert observations_bytes(Observations(probes={"a": one, "b": two})) == observations_bytes(
        Observations(probes={"b": two, "a": one})
    )


def test_hosts_that_say_nonsense_do_not_cost_the_recording(tmp_path: Path) -> None:
    fact = Fact("time", "ok", {"epoch": math.nan, "list": [math.inf, 1.5]}, "half \ud800", math.nan)
    host = HostObservation("h", True, "ssh", -math.inf, facts={"time": fact})
    dump_observations(Observations(hosts={"h": host}), tmp_path / "o.json")
    again = load_observations(tmp_path / "o.json").hosts["h"]
    assert again.at == 0.0
    assert again.facts["time"] == Fact("time", "ok", {"epoch": None, "list": [None, 1.5]}, "half \ufffd", 0.0)


def broken(**changes: object) -> str:
    good = {"format": "preflight observations", "version": 1, "observations": {"hosts": {}, "probes": {}}}
    return json.dumps(good | changes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("", "is not JSON"),
        (broken()[:-5], "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "holds no observations"),
        (broken(format="other"), "holds no observations"),
        (broken(version=2), "reads version 1 only"),
        (broken(observations={"probes": {"p": {"probe": "p", "way": "by magic", "port": 1}}}), r"probes\.p\.way"),
        (broken(observations=None), "observations|dictionary|Observations"),
    ],
)
def test_broken_files(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "observations.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(RecordingError, match=message):
        load_observations(file)
