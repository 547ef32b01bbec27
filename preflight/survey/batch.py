"""Second round: listeners up, everybody asks, held connections looked up at their destination, listeners down."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from preflight.agents import contract
from preflight.agents.session import SessionEnd
from preflight.survey.desk import Desk
from preflight.survey.options import HEARD_GRACE_S, WINDOW_S, SurveyOptions
from preflight.survey.prepare import Ask, Batch, WantedListener
from preflight.survey.recorder import Recorder, holder_known
from preflight.survey.requests import listener_request, patience, probe_request
from preflight.survey.snapshot import look_up
from preflight.values.observation import Attempt, Heard, ListenerObservation, ProbeObservation, listener_key
from preflight.wire.registry import wire


@dataclass(slots=True)
class BatchRun:
    """One batch under way. `run` is the only entry."""

    desk: Desk
    recorder: Recorder
    options: SurveyOptions
    token: str
    number: int
    asks: dict[str, Ask] = field(default_factory=dict)  # by key, which is the nonce too
    waiting: set[str] = field(default_factory=set)  # keys without a result
    early: set[str] = field(default_factory=set)  # those among them that a listener or a held connection waits for
    unheard: set[str] = field(default_factory=set)  # listener asks that connected and were not heard yet
    ready: set[str] = field(default_factory=set)
    closed: dict[str, str] = field(default_factory=dict)  # machine -> why its window is over
    wanted: dict[tuple[str, str], WantedListener] = field(default_factory=dict)  # (machine, key)

    @property
    def window(self) -> str:
        """Id of this batch's requests."""
        return f"b{self.number}"

    def run(self, batch: Batch) -> None:
        """Ask the whole batch and record everything."""
        for machine in {a.probe.source for a in batch.asks}:
            self.desk.session(machine, "exchange")  # starts beside the listeners: a start is a round trip or two
        self._open_listeners(batch)
        senders: dict[str, list[contract.ProbeRequest]] = {}
        for index, ask in enumerate(batch.asks):
            self._plan(f"{self.window}p{index}", ask, senders)
        self._send(senders)
        deadline = time.monotonic() + patience(senders, self.options)
        held_keys = [k for k, a in self.asks.items() if a.way == "held"]
        self._until(lambda: not self.early, deadline)
        if self.unheard:
            self._until(lambda: not self.unheard, time.monotonic() + HEARD_GRACE_S + self._lag())
        self._close_listeners()
        self._doubt_unheard()
        if held_keys:
            look_up(
                self.desk, self.recorder, [self.asks[k] for k in held_keys], self.options, self.window, self._handle
            )
            for machine in senders:
                if session := self.desk.session(machine, "exchange"):
                    session.send(contract.Release(id=self.window))
        self._until(lambda: not self.waiting, deadline)
        for key in sorted(self.waiting):
            self._lost(key, "the asking agent gave no answer in time")

    def _open_listeners(self, batch: Batch) -> None:
        machines: dict[str, list[WantedListener]] = {}
        for want in batch.listeners.values():
            machines.setdefault(want.machine, []).append(want)
        for machine, wants in machines.items():
            session = self.desk.session(machine, "listen")
            for want in wants:
                self.wanted[(machine, f"{want.protocol}/{want.port}")] = want
                self._listener(want, "not-opened", "the listening agent could not be started")
            if session is None:
                continue
            requests = tuple(listener_request(w) for w in wants)
            session.send(contract.Listen(id=self.window, token=self.token, window_s=WINDOW_S, listeners=requests))
        self.desk.progress.doing = "opening listeners"
        expected = {m for m in machines if (m, "listen") not in self.desk.ended}
        self.desk.wait(self._handle, lambda: expected <= self.ready | set(self.closed), self.options.ready_s)
        for (machine, _), want in self.wanted.items():
            if machine not in self.ready:
                lost = self.desk.ended.get((machine, "listen"))
                self._listener(want, "not-opened", lost.cause if lost else "the listening agent did not get ready")

    def _plan(self, key: str, ask: Ask, senders: dict[str, list[contract.ProbeRequest]]) -> None:
        probe, why, port = ask.probe, ask.why, None
        if ask.way in ("listener", "broadcast"):
            port = self.recorder.listeners[listener_key(probe.destination, probe.protocol, ask.port)]
            if port.status == "in-use" and not holder_known(self.recorder, ask.probe, ask.port):
                # The host's own outgoing connections take ports for moments, too: no claim about the product.
                ask = Ask(
                    probe, "not-asked", ask.port, f"the port was in use on {probe.destination}, by nobody it shows"
                )
            elif port.status == "in-use":
                ask = Ask(probe, "plain", ask.port, "the port is taken")
            elif port.status not in ("up", "not-heard"):
                ask = Ask(probe, "not-asked", ask.port, f"no listener stood on {probe.destination}: {port.detail}")
        if (probe.source, "exchange") in self.desk.ended and ask.way != "not-asked":
            why = self.desk.ended[(probe.source, "exchange")].cause
            ask = Ask(probe, "not-asked", ask.port, f"{probe.source} could not ask: {why}")
        if not ask.alone or probe.id not in self.recorder.probes:
            status = port.status if port is not None else ""
            self.recorder.probes[probe.id] = ProbeObservation(
                probe.id, ask.way, ask.port, detail=ask.why, listener=status
            )
        if ask.way == "not-asked":
            return
        self.asks[key] = ask
        self.waiting.add(key)
        if ask.way != "plain":
            self.early.add(key)
        senders.setdefault(probe.source, []).append(probe_request(key, ask, self.token, self.options))

    def _send(self, senders: dict[str, list[contract.ProbeRequest]]) -> None:
        self.desk.progress.doing = "probing"
        for machine, requests in senders.items():
            session = self.desk.session(machine, "exchange")
            if session is None:
                self._ended(machine)
                continue
            session.send(
                contract.Exchange(id=self.window, concurrency=self.options.probes_at_once, probes=tuple(requests))
            )

    def _lag(self) -> float:
        return max((self.desk.lag(self.asks[key].probe.destination, "listen") for key in self.unheard), default=0.0)

    def _until(self, done: object, deadline: float) -> None:
        self.desk.wait(self._handle, done, max(0.0, deadline - time.monotonic()))  # type: ignore[arg-type]

    def _close_listeners(self) -> None:
        open_on = {machine for machine, _ in self.wanted if machine not in self.closed and machine in self.ready}
        for machine in open_on:
            if session := self.desk.session(machine, "listen"):
                session.send(contract.Close(id=self.window))
        self.desk.wait(self._handle, lambda: open_on <= set(self.closed), 5.0)

    def _doubt_unheard(self) -> None:
        """A listener that did not live to its orderly end may have been gone before it was asked: nothing is proven."""
        for key, ask in self.asks.items():
            if ask.way not in ("listener", "broadcast") or self.recorder.probes[ask.probe.id].heard:
                continue
            over = self.closed.get(ask.probe.destination, "it gave no answer when it was to end")
            if over != "asked":
                self._lost(key, f"the listener on {ask.probe.destination} was gone before it could hear: {over}")
            elif key in self.early:
                self._lost(key, "the asking agent gave no answer in time")

    def _handle(self, machine: str, agent: str, event: contract.Event | SessionEnd) -> None:
        if isinstance(event, SessionEnd):
            if agent == "exchange":
                self._ended(machine)
            elif agent == "listen":
                self.closed.setdefault(machine, "its agent ended")
            return
        if getattr(event, "id", None) != self.window:
            return
        if isinstance(event, contract.ListenerEvent) and (machine, event.key) in self.wanted:
            self._listener(self.wanted[(machine, event.key)], event.status, event.detail)
        elif isinstance(event, contract.ReadyEvent):
            self.ready.add(machine)
        elif isinstance(event, contract.HeardEvent) and event.nonce in self.asks:
            self._heard(machine, event)
        elif isinstance(event, contract.ResultEvent) and event.key in self.waiting:
            self._result(machine, event)
        elif isinstance(event, contract.ClosedEvent):
            self.closed[machine] = event.reason
        elif isinstance(event, contract.FaultEvent):
            self._fault(machine, agent, event.text)

    def _fault(self, machine: str, agent: str, text: str) -> None:
        if agent == "listen":
            self.closed.setdefault(machine, f"its agent said: {text}")
        elif agent == "exchange":
            for key in [k for k in self.waiting if self.asks[k].probe.source == machine]:
                self._lost(key, f"the agent on {machine} said: {text}")

    def _heard(self, machine: str, event: contract.HeardEvent) -> None:
        ask = self.asks[event.nonce]
        if ask.probe.destination == machine and event.key == f"{ask.probe.protocol}/{ask.port}":
            self.recorder.heard(ask.probe.id, Heard(event.address, event.port, event.at, event.local))
            self.unheard.discard(event.nonce)

    def _result(self, machine: str, event: contract.ResultEvent) -> None:
        ask = self.asks[event.key]
        if ask.probe.source != machine:
            return
        self._decided(event.key)
        self.desk.progress.probes_done += 0 if ask.alone else 1
        heard = self.recorder.probes[ask.probe.id].heard
        if ask.way in ("listener", "broadcast") and not heard:
            over = self.closed.get(ask.probe.destination)
            if over and over != "asked":
                self._lost(event.key, f"the listener on {ask.probe.destination} was gone before it could hear: {over}")
                return
            if event.outcome in ("accepted", "answered", "sent", "silent"):
                self.unheard.add(event.key)
        received = event.received[: contract.MAX_RECEIVED_BYTES * 2]
        if ask.probe.speak and wire(ask.probe.speak).secret_in_reply:
            secret = self.options.community.encode().hex()
            received = received.replace(secret, "2a" * (len(secret) // 2))
        self.recorder.attempt(
            ask.probe.id,
            Attempt(
                event.outcome,
                event.at,
                event.took_ms,
                event.local,
                event.local_port,
                event.code,
                event.detail,
                received,
                ask.alone,
            ),
        )

    def _listener(self, want: WantedListener, status: str, detail: str) -> None:
        key = listener_key(want.machine, want.protocol, want.port)
        self.recorder.listeners[key] = ListenerObservation(
            want.machine,
            want.protocol,
            want.port,
            want.prove,
            status,  # type: ignore[arg-type]
            detail,
            time.time(),
        )

    def _ended(self, machine: str) -> None:
        why = self.desk.ended[(machine, "exchange")].cause if (machine, "exchange") in self.desk.ended else "it ended"
        for key in [k for k in self.waiting if self.asks[k].probe.source == machine]:
            self._lost(key, f"the asking agent on {machine} was lost: {why}")

    def _decided(self, key: str) -> None:
        self.waiting.discard(key)
        self.early.discard(key)

    def _lost(self, key: str, why: str) -> None:
        self._decided(key)
        probe = self.asks[key].probe
        if not self.asks[key].alone:
            self.recorder.probes[probe.id] = ProbeObservation(probe.id, "not-asked", self.asks[key].port, detail=why)
