"""Facts that the machine that runs the suite asks itself (databases, directories), beside the survey of the hosts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from preflight.survey.desk import TICK_S, Desk
from preflight.survey.recorder import Recorder
from preflight.values.observation import FactStatus, SiteFact

PATIENCE_S = 240.0  # for all askers together; each has deadlines of its own, shorter ones


@dataclass(frozen=True, slots=True)
class SiteAsk:
    """One asker and the keys that it answers (values.observation.site_key).

    `ask` runs in a thread of its own, has its secrets already, and gives a JSON value for each key; {status: ...,
    detail: ...} where there is none. What it raises becomes an error of all its keys.
    """

    keys: tuple[str, ...]
    via: str  # who asks whom, for reports
    ask: Callable[[], Mapping[str, Any]]


class ControllerRound:
    """All askers, each in its thread. `start` and `finish` belong to the survey's thread, which alone records."""

    def __init__(self, asks: Iterable[SiteAsk], recorder: Recorder) -> None:
        self._waiting = {ask.keys: ask for ask in asks}
        self._recorder = recorder
        self._answers: SimpleQueue[tuple[SiteAsk, float, Mapping[str, Any]]] = SimpleQueue()
        self._began = 0.0

    def start(self) -> None:
        """Start asking; nobody waits."""
        self._began = time.monotonic()
        for ask in self._waiting.values():
            self._begin(ask)

    def add(self, asks: Iterable[SiteAsk]) -> None:
        """Ask more, once it is known what hosts could not tell themselves."""
        for ask in asks:
            self._waiting[ask.keys] = ask
            self._begin(ask)

    def finish(self, desk: Desk, patience_s: float = PATIENCE_S) -> None:
        """Record every answer; what has not come `patience_s` after the start is recorded as too late."""
        if self._waiting:
            desk.progress.doing = "asking databases and directories"
        while self._waiting:
            left = self._began + patience_s - time.monotonic()
            try:
                self._take(*self._answers.get(timeout=max(0.0, min(TICK_S, left))))
            except Empty:
                if left <= 0:
                    self._give_up(f"no answer within {patience_s:.0f} s")
                desk.tick()

    def stop(self) -> None:
        """Record what has been answered and wait for nothing: the survey was interrupted."""
        while not self._answers.empty():
            self._take(*self._answers.get())
        self._give_up("the survey was interrupted")

    def _begin(self, ask: SiteAsk) -> None:
        # Daemons: an asker that hangs past its own deadlines must not keep the suite from ending.
        threading.Thread(target=self._run, args=(ask,), name=f"asks {ask.keys[0]}", daemon=True).start()

    def _run(self, ask: SiteAsk) -> None:
        at = time.time()
        try:
            told = ask.ask()
        except Exception as error:  # an asker's fault must not cost the survey
            failed = {"status": "error", "detail": f"{type(error).__name__}: {error}"[:300]}
            told = dict.fromkeys(ask.keys, failed)
        self._answers.put((ask, at, told))

    def _take(self, ask: SiteAsk, at: float, told: Mapping[str, Any]) -> None:
        if self._waiting.pop(ask.keys, None) is None:
            return
        took_ms = round((time.time() - at) * 1000, 1)
        for key in ask.keys:
            value = told.get(key, {"status": "absent", "detail": "it was not told"})
            if isinstance(value, Mapping) and "status" in value:
                self._record(ask, key, at, status=value["status"], detail=value.get("detail", ""), took_ms=took_ms)
            else:
                self._record(ask, key, at, value=value, took_ms=took_ms)

    def _give_up(self, why: str) -> None:
        for ask in self._waiting.values():
            for key in ask.keys:
                self._record(ask, key, time.time(), status="timeout", detail=why)
        self._waiting.clear()

    def _record(
        self,
        ask: SiteAsk,
        key: str,
        at: float,
        *,
        status: FactStatus = "ok",
        value: Any = None,
        detail: str = "",
        took_ms: float = 0.0,
    ) -> None:
        self._recorder.site[key] = SiteFact(key, status, value, detail, took_ms, via=ask.via, at=at)
