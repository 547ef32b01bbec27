"""The site's user directories as values: defaults from preset and features, names held against the hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from preflight.topology.directory_model import (
    DEFAULT_CATALOG_PORTS,
    DEFAULT_PORTS,
    DIRECTORY_PROTOCOLS,
    USER_ATTRIBUTES,
    AttributeName,
    CardFormat,
    CardSettings,
    Directory,
    DirectoryPreset,
    DirectoryProtocol,
    Replication,
)
from preflight.topology.directory_presets import PRESETS
from preflight.topology.directory_words import folded_dn, full_run, interval_s
from preflight.topology.managing import resolved, secret_ref
from preflight.topology.nearest import shown
from preflight.topology.pieces import Pieces
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_directory import RawAttributes, RawCard, RawDirectory, RawReplication
from preflight.topology.references import Names, Once

PROTOCOLS: dict[str, DirectoryProtocol] = {name: name for name in DIRECTORY_PROTOCOLS}
FORMATS: dict[str, CardFormat] = {"hex": "hex", "decimal": "decimal", "any": "any"}


def resolve_directories(pieces: Pieces, folder: Path, problems: Problems) -> tuple[Directory, ...]:
    """Every directory of the inventory; notes what does not fit."""
    names = Once("directory name", problems)
    return tuple(_directories(pieces, folder, names, problems))


def _directories(pieces: Pieces, folder: Path, names: Once, problems: Problems) -> Iterator[Directory]:
    hosts = [h.name for h in pieces.hosts if "ldap" in h.raw.roles]
    known = Names("host with role ldap", hosts, problems, pieces.broken)
    for entry in pieces.directories:
        raw, at = entry.raw, entry.at
        names.claim(raw.name, at.of("name"))
        _note_problems(raw, bool(hosts) or not pieces.all_hosts_read, at, problems)
        protocol = PROTOCOLS[raw.protocol or _usual(pieces.features.ldap)]
        preset = PRESETS[raw.preset]
        yield Directory(
            name=raw.name,
            servers=known.check_all(raw.servers, at.of("servers")) if raw.servers else tuple(hosts),
            protocol=protocol,
            preset=preset,
            filter=raw.filter or preset.filter,
            domains=tuple(raw.domains or ()),
            containers=tuple(raw.containers or ()),
            user=raw.user,
            password=secret_ref(raw.password, folder),
            ca=resolved(raw.ca, folder) or True if isinstance(raw.ca, str) else raw.ca is not False,
            certificate_names=tuple(raw.certificate_names),
            port=raw.port or DEFAULT_PORTS[protocol],
            global_catalog="global_catalog" in pieces.features.ldap or raw.global_catalog_port is not None,
            global_catalog_port=raw.global_catalog_port or DEFAULT_CATALOG_PORTS[protocol],
            attributes=_attributes(raw.attributes, preset),
            declined=frozenset(role for role in USER_ATTRIBUTES if getattr(raw.attributes, role) is False),
            card=_card(raw.card),
            replication=_replication(raw, at, problems),
            line=at.line,
        )


def _usual(features: list[str]) -> str:
    """The protocol of a site that names none: never one that shows the password to the network."""
    return "starttls" if features and "ldaps" not in features else "ldaps"


def _attributes(raw: RawAttributes, preset: DirectoryPreset) -> dict[str, AttributeName]:
    found: dict[str, AttributeName] = {}
    for role in USER_ATTRIBUTES:
        own = getattr(raw, role)
        if isinstance(own, str):
            found[role] = AttributeName(own, "site")
        elif own is None and role in preset.attributes:
            found[role] = AttributeName(preset.attributes[role], "preset")
    return found


def _card(raw: RawCard) -> CardSettings:
    return CardSettings(FORMATS[raw.format], raw.prefix or "", tuple(dict.fromkeys(raw.length)))


def _replication(raw: RawDirectory, at: Place, problems: Problems) -> Replication | None:
    said: RawReplication | None = raw.replication
    if said is None:
        return Replication(wanted=False) if "replication" in raw.model_fields_set else None
    every, minutes = full_run(said.full)
    between = interval_s(said.differential) if said.differential else None
    if between is not None and between >= every:
        problems.add(
            at.of("replication", "differential"),
            f"{shown(said.differential)} is not more often than the full run ({shown(said.full)}); write a shorter one",
        )
    return Replication(
        wanted=True,
        full=said.full,
        full_every_s=every,
        differential=said.differential or "",
        differential_every_s=between,
        window_minutes=float(said.window_minutes) if said.window_minutes else minutes,
    )


def _note_problems(raw: RawDirectory, served: bool, at: Place, problems: Problems) -> None:
    if not served and raw.servers is None:
        problems.add(at, "no host has role ldap; add the directory's servers to `hosts`")
    if raw.user and raw.password is None and not problems.told_of(at.of("password")):
        problems.add(
            at.of("user"), "an account needs its `password`; write {env: NAME}, {file: PATH} or {prompt: text}"
        )
    if raw.password is not None and not raw.user and not problems.told_of(at.of("user")):
        problems.add(at.of("password"), "a password needs its `user`; write a DN, user@corp.example or CORP\\user")
    if raw.protocol == "ldap" and raw.ca is not None:
        problems.add(at.of("ca"), "a connection in clear has no certificate; write `protocol: ldaps`, or remove `ca`")
    containers = Once("container", problems)
    for index, container in enumerate(raw.containers or ()):
        containers.claim(folded_dn(container), at.of("containers", index))
    domains = Once("domain", problems)
    for index, domain in enumerate(raw.domains or ()):
        domains.claim(domain.casefold(), at.of("domains", index))
