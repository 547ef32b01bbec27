"""What the agents are asked, in the contract's words: one listener, one probe, and how long to wait for all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sized

from preflight.agents import contract
from preflight.survey.options import READ_S, SurveyOptions
from preflight.survey.prepare import Ask, WantedListener
from preflight.wire.registry import wire

_HOLD_MARGIN_S = 20.0  # beyond the last probe's own time: the destination's table has to be read meanwhile
_SLACK_S = 15.0  # slow hosts and links: an agent's start, and its words on their way


def listener_request(want: WantedListener) -> contract.ListenerRequest:
    """A temporary listener: on loopback when only the host itself asks, else on all addresses, as the product does."""
    everywhere = "::" if ":" in want.prove else "0.0.0.0"  # noqa: S104
    return contract.ListenerRequest(
        key=f"{want.protocol}/{want.port}",
        protocol=want.protocol,
        port=want.port,
        bind="127.0.0.1" if want.loopback else everywhere,
        prove=want.prove,
    )


def probe_request(key: str, ask: Ask, token: str, options: SurveyOptions) -> contract.ProbeRequest:
    """One probe. Bytes are sent to our own listeners and where a known protocol is spoken, and nowhere else."""
    probe, timeout = ask.probe, options.probe_timeout_s
    send, until, read_s, hold_s = b"", b"", 0.0, 0.0
    if ask.way in ("listener", "broadcast"):
        send = f"PREFLIGHT/1 {token} {key}\n".encode("ascii")
        read_s = 0.0 if ask.way == "broadcast" else READ_S
    elif ask.way == "held":
        hold_s = timeout + _HOLD_MARGIN_S
    elif probe.speak:
        spoken = wire(probe.speak)
        send, until = spoken.request(options.community, probe.name), spoken.until
        read_s = READ_S
    if probe.protocol == "udp" and ask.way != "broadcast":
        read_s = timeout
    return contract.ProbeRequest(
        key=key,
        protocol=probe.protocol,
        address=probe.address,
        port=ask.port,
        timeout_s=timeout,
        send=send.hex(),
        until=until.hex(),
        read_s=read_s,
        hold_s=hold_s,
        broadcast=probe.broadcast,
    )


def patience(senders: Mapping[str, Sized], options: SurveyOptions) -> float:
    """Seconds within which every probe of a batch must be decided, by machine and its probes."""
    longest = max((len(requests) for requests in senders.values()), default=0)
    waves = math.ceil(longest / options.probes_at_once) or 1
    return waves * (options.probe_timeout_s + READ_S) + _SLACK_S
