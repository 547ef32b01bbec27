"""The process's environment is nobody's but the user's: it is not changed by logins, and its proxies are not used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from winrm_ground import backend_at, settings, shell_executor, start

from preflight.lab.wsman.certificates import new_certificate
from preflight.lab.wsman.server import Endpoint


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of variables that were set or taken away."""
    names: list[str] = []

    def noting(real: Callable[..., None]) -> Callable[..., None]:
        def noted(self: Any, key: str, *value: str) -> None:
            names.append(key)
            real(self, key, *value)

        return noted

    kind = type(os.environ)
    for method in ("__setitem__", "__delitem__"):
        monkeypatch.setattr(kind, method, noting(getattr(kind, method)))
    return names


@pytest.mark.parametrize("auth", ["ntlm", "basic"])
def test_nothing_is_changed(tmp_path: Path, changed: list[str], auth: str) -> None:
    """Other threads read all of it meanwhile: a variable that goes under their hands is a KeyError of theirs."""
    tls = new_certificate(tmp_path, ["127.0.0.1"]) if auth == "basic" else None
    with Endpoint(settings(tls=tls), shell_executor()) as served:
        changed.clear()
        backend = backend_at(served, auth=auth, verify=False)
        assert start(backend, "do", "true")[1].end.error is None
        backend.close()
    assert changed == []


def test_passwords_of_the_endpoint_are_in_a_file_for_the_moment_of_a_step_only(endpoint: Endpoint) -> None:
    backend = backend_at(endpoint)
    assert start(backend, "do", "true")[1].end.error is None
    backend.close()
    assert not Path(os.environ["NTLM_USER_FILE"]).exists()


@pytest.mark.filterwarnings("error")
def test_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    backend = backend_at(endpoint)
    assert start(backend, "do", "true")[1].end.error is None
    backend.close()
