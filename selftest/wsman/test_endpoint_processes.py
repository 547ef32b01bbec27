"""Real processes behind the endpoint, and the endpoint as a process of its own."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from endpoint_lab import PASSWORD, USER, client, run
from winrm.protocol import Protocol

from preflight.lab.wsman.process import ProcessExecutor, split_command_line
from preflight.lab.wsman.server import Endpoint

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ROOT.parent / "shared" / "tools" / "pwsh"
Opener = Callable[..., Endpoint]

if sys.platform == "win32":
    pytest.skip("process groups of POSIX", allow_module_level=True)


@pytest.fixture
def real(open_endpoint: Opener) -> Endpoint:
    """An endpoint where python.exe is this Python."""
    runner = ProcessExecutor({"python.exe": [sys.executable, "-u"], "sh": ["/bin/sh"]}, {"LAB_WORD": "žluť"})
    return open_endpoint(auth=frozenset(), runner=runner)


def test_output_errors_and_exit_code(real: Endpoint) -> None:
    protocol = client(real, "basic")
    code = "import sys,os;sys.stdout.write(sys.stdin.read()+os.environ['LAB_WORD']);sys.stderr.write('E');sys.exit(3)"
    assert run(protocol, f'PYTHON -X utf8 -c "{code}"', b"in ") == ("in žluť".encode(), b"E", 3)
    out, err, exit_code = run(protocol, "nonesuch.exe /x")
    assert (out, exit_code) == (b"", 1)
    assert b"'nonesuch.exe' is not recognized" in err


def test_a_megabyte_each_way(real: Endpoint) -> None:
    protocol = client(real, "basic")
    shell = protocol.open_shell()
    code = "import sys;sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    command = protocol.run_command(shell, f'python -c "{code}"')
    data = os.urandom(1 << 20)
    for start in range(0, len(data), 300_000):
        protocol.send_command_input(shell, command, data[start : start + 300_000], end=start + 300_000 >= len(data))
    assert protocol.get_command_output(shell, command) == (data[::-1], b"", 0)
    protocol.close_shell(shell)


def gone(pid: int) -> bool:
    """Whether a process is over; a zombie is."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
@pytest.mark.parametrize("how", ["terminate", "delete", "end"])
def test_the_whole_group_dies(real: Endpoint, how: str) -> None:
    protocol = client(real, "basic")
    shell = protocol.open_shell()
    script = "sleep 600 & echo $!; wait" if how != "end" else "sleep 600 >/dev/null 2>&1 & echo $!"
    command = protocol.run_command(shell, f'sh -c "{script}"')
    child = int(protocol.get_command_output_raw(shell, command)[0])
    if how == "terminate":
        protocol.cleanup_command(shell, command)
    elif how == "delete":
        protocol.close_shell(shell)
    else:
        protocol.get_command_output(shell, command)
    until = time.monotonic() + 20
    while not gone(child) or real.stats.view().commands_running:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("a  b\tc", ["a", "b", "c"]),
        ('"C:\\Program Files\\x.exe" -a "b c"', ["C:\\Program Files\\x.exe", "-a", "b c"]),
        ('x "say \\"hi\\"" ""', ["x", 'say "hi"', ""]),
    ],
)
def test_command_lines_are_split_as_windows_does(line: str, words: list[str]) -> None:
    assert split_command_line(line) == words


class Served:
    """`python -m preflight.lab.wsman.serve` and its conversation."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        file = folder / "settings.json"
        file.write_text(json.dumps(settings), encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "preflight.lab.wsman.serve", str(file)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        word, _, rest = self.process.stdout.readline().partition(" ")
        assert word == "ready"
        self.url = json.loads(rest)["url"]

    def ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def client(self, **more: Any) -> Protocol:
        given: dict[str, Any] = {"username": USER, "password": PASSWORD, "proxy": None, "ca_trust_path": None}
        return Protocol(self.url, "ntlm", **(given | more))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts one with the settings given."""
    served: list[Served] = []

    def start(**settings: Any) -> Served:
        served.append(Served(tmp_path, users={USER: PASSWORD}, **settings))
        return served[-1]

    yield start
    for one in served:
        one.process.kill()
        one.process.communicate()


@pytest.mark.parametrize("by", ["stdin", "sigterm"])
def test_an_endpoint_of_its_own_process(serve: Callable[..., Served], tmp_path: Path, by: str) -> None:
    stats_file = tmp_path / "stats.json"
    served = serve(commands={"sh": ["/bin/sh"]}, stats_file=str(stats_file))
    assert run(served.client(), 'sh -c "cat; exit 4"', b"hello") == (b"hello", b"", 4)
    counts = json.loads(served.ask("stats"))
    assert (counts["shells_open"], counts["shells_ever"], counts["connections"]) == ({}, {"": 1}, 1)
    assert served.ask('faults [{"kind": "no-rights"}]') == "ok"
    with pytest.raises(Exception, match="Access is denied"):
        served.client().open_shell()
    assert served.ask("faults []") == "ok"
    assert "Input should be" in served.ask('faults [{"kind": "x"}]')
    protocol = served.client()
    protocol.run_command(protocol.open_shell(), "sh -c 'sleep 600'")
    if by == "stdin":
        assert served.process.stdin is not None
        served.process.stdin.close()
        served.process.stdin = None
    else:
        served.process.terminate()
    assert served.process.wait(20) == 0
    protocol.transport.close_session()
    last = json.loads(stats_file.read_text(encoding="utf-8"))
    assert (last["shells_ever"], last["shells_open"]) == ({"": 2}, {})


def test_settings_that_are_no_good(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"key": "x"}')
    command = [sys.executable, "-m", "preflight.lab.wsman.serve", str(file)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "go together" in ended.stderr


def test_powershell_over_ntlm(serve: Callable[..., Served]) -> None:
    pwsh = str(BESIDE) if BESIDE.exists() else shutil.which("pwsh")
    if pwsh is None:
        pytest.skip("no PowerShell here: neither beside the checkout nor on the PATH")
    served = serve(commands={"powershell.exe": [pwsh]})
    script = "$l=@($input); \"lines $($l.Count): $($l[1])\"; [Console]::Error.WriteLine('warn'); exit 6"
    encoded = base64.b64encode(script.encode("utf-16-le")).decode()
    line = f"powershell.exe -NoProfile -NonInteractive -EncodedCommand {encoded}"
    out, err, code = run(served.client(), line, "one\nžluť\n".encode())
    assert (out.decode().strip(), err.strip(), code) == ("lines 2: žluť", b"warn", 6)
