"""testinfra's `host.run` on a Windows host: real PowerShell behind the endpoint, text and exit codes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testinfra.host import Host
from winrm_ground import find_pwsh, opened, until

from preflight.errors import TransportError
from preflight.lab.wsman.server import Endpoint
from preflight.transports.winrm import WinRmBackend
from preflight.transports.winrm_clixml import plain_stderr
from preflight.transports.winrm_run import powershell_line

CZECH = "P\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd k\u016f\u0148 \u20ac \U0001f5a8"
needs_powershell = pytest.mark.skipif(find_pwsh() is None, reason="no PowerShell: neither ../shared/tools nor pwsh")


@pytest.fixture
def host(endpoint: Endpoint) -> Iterator[Host]:
    with opened(endpoint) as backend:
        found = Host(backend)
        backend.set_host(found)
        yield found


@needs_powershell
def test_text_comes_back_as_it_was_sent(host: Host) -> None:
    assert host.check_output(f"Write-Output '{CZECH}'") == CZECH
    assert host.check_output("Write-Output %s", f'it\'s {CZECH} \u2019 $x `n "q"') == f'it\'s {CZECH} \u2019 $x `n "q"'
    assert host.check_output("1..3\n'x'").split() == ["1", "2", "3", "x"]


@needs_powershell
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("'fine'", 0),
        ("exit 3", 3),
        ("$global:LASTEXITCODE = 5", 5),
        ("throw 'no'", 1),
        ("Get-Item C:\\there\\is\\none", 1),
        ("Get-Item C:\\there\\is\\none; 'after'", 0),
        ("if (", 1),
        ("# only a comment", 0),
        ("", 0),
        ("exit 0", 0),
    ],
)
def test_exit_codes(host: Host, command: str, code: int) -> None:
    done = host.run(command)
    assert done.rc == code, (done.stdout, done.stderr)
    assert "CLIXML" not in done.stderr


@needs_powershell
def test_an_error_is_text(host: Host) -> None:
    done = host.run(f"throw '{CZECH}'")
    assert CZECH in done.stderr
    assert done.stdout == ""


@needs_powershell
def test_a_long_command_and_its_long_answer(host: Host) -> None:
    text = "x" * 400_000
    assert host.check_output(f"Write-Output ('{text}'.Length)") == "400000"
    assert len(host.check_output("'y' * 700000")) == 700_000


@needs_powershell
def test_one_shell_for_all_commands_and_four_requests_each(endpoint: Endpoint, host: Host) -> None:
    for _ in range(3):
        assert host.run("'a'").rc == 0
    view = endpoint.stats.view()
    assert (view.shells_ever, view.connections) == ({"": 1}, 1)
    assert view.operation("Signal") == view.operation("Command") == view.operation("Send") == 3


def test_the_command_line_is_short_and_is_no_script() -> None:
    assert len(powershell_line()) < 3000, "cmd.exe takes 8,191 characters"


def test_quoting_leaves_a_command_alone_that_has_no_arguments() -> None:
    assert WinRmBackend.quote("Get-Item %TEMP%") == "Get-Item %TEMP%"


def test_clixml_becomes_text() -> None:
    raw = (
        b'warn\r\n#< CLIXML\r\n<Objs Version="1.1.0.1"><Obj S="progress"><S S="x">no</S></Obj>'
        b'<S S="Error">a &lt;b&gt; &amp;amp;_x000D__x000A_</S><S S="Error">_x010D__xD83D__xDDA8_</S></Objs>'
    )
    assert plain_stderr(raw).decode() == "warn\r\na <b> &amp;\r\n\u010d\U0001f5a8"
    assert plain_stderr(b"plain") == b"plain"


@needs_powershell
def test_a_command_that_never_ends_is_ended(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WinRmBackend, "run_s", 0.5)
    with opened(endpoint) as backend:
        found = Host(backend)
        backend.set_host(found)
        with pytest.raises(TransportError, match=r"not over within 0\.5 s and was ended"):
            found.run("while ($true) { 'still here'; Start-Sleep -Milliseconds 200 }")
        until(endpoint, lambda: not any(endpoint.stats.view().commands_running.values()))
