"""Decides, once the facts are in, how each probe is asked: temporary listener, held, plain, or not at all. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from preflight.survey.options import SurveyOptions
from preflight.survey.recorder import installed, sockets_of
from preflight.topology.model import Machine
from preflight.values.observation import HostObservation
from preflight.values.probe import Probe

Way = Literal["listener", "held", "plain", "broadcast", "not-asked"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One probe as it will be asked; `why` explains a way that is not the usual one."""

    probe: Probe
    way: Way
    port: int
    why: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class WantedListener:
    """A temporary listener that a batch needs."""

    machine: str
    protocol: str
    port: int
    loopback: bool
    prove: str


@dataclass(slots=True)
class Batch:
    """What is asked side by side; one connection at a time to any device port."""

    asks: list[Ask] = field(default_factory=list)
    listeners: dict[tuple[str, str, int], WantedListener] = field(default_factory=dict)


def decide(probe: Probe, hosts: Mapping[str, HostObservation], options: SurveyOptions) -> Ask:
    """The way one probe is asked, from what is known of both ends."""
    source, there = hosts.get(probe.source), hosts.get(probe.destination)
    if source is None or not source.reached:
        return Ask(probe, "not-asked", probe.port, f"{probe.source} could not be reached, so it asked nothing")
    if probe.broadcast:
        if there is None or not there.reached:
            return Ask(probe, "not-asked", probe.port, f"{probe.destination}, which should listen, was not reached")
        if options.no_listeners:
            return Ask(probe, "not-asked", probe.port, "no listener was allowed (--no-listeners)")
        return Ask(probe, "broadcast", probe.port)
    if probe.serving != "product":
        return Ask(probe, "plain", probe.port)
    return _to_product(probe, there, options)


def _to_product(probe: Probe, there: HostObservation | None, options: SurveyOptions) -> Ask:
    if there is None or not there.reached:
        if probe.installed_only:
            why = f"{probe.destination} was not reached, so whether the product is there is not known"
            return Ask(probe, "not-asked", probe.port, why)
        return Ask(probe, "plain", probe.port, f"{probe.destination} itself could not be asked")
    product = installed(there)
    if product is None:
        return Ask(probe, "not-asked", probe.port, f"{probe.destination} could not tell whether the product is there")
    holders = {s.local_port: s for s in sockets_of(there, "listeners") if s.protocol == probe.protocol}
    taken = holders.get(probe.port)
    port = probe.port
    if product:
        # S08: after installation the product may sit on the fallback port because another holds the first.
        if probe.fallback_port and taken and not taken.service and (holders.get(probe.fallback_port) or taken).service:
            port = probe.fallback_port
        return Ask(probe, "held" if probe.protocol == "tcp" else "plain", port)
    if probe.installed_only:
        return Ask(probe, "not-asked", port, "asked after installation only")
    if taken and probe.fallback_port:
        port, taken = probe.fallback_port, holders.get(probe.fallback_port)
    if taken:
        return Ask(probe, "plain", port, "the port is taken")
    if options.no_listeners:
        return Ask(probe, "not-asked", port, "no listener was allowed (--no-listeners)")
    return Ask(probe, "listener", port)


def batches(
    asks: Iterable[Ask], machines: Mapping[str, Machine], hosts: Mapping[str, HostObservation], options: SurveyOptions
) -> list[Batch]:
    """Spread the asks over batches: listeners fit their window, and a device port sees one connection at a time."""
    made: list[Batch] = []
    per_source: Counter[str] = Counter()
    per_device: Counter[tuple[str, int]] = Counter()
    for ask in asks:
        if ask.way == "not-asked":
            continue
        probe = ask.probe
        index = 0
        if ask.way in ("listener", "broadcast"):
            index = per_source[probe.source] // options.window_capacity
            per_source[probe.source] += 1
        elif probe.serving == "device" and probe.protocol == "tcp":
            index = per_device[(probe.address, ask.port)]
            per_device[(probe.address, ask.port)] += 1
        while len(made) <= index:
            made.append(Batch())
        made[index].asks.append(ask)
        if ask.way in ("listener", "broadcast"):
            _want(made[index], ask, machines, hosts)
    for batch in made:
        batch.asks.sort(key=lambda a: ("listener", "broadcast", "held", "plain").index(a.way))
    return made


def _want(batch: Batch, ask: Ask, machines: Mapping[str, Machine], hosts: Mapping[str, HostObservation]) -> None:
    probe = ask.probe
    key = (probe.destination, probe.protocol, ask.port)
    known = batch.listeners.get(key)
    loopback = probe.loopback and (known is None or known.loopback)
    serving = machines[probe.destination].address
    # An address that a load balancer or NAT serves is not the host's own: then the proof goes over loopback.
    own = serving in _addresses(hosts[probe.destination])
    prove = "127.0.0.1" if loopback or not own else serving
    batch.listeners[key] = WantedListener(probe.destination, probe.protocol, ask.port, loopback, prove)


def _addresses(host: HostObservation) -> set[str]:
    fact = host.facts.get("addresses")
    if fact is None or fact.status != "ok" or not isinstance(fact.value, list):
        return set()
    return {str(line.get("address")) for line in fact.value}
