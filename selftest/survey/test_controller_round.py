"""What the machine that runs the suite asks itself: recorded whole, late or broken, and never in the survey's way."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from preflight.run.observations import dump_observations, load_observations
from preflight.survey.controller import ControllerRound, SiteAsk
from preflight.survey.desk import Desk, Inbox, Session
from preflight.survey.recorder import Recorder
from preflight.values.observation import SiteFact


class Nobody:
    """A switchboard with no machine behind it."""

    def open(self, machine: str, agent: str, inbox: Inbox) -> Session:
        raise NotImplementedError

    def describe(self, machine: str) -> str:
        return machine

    def close(self) -> None:
        return


def played(*asks: SiteAsk, patience_s: float = 30.0) -> dict[str, SiteFact]:
    recorder = Recorder()
    controller = ControllerRound(asks, recorder)
    controller.start()
    controller.finish(Desk(Nobody(), lambda _: None), patience_s)
    return recorder.site


def asks(*keys: str, told: Mapping[str, Any]) -> SiteAsk:
    return SiteAsk(keys, "this machine", lambda: told)


def test_answers_are_recorded_under_their_keys() -> None:
    found = played(asks("database:a", "database:b", told={"database:a": {"x": 1}, "database:b": [2]}))
    assert {key: (fact.status, fact.value, fact.via) for key, fact in found.items()} == {
        "database:a": ("ok", {"x": 1}, "this machine"),
        "database:b": ("ok", [2], "this machine"),
    }
    assert all(fact.at > 1_700_000_000 for fact in found.values())


def test_what_was_not_told_is_absent() -> None:
    found = played(asks("database:a", "database:b", told={"database:a": {"status": "denied", "detail": "no"}}))
    assert {key: (fact.status, fact.detail) for key, fact in found.items()} == {
        "database:a": ("denied", "no"),
        "database:b": ("absent", "it was not told"),
    }


def test_an_asker_that_breaks_costs_its_own_keys_only() -> None:
    def broken() -> Mapping[str, Any]:
        raise RuntimeError("nobody thought of this")

    found = played(SiteAsk(("directory:corp",), "this machine", broken), asks("database:a", told={"database:a": 1}))
    assert (found["directory:corp"].status, found["database:a"].status) == ("error", "ok")
    assert found["directory:corp"].detail == "RuntimeError: nobody thought of this"


def test_an_asker_that_hangs_is_too_late() -> None:
    over = threading.Event()

    def hangs() -> Mapping[str, Any]:
        over.wait(60)
        return {"database:a": 1}

    found = played(SiteAsk(("database:a",), "this machine", hangs), patience_s=0.3)
    over.set()
    assert (found["database:a"].status, found["database:a"].value) == ("timeout", None)


def test_an_interrupted_survey_keeps_what_came() -> None:
    came, over = threading.Event(), threading.Event()
    recorder = Recorder()

    def quick() -> Mapping[str, Any]:
        return {"database:a": 1}

    def hangs() -> Mapping[str, Any]:
        came.set()
        over.wait(60)
        return {"database:b": 2}

    controller = ControllerRound(
        [SiteAsk(("database:a",), "here", quick), SiteAsk(("database:b",), "here", hangs)], recorder
    )
    controller.start()
    came.wait(10)
    controller._answers.put(controller._answers.get(timeout=10))  # the quick one has come
    controller.stop()
    over.set()
    assert {key: fact.status for key, fact in recorder.site.items()} == {"database:a": "ok", "database:b": "timeout"}


def test_they_are_stored_and_read_back_and_old_files_have_none(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.site["database:a"] = SiteFact("database:a", "ok", {"x": [1, None]}, via="here", at=1_700_000_000.0)
    file = tmp_path / "observations.json"
    dump_observations(recorder.freeze(), file)
    assert load_observations(file).site == recorder.site
    old = {"hosts": {}, "listeners": {}, "probes": {}}
    file.write_text(json.dumps({"format": "preflight observations", "version": 1, "observations": old}), "utf-8")
    assert load_observations(file).site == {}
