"""The servers of a directory: the way in, TLS and certificate, global catalogue, unnamed controllers (L01)."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.facts.directory_fill import told_by
from preflight.facts.directory_nodes import judge_nodes
from preflight.facts.remarks import Findings, Remark
from preflight.values.counted import counted
from preflight.values.directory import CatalogSeen, DirectoryObservation, NodeTls, ServerSeen, TlsSeen
from preflight.values.step import Step

# To have a certificate made and rolled out takes a site's administrators weeks: our figure.
CERTIFICATE_DAYS = 30
# Kerberos, and whatever else compares times in a domain, bears five minutes (RFC 4120, and Windows' default).
CLOCK_S = 300
# Reasons that may be the suite's machine's own: it lacks the CA that the product's server has.
_OUR_CAS = {"unknown-issuer", "self-signed"}
NAME_THE_CA = "Write the file of the CA's certificate into the inventory (directory.ca), and run again."
BY_CML = "How the CML servers reach it is rows O01 to O03. Run the suite where it may connect, or attest the item."


def judge_servers(seen: DirectoryObservation, nodes: Sequence[NodeTls] = ()) -> Findings:
    """Every server named, what `nodes` saw of them in TLS, and those that the directory itself names."""
    found = Findings()
    for server in seen.servers:
        _server(server, found)
    if not seen.servers:
        found.unknown.append(Remark("no server of the directory was asked", "Name a host with role ldap."))
    if not seen.certificate_checked and any(server.tls for server in seen.servers):
        found.advice.append(Remark("nobody checked the certificate: the inventory says `ca: false`", NAME_THE_CA))
    judge_nodes(seen, nodes, found)
    _controllers(seen, found)
    return found


def _server(server: ServerSeen, found: Findings) -> None:
    where = f"{server.name} ({server.address}:{server.port}, {server.protocol})"
    told = _door(where, server.connected, server.encrypted, server.tls, found)
    if server.connected.ok and server.asked_itself.outcome in ("failed", "timeout"):
        found.unknown.append(told_by(f"{where} does not answer as a directory", server.asked_itself))
    if server.protocol == "ldap" and server.connected.ok:
        text = f"{where} is asked in clear: everybody on the way reads the account's password and all users"
        found.advice.append(Remark(text, "Use `protocol: ldaps` or `starttls`, in SafeQ as well."))
    root = server.root_dse
    if root and root.clock_offset_s is not None and abs(root.clock_offset_s) > CLOCK_S:
        found.advice.append(
            Remark(f"the clock of {server.name} is {root.clock_offset_s:+.0f} s off", "Set the clocks.")
        )
    found.seen.append("; ".join((where, *told)))
    if server.catalog is not None:
        _catalog(server, server.catalog, found)


def _door(where: str, connected: Step, encrypted: Step, tls: TlsSeen | None, found: Findings) -> list[str]:
    """Notes what keeps us out; what the certificate says is given back."""
    if not connected.ok:
        remark = told_by(f"{where} cannot be reached from the machine that runs the suite", connected)
        found.unknown.append(Remark(remark.text, f"{connected.remedy} {BY_CML}".strip()))
        return []
    if encrypted.outcome in ("failed", "timeout"):
        remark = told_by(where, encrypted)
        if encrypted.outcome == "timeout" or encrypted.code == "closed":
            found.unknown.append(remark)
        elif encrypted.code in _OUR_CAS and tls is not None and tls.checked_by == "system":
            found.unknown.append(Remark(remark.text, NAME_THE_CA))
        else:
            found.wrong.append(remark)
    if tls is None:
        return ["reached"]
    if encrypted.ok and tls.days_left < CERTIFICATE_DAYS:
        text = f"the certificate of {where} is good for {counted(round(max(0.0, tls.days_left)), 'more day')}"
        found.advice.append(Remark(text, "Have it renewed before it stops replication and logins."))
    left = counted(round(tls.days_left), "day")
    checked = {"system": "checked by this machine's CAs", "file": "checked by the site's CA"}
    return [
        f"{tls.version}, certificate of {tls.matched_name or ', '.join(tls.names[:3]) or 'nobody'}, "
        f"{left} left, issued by {tls.issuer}, {checked.get(tls.checked_by, 'not checked')}"
    ]


def _catalog(server: ServerSeen, catalog: CatalogSeen, found: Findings) -> None:
    where = f"global catalogue of {server.name} (:{catalog.port})"
    told = _door(where, catalog.connected, catalog.encrypted, catalog.tls, found)
    if catalog.users.outcome in ("failed", "timeout"):
        found.unknown.append(told_by(where, catalog.users))
    elif catalog.users.ok and not catalog.sampled:
        found.advice.append(Remark(f"the {where} shows no user", "Read users from the domain's own port."))
    elif catalog.users.ok:
        told.append(f"{catalog.sampled} users looked at")
        lacking = [role for role, count in catalog.seen.items() if not count]
        if lacking:
            text = f"the {where} does not hold {', '.join(lacking)} of its users"
            found.advice.append(Remark(text, "Read users from the domain's own port, or have them put into it."))
    found.seen.append("; ".join((where, *told)))


def _controllers(seen: DirectoryObservation, found: Findings) -> None:
    """Controllers that SafeQ's servers may be sent to, and that the inventory lacks."""
    ours = {name for server in seen.servers for name in _names_of(server, seen.domains_named)}
    here = {server.address for server in seen.servers}
    unnamed = []
    if seen.forest.controllers_step.outcome in ("failed", "timeout"):
        why = seen.forest.controllers_step.said.rstrip(".")
        found.notes.append(f"which other controllers the domain has was not told: {why}")
    for controller in seen.forest.controllers:
        if controller.machine or controller.name.casefold() in ours or here.intersection(controller.addresses):
            continue
        unnamed.append(f"{controller.name} ({', '.join(controller.addresses) or 'its name does not resolve here'})")
    strangers = {
        address: domain.name
        for domain in seen.domains
        for address in domain.strangers
        if not any(address in controller.addresses for controller in seen.forest.controllers)
    }
    unnamed += [f"{address} (to which {name} resolves)" for address, name in strangers.items()]
    if unnamed:
        found.advice.append(
            Remark(
                f"domain controllers that the inventory lacks: {', '.join(unnamed[:8])}"
                + (f" and {len(unnamed) - 8} more" if len(unnamed) > 8 else ""),
                "Add them to `hosts` (role ldap): a CML server may be sent to any of them, and nobody asks that way.",
            )
        )


def _names_of(server: ServerSeen, domains: Sequence[str]) -> set[str]:
    """Names of a controller that it is: its own with the domain that it tells, or else with each of the site's domains.

    The first label alone is no controller's: each domain of a forest may have a dc1. What it tells is no other name
    than the inventory's: behind one address there may be several controllers.
    """
    name = server.name.casefold()
    told = server.root_dse.dns_name.casefold() if server.root_dse else ""
    if not told:
        return {name, *(f"{name}.{domain.casefold()}" for domain in domains)}
    return {name, told} if told.partition(".")[0] == name.partition(".")[0] else {name}
