"""Every kind of fact by its name, as the catalogue's rows name them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from preflight.agents.reads import Read
from preflight.facts import (
    adapters,
    antivirus,
    browsers,
    clock,
    databases,
    directory,
    external_database,
    hardware,
    node_database,
    node_names,
    patches,
    print_products,
    remains,
    shares,
    software,
    standing,
    updates,
    web,
    windows,
    windows_installer,
    windows_services,
)
from preflight.facts.model import FactKind
from preflight.topology.model import Machine, SecretRef, Topology

KINDS: tuple[FactKind[Any], ...] = (
    software.SOFTWARE,
    shares.SHARES,
    node_names.NODE_NAMES,
    clock.CLOCK,
    antivirus.ANTIVIRUS,
    adapters.ADAPTERS,
    standing.SYSTEM,
    standing.LISTENERS,
    standing.PRODUCT,
    standing.ADDRESSES,
    windows_services.WINDOWS_SERVICES,
    web.WEB,
    windows_installer.WINDOWS_INSTALLER,
    databases.DATABASES,
    external_database.DATABASE,
    node_database.NODE_DATABASE,
    directory.DIRECTORY,
    remains.REMAINS,
    print_products.PRINT_PRODUCTS,
    windows.WINDOWS,
    browsers.BROWSERS,
    patches.RESTART,
    patches.HOTFIXES,
    updates.UPDATES,
    hardware.HARDWARE,
)
BY_NAME: dict[str, FactKind[Any]] = {kind.name: kind for kind in KINDS}


def reads_for(names: Iterable[str]) -> tuple[Read, ...]:
    """All reads of these facts, each once. Raises KeyError for a fact that nobody knows."""
    found: dict[str, Read] = {}
    for name in names:
        for read in BY_NAME[name].reads:
            found[read.name] = read
    return tuple(found.values())


def site_secrets_for(names: Iterable[str], site: Topology) -> dict[str, SecretRef]:
    """Where the passwords are that these facts' reads are asked with, by the read's name."""
    kinds = (BY_NAME[name] for name in names)
    return {read: ref for kind in kinds if kind.site_secrets for read, ref in kind.site_secrets(site).items()}


def site_reads_for(names: Iterable[str], site: Topology, host: Machine) -> tuple[Read, ...]:
    """Reads of these facts that depend on what the inventory says of the site, and of this host."""
    kinds = [BY_NAME[name] for name in names]
    of_site = (read for kind in kinds if kind.site_reads for read in kind.site_reads(site))
    return (*of_site, *(read for kind in kinds if kind.host_reads for read in kind.host_reads(site, host)))
