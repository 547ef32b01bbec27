"""One server of a directory, asked step by step, and its global catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from preflight.directory.entrance import HOLD, Door, Entered, bind, connect, is_refused, timed
from preflight.directory.root import Raw, read_root
from preflight.directory.session import Session
from preflight.directory.wording import not_asked, search_trouble
from preflight.errors import TransportError
from preflight.values.directory import CatalogSeen, PlaceSeen, RootDse, ServerSeen
from preflight.values.step import Step
from preflight.wire.ldap_replies import Entry
from preflight.wire.ldap_requests import Search


@dataclass(frozen=True, slots=True)
class Visited:
    """A server that was asked; `session` is open and logged in, or None."""

    seen: ServerSeen
    session: Session | None = None
    raw: Raw = field(default_factory=dict)


def visit(door: Door, entered: Entered) -> Visited:
    """Ask a server everything but for its users, on the connection that `connect` made."""
    directory, machine = door.directory, door.machine
    seen = ServerSeen(
        machine.name,
        machine.address,
        door.port,
        directory.protocol,
        local_address=entered.session.channel.local_address if entered.session else "",
        connected=entered.connected,
        encrypted=entered.encrypted,
        tls=entered.tls,
        bound=entered.bound,
        asked_itself=not_asked("there was no connection to ask on."),
    )
    if entered.session is None:
        return Visited(replace(seen, catalog=visit_catalog(door)))
    asked, found = timed(lambda: read_root(_session(entered), door.step()))
    entered = bind(door, entered)
    if found is None and entered.bound.ok:  # some show it only after a login
        asked, found = timed(lambda: read_root(_session(entered), door.step()))
    root, raw = found if found else (None, {})
    if is_refused(entered.bound):
        door = replace(door, hold=HOLD)
    seen = replace(
        seen,
        asked_itself=asked,
        root_dse=root,
        bound=entered.bound,
        bound_as=("account" if directory.user else "anonymous") if entered.bound.ok else "",
        password_in_clear=directory.protocol == "ldap"
        and bool(directory.user)
        and entered.bound.outcome != "not-asked",
        password_expires_s=entered.password_expires_s,
        catalog=visit_catalog(door),
    )
    if not entered.bound.ok:
        _session(entered).close()
        return Visited(seen, None, raw)
    places = tuple(PlaceSeen(dn, _find(door, _session(entered), dn)) for dn in directory.containers)
    return Visited(replace(seen, places=places), entered.session, raw)


def visit_catalog(door: Door) -> CatalogSeen | None:
    """Ask a server's global catalogue whether it knows the users, and which of their attributes."""
    directory = door.directory
    if not directory.global_catalog:
        return None
    door = replace(door, port=directory.global_catalog_port)
    entered = bind(door, connect(door))
    seen = CatalogSeen(door.port, entered.connected, entered.encrypted, entered.bound, tls=entered.tls)
    session = entered.session
    if session is None:
        return replace(seen, users=not_asked("there was no connection to ask on."))
    try:
        if not entered.bound.ok:
            return replace(seen, users=not_asked("the login had failed."))
        if not directory.containers:
            return replace(seen, users=not_asked("the inventory names no container."))
        return _sample(door, session, seen)
    finally:
        session.close()


def _sample(door: Door, session: Session, seen: CatalogSeen) -> CatalogSeen:
    directory = door.directory
    names = {role: named.name.casefold().encode() for role, named in directory.attributes.items()}
    counts = dict.fromkeys(names, 0)
    sampled = 0

    def count(entry: Entry) -> None:
        nonlocal sampled
        sampled += 1
        held = {name.partition(b";")[0].lower() for name, values in entry.attributes if any(map(bytes.strip, values))}
        for role, name in names.items():
            counts[role] += name in held

    def ask() -> None:
        wanted = tuple(named.name for named in directory.attributes.values())
        for container in directory.containers:
            most = door.options.catalog_sample - sampled
            if most > 0:
                search = Search(container, directory.filter, wanted, size_limit=most)
                end = session.search(search, door.step(), count)
                trouble = search_trouble(end.reply, container)
                if trouble and end.reply.code != 4:  # the limit was ours
                    raise trouble

    step, _ = timed(ask)
    return replace(seen, users=step, sampled=sampled, seen=counts)


def _find(door: Door, session: Session, dn: str) -> Step:
    def ask() -> None:
        entries, reply = session.found(Search(dn, scope="base"), door.step())
        trouble = search_trouble(reply, dn)
        if trouble:
            raise trouble
        if not entries:
            raise TransportError(
                "not-shown", f"{dn} is there, and the account may not see it.", "Have the right to read given to it."
            )

    return timed(ask)[0]


def _session(entered: Entered) -> Session:
    if entered.session is None:
        raise TransportError("closed", "there is no connection.", "")
    return entered.session


def paging(seen: ServerSeen) -> bool:
    """Whether to read users page by page: where the server says that it can, or does not say."""
    root: RootDse | None = seen.root_dse
    return root is None or root.paging or not root.controls
