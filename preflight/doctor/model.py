"""What a look at the hosts found, as frozen values; every text in them is safe to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Stage = Literal["name", "port", "tls", "login", "program", "rights", "clock", "facts", "address"]
STAGES: tuple[Stage, ...] = get_args(Stage)
# The last two are looked at besides; they have no column in the table.
COLUMNS: tuple[Stage, ...] = ("name", "port", "tls", "login", "program", "rights", "clock")
# not reached: an earlier stage failed. not looked at: there is nothing to look at, or not from here; `seen` says why.
State = Literal["ok", "warning", "not ok", "not reached", "not looked at"]
# What a finding keeps from being asked; preflight.doctor.blocked knows which cases need it.
Effect = Literal["agent", "low-ports", "owners", "management", "product-unknown", "kerberos"]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage on one host: a word for the table, a sentence for those who want to know."""

    stage: Stage
    state: State
    word: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """One line to type, and where: here (on the controller), on HOST, or in the inventory."""

    where: str
    line: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """What one effect keeps from being asked: the rows in the page's order, and how many cases of them."""

    effect: Effect
    rows: tuple[str, ...] = ()
    cases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be on one host."""

    host: str
    stage: Stage
    kind: str  # short machine word: refused, auth, not-elevated, skew ...
    asked: str
    seen: str
    remedy: str
    blocks: bool = True  # False: a warning
    typed: tuple[Typed, ...] = ()
    effects: tuple[Effect, ...] = ()
    blocked: tuple[Blocked, ...] = ()  # filled in by preflight.doctor.blocked


@dataclass(frozen=True, slots=True)
class Examination:
    """One host, examined."""

    host: str
    address: str
    way: str  # "ssh admin@10.1.1.11:22"; empty: no agent can run there
    steps: tuple[Step, ...] = ()  # one a column, in their order; none where no agent can run
    findings: tuple[Finding, ...] = ()
    installed: bool | None = None  # is the product there? None: not known
    system: str = ""  # "CML1, Windows Server 2019 Standard 10.0.17763"
    skew_s: float | None = None  # the host's clock minus the controller's, seconds
    skew_error_s: float = 0.0
    took_s: float = 0.0

    @property
    def managed(self) -> bool:
        """True where an agent is meant to run."""
        return bool(self.way)

    @property
    def state(self) -> State:
        """ok, warning or not ok; not looked at where no agent can run."""
        if not self.managed:
            return "not looked at"
        if any(finding.blocks for finding in self.findings):
            return "not ok"
        return "warning" if self.findings else "ok"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All selected machines."""

    hosts: tuple[Examination, ...]
    devices: int  # selected printers, terminals and readers: no agent can run there
    cases: int  # of the plan, that a run with the same options would ask
    page: tuple[str, ...]  # every row id, in the page's order
    notes: tuple[str, ...] = ()
    took_s: float = 0.0

    @property
    def blocked_cases(self) -> frozenset[str]:
        """Ids of the cases that anything keeps from being asked."""
        found = (b.cases for h in self.hosts for f in h.findings if f.blocks for b in f.blocked)
        return frozenset().union(*found)

    @property
    def blocked_rows(self) -> tuple[str, ...]:
        """Their rows, in the page's order."""
        rows = {row for h in self.hosts for f in h.findings if f.blocks for b in f.blocked for row in b.rows}
        return tuple(row for row in self.page if row in rows)

    @property
    def exit_code(self) -> int:
        """0 all fine or warnings only, 1 something blocks."""
        return int(any(host.state == "not ok" for host in self.hosts))
