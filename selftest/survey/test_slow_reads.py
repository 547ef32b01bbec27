"""What takes a host a minute is asked last, apart from all else: it delays nothing, and being late kills no host."""

from __future__ import annotations

from typing import Any

import pytest
from test_survey_races import MACHINES, Agent, Scripted, Turn

from preflight.agents import contract
from preflight.agents.reads import FileRead, Read, UpdatesRead
from preflight.agents.scripts import AgentName
from preflight.errors import TransportError
from preflight.survey import slow_reads
from preflight.survey.desk import Inbox
from preflight.survey.options import SurveyOptions
from preflight.survey.recorder import Recorder
from preflight.survey.run import survey
from preflight.values.case import Case
from preflight.values.observation import Fact, FactStatus
from preflight.values.probe import Probe

SCAN, FILE = UpdatesRead(name="scan"), FileRead(name="file", path="x")
PRODUCT = Probe("src", "dst", "10.0.0.2", "tcp", 5012, "product")
TELLS = {"total": 0, "updates": []}


def case(name: str, reads: tuple[Read, ...] = (), probes: tuple[Probe, ...] = ()) -> Case:
    words = ("other", "mandatory", "r", "d", "p", "tcp" if probes else None, (), "one")
    return Case(f"X:{name}", "X", *words, "src", name, frozenset(), "product", probes, reads=reads, facts=("system",))


class Host:
    """Answers like a healthy agent but for slow reads, which `slow` answers; notes what it was asked, in order."""

    def __init__(self, slow: Any) -> None:
        self.slow, self.asked = slow, list[str]()
        self.deadlines: dict[str, float] = {}

    def __call__(self, turn: Turn) -> bool:
        request = turn.request
        if not isinstance(request, contract.Gather):
            self.asked.append(request.do)
            return False
        assert turn.agent == ("scan" if request.id == slow_reads.REQUEST else "gather")
        self.asked.append(f"{request.id} {' '.join(read.name for read in request.reads)}".strip())
        self.deadlines[request.id] = request.fact_deadline_s
        if request.id == slow_reads.REQUEST:
            assert request.facts == ()
            self.slow(turn)
            return True
        for read in request.reads:
            turn.say(told(request.id, read.name, "here"))
        return False


def told(request: str, name: str, value: Any, **more: Any) -> contract.FactEvent:
    return contract.FactEvent(event="fact", id=request, name=name, **{"status": "ok", "value": value, **more})


def done(turn: Turn, request: str = slow_reads.REQUEST) -> None:
    turn.say(contract.DoneEvent(event="done", id=request))


def run(host: Host, *cases: Case, recorder: Recorder | None = None, **options: Any) -> Recorder:
    recorder = recorder or Recorder()
    survey(cases, MACHINES, Scripted(host), SurveyOptions(probe_timeout_s=0.5, **options), recorder)
    return recorder


def test_it_is_asked_by_itself_after_everything_else() -> None:
    def answer(turn: Turn) -> None:
        turn.say(told("facts", "scan", "a word about another request"))
        turn.say(told(slow_reads.REQUEST, "services", [{"name": "YSoftX", "state": "running"}]))
        turn.say(told(slow_reads.REQUEST, "scan", TELLS))
        done(turn)

    host = Host(answer)
    seen = run(host, case("dst", (SCAN, FILE)), case("dst", probes=(PRODUCT,)))
    assert [line for line in host.asked if line.startswith(("facts", "slow"))] == ["facts file", "facts", "slow scan"]
    assert host.asked[-1] == "slow scan"
    assert host.deadlines == {"facts": 4.0, "slow": UpdatesRead.patience_s}
    facts = seen.hosts["dst"].facts
    assert (facts["scan"].value, facts["file"].value) == (TELLS, "here")
    assert facts["services"].value == [], "only what was asked for is taken"
    assert seen.probes[PRODUCT.id].listener == "up"


def test_nobody_is_asked_where_no_case_wants_it() -> None:
    class Board(Scripted):
        def open(self, machine: str, agent: AgentName, inbox: Inbox) -> Agent:
            assert agent != "scan", "its script is sent to nobody who did not ask for it"
            return super().open(machine, agent, inbox)

    host, recorder = Host(lambda _: pytest.fail("asked")), Recorder()
    cases = [case("dst", (FILE,)), case("dst", probes=(PRODUCT,))]
    survey(cases, MACHINES, Board(host), SurveyOptions(probe_timeout_s=0.5), recorder)
    assert recorder.hosts["dst"].facts["file"].status == "ok"
    assert not any(line.startswith("slow") for line in host.asked)


@pytest.mark.parametrize(("kind", "status"), [("no-agent", "absent"), ("unreachable", "error")])
def test_a_host_that_its_agent_cannot_be_started_on_stays_reached(kind: str, status: FactStatus) -> None:
    class Board(Scripted):
        def open(self, machine: str, agent: AgentName, inbox: Inbox) -> Agent:
            if agent == "scan":
                raise TransportError(kind, "It cannot.", "Nothing.")
            return super().open(machine, agent, inbox)

    recorder = Recorder()
    survey([case("dst", (SCAN, FILE))], MACHINES, Board(Host(lambda _: None)), SurveyOptions(), recorder)
    assert recorder.hosts["dst"].reached
    assert recorder.hosts["dst"].facts["file"].status == "ok"
    assert recorder.hosts["dst"].facts["scan"] == Fact("scan", status, None, "It cannot.")


def test_a_host_that_is_late_stays_reached_and_keeps_its_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UpdatesRead, "patience_s", 0.2)
    monkeypatch.setattr(slow_reads, "_START_S", 0.2)
    seen = run(Host(lambda _: None), case("dst", (SCAN, FILE)), hosts_at_once=1)
    assert seen.hosts["dst"].reached
    assert seen.hosts["dst"].facts["file"].status == "ok"
    assert seen.hosts["dst"].facts["scan"] == Fact("scan", "timeout", None, "no answer within its deadline")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda turn: turn.end(), "the host went away."),
        (done, "the agent did not tell"),
        (
            lambda turn: turn.say(contract.FaultEvent(event="fault", id=slow_reads.REQUEST, text="no such read")),
            "its agent said: no such read",
        ),
    ],
)
def test_what_was_not_told_says_why(answer: Any, why: str) -> None:
    seen = run(Host(answer), case("dst", (SCAN,)))
    assert seen.hosts["dst"].reached
    assert seen.hosts["dst"].facts["scan"] == Fact("scan", "error", None, why)


@pytest.mark.parametrize(("at_once", "told_before"), [(1, [0, 1]), (2, [0, 0])])
def test_hosts_are_asked_a_few_at_a_time(at_once: int, told_before: list[int]) -> None:
    recorder, before = Recorder(), list[int]()

    def answer(turn: Turn) -> None:
        before.append(sum("scan" in host.facts for host in recorder.hosts.values()))
        turn.say(told(slow_reads.REQUEST, "scan", TELLS))
        done(turn)

    run(Host(answer), case("dst", (SCAN,)), case("src", (SCAN,)), recorder=recorder, hosts_at_once=at_once)
    assert before == told_before
    assert {name: host.facts["scan"].value for name, host in recorder.hosts.items()} == {"src": TELLS, "dst": TELLS}
