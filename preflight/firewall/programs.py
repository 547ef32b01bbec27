"""Rules that are bound to a program, a service or a store app: whether the flow's own end is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from preflight.firewall.model import Flow
from preflight.firewall.rule_text import RuleText
from preflight.firewall.tri import NO, YES, Match, maybe

_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "%systemroot%": r"c:\windows",
        "%windir%": r"c:\windows",
        "%systemdrive%": "c:",
        "%programfiles%": r"c:\program files",
        "%programfiles(x86)%": r"c:\program files (x86)",
        "%programdata%": r"c:\programdata",
    }
)
_WINDOWS = "c:\\windows\\"
# What a temporary listener, and the agent that asks, run as over WinRM.
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"


def program_matches(rule: RuleText, flow: Flow) -> Match:
    """App, AppPkgId and LUOwn. A program of Windows' own folder is not the product, a store app neither."""
    if "apppkgid" in rule.fields:
        alone = flow.foreign or flow.program is not None
        return NO if alone else maybe("", f"a store app ({rule.words['apppkgid'][0]})")
    if "luown" in rule.fields:
        return maybe(f"it is for the programs of one user only ({rule.words['luown'][0]})")
    apps = rule.fields.get("app")
    if apps is None:
        return YES
    if len({path_of(app) for app in apps}) > 1:
        return maybe("it names several programs, which no valid rule does")
    wanted = path_of(apps[0])
    if flow.program is None:
        windows_own = wanted.startswith(_WINDOWS) and flow.foreign
        return NO if windows_own else maybe("", f"the program {apps[0]}")
    if path_of(flow.program) == wanted:
        return YES
    return maybe("", f"the program {apps[0]}") if "%" in wanted else NO


def service_matches(rule: RuleText, flow: Flow) -> Match:
    """Svc: a service's name, or * for any service."""
    names = rule.fields.get("svc")
    if names is None:
        return YES
    if flow.service is None:
        return maybe("", "services only" if names[0] == "*" else f"the service {names[0]}")
    wanted = {name.lower() for name in names}
    if flow.service and "*" in wanted:
        return YES
    return YES if flow.service.lower() in wanted else NO


def path_of(text: str) -> str:
    """A path so that equal ones compare equal: variables, case, slashes, and the drive that Windows is on."""
    path = text.strip().strip('"').lower().replace("/", "\\")
    for variable, value in _VARIABLES.items():
        path = path.replace(variable, value)
    return re.sub(r"\A[a-z]:(?=\\windows\\)", "c:", path)
