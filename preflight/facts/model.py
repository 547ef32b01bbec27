"""What a fact is: its reads, and a parser that turns what they told into a value; and why a value could not be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from preflight.agents.reads import Read
from preflight.errors import PreflightError
from preflight.topology.model import Machine, SecretRef, Topology
from preflight.values.observation import Fact

T_co = TypeVar("T_co", covariant=True)


class UnobservedError(PreflightError):
    """A fact could not be had, so what rests on it is unverified: `reason` says why, `remedy` what to do."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Told:
    """What one host told, by name of fact or read. Only parsers look into it."""

    host: str
    facts: Mapping[str, Fact]
    at: float = 0.0  # when the host was heard, by the clock of the machine that runs the suite

    def value(self, name: str) -> Any:
        """The value as the agent sent it. Raises UnobservedError when there is none."""
        fact = self.facts.get(name)
        if fact is None:
            raise UnobservedError(f"{self.host} was not asked for {name}", "Run the check in a full survey.")
        if fact.status != "ok":
            raise UnobservedError(*refusal(self.host, fact))
        return fact.value

    def remark(self, name: str) -> str:
        """What an agent says beside an answer to a read: that it was cut, or that parts of it may not be read."""
        fact = self.facts.get(name)
        return fact.detail if fact is not None and fact.status == "ok" else ""

    def part(self, name: str) -> UnobservedError:
        """To raise where what is not in an answer counts, and the answer is not all of it."""
        do = "Use an account with administrator rights, elevated; else look at it by hand, and attest the item."
        return UnobservedError(f"{self.host} told only a part of {name} ({self.remark(name).rstrip('.')})", do)

    def whole(self, name: str) -> Any:
        """As `value`, for a read in which what is missing counts. Raises UnobservedError where a part is left out."""
        value = self.value(name)
        if self.remark(name):
            raise self.part(name)
        return value

    def maybe(self, name: str) -> Any:
        """The value, None where the thing itself is not there (a registry key, a class, a file). Raises as `value`."""
        fact = self.facts.get(name)
        return None if fact is not None and fact.status == "absent" else self.value(name)


@dataclass(frozen=True, slots=True)
class FactKind(Generic[T_co]):
    """One kind of fact.

    `rests_on` are standing facts (contract_facts.FACTS), `reads` what is asked besides; `site_reads` makes those that
    depend on what the inventory says, `host_reads` those that it says for one host; `site_secrets` says where the
    passwords are that these are asked with, by the read's name. `parse` gets what they told. It raises UnobservedError
    where that is not enough, and must bear any value: it comes from a host.

    A fact `of_site` is asked by the machine that runs the suite, of a server that is no host of ours: it has no reads,
    lies in Observations.site, and `parse` finds it in Told under the kind's own name.
    """

    name: str
    parse: Callable[[Told], T_co]
    reads: tuple[Read, ...] = ()
    rests_on: tuple[str, ...] = ()
    of_site: bool = False
    site_reads: Callable[[Topology], tuple[Read, ...]] | None = None
    host_reads: Callable[[Topology, Machine], tuple[Read, ...]] | None = None
    site_secrets: Callable[[Topology], Mapping[str, SecretRef]] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of all that it rests on."""
        return (*self.rests_on, *(read.name for read in self.reads))


def refusal(host: str, fact: Fact) -> tuple[str, str]:
    """Reason and remedy for a fact that was not told."""
    told = f": {fact.detail}" if fact.detail else ""
    match fact.status:
        case "denied":
            reason = f"{host} did not let the account read {fact.name}{told}"
            return reason, "Use an account with administrator rights, elevated."
        case "timeout":
            return f"{host} did not tell {fact.name} in time{told}", "Look what keeps it busy, and run again."
        case "absent":
            return f"{host} has nothing that tells {fact.name}{told}", "Look at it by hand, and attest it."
        case _:
            return f"{host} could not tell {fact.name}{told}", "Look at it by hand, or report this message."
