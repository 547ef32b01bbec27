"""Each thing that can be wrong, as a client sees it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import spnego
from endpoint_lab import PASSWORD, USER, USERS, client, patient, run, tls_settings
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError, WSManFaultError

from preflight.lab.wsman.faults import Fault, FaultKind
from preflight.lab.wsman.server import Endpoint, EndpointSettings

Opener = Callable[..., Endpoint]


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
def test_a_wrong_password_is_a_401(open_endpoint: Opener, transport: str) -> None:
    endpoint = open_endpoint(allow_unencrypted=True)
    with pytest.raises(InvalidCredentialsError):
        client(endpoint, transport, password=PASSWORD + "x").open_shell()
    with pytest.raises(InvalidCredentialsError):
        client(endpoint, transport, username="nobody").open_shell()
    endpoint.faults = (Fault("wrong-password", path="m1"),)
    with pytest.raises(InvalidCredentialsError):
        client(endpoint, transport, "m1").open_shell()
    client(endpoint, transport, "m2").open_shell()


@pytest.mark.parametrize(
    ("kind", "code"), [("no-rights", 5), ("too-many-shells", 2150859173), ("clock-skew", 2148074276)]
)
def test_create_is_refused(open_endpoint: Opener, kind: FaultKind, code: int) -> None:
    endpoint = open_endpoint()
    endpoint.faults = (Fault(kind),)
    with pytest.raises(WSManFaultError) as caught:
        client(endpoint).open_shell()
    assert (caught.value.code, caught.value.wsman_fault_code) == (500, code)


def test_a_shell_gets_lost_at_the_second_receive(open_endpoint: Opener) -> None:
    endpoint = open_endpoint()
    endpoint.faults = (Fault("shell-lost", operations=frozenset({"Receive"}), after=1),)
    protocol = client(endpoint, operation_timeout_sec=1)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "wait")
    with pytest.raises(WSManFaultError) as caught:
        patient(lambda: protocol.get_command_output_raw(shell, command))
    assert caught.value.wsman_fault_code == 2150858843
    assert endpoint.stats.view().operation("Receive") == 2
    assert endpoint.stats.view().commands_running == {}


def test_basic_over_http_is_refused_as_windows_does_by_default(open_endpoint: Opener) -> None:
    with pytest.raises(InvalidCredentialsError):
        client(open_endpoint(), "basic").open_shell()


@pytest.mark.parametrize("set_by", ["settings", "fault"])
def test_ntlm_in_clear_gets_an_empty_500(open_endpoint: Opener, set_by: str) -> None:
    endpoint = open_endpoint(allow_unencrypted=set_by == "fault")
    endpoint.faults = (Fault("unencrypted-refused"),) if set_by == "fault" else ()
    with pytest.raises(WinRMTransportError) as caught:
        client(endpoint, message_encryption="never").open_shell()
    assert (caught.value.code, caught.value.response_text) == (500, "")


def test_basic_is_not_offered(open_endpoint: Opener, tmp_path: Path) -> None:
    settings, trusted = tls_settings(tmp_path, EndpointSettings(users=USERS))
    endpoint = open_endpoint(settings)
    endpoint.faults = (Fault("no-basic"),)
    with pytest.raises(InvalidCredentialsError):
        client(endpoint, "basic", ca_trust_path=str(trusted)).open_shell()
    client(endpoint, "ntlm", ca_trust_path=str(trusted)).open_shell()


@pytest.mark.parametrize(("kind", "status"), [("not-found", 404), ("unavailable", 503), ("proxy-login", 407)])
def test_something_else_answers(open_endpoint: Opener, kind: FaultKind, status: int) -> None:
    endpoint = open_endpoint()
    endpoint.faults = (Fault(kind),)
    with pytest.raises(WinRMTransportError) as caught:
        client(endpoint).open_shell()
    assert caught.value.code == status


def test_a_connection_breaks_once_in_the_middle_of_an_answer(open_endpoint: Opener, tmp_path: Path) -> None:
    settings, trusted = tls_settings(tmp_path, EndpointSettings(users=USERS))
    endpoint = open_endpoint(settings)
    endpoint.faults = (Fault("reset", operations=frozenset({"Command"}), times=1),)
    protocol = client(endpoint, "ntlm", ca_trust_path=str(trusted))
    shell = protocol.open_shell()
    with pytest.raises(requests.RequestException):
        protocol.run_command(shell, "one")
    protocol.run_command(shell, "two")
    assert endpoint.stats.view().commands_ever == {"": 2}, "the lost answer's command was started"


def test_silence(open_endpoint: Opener) -> None:
    endpoint = open_endpoint()
    endpoint.faults = (Fault("silent"),)
    with pytest.raises(requests.ReadTimeout):
        client(endpoint, operation_timeout_sec=1, read_timeout_sec=2).open_shell()


def test_http_and_https_do_not_meet(open_endpoint: Opener, tmp_path: Path) -> None:
    plain = open_endpoint()
    secure = open_endpoint(tls_settings(tmp_path, EndpointSettings(users=USERS))[0])
    protocol = client(plain)
    protocol.transport.endpoint = plain.url.replace("http:", "https:")
    with pytest.raises(requests.exceptions.SSLError, match=r"(?i)wrong.version|record"):
        protocol.open_shell()
    protocol = client(secure)
    protocol.transport.endpoint = secure.url.replace("https:", "http:")
    with pytest.raises(requests.ConnectionError):
        protocol.open_shell()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("expired", "certificate has expired"),
        ("not-yet", "not yet valid"),
        ("wrong-name", "IP address mismatch|doesn't match|mismatch"),
        ("untrusted", "unable to get local issuer|self.signed"),
        ("self-signed", "self.signed"),
    ],
)
def test_a_bad_certificate(open_endpoint: Opener, tmp_path: Path, kind: str, says: str) -> None:
    settings, trusted = tls_settings(tmp_path, EndpointSettings(users=USERS), kind)
    with pytest.raises(requests.exceptions.SSLError, match=says):
        client(open_endpoint(settings), ca_trust_path=str(trusted)).open_shell()


def test_another_url_and_too_large_a_body(open_endpoint: Opener) -> None:
    endpoint = open_endpoint(auth=frozenset())
    with requests.Session() as session:
        session.trust_env = False
        assert session.post(endpoint.url.replace("/wsman", "/other"), data=b"x", timeout=10).status_code == 404
        assert session.get(endpoint.url, timeout=10).status_code == 405
        head = {"Content-Length": "700000"}
        prepared = session.prepare_request(requests.Request("POST", endpoint.url, data=b"", headers=head))
        prepared.headers["Content-Length"] = "700000"
        assert session.send(prepared, timeout=10).status_code == 413


def test_a_login_inside_spnego_and_rubbish(open_endpoint: Opener) -> None:
    endpoint = open_endpoint()
    context = spnego.client(USER, PASSWORD, protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate)
    with requests.Session() as session:
        session.trust_env = False
        for rubbish in ("Negotiate !!", "Negotiate " + base64.b64encode(b"NTLMSSP\0\x03").decode(), "Basic :", "What"):
            refused = session.post(endpoint.url, data=b"", headers={"Authorization": rubbish}, timeout=10)
            assert refused.status_code == 401
        token, status = context.step(), 401
        while token is not None and status == 401:
            given = {"Authorization": "Negotiate " + base64.b64encode(token).decode()}
            answer = session.post(endpoint.url, data=b"", headers=given, timeout=10)
            status = answer.status_code
            challenge = answer.headers.get("WWW-Authenticate", "").removeprefix("Negotiate ")
            token = context.step(base64.b64decode(challenge)) if status == 401 else None
        assert status == 200
    run(client(endpoint), "cat")
