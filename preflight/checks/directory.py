"""The user directory that a checklist item is about, as its test sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from preflight.checks.subject import Subject
from preflight.facts.directory import DIRECTORY
from preflight.facts.directory_fill import Fill, fill_of, nothing_readable, why_unread
from preflight.facts.model import UnobservedError
from preflight.facts.remarks import Findings, Remark
from preflight.topology import directory_model
from preflight.topology.model import Topology
from preflight.values.case import Case
from preflight.values.directory import DirectoryObservation, NodeTls
from preflight.values.directory_users import AttributeSeen, UsersSeen
from preflight.values.observation import SiteFact

NAME_IT = """Ask the site which attribute holds it, and write that down{unless}:
directory:
  attributes: {{{block}}}"""
OR_NONE = " (`false` where none is used)"
OR_WAIVE = ", or waive the item"
EXAMPLES = {"card": "pager", "id": "employeeID"}  # where the preset knows none
WORDS = {"first_name": "first name", "last_name": "surname", "id": "ID for replication"}


@dataclass(frozen=True, slots=True)
class Way:
    """A flow from a CML server to a server of the directory, and what came of it.

    `own`: no row of the page is about that port, so it was asked for the item itself, which judges it. Another one is a
    flow row's case, and judged there.
    """

    case: str
    outcome: str
    reason: str
    remedy: str = ""
    own: bool = False


class Directory(Subject):
    """One user directory, for one item. `wish` is what the inventory says of it, `asked` what it said itself."""

    def __init__(
        self,
        case: Case,
        site: Topology,
        site_facts: Mapping[str, SiteFact] | None = None,
        ways: Sequence[Way] = (),
        nodes: Sequence[NodeTls] = (),
    ) -> None:
        super().__init__(case, site, case.directory or "", site_facts)
        self.ways = tuple(way for way in ways if not way.own)  # flow rows of the same run, judged elsewhere
        self.own_ways = tuple(way for way in ways if way.own)
        self.nodes = tuple(nodes)  # what its servers answered in TLS to machines of the site

    @property
    def wish(self) -> directory_model.Directory:
        """As the inventory describes it."""
        return next(found for found in self.site.directories if found.name == self.name)

    @property
    def asked(self) -> DirectoryObservation:
        """What it said. Raises UnobservedError: the item stays unverified."""
        return self.get_of_site(DIRECTORY, self.name)

    @property
    def users(self) -> UsersSeen:
        """Its users. Raises UnobservedError where none were read."""
        found = self.asked.users
        if found is None:
            why = why_unread(self.asked)
            raise UnobservedError(f"no users could be read: {why.text}", why.do)
        if not found.users:
            raise UnobservedError("no users were found below the containers", "Look at L03 first.")
        if found.all_disabled:
            raise UnobservedError(f"all {found.users} users are disabled: there is nobody to judge by", "Look at L03.")
        return found

    def attribute(self, role: str) -> AttributeSeen:
        """One attribute of the users. Raises UnobservedError where the site has not named it, or none were read."""
        if role not in self.wish.attributes:
            self.needs(role)
            unless = "" if role in self.wish.needed else OR_NONE
            text = f"the site has not said which attribute holds the {role.replace('_', ' ')}"
            raise self.unknown(text, do=self.name_it([role], unless))
        if role not in self.users.attributes:
            raise self.unknown(f"the {role.replace('_', ' ')} was not read", do="Run the check in a full survey.")
        return self.users.attributes[role]

    def fill(self, role: str) -> Fill:
        """How many users have it; said as what was seen. Raises as `attribute`."""
        found = fill_of(self.users, self.attribute(role))
        self.seen(found.text)
        return found

    def needs(self, *roles: str) -> None:
        """Raises UnobservedError where the site declines one that the product does not do without."""
        declined = [role for role in roles if role in self.wish.declined and role in self.wish.needed]
        if declined:
            words = " and ".join(WORDS.get(role, role) for role in declined)
            keys = ", ".join(f"{role}: false" for role in declined)
            text = f"the product wants each user's {words}, and the site says that it has none (attributes: {keys})"
            raise self.unknown(text, do=self.name_it(declined, OR_WAIVE))

    def name_it(self, roles: Sequence[str], unless: str = "") -> str:
        """What to do where attributes are to be named, with a block to paste."""
        usual = {**EXAMPLES, **self.wish.preset.attributes}
        return NAME_IT.format(unless=unless, block=", ".join(f"{role}: {usual.get(role, 'NAME')}" for role in roles))

    def lacking(self, text: str) -> str:
        """The message of an assert that users lack what they need; of whom nothing may be read may have it all."""
        remark = nothing_readable(self.asked)
        return self.wrong(f"{text}; {remark.text}", do=remark.do) if remark else self.wrong(text)

    def whole(self) -> None:
        """To call at the end: that nothing is wrong can be said only of users that were all read."""
        if not self.users.complete:
            raise self.unknown(
                f"not all users could be read ({self.users.users} were, and of them nothing is wrong): "
                f"{self.users.why_not.rstrip('.')}",
                do="See L03 and L11: what keeps the account from listing all.",
            )

    def judge_own_ways(self, found: Findings) -> None:
        """Adds to `found` what came of the questions that were asked for this item alone."""
        for way in self.own_ways:
            told = f"{way.case} {way.outcome}: {way.reason}"
            if way.outcome == "passed":
                found.notes.append(told)
            else:
                (found.wrong if way.outcome == "failed" else found.unknown).append(Remark(told, way.remedy))

    def tell(self, found: Findings) -> None:
        """Say what a judging function saw and noted; what it found wrong or open is the test's to assert."""
        for text in found.seen:
            self.seen(text)
        for text in found.notes:
            self.note(text)
        for remark in found.advice:
            self.remedy = self.remedy or remark.do
            self.advise(remark.text)
