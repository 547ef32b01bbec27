"""host-firewall.ps1: the part of a change request that Windows hosts' own firewalls ask for, to be read before use.

Nothing in it runs by accident: it is a file of a report, does nothing without the name of a machine, only shows what it
would do without -Apply, and stops on a machine that does not have that machine's address.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from preflight.report.change.needs import End, Need
from preflight.report.change.places import Places
from preflight.report.change.rules import change_request
from preflight.report.change.table import RETEST, nothing
from preflight.run.clean import clean_text
from preflight.run.model import CaseResult, Run
from preflight.run.model_site import HostResult
from preflight.values.spans import Spans, joined_spans, ports_text

# PowerShell ends a string at any of these, the typographic ones included; doubled they stand for themselves.
_QUOTES = str.maketrans({quote: quote * 2 for quote in "'\u2018\u2019\u201a\u201b"})
_PROFILES = ("Domain", "Private", "Public")
_GROUP = "SafeQ Preflight change request"
_HEAD = """\
#requires -Version 5.1
# {title}
# Run {run}. Read every line before you use it. Nobody has run this file, and the suite never does.
# {lab}
#   .\\host-firewall.ps1 -For NAME          shows what would be done on the machine of that name in the inventory
#   .\\host-firewall.ps1 -For NAME -Apply   does it, as administrator, on that machine itself
#   Get-NetFirewallRule -Group '{group}'    shows what was done, and can be piped on to take it back
# A rule that allows does nothing against one that blocks: where the run names such a rule, change that one instead.
# Each rule is for the profile of the interface that the run found shut (-Profile Domain), and for all of them where it
# could not tell (-Profile Any). Widen or narrow it where the machine is used in other networks, too.
# {retest}
[CmdletBinding()]
param(
    [string]$For = '',
    [switch]$Apply
)
$ErrorActionPreference = 'Stop'
$Show = -not $Apply
$Known = @({known})
if ($Known -cnotcontains $For) {{
    Write-Output ('Nothing was done. Say for which machine: -For ' + ($Known -join ', '))
    exit 4
}}
function Confirm-Machine([string]$Address) {{
    if ($Show) {{ return }}
    $own = @(Get-NetIPAddress | ForEach-Object {{ $_.IPAddress }})
    if ($own -notcontains $Address) {{
        throw ('This machine does not have the address ' + $Address + ' of ' + $For + ': nothing was done.')
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class _Opening:
    """One New-NetFirewallRule: these ports, from or to these addresses, and the needs that ask for it."""

    direction: str
    profile: str  # Domain, Private, Public or Any
    protocol: str
    ports: Spans
    others: tuple[str, ...]
    mandatory: bool
    needs: tuple[Need, ...]


def quoted(text: str) -> str:
    """The text as a string of PowerShell that nothing in it can end."""
    return f"'{clean_text(text, 300).translate(_QUOTES)}'"


def host_firewall(run: Run) -> bytes:
    """The script: UTF-8 with a byte order mark, lines ended by CR LF, as Windows PowerShell reads it."""
    windows = {host.name: host for host in run.hosts if _is_windows(host)}
    request = change_request(run)
    needs = request.needs
    wanted = _openings(needs, windows, Places(run))
    if not wanted:
        text = f"# No rule of a Windows host's own firewall is asked for. {'' if needs else nothing(request)}".rstrip()
        return b"\xef\xbb\xbf" + f"{text}\r\n# Run {_comment(run.run_id)}\r\n".encode()
    head = _HEAD.format(
        title=_comment(f"Own firewalls of Windows hosts: {run.customer}, {run.site}"),
        run=_comment(run.run_id),
        lab="LAB RUN: these machines do not exist." if run.lab is not None else "Real hosts.",
        group=_GROUP,
        retest=_comment(RETEST),
        known=", ".join(quoted(name) for name in wanted),
    )
    # A name is taken once: applied twice, the second time is an error and not a second rule.
    slug = re.sub(r"[^A-Za-z0-9]+", "-", run.run_id)
    number, blocks = 0, []
    for name, openings in wanted.items():
        lines = [f"if ($For -ceq {quoted(name)}) {{", f"    Confirm-Machine {quoted(windows[name].address)}"]
        for opening in openings:
            number += 1
            lines += _lines(f"SafeQPreflight-{slug}-{number}", opening)
        blocks.append("\n".join([*lines, "}"]))
    text = head + "\n".join(blocks) + "\n"
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode("utf-8")


def _openings(needs: Iterable[Need], windows: dict[str, HostResult], places: Places) -> dict[str, list[_Opening]]:
    """By machine in the order of names: other ends of the same port together, then ports of the same other ends."""
    others: dict[tuple[str, str, str, str, bool, Spans], dict[End, list[Need]]] = {}
    for need in needs:
        asker = need.case.stand_in or need.source.name
        for door, host, direction, other in (
            ("destination", need.destination.name, "Inbound", need.source),
            ("source", need.source.name, "Outbound", need.destination),
        ):
            # Only the machine that asked was seen to be held back by its own firewall, not the one that it stood for.
            if door not in need.doors or host not in windows or (door == "source" and host != asker):
                continue
            if _is_address(other.address) and _is_address(windows[host].address):
                told = dict(need.profiles).get(door, "")
                profile = told if told in _PROFILES else "Any"
                key = host, direction, profile, need.protocol, need.case.level == "mandatory", need.ports
                others.setdefault(key, {}).setdefault(other, []).append(need)
    joined: dict[tuple[str, str, str, str, bool, frozenset[End]], list[Need]] = {}
    for (host, direction, profile, protocol, mandatory, _), by_end in others.items():
        found = joined.setdefault((host, direction, profile, protocol, mandatory, frozenset(by_end)), [])
        found += [need for asked in by_end.values() for need in asked]
    wanted: dict[str, list[_Opening]] = {}
    for (host, direction, profile, protocol, mandatory, ends), asked in joined.items():
        addresses = tuple(text for place in places.of(ends) for text in place.addresses)
        ports = joined_spans(need.ports for need in asked)
        opening = _Opening(direction, profile, protocol, ports, addresses, mandatory, tuple(asked))
        wanted.setdefault(host, []).append(opening)
    return {host: sorted(wanted[host], key=_order) for host in sorted(wanted)}


def _order(opening: _Opening) -> tuple[object, ...]:
    return opening.direction, not opening.mandatory, opening.protocol, opening.ports, opening.others, opening.profile


def _lines(unique: str, opening: _Opening) -> list[str]:
    by_row: dict[str, dict[str, CaseResult]] = {}
    for need in opening.needs:
        by_row.setdefault(need.case.row, {})[need.case.id] = need.case
    comments = []
    for row, cases in by_row.items():
        first = next(iter(cases.values()))
        more = f" (and {len(cases) - 1} more)" if len(cases) > 1 else ""
        comments.append(f"    # {_comment(row)}, {first.level}: {_comment(first.purpose)}")
        comments.append(f"    #   {_comment(first.id)}{more}: {_comment(first.remedy)}")
    ports = ", ".join(quoted(part) for part in ports_text(opening.ports).split(", "))
    side = "LocalPort" if opening.direction == "Inbound" else "RemotePort"
    others = ", ".join(quoted(address) for address in opening.others)
    name = f"SafeQ {', '.join(by_row)}: {opening.protocol.upper()} {opening.direction.lower()}"
    return [
        *comments,
        f"    New-NetFirewallRule -WhatIf:$Show -Name {quoted(unique)} -Group '{_GROUP}' `",
        f"        -DisplayName {quoted(name)} -Direction {opening.direction} -Action Allow `",
        f"        -Profile {opening.profile} -Protocol {opening.protocol.upper()} -{side} @({ports}) `",
        f"        -RemoteAddress @({others})",
    ]


def _comment(text: str) -> str:
    """The text as a comment of one line."""
    return clean_text(text, 400)


def _is_windows(host: HostResult) -> bool:
    return "windows" in host.system.lower() or host.managed_by == "winrm"


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False
