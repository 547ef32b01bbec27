"""SSH against a real sshd: agents, commands, one connection, and the user's own configuration."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
import testinfra.host
from sshd import LocalSshd
from standin import Open, watch

from preflight.errors import TransportError
from preflight.topology.model import Machine, Manage
from preflight.transports.ssh import SshBackend


def test_an_agent_hears_and_answers(sshd: LocalSshd, opened: Open) -> None:
    agent = watch(opened(sshd.machine()))
    assert agent.line().startswith("pid ")
    agent.process.send(b"one")
    agent.process.send(b"two")
    assert [agent.line(), agent.line()] == ["got one", "got two"]
    agent.process.close()
    end = agent.end()
    assert (end.exit_code, end.error) == (0, None)
    agent.process.send(b"nobody hears this")


def test_testinfra_runs_commands(sshd: LocalSshd, opened: Open) -> None:
    backend = opened(sshd.machine())
    host = testinfra.host.Host(backend)
    backend.set_host(host)
    result = host.run("printf %s; echo heard >&2; exit 3", "it's $HOME; `x`")
    assert (result.rc, result.stdout, result.stderr.strip()) == (3, "it's $HOME; `x`", "heard")
    own = host.run("echo bash: Permission denied >&2; exit 255")
    assert (own.rc, own.stderr) == (255, "bash: Permission denied\n")
    assert host.check_output("id -un") == sshd.user
    assert host.run(r"printf '\377'").stdout == "\ufffd"


def test_everything_shares_one_connection(sshd: LocalSshd, opened: Open) -> None:
    backend = opened(sshd.machine())
    first = watch(backend)
    first.line()
    others = [watch(backend), watch(backend)]
    for other in others:
        other.line()
    assert backend.run("echo %s", "hello").stdout == "hello\n"
    assert (sshd.connections(), sshd.sessions()) == (1, 4)


def test_a_long_temporary_folder_keeps_the_connection_shared(
    sshd: LocalSshd, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long " * 20)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    backend = opened(sshd.machine())
    for _ in range(2):
        watch(backend).line()
    assert sshd.connections() == 1


def test_a_temporary_folder_with_spaces_and_percent_signs(
    sshd: LocalSshd, opened: Open, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    odd = tempfile.mkdtemp(prefix="a b%C")
    request.addfinalizer(lambda: shutil.rmtree(odd))
    monkeypatch.setattr("tempfile.tempdir", odd)
    backend = opened(sshd.machine())
    for _ in range(2):
        watch(backend).line()
    assert sshd.connections() == 1


def test_others_live_on_when_the_first_agent_ends(sshd: LocalSshd, opened: Open) -> None:
    backend = opened(sshd.machine())
    first = watch(backend)
    first.line()
    second = watch(backend)
    second.line()
    first.process.close()
    second.process.send(b"still there")
    assert second.line() == "got still there"
    second.process.close()
    assert second.end().error is None
    assert first.end().error is None


def test_a_command_without_an_agent_makes_its_own_connection(sshd: LocalSshd, opened: Open) -> None:
    backend = opened(sshd.machine())
    assert backend.run("echo alone").stdout == "alone\n"
    agent = watch(backend)
    agent.line()
    assert sshd.connections() == 2


def test_a_new_master_when_the_first_has_left(sshd: LocalSshd, opened: Open) -> None:
    backend = opened(sshd.machine())
    first = watch(backend)
    first.process.close()
    first.end()
    second = watch(backend)
    second.line()
    third = watch(backend)
    third.line()
    assert sshd.connections() == 2


def test_close_leaves_nothing(sshd: LocalSshd, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = tmp_path / "t"
    private.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(private))
    backend = opened(sshd.machine())
    agents = [watch(backend, b"import time\nprint('up', flush=True)\ntime.sleep(60)")]
    agents[0].line()
    agents.append(watch(backend))
    agents[1].line()
    assert list(private.iterdir()) != []
    backend.close()
    assert [agent.end().error for agent in agents] == [None, None]
    assert list(private.iterdir()) == []


def test_ssh_config_is_respected(sshd: LocalSshd, opened: Open) -> None:
    lines = (
        f"Host by-nickname\n HostName 127.0.0.1\n Port {sshd.port}\n User {sshd.user}\n IdentityFile {sshd.user_key}\n"
    )
    interactive = " RequestTTY force\n RemoteCommand echo not this\n ControlMaster auto\n ControlPersist yes\n"
    sshd.ssh_config.write_text(lines + interactive + "Host *\n" + sshd.client_lines(), encoding="utf-8")
    machine = sshd.machine(address="by-nickname", port=None, user=None, key_file=None)
    backend = opened(machine)
    assert backend.describe() == "ssh by-nickname"
    assert watch(backend).line().startswith("pid ")


def test_jump_host(sshd: LocalSshd, opened: Open, tmp_path: Path) -> None:
    with LocalSshd(tmp_path / "bastion") as bastion:
        bastion_lines = f"Host bastion\n HostName 127.0.0.1\n Port {bastion.port}\n IdentityFile {bastion.user_key}\n"
        known = f"{sshd.known_hosts} {bastion.known_hosts}"
        rest = sshd.client_lines().replace(str(sshd.known_hosts), known)
        sshd.ssh_config.write_text(f"{bastion_lines}Host *\n{rest}", encoding="utf-8")
        backend = opened(sshd.machine(jump=f"{bastion.user}@bastion"))
        assert backend.describe().endswith(f" by {bastion.user}@bastion")
        for _ in range(2):
            assert watch(backend).line().startswith("pid ")
        assert (bastion.connections(), sshd.connections()) == (1, 1)


def test_options_of_the_inventory_come_before_our_defaults(sshd: LocalSshd, opened: Open) -> None:
    backend = opened(sshd.machine(options=("ConnectTimeout=nonsense",)))
    error = watch(backend).end().error
    assert error is not None
    assert error.kind == "config"
    assert "invalid time value" in error.cause


def test_a_line_over_the_limit_ends_the_process(sshd: LocalSshd, opened: Open) -> None:
    script = b"import sys\nprint('small')\nsys.stdout.write('x' * (4 * 1024 * 1024 + 1))\nsys.stdout.write('\\n')\n"
    script += b"sys.stdout.flush()\nsys.stdin.read()"
    agent = watch(opened(sshd.machine()), script)
    assert agent.line() == "small"
    end = agent.end()
    assert end.error is not None
    assert end.error.kind == "contract"
    assert agent.lines.empty()


def test_a_line_at_the_limit_passes(sshd: LocalSshd, opened: Open) -> None:
    agent = watch(opened(sshd.machine()), b"print('x' * (4 * 1024 * 1024))")
    assert len(agent.line()) == 4 * 1024 * 1024
    assert agent.end().error is None


def test_stderr_is_cleaned_and_bounded(sshd: LocalSshd, opened: Open) -> None:
    script = b"import sys\nsys.stderr.write('n' * 100000 + chr(10))\n"
    script += rb"sys.stderr.flush(); sys.stderr.buffer.write("
    script += rb"b'\x1b[31mred\x1b[0m \x1b]0;title\x07\x00bell\x07\r\n\xe2\x80\xaelast\xff'); sys.exit(9)"
    end = watch(opened(sshd.machine()), script).end()
    assert len(end.stderr) <= 4096
    assert end.stderr.endswith("red bell\nlast\ufffd")
    assert end.error is not None
    assert end.error.kind == "other"
    assert "exit code 9" in end.error.cause
    assert "red bell" in end.error.cause


def test_words_no_shell_takes_alike_are_refused(sshd: LocalSshd, opened: Open) -> None:
    with pytest.raises(TransportError, match=r"manage\.python"):
        watch(opened(sshd.machine(python="$HOME/bin/python")))


@pytest.mark.usefixtures("sshd")
def test_sudo(opened: Open, tmp_path: Path) -> None:
    # A sudo of our own in the remote PATH: it shows what ssh was told to run, and works without rights.
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "sudo").write_text('#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\nSUDO_RAN=yes exec "$@"\n', encoding="utf-8")
    (fake / "sudo").chmod(0o755)
    with LocalSshd(tmp_path / "second", options=(f"SetEnv PATH={fake}:/usr/bin:/bin",)) as server:
        agent = watch(opened(server.machine(sudo=True)), b"import os\nprint(os.environ.get('SUDO_RAN'))")
        assert agent.line() == "yes"


@pytest.mark.usefixtures("sshd")
def test_describe_tells_the_way() -> None:
    way = Manage(by="ssh", address="fe80::1", port=2222, user="root")
    machine = Machine("h", frozenset(), "10.0.0.1", "main", None, way)
    assert SshBackend(machine, lambda _: pytest.fail("no secret is needed")).describe() == "ssh root@[fe80::1]:2222"
