"""Every fault that the lab can put between the suite and a Windows machine is told in a sentence with a remedy."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest

from preflight.agents import contract
from preflight.agents.rounds import open_session
from preflight.agents.session import Inbox, SessionEnd
from preflight.lab.backend import lab_factory
from preflight.lab.files import WinRmEntry
from preflight.lab.world import World
from preflight.lab.wsman.faults import FaultKind

pytestmark = pytest.mark.slow  # whole surveys of the lab, some of which wait for a host that never answers

PATIENCE_S = 90
CERTIFICATES = ("untrusted", "expired", "wrong-name")
# What is wrong -> kind of the error, and a piece of its sentence.
TOLD: dict[str, tuple[str, str]] = {
    "wrong-password": ("auth", "did not accept the login"),
    "no-rights": ("rights", "does not let it in"),
    "no-basic": ("", ""),  # NTLM is what the lab uses: nothing is wrong then
    "unencrypted-refused": ("", ""),  # the lab's messages are encrypted: nothing is wrong then
    "too-many-shells": ("quota", "shells"),
    "reset": ("closed", "broke"),
    "silent": ("timeout", "did not answer in time"),
    "not-found": ("not-winrm", ""),
    "unavailable": ("not-winrm", ""),
    "clock-skew": ("clock", "clock"),
    "proxy-login": ("proxy", "proxy"),
    "shell-lost": ("closed", "shell"),
    "untrusted": ("tls", "certificate"),
    "expired": ("tls", "expired"),
    "wrong-name": ("tls", "is not for 127.0.0.1"),
    "down": ("unreachable", "did not answer"),
    "ConstrainedLanguage": ("language-mode", "ConstrainedLanguage"),
}


def broken(world: World, what: str) -> World:
    """The world with that fault on cml1."""
    place = world.places["cml1"]
    if what in CERTIFICATES:
        place = replace(place, winrm=WinRmEntry.model_validate({"https": True, "certificate": what}))
    elif what == "down":
        place = replace(place, reach="down")
    elif what == "ConstrainedLanguage":
        place = replace(place, language_mode=what)
    else:
        place = replace(place, winrm=WinRmEntry.model_validate({"fault": what}))
    return replace(world, places={**world.places, "cml1": place})


def no_secret(reference: object) -> Any:
    raise AssertionError(f"the lab needs no secret: {reference}")


def ask(world: World) -> contract.DoneEvent | SessionEnd:
    """Gather the time of cml1: done, or why not."""
    inbox: Inbox = queue.SimpleQueue()
    backend = lab_factory(world)(world.topology.machines["cml1"], no_secret, None)
    try:
        open_session(backend, "gather", inbox, 60.0).send(contract.Gather(id="g", facts=("time",)))
        while True:
            _, _, event = inbox.get(timeout=PATIENCE_S)
            if isinstance(event, contract.DoneEvent | SessionEnd):
                return event
    finally:
        backend.close()


def test_every_fault_is_in_the_table() -> None:
    assert set(TOLD) == {*get_args(FaultKind), *CERTIFICATES, "down", "ConstrainedLanguage"}


@pytest.mark.slow
@pytest.mark.parametrize("what", sorted(TOLD))
def test_a_fault_is_told(what: str, world: Callable[[str], World]) -> None:
    kind, words = TOLD[what]
    end = ask(broken(world("healthy"), what))
    if not kind and isinstance(end, contract.DoneEvent):
        return
    assert isinstance(end, SessionEnd)
    assert end.error is not None
    assert end.error.kind == kind
    assert words in end.error.cause
    assert end.error.remedy
