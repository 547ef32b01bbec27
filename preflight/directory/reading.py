"""All users of all containers, page by page, counted while they come."""

from __future__ import annotations

import time
from collections.abc import Mapping

from preflight.directory.entrance import Door, timed
from preflight.directory.session import Session
from preflight.directory.user_tally import UserTally
from preflight.directory.wording import failed, plain, search_trouble
from preflight.errors import TransportError
from preflight.topology.directory_words import folded_dn
from preflight.values.directory_users import CapSeen, ContainerSeen
from preflight.values.step import Step
from preflight.wire.ldap_requests import Search

MAX_IDLE = 100  # pages in a row that bring nobody new
CAPS = (3, 4, 11)  # time, size and administrative limits


class Container:
    """One container while it is read."""

    def __init__(self, door: Door, session: Session, tally: UserTally, index: int, page: int) -> None:
        self.dn = door.directory.containers[index]
        self._door, self._session, self._tally = door, session, tally
        self._index, self._page = index, page
        self._pages = self._oversize = self._referrals = 0
        self._hosts: set[str] = set()
        self._complete = self._capped = False

    def read(self) -> ContainerSeen:
        """Read it to its end, or to what ends it."""
        tally = self._tally
        before = (tally.users, tally.again, tally.unreadable)
        step = timed(self._read)[0]
        users, again, unreadable = (
            now - then for now, then in zip((tally.users, tally.again, tally.unreadable), before, strict=True)
        )
        return ContainerSeen(
            dn=self.dn,
            listed=step,
            users=users,
            again=again,
            pages=self._pages,
            referrals=self._referrals,
            referred_to=tuple(sorted(self._hosts))[:20],
            oversize=self._oversize,
            unreadable=unreadable,
            complete=self._complete,
            capped=self._capped,
            inside=_holder(self.dn, self._door.directory.containers),
        )

    def _read(self) -> None:
        cookie, idle = b"", 0
        while True:
            known = self._tally.users + self._tally.again
            wanted = Search(self.dn, self._door.directory.filter, self._tally.wanted, page=self._page, cookie=cookie)
            deadline = self._door.step(self._door.options.page_s)
            end = self._session.search(wanted, deadline, lambda entry: self._tally.add(entry, self._index))
            self._pages += 1
            self._oversize += end.oversize
            self._referrals += len(end.references)
            self._hosts.update(_host(url) for url in end.references)
            if end.reply.code == 12 and self._page and not cookie:  # it cannot page after all
                self._page = 0
                continue
            self._capped = end.reply.code in CAPS
            trouble = search_trouble(end.reply, self.dn)
            if trouble:
                raise trouble
            if self._tally.full:
                raise TransportError("too-many", "there are more users than are ever read.", "Name fewer containers.")
            idle = 0 if self._tally.users + self._tally.again > known else idle + 1
            if idle > MAX_IDLE:
                raise TransportError(
                    "going-round", "page after page came without a new user.", "Ask its administrator."
                )
            cookie = end.reply.cookie
            if not cookie:
                self._complete = self._oversize == 0
                return


def read_containers(door: Door, session: Session, tally: UserTally, page: int) -> list[ContainerSeen]:
    """Each container in the inventory's order; after a broken connection the rest is not asked."""
    seen: list[ContainerSeen] = []
    for index, dn in enumerate(door.directory.containers):
        if seen and seen[-1].listed.code in ("timeout", "closed", "not-ldap", "tls"):
            why = TransportError(seen[-1].listed.code, "the connection was lost before this one.", "Try again.")
            seen.append(ContainerSeen(dn, failed(why, 0.0)))
        else:
            seen.append(Container(door, session, tally, index, page).read())
    return seen


def searchable(door: Door, session: Session, tally: UserTally) -> Mapping[str, bool | None]:
    """For attributes that no user showed: False where a search by them finds somebody, so that they are hidden."""
    found: dict[str, bool | None] = {}
    directory = door.directory
    for role, counted in tally.attributes.items():
        if counted.filled or not tally.users:
            continue
        hits = (_any(door, session, dn, f"(&{directory.filter}({counted.name}=*))") for dn in directory.containers)
        found[role] = False if any(hits) else None
    return found


def _any(door: Door, session: Session, dn: str, condition: str) -> bool:
    step, end = timed(lambda: session.search(Search(dn, condition, size_limit=1), door.step(), lambda _: None))
    return step.ok and end is not None and end.entries > 0


def probe_cap(door: Door, session: Session) -> CapSeen:
    """What one search without paging gets of the first container: where the directory cuts it."""
    asked, came = door.options.cap_probe, 0
    dn = door.directory.containers[0]

    def count(_: object) -> None:
        nonlocal came
        came += 1

    began = time.monotonic()
    try:
        end = session.search(Search(dn, door.directory.filter, size_limit=asked), door.step(), count)
    except TransportError as error:
        return CapSeen(failed(error, round(time.monotonic() - began, 4)), came)
    took = round(time.monotonic() - began, 4)
    trouble = search_trouble(end.reply, dn)
    if trouble and end.reply.code not in CAPS:
        return CapSeen(failed(trouble, took), came)
    return CapSeen(Step("ok", took_s=took), came, trouble is not None and came < asked)


def _holder(dn: str, containers: tuple[str, ...]) -> str | None:
    folded = folded_dn(dn)
    return next((other for other in containers if folded.endswith("," + folded_dn(other))), None)


def _host(url: bytes) -> str:
    """The host of an LDAP URL; what follows it may name a person."""
    return plain(url.partition(b"://")[2].partition(b"/")[0], 100)
