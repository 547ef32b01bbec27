"""Asks one user directory everything that the LDAP items need, from the machine that runs the suite; writes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from preflight.directory.entrance import HOLD, Door, connect, is_refused
from preflight.directory.forest import see_domains, see_forest
from preflight.directory.options import AskOptions, Deadline
from preflight.directory.reading import probe_cap, read_containers, searchable
from preflight.directory.rights import read_rights
from preflight.directory.root import Raw, read_schema
from preflight.directory.server import Visited, paging, visit
from preflight.directory.session import Session
from preflight.directory.user_tally import UserTally
from preflight.errors import TransportError
from preflight.topology.credentials import Secret
from preflight.topology.directory_model import USER_ATTRIBUTES, Directory
from preflight.topology.model import Machine
from preflight.values.counted import counted
from preflight.values.directory import (
    DirectoryObservation,
    ForestSeen,
    ReplicationSeen,
    RightsSeen,
    ServerSeen,
)
from preflight.values.directory_users import ContainerSeen, UsersSeen

SERVERS_AT_ONCE = 8
FEW = 20  # users; fewer tell nothing about the time that thousands take


def ask(
    directory: Directory,
    machines: Mapping[str, Machine],
    secret: Secret | None = None,
    options: AskOptions | None = None,
) -> DirectoryObservation:
    """Ask the directory. `machines` are the inventory's, by name; `secret` is the account's password, resolved.

    All servers are asked side by side; users are read from the first, in the inventory's order, that lets us in.
    What fails is a step with its reason. Raises InventoryError where the file of CA certificates cannot be used.
    """
    settings = options or AskOptions()
    at, began = time.time(), time.monotonic()
    deadline = Deadline(settings.total_s)
    doors = [
        Door(directory, machines[name], directory.port, secret, settings, deadline)
        for name in directory.servers
        if name in machines
    ]
    visits = _visit_all(doors)
    servers = tuple(visited.seen for visited in visits)
    forest, rights = ForestSeen(), RightsSeen()
    containers: tuple[ContainerSeen, ...] = ()
    users: UsersSeen | None = None
    try:
        for door, visited in zip(doors, visits, strict=True):
            if visited.session is not None:
                forest = see_forest(door, visited.session, visited.raw, machines)
                if directory.containers:
                    containers, users, rights = _read(door, visited.seen, visited.session, visited.raw)
                break
    finally:
        for visited in visits:
            if visited.session is not None:
                visited.session.close()
    return DirectoryObservation(
        directory=directory.name,
        asked_by="controller",
        at=at,
        took_s=round(time.monotonic() - began, 3),
        preset=directory.preset.name,
        filter=directory.filter,
        containers_named=directory.containers,
        domains_named=directory.domains,
        unnamed=tuple(r for r in USER_ATTRIBUTES if r not in directory.attributes and r not in directory.declined),
        declined=tuple(sorted(directory.declined)),
        certificate_checked=directory.ca is not False,
        servers=servers,
        domains=see_domains(directory.domains, machines, servers, Deadline(settings.step_s, deadline)),
        forest=forest,
        containers=containers,
        users=users,
        rights=rights,
        replication=_replication(directory, containers, users),
    )


def _visit_all(doors: Sequence[Door]) -> list[Visited]:
    """All servers side by side, but for the first login: only when a server has taken the account, others are asked.

    Each wrong password counts towards the locking of the account, on all controllers of a domain together.
    """
    if not doors:
        return []
    with ThreadPoolExecutor(min(SERVERS_AT_ONCE, len(doors))) as pool:
        entered = list(pool.map(connect, doors))
        visits: list[Visited] = []
        hold = ""
        for door, found in zip(doors, entered, strict=True):
            visits.append(visit(door, found))
            seen = visits[-1].seen
            logins = [seen.bound] if seen.catalog is None else [seen.bound, seen.catalog.bound]
            if any(map(is_refused, logins)):
                hold = HOLD
            if hold or any(login.ok for login in logins):
                break
        rest = [replace(door, hold=hold) for door in doors[len(visits) :]]
        return [*visits, *pool.map(visit, rest, entered[len(visits) :])]


def _read(
    door: Door, server: ServerSeen, session: Session, raw: Raw
) -> tuple[tuple[ContainerSeen, ...], UsersSeen, RightsSeen]:
    """All users, and what else the connection that read them can tell."""
    directory, tally = door.directory, UserTally(door.directory, door.options)
    schema = _schema(door, session, raw)
    page = door.options.page if paging(server) else 0
    began = time.monotonic()
    containers = tuple(read_containers(door, session, tally, page))
    took = round(time.monotonic() - began, 3)
    attributes = tally.seen(schema, searchable(door, session, tally))
    broken = next((c for c in containers if not c.complete), None)
    users = UsersSeen(
        read_from=server.name,
        users=tally.users,
        complete=broken is None,
        why_not="" if broken is None else _why_not(broken),
        disabled=tally.disabled if directory.preset.disabled else None,
        took_s=took,
        page=page,
        attributes=attributes,
        logins=tally.logins.seen() if "login" in attributes else None,
        cards=tally.cards.seen() if "card" in attributes else None,
        emails=tally.emails.seen() if "email" in attributes else None,
        unpaged=probe_cap(door, session),
    )
    return containers, users, read_rights(door, session, tally, attributes, schema)


def _why_not(container: ContainerSeen) -> str:
    if not container.listed.ok:
        return f"{container.dn}: {container.listed.said}"
    return f"{container.dn}: {counted(container.oversize, 'entry was', 'entries were')} too large to be read."


def _schema(door: Door, session: Session, raw: Raw) -> frozenset[str] | None:
    try:
        return read_schema(session, raw, door.step())
    except TransportError:
        return None


def _replication(directory: Directory, containers: Sequence[ContainerSeen], users: UsersSeen | None) -> ReplicationSeen:
    """The wish, held against what reading cost. Only reading is known here: writing into SafeQ takes its own time."""
    wish = directory.replication
    window = wish.window_minutes * 60 if wish and wish.window_minutes else None
    count = sum(c.users + c.again for c in containers)
    each = users.took_s / count if users and count >= FEW else None
    estimate = round(each * count, 3) if each is not None and users and users.complete else None
    return ReplicationSeen(
        wanted=wish.wanted if wish else None,
        full=wish.full if wish else "",
        full_every_s=wish.full_every_s if wish else None,
        differential=wish.differential if wish else "",
        differential_every_s=wish.differential_every_s if wish else None,
        window_s=window,
        users=users.users if users else 0,
        read_s=users.took_s if users else 0.0,
        s_per_1000=round(each * 1000, 4) if each is not None else None,
        estimated_s=estimate,
        fits=estimate <= window if estimate is not None and window is not None else None,
    )
