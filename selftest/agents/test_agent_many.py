"""A thousand listeners and probes side by side, and more probes than slots or sockets."""

from __future__ import annotations

from collections import Counter

import pytest
from agent_start import greet, start
from runner import free_port

TOKEN = "0123456789abcdef"  # noqa: S105 - of a run, no secret
MANY = 1000


def words(nonce: str) -> str:
    """The line of the contract, as hex."""
    return f"PREFLIGHT/1 {TOKEN} {nonce}\n".encode("ascii").hex()


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_thousand_listeners_hear_a_thousand_probes(protocol: str) -> None:
    first = 21000
    listen, exchange = greet(start("listen")), greet(start("exchange"))
    try:
        lines = [{"key": str(n), "protocol": protocol, "port": first + n, "prove": "127.0.0.1"} for n in range(MANY)]
        listen.say(do="listen", id="w", token=TOKEN, window_s=30, listeners=lines)
        *said, _ = listen.until("ready")
        up = [int(event["key"]) for event in said if event["status"] == "up"]
        assert len(up) + sum(event["status"] == "in-use" for event in said) == MANY
        assert len(up) > MANY * 0.9
        more = {"protocol": protocol, "address": "127.0.0.1", "timeout_s": 10, "read_s": 10}
        probes = [{"key": str(n), "port": first + n, "send": words(f"n{n}"), **more} for n in up]
        exchange.say(do="exchange", id="x", probes=probes)
        *results, _ = exchange.until("done")
        assert Counter(event["outcome"] for event in results) == {"answered": len(up)}
        listen.say(do="close", id="w")
        *heard, _ = listen.until("closed")
        assert sorted((int(event["key"]), event["nonce"]) for event in heard) == [(n, f"n{n}") for n in up]
    finally:
        listen.stop()
        exchange.stop()


def test_a_thousand_probes_of_one_listener_are_all_heard_with_their_own_port() -> None:
    listen, exchange = greet(start("listen")), greet(start("exchange"))
    try:
        port = free_port("tcp")
        line = {"key": "k", "protocol": "tcp", "port": port, "prove": "127.0.0.1"}
        listen.say(do="listen", id="w", token=TOKEN, window_s=30, listeners=[line])
        listen.until("ready")
        more = {"protocol": "tcp", "address": "127.0.0.1", "port": port, "timeout_s": 10, "read_s": 10}
        probes = [{"key": f"n{n}", "send": words(f"n{n}"), **more} for n in range(MANY)]
        exchange.say(do="exchange", id="x", probes=probes)
        *results, _ = exchange.until("done")
        listen.say(do="close", id="w")
        *heard, _ = listen.until("closed")
        asked = {event["key"]: event["local_port"] for event in results if event["outcome"] == "answered"}
        assert len(asked) == MANY
        assert {event["nonce"]: event["port"] for event in heard} == asked
    finally:
        listen.stop()
        exchange.stop()


def test_refused_a_thousand_times() -> None:
    exchange = greet(start("exchange"))
    try:
        more = {"protocol": "tcp", "address": "127.0.0.1", "port": free_port("tcp"), "timeout_s": 10}
        exchange.say(do="exchange", id="x", concurrency=37, probes=[{"key": str(n), **more} for n in range(MANY)])
        *results, _ = exchange.until("done")
        assert Counter(event["outcome"] for event in results) == {"refused": MANY}
        assert len({event["key"] for event in results}) == MANY
    finally:
        exchange.stop()
