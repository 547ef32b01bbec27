"""host-firewall.ps1 in a real PowerShell: no text gets out of its quotes, and nothing is done unless it is said."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from generated import HOSTILE, case, run_of

from preflight.report.change.windows import host_firewall, quoted
from preflight.run.clean import clean_text
from preflight.run.model import Run
from preflight.run.store import run_bytes
from preflight.values.outcome import Door, Outcome, ShutPort, Verdict

BESIDE = Path(__file__).parents[2].parent / "shared" / "tools" / "pwsh"
PWSH = str(BESIDE) if os.access(BESIDE, os.X_OK) else shutil.which("pwsh")
BREAKOUTS = (
    "'; Remove-Item x; '",
    "\u2019; Remove-Item x; \u2018",
    "\u201a\u201b'; Remove-Item x #",
    "`$(Remove-Item x)`",
    "#> Remove-Item x <#",
    '"; Remove-Item x; "',
    "a\r\nRemove-Item x\r\n",
    "\u2028Remove-Item x",
    "$env:PATH",
    *HOSTILE,
)
PARSE = """
$errors = $null; $tokens = $null
$tree = [System.Management.Automation.Language.Parser]::ParseFile('{file}', [ref]$tokens, [ref]$errors)
$kind = [System.Management.Automation.Language.CommandAst]
@{{ errors = @($errors | ForEach-Object {{ $_.Message }})
   commands = @($tree.FindAll({{ param($n) $n -is $kind }}, $true) | ForEach-Object {{ $_.GetCommandName() }})
}} | ConvertTo-Json -Compress
"""
STAND_INS = """
function New-NetFirewallRule([switch]$WhatIf, $Name, $Group, $DisplayName, $Direction, $Action, $Profile,
    $Protocol, $LocalPort, $RemotePort, $RemoteAddress) {{
    Write-Output "rule $WhatIf $Direction $($LocalPort -join ',') $($RemoteAddress -join ',')"
}}
function Get-NetIPAddress {{ New-Object PSObject -Property @{{ IPAddress = '{own}' }} }}
& '{file}' {words}
"""
needs_powershell = pytest.mark.skipif(PWSH is None, reason="no PowerShell: neither ../shared/tools nor pwsh")


def script_of(text: str, folder: Path) -> Path:
    """The script for a shut way into a Windows host, with that text wherever a host or the inventory can put it."""
    shut = (ShutPort("tcp", 5012, "10.1.1.11", ("destination",)),)
    one = case("S04", "mfp1", "cml1", ports=(5012,), id=f"S04:{text}", purpose=text, remedy=text)
    run = run_of([(one, Verdict(Outcome.FAILED, text, remedy=text, shut=shut))], customer=text, site=text)
    file = folder / "host-firewall.ps1"
    file.write_bytes(host_firewall(windows(run)))
    return file


def windows(run: Run) -> Run:
    """The run with a Windows cml1."""
    hosts = tuple(
        host.model_copy(update={"system": "Windows Server 2019 10.0"}) if host.name == "cml1" else host
        for host in run.hosts
    )
    return run.model_copy(update={"hosts": hosts})


def powershell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the real engine."""
    assert PWSH is not None
    return subprocess.run([PWSH, "-NoProfile", "-NonInteractive", "-Command", command], capture_output=True, text=True)


@needs_powershell
@pytest.mark.slow
def test_no_text_becomes_a_command(tmp_path: Path) -> None:
    commands = []
    for number, text in enumerate(BREAKOUTS):
        (folder := tmp_path / str(number)).mkdir()
        commands.append(PARSE.format(file=script_of(text, folder)))
    told = powershell("\n".join(commands)).stdout.splitlines()
    ours = {"Write-Output", "Get-NetIPAddress", "ForEach-Object", "Confirm-Machine", "New-NetFirewallRule"}
    assert [
        (text, set(json.loads(line)["commands"]), json.loads(line)["errors"])
        for text, line in zip(BREAKOUTS, told, strict=True)
    ] == [(text, ours, []) for text in BREAKOUTS]


@needs_powershell
@pytest.mark.slow
def test_quoted_text_comes_back_as_it_was() -> None:
    command = "[string]::Join(' ', ({}.ToCharArray() | ForEach-Object {{ [int]$_ }}))"
    told = powershell("\n".join(command.format(quoted(text)) for text in BREAKOUTS)).stdout.splitlines()
    for text, line in zip(BREAKOUTS, told, strict=True):
        raw = clean_text(text, 300).encode("utf-16-le")
        assert line.split() == [str(int.from_bytes(raw[i : i + 2], "little")) for i in range(0, len(raw), 2)]


@needs_powershell
@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "own", "seen"),
    [
        ("", "10.1.1.11", "Nothing was done. Say for which machine: -For cml1"),
        ("-Apply", "10.1.1.11", "Nothing was done"),
        ("-For cml2 -Apply", "10.1.1.11", "Nothing was done"),
        ("-For cml1", "10.9.9.9", "rule True Inbound 5012 10.2.0.11"),
        ("-For cml1 -Apply", "10.9.9.9", "does not have the address 10.1.1.11 of cml1: nothing was done"),
        ("-For cml1 -Apply", "10.1.1.11", "rule False Inbound 5012 10.2.0.11"),
    ],
)
def test_only_applied_on_the_machine_itself_when_it_is_said(words: str, own: str, seen: str, tmp_path: Path) -> None:
    done = powershell(STAND_INS.format(own=own, file=script_of("plain", tmp_path), words=words))
    assert seen in done.stdout + done.stderr
    assert ("rule False" in done.stdout) == (seen.startswith("rule False"))


@pytest.mark.skipif(not BESIDE.exists(), reason="the check of 5.1's dialect is not beside the checkout")
def test_written_in_the_dialect_of_5_1(tmp_path: Path) -> None:
    done = subprocess.run([str(BESIDE), "-Lint51", str(script_of("plain", tmp_path))], capture_output=True, text=True)
    told = [line for line in (done.stdout + done.stderr).splitlines() if ".ps1:" in line]
    assert told, "it knows that the file would change its target"
    assert [line for line in told if "New-NetFirewallRule may change the target" not in line] == []


def test_only_windows_hosts_and_only_their_own_doors() -> None:
    shut = (ShutPort("tcp", 5012, "10.1.1.11", ("network",)), ShutPort("tcp", 5013, "10.1.1.11", ("destination",)))
    one = case("S04", "mfp1", "cml1", ports=(5012, 5013))
    run = run_of([(one, Verdict(Outcome.FAILED, "shut", shut=shut))])
    assert b"New-NetFirewallRule" not in host_firewall(run), "cml1 is no Windows host"
    text = host_firewall(windows(run)).decode("utf-8-sig")
    assert "-LocalPort @('5013') `\r\n        -RemoteAddress @('10.2.0.11')" in text
    assert "5012" not in text.split("-Protocol")[1]
    assert "\n" not in text.replace("\r\n", "")


def test_the_profile_is_the_one_that_was_found_shut() -> None:
    ways: list[tuple[str, tuple[tuple[Door, str], ...]]] = [
        ("mfp1", (("destination", "Domain"),)),
        ("mfp2", (("destination", "Public"),)),
        ("v6", ()),
        ("cml2", (("destination", "Domain' -Action Block '"),)),
    ]
    judged = [
        (
            case("S04", name, "cml1", ports=(5012,)),
            Verdict(Outcome.FAILED, "shut", shut=(ShutPort("tcp", 5012, "10.1.1.11", ("destination",), profiles),)),
        )
        for name, profiles in ways
    ]
    run = Run.model_validate_json(run_bytes(windows(run_of(judged, rows=["S04"]))))
    assert run.cases[0].shut[0].profiles == {"destination": "Domain"}
    text = host_firewall(run).decode("utf-8-sig")
    found = re.findall(r"-Profile (.*) -Protocol TCP -LocalPort @\('5012'\) `\s+-RemoteAddress @\((.*)\)", text)
    assert sorted(found) == [
        ("Any", "'10.1.1.12', '2001:db8::6'"),
        ("Domain", "'10.2.0.11'"),
        ("Public", "'10.2.0.12'"),
    ]


def test_the_stand_ins_own_firewall_is_the_stand_ins_matter() -> None:
    shut = ShutPort("tcp", 5012, "10.1.1.12", ("source",))
    seen = Verdict(Outcome.FAILED, "shut", stand_in="cml1", probes=("cml1>cml2@10.1.1.12:5012/tcp",), shut=(shut,))
    text = host_firewall(windows(run_of([(case("S04", "mfp1", "cml2", ports=(5012,)), seen)]))).decode("utf-8-sig")
    assert "$Known = @('cml1')" in text
    assert "-Direction Outbound" in text
    assert "-RemotePort @('5012') `\r\n        -RemoteAddress @('10.1.1.12')" in text
