"""The exchange agent: connects and sends, side by side, and tells what came of each. It knows no protocol."""

import collections
import heapq
import selectors
import socket
import threading
import time

from preflight.agents.remote.core import Agent, raise_file_limit
from preflight.agents.remote.grammar import REQUIRED, RequestError, take
from preflight.agents.remote.probe import Probe

MYPY = False
if MYPY:
    from typing import Any

EXCHANGE = {"id": ("text", REQUIRED), "concurrency": ("count", 400), "probes": ("list", REQUIRED)}
PROBE = {
    "key": ("text", REQUIRED),
    "protocol": ("protocol", REQUIRED),
    "address": ("text", REQUIRED),
    "port": ("port", REQUIRED),
    "timeout_s": ("seconds", REQUIRED),
    "send": ("hex", ""),
    "read_s": ("seconds", 0.0),
    "until": ("hex", ""),
    "hold_s": ("seconds", 0.0),
    "broadcast": ("flag", False),
}


class Budget(object):
    """How many sockets the process may have open, over all its exchanges, held connections included."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._left = size
        self._lock = threading.Lock()

    def have(self) -> bool:
        """Takes one, if there is one."""
        with self._lock:
            if self._left <= 0:
                return False
            self._left -= 1
            return True

    def give(self) -> None:
        """Gives one back."""
        with self._lock:
            self._left += 1


class Exchange(object):
    """One batch of probes; `run` belongs to a thread of its own, `release` to the main one."""

    def __init__(self, agent: Agent, budget: Budget, ident: str, concurrency: int, probes: "list[Probe]") -> None:
        self.agent = agent
        self.budget = budget
        self.ident = ident
        self.concurrency = min(concurrency, budget.size)
        self.waiting: "collections.deque[Probe]" = collections.deque(probes)
        self.active = 0
        self.held: "list[tuple[float, int, Probe]]" = []
        self.deadlines: "list[tuple[float, int, Probe]]" = []
        self.over = False
        self._count = 0
        self._released = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._ear.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)

    def release(self) -> None:
        """Asks the exchange's thread to close what it holds, now and later."""
        self._released = True
        try:
            self._bell.send(b".")
        except OSError:
            pass

    def run(self) -> None:
        """Until every probe is decided and nothing is held any more."""
        said = False
        try:
            while self.waiting or self.active or self.held:
                self._fill()
                if not said and not self.waiting and not self.active:
                    said = True
                    self.agent.emit("done", id=self.ident)
                    continue
                self._turn()
        finally:
            self.over = True
            for key in list(self._selector.get_map().values()):
                if key.data is not None:
                    self._close(key.data)
            self._let_go()
            self._selector.close()
            self._ear.close()
            self._bell.close()
        if not said:
            self.agent.emit("done", id=self.ident)

    def _fill(self) -> None:
        while self.waiting and self.active < self.concurrency and self.budget.have():
            probe = self.waiting.popleft()
            self.active += 1
            probe.start()
            if probe.outcome:
                self._finish(probe)
            else:
                assert probe.sock is not None
                want = selectors.EVENT_WRITE if probe.wants_write else selectors.EVENT_READ
                self._selector.register(probe.sock, want, probe)
                self._remember(self.deadlines, probe.deadline, probe)

    def _turn(self) -> None:
        """Waits for sockets first and looks at the clock afterwards: an answer that is there counts."""
        for key, _ in self._selector.select(self._patience()):
            if key.data is None:
                self._ear.recv(64)
                continue
            probe = key.data
            before = probe.deadline
            probe.step()
            if probe.outcome:
                self._drop(probe)
            else:
                want = selectors.EVENT_WRITE if probe.wants_write else selectors.EVENT_READ
                if want != key.events:
                    self._selector.modify(probe.sock, want, probe)
                if probe.deadline != before:
                    self._remember(self.deadlines, probe.deadline, probe)
        now = time.monotonic()
        while self.deadlines and self.deadlines[0][0] <= now:
            when, _, probe = heapq.heappop(self.deadlines)
            if not probe.outcome and probe.deadline == when:
                probe.expire()
                self._drop(probe)
        if self._released:
            self._let_go()
        while self.held and self.held[0][0] <= now:
            self._close(heapq.heappop(self.held)[2])

    def _patience(self) -> float:
        nexts = [heap[0][0] for heap in (self.deadlines, self.held) if heap]
        longest = 0.05 if self.waiting and self.active < self.concurrency else 60.0
        return min([longest] + [max(0.0, when - time.monotonic()) for when in nexts])

    def _remember(self, heap: "list[tuple[float, int, Probe]]", when: float, probe: Probe) -> None:
        self._count += 1
        heapq.heappush(heap, (when, self._count, probe))

    def _drop(self, probe: Probe) -> None:
        self._selector.unregister(probe.sock)  # type: ignore[arg-type]
        self._finish(probe)

    def _finish(self, probe: Probe) -> None:
        """Frees the slot; a connection that is to be held goes on living outside it."""
        self.active -= 1
        hold = probe.request["hold_s"]
        if hold > 0 and probe.tcp and probe.outcome in ("accepted", "answered") and not self._released:
            self._remember(self.held, time.monotonic() + hold, probe)
        else:
            self._close(probe)
        self.agent.emit(
            "result",
            id=self.ident,
            key=probe.key,
            outcome=probe.outcome,
            at=probe.at,
            took_ms=round(probe.took_ms, 3),
            local=probe.local[0],
            local_port=probe.local[1],
            code=probe.code,
            detail=probe.detail,
            received=probe.received.hex(),
        )

    def _close(self, probe: Probe) -> None:
        probe.close()
        self.budget.give()

    def _let_go(self) -> None:
        for _, _, probe in self.held:
            self._close(probe)
        self.held = []


class ExchangeAgent(object):
    """Takes the requests `exchange` and `release`."""

    def __init__(self) -> None:
        self.agent = Agent("exchange")
        self.budget = Budget(raise_file_limit())
        self.running: "dict[str, Exchange]" = {}
        self.agent.handlers = {"exchange": self.exchange, "release": self.release}

    def exchange(self, request: "dict[str, Any]") -> None:
        """Starts a batch beside those that run."""
        asked = take("exchange", request, EXCHANGE)
        ident = asked["id"]
        if ident in self.running and not self.running[ident].over:
            raise RequestError("an exchange with this id is under way")
        probes = [Probe(take("a probe", probe, PROBE)) for probe in asked["probes"]]
        batch = Exchange(self.agent, self.budget, ident, asked["concurrency"], probes)
        self.running[ident] = batch
        self.agent.guarded(ident, batch.run)

    def release(self, request: "dict[str, Any]") -> None:
        """Closes what an exchange holds; for one that is over there is nothing to do."""
        ident = take("release", request, {"id": ("text", REQUIRED)})["id"]
        if ident not in self.running:
            raise RequestError("no exchange has had this id")
        self.running[ident].release()


if __name__ == "__main__":
    ExchangeAgent().agent.serve()
