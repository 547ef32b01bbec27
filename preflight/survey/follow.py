"""Last round: questions that earlier answers shape. A port that the SQL browser named; a device that refused, alone."""

from __future__ import annotations

from collections.abc import Iterable

from preflight.survey.prepare import Ask
from preflight.survey.recorder import Recorder
from preflight.values.observation import ProbeObservation
from preflight.values.probe import Probe
from preflight.wire import ssrp


def instance_asks(probes: Iterable[Probe], recorder: Recorder) -> list[Ask]:
    """Asks for ports that an SSRP answer names (O15); a probe without an answer is recorded with the reason."""
    probes = list(probes)
    browsers = {(p.source, p.destination): p for p in probes if p.speak == "ssrp"}
    asks = []
    for probe in probes:
        if probe.port_from is None:
            continue
        browser = browsers.get((probe.source, probe.destination))
        answer = recorder.probes.get(browser.id) if browser else None
        port, why = _port(answer, probe.port_from)
        if port is None:
            recorder.probes[probe.id] = ProbeObservation(probe.id, "not-asked", 0, detail=why)
        else:
            asks.append(Ask(probe, "plain", port, f"port {port} named by the SQL browser"))
    return asks


def _port(answer: ProbeObservation | None, instance: str) -> tuple[int | None, str]:
    if answer is not None and answer.way == "not-asked":
        return None, answer.detail  # nobody asked the browser either: its silence says nothing
    attempts = [a for a in answer.attempts if a.received] if answer else []
    if not attempts:
        return None, "the SQL browser (UDP 1434) did not answer, so the instance's port is not known"
    found = ssrp.instances(bytes.fromhex(attempts[-1].received))
    if found is None:
        return None, "what answered on UDP 1434 is not an SQL browser, so the instance's port is not known"
    port = found.get(instance.upper())
    if port is None:
        known = ", ".join(sorted(found)) or "none"
        return None, f"the SQL browser names no TCP port for instance {instance}; it knows: {known}"
    return port, ""


def alone_asks(asks: Iterable[Ask], recorder: Recorder) -> list[list[Ask]]:
    """Device ports that refused, in turns: in one turn no device is asked twice, so each is asked alone."""
    turns: list[list[Ask]] = []
    used: dict[str, int] = {}
    for ask in asks:
        attempts = recorder.probes[ask.probe.id].attempts
        if ask.probe.serving != "device" or ask.probe.protocol != "tcp" or not attempts:
            continue
        if attempts[-1].outcome != "refused":
            continue
        turn = used.get(ask.probe.address, 0)
        used[ask.probe.address] = turn + 1
        while len(turns) <= turn:
            turns.append([])
        turns[turn].append(Ask(ask.probe, "plain", ask.port, ask.why, alone=True))
    return turns
