"""The questions of `preflight attest`, and what counts as an answer; where answers come from is the caller's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from preflight.attest.open_cases import OpenGroup, names_of
from preflight.report.text import wrap
from preflight.rulings.drafts import Draft, Statement, drafts_for
from preflight.rulings.raw_rulings import Day, Reason
from preflight.topology.scalars import Text
from preflight.values.counted import counted
from preflight.values.people import names_somebody, same_person

Ask = Callable[[str], str]
Say = Callable[[str], None]
_YES = ("y", "yes")
_TEXT: TypeAdapter[str] = TypeAdapter(Text)
_REASON: TypeAdapter[str] = TypeAdapter(Reason)
_DAY: TypeAdapter[str] = TypeAdapter(Day)


@dataclass(slots=True)
class Interview:
    """Asks about one group after the other; `drafts` are complete at any moment, whatever interrupts."""

    ask: Ask
    say: Say
    today: date
    width: int
    drafts: list[Draft]
    last: dict[str, str]  # what was answered before is offered again

    def about(self, groups: list[OpenGroup]) -> None:
        """Ask about each group until all are through, or the person has had enough."""
        for number, group in enumerate(groups, 1):
            self._show(group, f"{number} of {len(groups)}")
            answer = self.ask("Attest it? [y/N, q: enough] ").strip().lower()
            if answer in ("q", "quit"):
                return
            if answer in _YES:
                self.drafts += drafts_for(group.cases, self._statement())
            self.say("")

    def _show(self, group: OpenGroup, number: str) -> None:
        case, count = group.first, len(group.cases)
        cases = counted(count, "case")
        self._line(f"{number}  {case.row}, {cases}: {names_of(group.cases)}", "", "    ")
        for name, text in (("asks", case.requirement), ("why", case.reason), ("seen", case.seen), ("do", case.remedy)):
            if text:
                self._line(text, f"    {name + ':':<6}", " " * 10)

    def _line(self, text: str, first: str, rest: str) -> None:
        for line in wrap(text, self.width, first, rest, 6):
            self.say(line)

    def _statement(self) -> Statement:
        reason = self._until_right("What was looked at, and what was seen? ", "", _REASON)
        by = self._until_right("Who has looked?", "by", _TEXT, _nobody)
        approved = self._until_right(
            "Who approves?",
            "approved",
            _TEXT,
            lambda name: (
                "somebody else must approve; nobody does their own" if same_person(name, by) else _nobody(name)
            ),
        )
        until = self._until_right(
            "Until when does it hold, as 2027-01-31?",
            "until",
            _DAY,
            lambda day: "that day is over" if date.fromisoformat(day) < self.today else "",
        )
        ticket = self._until_right("Ticket (-: none)?", "ticket", _TEXT, offer="-")
        return Statement(by, approved, reason, date.fromisoformat(until), "" if ticket == "-" else ticket)

    def _until_right(
        self,
        question: str,
        key: str,
        form: TypeAdapter[str],
        wrong: Callable[[str], str] = lambda _: "",
        offer: str = "",
    ) -> str:
        offered = self.last.get(key, offer)
        if offered and wrong(offered):
            offered = ""
        prompt = f"{question.strip()} [{offered}] " if offered else f"{question.strip()} "
        while True:
            given = self.ask(prompt).strip() or offered
            try:
                answer = form.validate_python(given)
                problem = wrong(answer)
            except ValidationError as error:
                detail: Any = error.errors(include_url=False)[0]
                problem = str(detail.get("ctx", {}).get("error", detail["msg"]))
            if not problem:
                if key:
                    self.last[key] = answer
                return answer
            self.say(f"    {problem}")


def _nobody(name: str) -> str:
    return "" if names_somebody(name) else "that is nobody's name; two letters at least"
