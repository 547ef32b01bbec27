"""Domains and domain controllers: those of the inventory, resolved, and those that the directory knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from preflight.directory.entrance import Door, timed
from preflight.directory.options import Deadline
from preflight.directory.resolving import resolve_all
from preflight.directory.root import Raw, filled_in
from preflight.directory.session import Session
from preflight.directory.wording import not_asked, plain, search_trouble
from preflight.topology.directory_model import DirectoryQuery
from preflight.topology.directory_words import folded_dn
from preflight.topology.model import Machine
from preflight.values.directory import ControllerSeen, DomainSeen, ForestSeen, ServerSeen
from preflight.values.step import Step
from preflight.wire.ldap_requests import Search

MAX_NAMES = 200


def see_domains(
    names: Sequence[str], machines: Mapping[str, Machine], servers: Sequence[ServerSeen], deadline: Deadline
) -> tuple[DomainSeen, ...]:
    """Each domain of the inventory: what its name resolves to, and whether the servers serve it."""
    at = {machine.address: machine.name for machine in machines.values()}
    held = {folded_dn(c) for server in servers if server.root_dse for c in server.root_dse.naming_contexts}
    of_domains = any(context.startswith("dc=") for context in held)  # o=company says nothing of any domain
    found = []
    for name, (step, addresses) in zip(names, resolve_all(names, deadline), strict=True):
        dn = ",".join(f"DC={label}" for label in name.split("."))
        found.append(
            DomainSeen(
                name=name,
                dn=dn,
                resolved=step,
                addresses=addresses,
                machines=tuple(at[address] for address in addresses if address in at),
                strangers=tuple(address for address in addresses if address not in at),
                served=folded_dn(dn) in held if of_domains else None,
            )
        )
    return tuple(found)


def see_forest(door: Door, session: Session, raw: Raw, machines: Mapping[str, Machine]) -> ForestSeen:
    """What the directory says of its controllers and domains, by the preset's questions."""
    preset, named = door.directory.preset, door.directory.domains
    controllers_step, controllers = _names(door, session, raw, preset.controllers)
    domains_step, domains = _names(door, session, raw, preset.domains)
    known = {name.casefold() for name in named}
    at = {machine.address: machine.name for machine in machines.values()}
    resolved = resolve_all(controllers, door.step())
    return ForestSeen(
        controllers_step=controllers_step,
        controllers=tuple(
            ControllerSeen(name, step, addresses, next((at[a] for a in addresses if a in at), None))
            for name, (step, addresses) in zip(controllers, resolved, strict=True)
        ),
        domains_step=domains_step,
        domains=domains,
        unnamed=tuple(domain for domain in domains if domain.casefold() not in known),
    )


def _names(door: Door, session: Session, raw: Raw, query: DirectoryQuery | None) -> tuple[Step, tuple[str, ...]]:
    if query is None:
        return not_asked("the preset knows no question for it."), ()
    base = filled_in(query.base, raw)
    if base is None:
        return not_asked("the directory's root DSE does not say where that would stand."), ()

    def ask() -> list[str]:
        entries, reply = session.found(Search(base, query.filter, (query.attribute,)), door.step(), MAX_NAMES)
        trouble = search_trouble(reply, base)
        if trouble:
            raise trouble
        return [plain(v, 253) for entry in entries for _, values in entry.attributes for v in values[:1]]

    step, names = timed(ask)
    return step, tuple(sorted(set(names or ())))
