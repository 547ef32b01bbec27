"""Why a host cannot be talked to, told from a real ssh's words; and words that only other machines say."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from sshd import LocalSshd, free_port, make_key
from standin import Open, watch

from preflight.errors import TransportError
from preflight.topology.model import Machine, Manage, SecretRef
from preflight.transports.base import PreflightBackend
from preflight.transports.ssh_ending import judge_ssh


def failure(backend: PreflightBackend, python: str | None = None) -> TransportError:
    """The error that an agent's start ends with."""
    watched = watch(backend, python=python)
    error = watched.end().error
    assert error is not None
    assert watched.ends.empty()
    assert error.cause
    assert error.remedy
    return error


def test_wrong_key(sshd: LocalSshd, opened: Open, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    error = failure(opened(sshd.machine(key_file=str(tmp_path / "other"))))
    assert error.kind == "auth"
    assert f"127.0.0.1:{sshd.port}" in error.cause
    assert "publickey" in error.cause


@pytest.mark.usefixtures("sshd")
def test_password_absent(tmp_path: Path, opened: Open) -> None:
    with LocalSshd(tmp_path / "s", options=("PasswordAuthentication yes", "PubkeyAuthentication no")) as server:
        assert failure(opened(server.machine())).kind == "auth"


def test_changed_host_key(sshd: LocalSshd, opened: Open, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    sshd.trust(tmp_path / "other")
    error = failure(opened(sshd.machine()))
    assert error.kind == "host-key"
    assert "another host key" in error.cause
    assert sshd.connections() == 0


def test_unknown_host_key(sshd: LocalSshd, opened: Open) -> None:
    sshd.known_hosts.write_text("", encoding="utf-8")
    error = failure(opened(sshd.machine()))
    assert error.kind == "host-key"
    assert "not in known_hosts" in error.cause
    assert sshd.known_hosts.read_text(encoding="utf-8") == ""


def test_an_unknown_host_key_is_not_answered_with_the_password(sshd: LocalSshd, opened: Open) -> None:
    sshd.known_hosts.write_text("", encoding="utf-8")
    assert failure(opened(sshd.machine(password=SecretRef("env", "X")))).kind == "host-key"


def test_refused(sshd: LocalSshd, opened: Open) -> None:
    backend = opened(sshd.machine(port=free_port()))
    assert failure(backend).kind == "refused"
    with pytest.raises(TransportError) as raised:
        backend.run("true")
    assert raised.value.kind == "refused"


def test_unknown_name(sshd: LocalSshd, opened: Open) -> None:
    assert failure(opened(sshd.machine(address="no-such-host.invalid"))).kind == "dns"


def test_a_port_that_speaks_no_ssh(sshd: LocalSshd, opened: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        machine = sshd.machine(port=mute.getsockname()[1], options=("ConnectTimeout=1",))
        assert failure(opened(machine)).kind == "timeout"


def test_an_address_that_starts_with_a_dash_is_no_option(sshd: LocalSshd, opened: Open, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    error = failure(opened(sshd.machine(address=f"-oProxyCommand=touch {mark}")))
    assert error.kind in ("dns", "other", "config")
    assert not mark.exists()


def test_python_missing(sshd: LocalSshd, opened: Open) -> None:
    error = failure(opened(sshd.machine(python="python3.99")))
    assert error.kind == "no-python"
    assert "python3.99" in error.cause


@pytest.mark.skipif(shutil.which("sudo") is not None, reason="sudo is installed here")
def test_sudo_missing(sshd: LocalSshd, opened: Open) -> None:
    assert failure(opened(sshd.machine(sudo=True))).kind == "sudo"


def test_no_client(sshd: LocalSshd, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TransportError) as raised:
        opened(sshd.machine())
    assert raised.value.kind == "no-ssh"
    assert "openssh" in raised.value.remedy.lower()


def test_an_unmanaged_host_and_one_of_an_unknown_kind_have_no_way(opened: Open) -> None:
    in_a_lab = Machine("w", frozenset(), "10.0.0.1", "main", None, Manage(by="nobody", address="10.0.0.1"))
    printer = Machine("p", frozenset(), "10.0.0.2", "main", None, None)
    kinds = []
    for machine in (in_a_lab, printer):
        with pytest.raises(TransportError) as raised:
            opened(machine)
        kinds.append(raised.value.kind)
    assert kinds == ["not-built", "not-managed"]


# Words as other clients, systems and shells write them: exit code, stderr, whether the agent had spoken, sudo, kind.
RECORDED = [
    (255, "ssh: connect to host 10.9.9.9 port 22: No route to host", False, False, "unreachable"),
    (255, "ssh: connect to host 10.9.9.9 port 22: Connection timed out", False, False, "unreachable"),
    (255, "ssh: connect to host 10.9.9.9 port 22: Operation timed out", False, False, "unreachable"),
    (255, "ssh: connect to host 10.9.9.9 port 22: Network is unreachable", False, False, "unreachable"),
    (255, "kex_exchange_identification: Connection closed by remote host", False, False, "closed"),
    (
        255,
        "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed",
        False,
        False,
        "refused",
    ),
    (255, "Timeout, server 10.1.1.11 not responding.", True, False, "closed"),
    (255, "Read from remote host 10.1.1.11: Connection timed out", True, False, "closed"),
    (255, "client_loop: send disconnect: Broken pipe", True, False, "closed"),
    (255, "Unable to negotiate with 10.1.1.11 port 22: no matching host key type found.", False, False, "algorithms"),
    (255, "", False, False, "other"),
    (127, "bash: line 1: python3: command not found", False, False, "no-python"),
    (1, "python3: Command not found.", False, False, "no-python"),
    (1, "'python3' is not recognized as an internal or external command,", False, False, "no-python"),
    (
        9009,
        "Python was not found; run without arguments to install from the Microsoft Store",
        False,
        False,
        "no-python",
    ),
    (49, "", False, False, "no-python"),
    (1, "sudo: a password is required", False, True, "sudo"),
    (1, "sudo: a terminal is required to read the password; either use the -S option", False, True, "sudo"),
    (1, "preflight is not in the sudoers file.  This incident will be reported.", False, True, "sudo"),
    (127, "sh: 1: sudo: not found", False, True, "sudo"),
    (1, "sudo: python3: command not found", False, True, "no-python"),
    (1, "Traceback (most recent call last):\nFileNotFoundError: not found", True, False, "other"),
    (-9, "", True, False, "closed"),
]


@pytest.mark.parametrize(("code", "stderr", "spoke", "sudo", "kind"), RECORDED)
def test_recorded_words(code: int, stderr: str, spoke: bool, sudo: bool, kind: str) -> None:
    error = judge_ssh("ssh root@10.1.1.11:22", code, stderr, spoke, sudo=sudo, python="python3")
    assert error.kind == kind
    assert error.remedy
