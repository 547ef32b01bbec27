"""A whole survey: facts, probes in batches, follow-ups, what is slow. The only module that tests and fixtures call."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping

from preflight.facts.registry import reads_for
from preflight.survey.batch import BatchRun
from preflight.survey.controller import ControllerRound, SiteAsk
from preflight.survey.desk import Desk, Progress, Switchboard
from preflight.survey.follow import alone_asks, instance_asks
from preflight.survey.gathering import gather_all
from preflight.survey.options import SurveyOptions
from preflight.survey.passwords import Passwords
from preflight.survey.prepare import Batch, batches, decide
from preflight.survey.recorder import Recorder
from preflight.survey.slow_reads import apart, gather_slow
from preflight.topology.model import Machine
from preflight.values.case import Case
from preflight.values.observation import HostObservation, ProbeObservation
from preflight.values.probe import Probe


def machines_of(cases: Iterable[Case], machines: Mapping[str, Machine]) -> list[str]:
    """Machines whose facts are needed: askers, destinations and passive servers that an agent can run on."""
    wanted: dict[str, None] = {}
    for case in cases:
        names = [n for p in case.probes for n in (p.source, p.destination)]
        names += [p.server for p in case.passive]
        if case.protocol is None and case.destination is not None and case.unasked is None:
            names.append(case.destination)
        wanted.update(dict.fromkeys(n for n in names if machines[n].manage is not None))
    return list(wanted)


def probes_of(cases: Iterable[Case]) -> list[Probe]:
    """Every question once, in the order of the cases."""
    return list({p.id: p for case in cases for p in case.probes}.values())


def survey(
    cases: Iterable[Case],
    machines: Mapping[str, Machine],
    switchboard: Switchboard,
    options: SurveyOptions,
    recorder: Recorder,
    show: Callable[[Progress], None] = lambda _: None,
    site_asks: Iterable[SiteAsk] = (),
    passwords: Passwords | None = None,
    late_asks: Callable[[Mapping[str, HostObservation]], Iterable[SiteAsk]] = lambda _: (),
) -> None:
    """Ask everything that the cases need and put it into the recorder, which is sound also after an interruption.

    `site_asks` are what this machine asks itself meanwhile, `late_asks` what it asks once the hosts' facts are there,
    `passwords` those that reads are asked with. All agents are ended when this returns or raises.
    """
    cases = list(cases)
    probes = probes_of(cases)
    desk = Desk(switchboard, show)
    desk.progress.probes = len(probes)
    token = secrets.token_hex(8)
    controller = ControllerRound(site_asks, recorder)
    try:
        controller.start()
        facts: dict[str, set[str]] = {}
        for case in cases:
            if case.facts and case.destination is not None:
                facts.setdefault(case.destination, set()).update(case.facts)
        reads = {machine: reads_for(sorted(names)) for machine, names in facts.items()}
        for case in cases:
            if case.reads and case.destination is not None:
                more = [read for read in case.reads if read not in reads[case.destination]]
                reads[case.destination] += tuple(more)
        askers = frozenset(p.source for p in probes)
        parts = {machine: apart(wanted) for machine, wanted in reads.items()}
        quick = {machine: part[0] for machine, part in parts.items()}
        gather_all(desk, recorder, machines_of(cases, machines), options, askers, quick, passwords)
        controller.add(late_asks(recorder.hosts))
        asks = [decide(p, recorder.hosts, options) for p in probes if p.port_from is None]
        for ask in asks:
            if ask.way == "not-asked":
                recorder.probes[ask.probe.id] = ProbeObservation(ask.probe.id, "not-asked", ask.port, detail=ask.why)
        number = 0
        planned = batches(asks, machines, recorder.hosts, options)
        for batch in planned:
            # At worst every batch waits for a dropped probe; answers come sooner.
            desk.finish_by = time.monotonic() + (len(planned) - number) * (options.probe_timeout_s + 1.0)
            BatchRun(desk, recorder, options, token, number).run(batch)
            number += 1
        later = [Batch(turn) for turn in alone_asks((a for a in asks if a.way != "not-asked"), recorder)]
        named = instance_asks(probes, recorder)
        if named:
            if not later:
                later.append(Batch())
            later[0].asks.extend(named)
        for batch in later:
            BatchRun(desk, recorder, options, token, number).run(batch)
            number += 1
        # Last: what a host works at for a minute would make its listeners late, and the way to them look shut.
        gather_slow(desk, recorder, {machine: part[1] for machine, part in parts.items()}, options)
        controller.finish(desk)
        desk.progress.probes_done = desk.progress.probes
        desk.progress.doing = "done"
        desk.finish_by, desk.progress.left_s = None, 0.0
        show(desk.progress)
    finally:
        controller.stop()
        desk.close()
