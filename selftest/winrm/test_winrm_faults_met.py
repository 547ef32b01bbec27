"""Connection faults of WinRM services, met for real against an endpoint on loopback: logins, quotas, certificates."""

from __future__ import annotations

from pathlib import Path

import pytest
from winrm_ground import WRONG, assert_is, backend_at, error_of, opened, settings, shell_executor, start

from preflight.lab.wsman.certificates import CertificateKind, new_authority, new_certificate
from preflight.lab.wsman.faults import Fault
from preflight.lab.wsman.process import ProcessExecutor
from preflight.lab.wsman.server import Endpoint

AT_LOGIN = [
    (Fault("wrong-password"), "login-refused"),
    (Fault("no-rights"), "access-denied"),
    (Fault("too-many-shells"), "too-many-shells"),
]
ANY_TIME = [
    (Fault("reset"), "reset"),
    (Fault("not-found"), "not-winrm"),
    (Fault("unavailable"), "unavailable"),
    (Fault("clock-skew"), "clock-skew"),
    (Fault("proxy-login"), "proxy"),
    (Fault("shell-lost"), "shell-gone"),
]


@pytest.mark.parametrize(
    ("fault", "name", "after_login"),
    [(*row, False) for row in AT_LOGIN + ANY_TIME] + [(*row, True) for row in ANY_TIME],
    ids=lambda value: value.kind if isinstance(value, Fault) else str(value),
)
def test_faults_of_an_endpoint(fault: Fault, name: str, after_login: bool) -> None:
    with Endpoint(settings(), shell_executor()) as served:
        backend = backend_at(served)
        if after_login:
            assert start(backend, "do", "true")[1].end.exit_code == 0
        served.faults = [fault]
        assert_is(error_of(backend), name)


def test_wrong_password(endpoint: Endpoint) -> None:
    error = error_of(backend_at(endpoint, secret=WRONG))
    assert_is(error, "login-refused")
    assert "CORP\\preflight" in error.cause
    assert WRONG not in str(error)


def test_basic_and_ntlm_that_are_not_offered(tmp_path: Path) -> None:
    authority = new_authority()
    trusted = str(authority.save(tmp_path))
    tls = new_certificate(tmp_path, ["127.0.0.1"], authority=authority)
    with Endpoint(settings(tls=tls, auth=frozenset({"ntlm"})), shell_executor()) as served:
        assert_is(error_of(backend_at(served, auth="basic", verify=trusted)), "basic-not-offered")
    with Endpoint(settings(tls=tls, auth=frozenset({"basic"})), shell_executor()) as served:
        assert_is(error_of(backend_at(served, auth="ntlm", verify=trusted)), "ntlm-not-offered")
    with Endpoint(settings(auth=frozenset({"basic"})), shell_executor()) as served:
        assert_is(error_of(backend_at(served)), "ntlm-not-offered")


@pytest.mark.parametrize("auth", ["ntlm", "basic"])
@pytest.mark.parametrize("checked", [True, False])
def test_https_with_a_good_certificate(tmp_path: Path, auth: str, checked: bool) -> None:
    authority = new_authority()
    tls = new_certificate(tmp_path, ["127.0.0.1"], authority=authority if checked else None)
    with Endpoint(settings(tls=tls), shell_executor()) as served:
        backend = backend_at(served, auth=auth, verify=str(authority.save(tmp_path)) if checked else False)
        assert ("certificate not checked" in backend.describe()) is not checked
        told = start(backend, "do", "echo up")[1]
        assert (told.end.error, told.lines) == (None, [b"up"])
        backend.close()
        assert served.stats.view().shells_open == {}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("expired", "certificate-expired"),
        ("not-yet", "certificate-early"),
        ("wrong-name", "certificate-name"),
        ("untrusted", "certificate-untrusted"),
        ("self-signed", "certificate-untrusted"),
    ],
)
def test_bad_certificates(tmp_path: Path, kind: CertificateKind, name: str) -> None:
    authority = new_authority()
    tls = new_certificate(tmp_path, ["127.0.0.1"], kind, authority)
    with Endpoint(settings(tls=tls), shell_executor()) as served:
        assert_is(error_of(backend_at(served, verify=str(authority.save(tmp_path)))), name)
        assert served.stats.view().requests == {}, "no login was sent"


def test_a_certificate_file_that_is_not_there(tmp_path: Path) -> None:
    tls = new_certificate(tmp_path, ["127.0.0.1"])
    with Endpoint(settings(tls=tls), shell_executor()) as served:
        assert_is(error_of(backend_at(served, verify=str(tmp_path / "none.pem"))), "file-missing")
        files = {"certificate": str(tmp_path / "none.pem"), "certificate_key": str(tmp_path / "none.key")}
        assert_is(error_of(backend_at(served, auth="certificate", verify=False, **files)), "file-missing")
        wrong = {"certificate": str(tls.certificate), "certificate_key": str(tls.key)}
        assert_is(error_of(backend_at(served, auth="certificate", verify=False, **wrong)), "client-certificate")


def test_the_other_scheme(tmp_path: Path, endpoint: Endpoint) -> None:
    assert_is(error_of(backend_at(endpoint, https=True)), "https-on-http")
    tls = new_certificate(tmp_path, ["127.0.0.1"])
    with Endpoint(settings(tls=tls), shell_executor()) as served:
        assert_is(error_of(backend_at(served, https=False)), "http-on-https")


def test_language_mode_and_no_powershell() -> None:
    restricted = "echo PREFLIGHT-LANGUAGE-MODE ConstrainedLanguage; exit 6"
    for executor, name in (
        (shell_executor(powershell=["/bin/sh", "-c", restricted]), "language-mode"),
        (ProcessExecutor({}), "no-powershell"),
    ):
        with Endpoint(settings(), executor) as served, opened(served) as backend:
            error = start(backend, backend.python, "-NoProfile")[1].end.error
            assert error is not None
            assert_is(error, name)
            assert ("ConstrainedLanguage" in error.cause) is (name == "language-mode")
