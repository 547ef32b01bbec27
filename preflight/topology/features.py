"""The site's features as values, held against the hosts: a feature that nobody can serve is a mistake."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.topology.model import Features, RoamingGroup, Scan
from preflight.topology.nearest import shown
from preflight.topology.pieces import Pieces
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_features import RawFtp, RawGroup, RawScan
from preflight.topology.references import Names, Once


def resolve_features(pieces: Pieces, at: Place, problems: Problems) -> Features:
    """Features with their defaults; `at` is the place of the `features` key."""
    written = pieces.features
    known = Names("host", (h.name for h in pieces.hosts), problems, pieces.broken)
    _need_roles(pieces, at, problems)
    scans = {
        kind: scan for kind in ("smtp", "webdav", "smb", "ftp") if (scan := getattr(written.scan, kind)) is not None
    }
    reporting, client = written.central_reporting, written.workstation_client
    services = reporting.analysis_services if reporting else None
    return Features(
        cluster=written.cluster,
        ors=written.ors,
        central_reporting=reporting is not None,
        analysis_services=known.check(services, at.of("central_reporting", "analysis_services")),
        workstation_client=client is not None,
        client_protocol_level=client.protocol_level if client else 4,
        client_ssl_proxy=client.ssl_proxy if client else False,
        local_monitor=written.local_monitor,
        scan={kind: _scan(scan, known, at.of("scan", kind)) for kind, scan in scans.items()},
        encryption=written.encryption,
        payment=written.payment is not None,
        payment_quickchip=written.payment.quickchip if written.payment else False,
        ap_connector=written.ap_connector,
        etcd=written.etcd,
        job_roaming=written.job_roaming,
        near_roaming=tuple(_groups(pieces, at.of("near_roaming"), problems)),
        load_balancing=written.load_balancing,
        preview=written.preview,
        time_sync=written.time_sync,
        firmware_updates=written.firmware_updates,
        online_tracking=written.online_tracking,
        web_status=written.web_status,
        monitoring=written.monitoring,
        print_server="unsaid" if written.print_server is None else "used" if written.print_server else "unused",
        ldap=frozenset(written.ldap),
        database="mssql" if written.database.kind == "mssql" else "embedded",
        database_instance=written.database.instance,
    )


def _scan(raw: RawScan, known: Names, at: Place) -> Scan:
    server = known.check(raw.server, at.of("server"))
    if not isinstance(raw, RawFtp):
        return Scan(server)
    mode = next((m for m in ("active", "passive", "both") if m == raw.mode), None)
    return Scan(server, mode, raw.passive_ports, raw.active_ports)


def _groups(pieces: Pieces, at: Place, problems: Problems) -> Iterator[RoamingGroup]:
    ors = [h.name for h in pieces.hosts if "ors" in h.raw.roles]
    known = Names("ORS machine", ors, problems, pieces.broken)
    names = Once("group name", problems)
    for index, group in enumerate(pieces.features.near_roaming):
        here = at.of(index)
        names.claim(group.name, here.of("name"))
        members = known.check_all(group.members, here.of("members")) if group.members else tuple(ors)
        _size_fits(group, len(members), at.of("size") if not group.members else here.of("size"), problems)
        yield RoamingGroup(group.name, members, group.size or len(members))


def _size_fits(group: RawGroup, members: int, at: Place, problems: Problems) -> None:
    if group.size is not None and group.size < members:
        problems.add(
            at, f"{group.size} is less than the {members} members of {shown(group.name)}; the size counts all of them"
        )


def _need_roles(pieces: Pieces, at: Place, problems: Problems) -> None:
    """Hosts that the features need. Says nothing where a host could not be read: it might have been the one."""
    if not pieces.all_hosts_read:
        return
    written = pieces.features
    count = {role: sum(role in h.raw.roles for h in pieces.hosts) for role in ("cml", "ors", "crs", "db", "ldap")}
    count["ap_connector"] = sum("ap_connector" in h.raw.roles for h in pieces.hosts)
    if written.cluster and count["cml"] < 2:
        problems.add(
            at.of("cluster"), f"a cluster has at least 2 hosts with role cml, here: {count['cml']}; add or say false"
        )
    reporting = written.central_reporting
    needed = {
        "ors": (written.ors, "ors"),
        "central_reporting": (reporting is not None and reporting.analysis_services is None, "crs"),
        "database": (written.database.instance is not None, "db"),
        "ldap": (bool(written.ldap), "ldap"),
        "ap_connector": (written.ap_connector, "ap_connector"),
        "near_roaming": (bool(written.near_roaming), "ors"),
    }
    for feature, (used, role) in needed.items():
        if used and not count[role]:
            more = " (or analysis_services: NAME)" if feature == "central_reporting" else ""
            problems.add(
                at.of(feature), f"no host has role {role}, which it needs{more}; add one or remove the feature"
            )
