"""A password reaches the one host it is meant for, and is seen nowhere else. Needs root on Linux: sshd reads shadow."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sshd import LocalSshd, why_not
from standin import PASSWORD, Open, watch

from preflight.topology.model import SecretRef
from preflight.transports import askpass

REF = SecretRef("env", "NAME")
PASSWORDS = ("PasswordAuthentication yes", "PubkeyAuthentication no")
SLOW = b"import sys\nprint('up', flush=True)\nsys.stdin.read()"


@pytest.fixture
def wrapper(tmp_path: Path) -> tuple[str, ...]:
    """Starts an sshd that knows our password: in its own mount namespace, with its own shadow file."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("openssl"):
        pytest.skip("an sshd with a password of its own needs root on Linux, unshare and openssl")
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD.encode(), capture_output=True, check=True
    ).stdout.decode()
    shadow = tmp_path / "shadow"
    shadow.write_text(f"root:{hashed.strip()}:19000:0:99999:7:::\n", encoding="utf-8")
    inside = 'mount --bind "$0" /etc/shadow && exec "$@"'
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", inside, str(shadow))


@pytest.fixture
def guarded(tmp_path: Path, wrapper: tuple[str, ...]) -> Iterator[LocalSshd]:
    """An sshd that takes our password."""
    with LocalSshd(tmp_path / "guarded", PASSWORDS, wrapper) as server:
        yield server


def test_the_right_password_opens_and_no_command_line_shows_it(guarded: LocalSshd, opened: Open) -> None:
    backend = opened(guarded.machine(password=REF, key_file=None))
    agent = watch(backend, SLOW)
    assert agent.line() == "up"
    assert backend.run("echo through").stdout == "through\n"
    lines = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout.decode()
    assert str(guarded.ssh_config) in lines
    assert PASSWORD not in lines
    folder = backend._folder  # type: ignore[attr-defined]
    written = [p.read_bytes() for p in folder.iterdir() if p.is_file()]
    assert written
    assert all(PASSWORD.encode() not in content for content in written)
    assert PASSWORD not in os.environ.values()


def test_a_wrong_password_is_tried_once(tmp_path: Path, opened: Open) -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with LocalSshd(tmp_path / "s", PASSWORDS) as server:
        error = watch(opened(server.machine(password=REF, user="nobody-here"))).end().error
        assert error is not None
        assert error.kind == "auth"
        assert PASSWORD not in str(error)
        assert server.text().count("Failed password for invalid user nobody-here") == 1


def test_a_jump_host_does_not_get_the_password(
    guarded: LocalSshd, wrapper: tuple[str, ...], opened: Open, tmp_path: Path
) -> None:
    # The jump host would take this very password if it were offered.
    with LocalSshd(tmp_path / "bastion", PASSWORDS, wrapper) as bastion:
        known = f"{guarded.known_hosts} {bastion.known_hosts}"
        rest = guarded.client_lines().replace(str(guarded.known_hosts), known)
        lines = f"Host bastion\n HostName localhost\n HostKeyAlias [127.0.0.1]:{bastion.port}\n Port {bastion.port}\n"
        guarded.ssh_config.write_text(f"{lines}Host *\n{rest}", encoding="utf-8")
        error = watch(opened(guarded.machine(password=REF, jump="bastion"))).end().error
        assert error is not None
        assert error.kind == "auth"
        assert "Connection from" in bastion.text()
        assert bastion.connections() == 0


@pytest.mark.parametrize(
    ("prompt", "answered"),
    [
        ("root@10.1.1.11's password: ", True),
        ("(root@10.1.1.11) Password: ", True),
        ("root@bastion's password: ", False),
        ("(other@10.1.1.11) Password: ", False),
        ("Enter passphrase for key '/root/.ssh/id_ed25519': ", False),
        ("The authenticity of host '10.1.1.11' can't be established. Are you sure (yes/no/[fingerprint])? ", False),
        ("", False),
    ],
)
def test_askpass_answers_one_question_only(prompt: str, answered: bool) -> None:
    env = {**os.environ, askpass.TARGET: "root@10.1.1.11", askpass.SECRET: PASSWORD}
    command = [sys.executable, "-I", "-S", askpass.__file__, prompt]
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    assert done.stdout.decode("utf-8").strip() == (PASSWORD if answered else "")
    assert (done.returncode == 0) == answered
