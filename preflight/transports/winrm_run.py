"""PowerShell text as a command of its own: what testinfra's `run` sends to a Windows host."""

from __future__ import annotations

import base64

# The text comes by stdin, so its length does not matter and no shell quotes it. It is taken whole, parsed, and run with
# a last line of ours that notes whether its last command failed.
_BOOTSTRAP = """$ProgressPreference='SilentlyContinue'
try{[Console]::OutputEncoding=New-Object Text.UTF8Encoding $false}catch{}
$t=(@($input)-join "`n")+"`n`$global:PreflightOk=`$?"
$global:PreflightOk=$true
$global:LASTEXITCODE=0
try{& ([ScriptBlock]::Create($t))}catch{$e=($_|Out-String).Trim();[Console]::Error.WriteLine($e);exit 1}
if($LASTEXITCODE){exit $LASTEXITCODE}
if(-not $global:PreflightOk){exit 1}
exit 0"""


def powershell_line(interpreter: str = "powershell.exe") -> str:
    """The command line that takes in what `run_feed` makes."""
    encoded = base64.b64encode(_BOOTSTRAP.encode("utf-16-le")).decode("ascii")
    return f"{interpreter} -NoProfile -NonInteractive -OutputFormat Text -EncodedCommand {encoded}"


def run_feed(text: str) -> bytes:
    """The whole stdin of it."""
    return text.encode("utf-8") + b"\n"


def quoted(command: str, *args: str) -> str:
    """The command with each %s replaced by an argument that PowerShell takes literally."""
    if not args:
        return command
    return command % tuple(
        "'" + "".join(c * 2 if c in "'\u2018\u2019\u201a\u201b" else c for c in a) + "'" for a in args
    )
