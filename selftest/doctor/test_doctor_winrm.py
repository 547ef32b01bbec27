"""The doctor and WinRM: real connections to an endpoint that is wrong in one way each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from doctor_command import doctor, host, kinds, states, told

from preflight.lab.wsman.certificates import new_authority, new_certificate
from preflight.lab.wsman.executor import OnExit, OnOutput
from preflight.lab.wsman.faults import Fault
from preflight.lab.wsman.server import Endpoint, EndpointSettings, TlsFiles

pytestmark = pytest.mark.slow
USER, PASSWORD = "CORP\\preflight", "right one"
CA = "authority.crt"


class Restricted:
    """A host whose PowerShell runs in constrained language: it says so and leaves, as the agents' bootstrap does."""

    def start(
        self, command: str, arguments: Sequence[str], user: str, path: str, on_output: OnOutput, on_exit: OnExit
    ) -> Restricted:
        del command, arguments, user, path
        self._say, self._leave = on_output, on_exit
        return self

    def write(self, data: bytes) -> None:
        """The script, which nobody runs."""

    def end_input(self) -> None:
        """Now it would run."""
        self._say("stdout", b"PREFLIGHT-LANGUAGE-MODE ConstrainedLanguage\r\n")
        self._leave(6)

    def kill(self) -> None:
        """Nothing runs."""


Start = Callable[..., Endpoint]


@pytest.fixture
def endpoint() -> Iterator[Start]:
    """Starts endpoints; those with a certificate kind speak TLS."""
    with ExitStack() as stack:

        def start(folder: Path, kind: Any = None, faults: Sequence[Fault] = ()) -> Endpoint:
            tls: TlsFiles | None = None
            if kind is not None:
                authority = new_authority()
                authority.save(folder).rename(folder / CA)
                tls = new_certificate(folder, ["127.0.0.1"], kind, authority)
            made = Endpoint(EndpointSettings(tls=tls, users={USER: PASSWORD}), Restricted())
            made.faults = tuple(faults)
            return stack.enter_context(made)

        yield start


def site(folder: Path, port: int, **manage: str) -> str:
    """An inventory of one server behind that port."""
    words = ", ".join(f"{key}: {value}" for key, value in manage.items())
    file = folder / "inventory.yaml"
    file.write_text(
        "customer: c\nsite: s\nhosts:\n  cml1:\n    roles: [cml]\n    address: 10.1.1.11\n    manage:\n"
        f"      {{by: winrm, address: 127.0.0.1, port: {port}, user: '{USER}', password: {{env: CML1_PASSWORD}}"
        f"{', ' + words if words else ''}}}\n",
        encoding="utf-8",
    )
    return f"--inventory={file}"


def look(inventory: str, password: str = PASSWORD) -> dict[str, Any]:
    """cml1 as the doctor tells it; the password stands nowhere."""
    done = doctor(inventory, "--doctor-json=-", CML1_PASSWORD=password)
    assert password not in done.stdout + done.stderr
    assert done.returncode == 1, done.stdout + done.stderr
    return host(told(done), "cml1")


def test_wrong_password(endpoint: Start, tmp_path: Path) -> None:
    inventory = site(tmp_path, endpoint(tmp_path).port)
    shown = doctor(inventory, CML1_PASSWORD="wrong one")  # noqa: S106 - wrong on purpose
    assert "NOT OK  cml1: login (auth)" in shown.stdout
    assert "wrong one" not in shown.stdout + shown.stderr
    seen = look(inventory, "wrong one")
    assert kinds(seen) == [("login", "auth")]
    assert (states(seen)["port"], states(seen)["tls"]) == ("ok", "not looked at")
    lines = [t["line"] for t in seen["findings"][0]["type"]]
    assert sys.platform == "win32" or "read -rs CML1_PASSWORD && export CML1_PASSWORD" in lines


@pytest.mark.parametrize(
    ("certificate", "kind", "words"),
    [
        ("self-signed", "untrusted", "self-signed"),
        ("untrusted", "untrusted", "not trusted"),
        ("expired", "expired", "expired"),
        ("wrong-name", "wrong-name", "other.host.example"),
    ],
)
def test_a_bad_certificate_is_read_and_not_gone_past(
    endpoint: Start, tmp_path: Path, certificate: str, kind: str, words: str
) -> None:
    made = endpoint(tmp_path, certificate)
    seen = look(site(tmp_path, made.port, https="true", verify=CA))
    assert kinds(seen) == [("tls", kind)]
    assert words in seen["findings"][0]["seen"]
    assert "CN=" in seen["findings"][0]["seen"]
    assert states(seen)["login"] == "not reached"
    assert made.stats.view().requests == {}, "no login to somebody whom nobody knows"


def test_a_good_certificate_and_what_it_says(endpoint: Start, tmp_path: Path) -> None:
    made = endpoint(tmp_path, "good")
    seen = look(site(tmp_path, made.port, https="true", verify=CA), "wrong one")
    assert states(seen)["tls"] in ("ok", "warning")
    assert "trusted" in seen["steps"]["tls"]["seen"]
    assert ("login", "auth") in kinds(seen)


def test_a_certificate_that_the_inventory_does_not_check_is_a_warning(endpoint: Start, tmp_path: Path) -> None:
    made = endpoint(tmp_path, "self-signed")
    seen = look(site(tmp_path, made.port, https="true", verify="false"), "wrong one")
    assert kinds(seen)[0] == ("tls", "unchecked")
    assert seen["findings"][0]["blocks"] is False


def test_https_on_an_http_port(endpoint: Start, tmp_path: Path) -> None:
    seen = look(site(tmp_path, endpoint(tmp_path).port, https="true"))
    assert kinds(seen) == [("tls", "no-tls")]
    assert "does not speak TLS" in seen["findings"][0]["seen"]


def test_http_on_an_https_port(endpoint: Start, tmp_path: Path) -> None:
    seen = look(site(tmp_path, endpoint(tmp_path, "good").port))
    assert states(seen)["port"] == "ok"
    assert states(seen)["login"] == "not ok"


@pytest.mark.parametrize(
    ("fault", "stage"), [("no-rights", "rights"), ("too-many-shells", "login"), ("unavailable", "login")]
)
def test_a_host_that_lets_nobody_in(endpoint: Start, tmp_path: Path, fault: Any, stage: str) -> None:
    seen = look(site(tmp_path, endpoint(tmp_path, faults=[Fault(fault)]).port))
    assert [s for s, _ in kinds(seen)] == [stage]
    assert seen["findings"][0]["do"]


def test_constrained_language_is_a_sentence(endpoint: Start, tmp_path: Path) -> None:
    seen = look(site(tmp_path, endpoint(tmp_path).port))
    assert kinds(seen) == [("program", "language-mode")]
    assert "ConstrainedLanguage" in seen["findings"][0]["seen"]
    assert (states(seen)["login"], states(seen)["rights"]) == ("ok", "not reached")


def test_no_shell_is_left(endpoint: Start, tmp_path: Path) -> None:
    made = endpoint(tmp_path)
    look(site(tmp_path, made.port))
    assert made.stats.view().shells_ever
    assert made.stats.view().shells_open == {}
