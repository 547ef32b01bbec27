"""How many of a directory's users have an attribute, and why nobody's could be read."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.facts.remarks import Remark
from preflight.values.counted import counted
from preflight.values.directory import DirectoryObservation
from preflight.values.directory_users import AttributeSeen, Sample, UsersSeen
from preflight.values.step import Step

# Below this share of the users an attribute is hardly the one that is meant: our figure, the vendor names none.
USUAL_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Fill:
    """An attribute over the users that can log in; where the directory does not tell who can, over all."""

    name: str  # the directory's own
    users: int
    missing: int
    missing_disabled: int  # users that are disabled, and lack it
    in_schema: bool | None
    readable: bool | None

    @property
    def share(self) -> float:
        """Of the users, those that have it; 1 where there are none."""
        return 1 - self.missing / self.users if self.users else 1.0

    @property
    def rare(self) -> bool:
        """Whether so few have it that another attribute is meant, or the account may not read it."""
        return self.share < USUAL_SHARE

    @property
    def text(self) -> str:
        """For reports: what was counted."""
        disabled = f"; {self.missing_disabled} disabled ones lack it, too" if self.missing_disabled else ""
        return (
            f"{self.name}: {self.users - self.missing} of {self.users} users have it ({_percent(self.share)}){disabled}"
        )

    @property
    def why_none(self) -> str:
        """Why so few may have it, as far as the directory tells."""
        if self.in_schema is False:
            return f"the directory knows no attribute {self.name}: it is misspelt, or another is meant"
        if self.readable is False:
            return f"the directory hides {self.name} from the account, though users have it"
        return f"{self.name} is hardly filled in: another attribute may be meant, or the account may not read it"


def fill_of(users: UsersSeen, attribute: AttributeSeen) -> Fill:
    """The count for one attribute."""
    return Fill(
        attribute.name,
        max(0, users.users - (users.disabled or 0)),
        attribute.missing_enabled,
        attribute.missing - attribute.missing_enabled,
        attribute.in_schema,
        attribute.readable,
    )


def why_unread(seen: DirectoryObservation) -> Remark:
    """Why no users were read: the first step that did not go well."""
    if not seen.containers_named and any(server.bound.ok for server in seen.servers):
        return Remark("the inventory names no container with users", "Name them: directory.containers (see L03).")
    for server in seen.servers:
        for step in (server.connected, server.encrypted, server.bound):
            if (step.outcome in ("failed", "timeout")) or (step is server.bound and not step.ok):
                return told_by(server.name, step)
    for container in seen.containers:
        if not container.listed.ok:
            return told_by(container.dn, container.listed)
    return Remark("no server of the directory was asked", "Name a host with role ldap in the inventory.")


def nothing_readable(seen: DirectoryObservation) -> Remark | None:
    """Users that the account lists and of whom it may read nothing: not even a login. None where there are none."""
    held = [container for container in seen.containers if container.unreadable]
    if not held:
        return None
    users = counted(sum(container.unreadable for container in held), "user")
    where = " and of ".join(container.dn for container in held)
    do = f"Have the right to read the attributes of {where} given to the account; it may only list users there."
    return Remark(f"of {users} the account may read nothing", f"{do} What is no user there, leave to directory.filter.")


def told_by(who: str, step: Step) -> Remark:
    """A step that did not go well, in a report's words."""
    return Remark(f"{who}: {step.said.rstrip('.') or step.code or step.outcome}", step.remedy or "Look at L01 and L11.")


def shown(samples: tuple[Sample, ...]) -> str:
    """Redacted samples for a report; empty where there are none."""
    return f" (redacted: {', '.join(sample.shown for sample in samples[:3])})" if samples else ""


def _percent(share: float) -> str:
    """Never rounded up to 100: one of 20,000 that lacks it counts."""
    return f"{int(share * 1000) / 10:g} %"
