"""The doctor and real ways: an sshd that is well, one that refuses, ports with nobody or a mute behind them."""

from __future__ import annotations

import socket
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from doctor_command import doctor, host, kinds, states, told
from sshd import LocalSshd, free_port, make_key, why_not

from preflight.doctor.approach import Approach, connect, resolve

pytestmark = [pytest.mark.slow, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[LocalSshd]:
    """A fresh sshd."""
    with LocalSshd(tmp_path / "sshd") as server:
        yield server


def inventory(folder: Path, sshd: LocalSshd, **hosts: str) -> Path:
    """A site whose CML servers are all managed through that sshd, each with further words of its own."""
    cluster = "true" if len(hosts) > 1 else "false"
    lines = ["customer: c", "site: s", f"features: {{cluster: {cluster}}}", "hosts:"]
    for number, (name, more) in enumerate(hosts.items(), 1):
        way = f"address: 127.0.0.1, user: {sshd.user}, ssh_config: {sshd.ssh_config}, {more}"
        lines.append(f"  {name}: {{roles: [cml], address: 127.0.0.{number}, manage: {{{way}}}}}")
    lines.append("  other: {roles: [workstation], address: 10.99.0.1, manage: none}")
    file = folder / "inventory.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_one_healthy_and_each_kind_of_broken(sshd: LocalSshd, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    key = f"key_file: {sshd.user_key}"
    with socket.create_server(("127.0.0.1", 0)) as mute:
        site = inventory(
            tmp_path,
            sshd,
            good=f"port: {sshd.port}, {key}",
            wrongkey=f"port: {sshd.port}, key_file: {tmp_path / 'other'}",
            refused=f"port: {free_port()}, {key}",
            mute=f"port: {mute.getsockname()[1]}, {key}, options: [ConnectTimeout=1]",
            nopython=f"port: {sshd.port}, {key}, python: python3.99",
        )
        found = told(doctor(f"--inventory={site}", "--doctor-json=-"))
    assert {n: host(found, n)["state"] for n in ("good", "wrongkey", "refused", "mute", "nopython")} == {
        "good": "ok",
        "wrongkey": "not ok",
        "refused": "not ok",
        "mute": "not ok",
        "nopython": "not ok",
    }
    assert set(states(host(found, "good")).values()) == {"ok", "not looked at"}  # no TLS over SSH
    assert kinds(host(found, "wrongkey")) == [("login", "auth")]
    assert kinds(host(found, "refused")) == [("port", "refused")]
    assert states(host(found, "refused"))["login"] == "not reached"
    assert kinds(host(found, "mute")) == [("login", "timeout")]
    assert kinds(host(found, "nopython")) == [("program", "no-python")]
    assert host(found, "other")["state"] == "no agent: asked from others"
    assert found["exit_code"] == 1
    assert found["blocked"]["cases"] > 0


def test_a_healthy_site_is_exit_code_0_and_leaves_nothing(sshd: LocalSshd, tmp_path: Path) -> None:
    site = inventory(tmp_path, sshd, good=f"port: {sshd.port}, key_file: {sshd.user_key}")
    before = {path.name for path in tmp_path.iterdir()}
    done = doctor(f"--inventory={site}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 host examined" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == before, "no report, no cache"
    assert sshd.connections() == 1
    assert sshd.sessions() == 1, "one gather agent, nothing else"


def test_an_unknown_host_key_is_told_and_never_accepted(sshd: LocalSshd, tmp_path: Path) -> None:
    sshd.known_hosts.write_text("", encoding="utf-8")
    site = inventory(tmp_path, sshd, good=f"port: {sshd.port}, key_file: {sshd.user_key}")
    done = doctor(f"--inventory={site}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "login (host-key)" in done.stdout
    assert "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" in done.stdout
    assert sshd.known_hosts.read_text(encoding="utf-8") == ""


def test_ssh_config_decides_where_is_looked(sshd: LocalSshd, tmp_path: Path) -> None:
    more = f"""\
        Host site-cml1
          HostName 127.0.0.1
          Port {sshd.port}
        Host behind
          ProxyJump no-such-host.invalid
        """
    sshd.ssh_config.write_text(textwrap.dedent(more) + "Host *\n" + sshd.client_lines(), encoding="utf-8")
    site = inventory(tmp_path, sshd, alias=f"key_file: {sshd.user_key}", behind=f"key_file: {sshd.user_key}")
    text = site.read_text("utf-8").replace("address: 127.0.0.1, user", "address: site-cml1, user", 1)
    site.write_text(text.replace("address: 127.0.0.1, user", "address: behind, user", 1), "utf-8")
    found = told(doctor(f"--inventory={site}", "--doctor-json=-"))
    assert host(found, "alias")["state"] == "ok"
    through = host(found, "behind")
    assert {states(through)[stage] for stage in ("name", "port", "tls")} == {"not looked at"}
    assert "jump host no-such-host.invalid" in through["steps"]["port"]["seen"]
    assert kinds(through) == [("login", "dns")]


def test_a_missing_secret_is_that_hosts_problem_and_names_the_variable(sshd: LocalSshd, tmp_path: Path) -> None:
    site = inventory(
        tmp_path,
        sshd,
        good=f"port: {sshd.port}, key_file: {sshd.user_key}",
        secret=f"port: {sshd.port}, password: {{env: NOBODY_SET_THIS}}",
    )
    found = told(doctor(f"--inventory={site}", "--doctor-json=-"))
    assert host(found, "good")["state"] == "ok"
    assert kinds(host(found, "secret")) == [("login", "secret")]
    assert "NOBODY_SET_THIS" in host(found, "secret")["findings"][0]["seen"]


def test_names_and_addresses_without_anybody() -> None:
    assert resolve(Approach("no-such-host.invalid", 22)).kind == "dns"
    assert resolve(Approach("a" * 300, 22)).kind == "dns"
    assert resolve(Approach("127.0.0.1", 22)).addresses == ("127.0.0.1",)
    assert connect(Approach("127.9.9.9", free_port()), ("127.9.9.9",)).kind == "refused"
