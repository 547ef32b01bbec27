"""The text of an agent as it is sent to a host, and the command that takes it in by stdin."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib.resources import files
from typing import Literal

AgentName = Literal["gather", "listen", "exchange", "scan"]
Language = Literal["python", "powershell"]

# Joined in this order into one text; each needs only what stands before it.
PARTS: dict[AgentName, tuple[str, ...]] = {
    "gather": (
        "grammar",
        "core",
        "addresses",
        "packetfilter",
        "units",
        "owners",
        "proctable",
        "names",
        "smbshare",
        "reads",
        "gather",
    ),
    "listen": ("grammar", "core", "doors", "window", "listen"),
    "exchange": ("grammar", "core", "probe", "exchange"),
}
_READING = (
    "core",
    "grammar",
    "serve",
    "lanes",
    "system",
    "services",
    "sockets",
    "table",
    "firewall",
    "canary",
    "reads",
    "reads_any",
    "reads_windows",
    "reads_sql",
)
POWERSHELL_PARTS: dict[AgentName, tuple[str, ...]] = {
    "gather": (*_READING, "gather"),
    "listen": ("core", "grammar", "serve", "doors", "window", "listen"),
    "exchange": ("core", "grammar", "serve", "probe", "exchange"),
    "scan": (*_READING, "reads_updates", "gather"),  # gather, and what only a site's own word lets be sent
}
OPT_IN_PARTS = frozenset({"reads_updates"})  # in a folder of their own: preflight/agents/optin
OWN_IMPORT = re.compile(r"^from preflight\.agents\.remote\.\w+ import (?:\([^)]*\)|.*)\n", re.MULTILINE)

REQUESTS_MARK = b"#PREFLIGHT-REQUESTS"  # the line between a PowerShell script and what it is asked
RESTRICTED_EXIT = 6  # the language mode there forbids agents
OLD_POWERSHELL_EXIT = 8  # Server 2012 R2 brings 4.0

# Everything that comes in by stdin: a script, the mark, the requests. Constrained language (AppLocker, WDAC) would stop
# the script at its first .NET call with a stack trace, so it is looked at before anything else.
_BOOTSTRAP = f"""$ProgressPreference='SilentlyContinue'
$m=[string]$ExecutionContext.SessionState.LanguageMode
if($m -ne 'FullLanguage'){{"PREFLIGHT-LANGUAGE-MODE $m";exit {RESTRICTED_EXIT}}}
$v=$PSVersionTable.PSVersion
if($v.Major -lt 5){{"PREFLIGHT-POWERSHELL $v";exit {OLD_POWERSHELL_EXIT}}}
$l=@($input);$i=[array]::IndexOf($l,'{REQUESTS_MARK.decode()}')
if($i -lt 1){{exit 7}}
$r=@();if($i+1 -lt $l.Count){{$r=$l[($i+1)..($l.Count-1)]}}
& ([ScriptBlock]::Create(($l[0..($i-1)] -join "`n"))) $r
exit $LASTEXITCODE"""


def speaks(language: Language, name: str) -> bool:
    """Whether there is an agent of that name in that language: what Windows alone can answer is in PowerShell only."""
    return name in (POWERSHELL_PARTS if language == "powershell" else PARTS)


@cache
def agent_script(name: AgentName, language: Language = "python") -> bytes:
    """One agent as one text, Python 3.6 or PowerShell 5.1: its parts joined. The first line names it.

    The PowerShell text takes the request lines as its only argument. Raises KeyError where `speaks` says no.
    """
    if language == "powershell":
        own, opted = files("preflight.agents.powershell"), files("preflight.agents.optin")
        folders = {part: opted if part in OPT_IN_PARTS else own for part in POWERSHELL_PARTS[name]}
        parts = [folder.joinpath(f"{part}.ps1").read_text(encoding="ascii") for part, folder in folders.items()]
        return "\n".join([f"# preflight-{name}", *parts]).encode("ascii")
    folder = files("preflight.agents.remote")
    texts = [folder.joinpath(f"{part}.py").read_text(encoding="utf-8") for part in PARTS[name]]
    return "\n".join([f"# preflight-{name}", *(OWN_IMPORT.sub("", text) for text in texts)]).encode("utf-8")


def bootstrap_command(python: str, script: bytes) -> list[str]:
    """The command that reads exactly the script from stdin and runs it; the rest of stdin stays for the requests.

    The argument of -c needs nothing but double quotes in sh, csh, fish and cmd: it holds no quote, $, backtick, ! or
    backslash. -I and -S keep the target's own settings, home folder and site-packages out. The last argument is for
    people who look at the process list.
    """
    first = script.split(b"\n", 1)[0].decode("utf-8", "replace").split()
    label = first[1] if len(first) == 2 and first[0] == "#" else "preflight-agent"
    code = f"import sys;exec(sys.stdin.buffer.read({len(script)}))"
    return [python, "-I", "-S", "-u", "-c", code, label]


def powershell_command(interpreter: str = "powershell.exe") -> list[str]:
    """The command that runs what `powershell_feed` makes; short enough for every Windows command line."""
    encoded = base64.b64encode(_BOOTSTRAP.encode("utf-16-le")).decode("ascii")
    return [interpreter, "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded]


def powershell_feed(script: bytes, requests: list[bytes]) -> bytes:
    """The whole stdin of a PowerShell agent: its script, the mark, one request a line."""
    return b"\n".join([script.rstrip(b"\n"), REQUESTS_MARK, *requests, b""])
