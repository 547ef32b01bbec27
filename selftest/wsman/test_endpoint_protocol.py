"""pywinrm against the endpoint: what goes in comes out, as with Windows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from endpoint_lab import OTHER, PASSWORD, USER, USERS, Received, ToldExecutor, client, patient, run, tls_settings
from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError

from preflight.lab.wsman.server import Endpoint, EndpointSettings

Opener = Callable[..., Endpoint]


@pytest.mark.parametrize("name", [USER, "lab\\INSTALL"])
def test_ntlm_over_http_is_sealed(open_endpoint: Opener, executor: ToldExecutor, name: str) -> None:
    endpoint = open_endpoint()
    protocol = client(endpoint, username=name)
    assert run(protocol, "cat", "příliš žluťoučký".encode()) == ("příliš žluťoučký".encode(), b"", 0)
    assert protocol.transport.encryption is not None
    assert executor.started[0].user == USER
    view = endpoint.stats.view()
    assert view.connections == 1
    assert view.requests == {"": 9}, "three for the login, six operations"


@pytest.mark.parametrize("transport", ["basic", "ntlm"])
def test_https_with_a_certificate_that_is_checked(open_endpoint: Opener, tmp_path: Path, transport: str) -> None:
    settings, trusted = tls_settings(tmp_path, EndpointSettings(users=USERS))
    endpoint = open_endpoint(settings)
    protocol = client(endpoint, transport, ca_trust_path=str(trusted))
    assert run(protocol, "cat", b"through TLS") == (b"through TLS", b"", 0)
    assert protocol.transport.encryption is None
    assert endpoint.stats.view().connections == 1


def test_a_local_account_with_and_without_the_dot(open_endpoint: Opener, executor: ToldExecutor) -> None:
    endpoint = open_endpoint(allow_unencrypted=True)
    for transport in ("ntlm", "basic"):
        for name in ("local", ".\\local"):
            run(client(endpoint, transport, username=name, password=OTHER), "cat")
    assert [told.user for told in executor.started] == ["local"] * 4


def test_two_endpoints_of_one_process_keep_their_accounts_apart(open_endpoint: Opener) -> None:
    one, other = open_endpoint(), open_endpoint(users={USER: OTHER})
    assert run(client(one), "cat", b"1")[0] == b"1"
    assert run(client(other, password=OTHER), "cat", b"2")[0] == b"2"
    with pytest.raises(Exception, match="rejected"):
        run(client(other, password=PASSWORD), "cat")


def test_300_kb_go_in_and_2_mb_come_out_in_pieces(endpoint: Endpoint, executor: ToldExecutor) -> None:
    protocol = client(endpoint, "basic")
    shell = protocol.open_shell(codepage=65001)
    command = protocol.run_command(shell, "cat", console_mode_stdin=False)
    whole = bytes(range(256)) * 1200
    for start in range(0, len(whole), 100_000):
        protocol.send_command_input(shell, command, whole[start : start + 100_000], end=start + 100_000 >= len(whole))
    told = executor.started[0]
    assert told.input == whole
    other = protocol.run_command(shell, "talk", ["a", "b c"], skip_cmd_shell=True)
    assert executor.started[1].line == "talk a b c"
    for _ in range(20):
        executor.started[1].says("stdout", b"x" * 100_000)
    executor.started[1].says("stderr", b"e")
    executor.started[1].exits(-5)
    assert protocol.get_command_output(shell, other) == (b"x" * 2_000_000, b"e", -5)
    largest = 153_600 * 3 // 4
    assert endpoint.stats.view().operation("Receive") == pytest.approx(2_000_001 / largest, abs=1)
    assert protocol.get_command_output(shell, command) == (whole, b"", 0)


def test_output_that_is_there_comes_in_one_piece_and_new_output_wakes(
    endpoint: Endpoint, executor: ToldExecutor
) -> None:
    protocol = client(endpoint, "basic")
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "talk")
    told = executor.started[0]
    for text in (b"a", b"b", b"c"):
        told.says("stdout", text)
    assert protocol.get_command_output_raw(shell, command) == (b"abc", b"", -1, False)
    timer = threading.Timer(0.2, told.says, ("stderr", b"late"))
    timer.start()
    assert protocol.get_command_output_raw(shell, command) == (b"", b"late", -1, False)
    timer.join()
    told.exits(6)
    assert protocol.get_command_output_raw(shell, command) == (b"", b"", 6, True)


def test_a_receive_without_output_times_out(endpoint: Endpoint) -> None:
    protocol = client(endpoint, "basic", operation_timeout_sec=1)
    shell = protocol.open_shell()
    with pytest.raises(WinRMOperationTimeoutError):
        protocol.get_command_output_raw(shell, protocol.run_command(shell, "wait"))


def test_two_commands_side_by_side_in_one_shell(endpoint: Endpoint, executor: ToldExecutor) -> None:
    first, second = client(endpoint, "basic", "m1"), client(endpoint, "basic", "m1")
    shell = first.open_shell()
    commands = [first.run_command(shell, "one"), second.run_command(shell, "two")]
    got: dict[int, Received] = {}

    def fetch(which: int) -> None:
        protocol = (first, second)[which]
        got[which] = patient(lambda: protocol.get_command_output_raw(shell, commands[which]))

    threads = [threading.Thread(target=fetch, args=(n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    executor.started[1].says("stdout", b"second")
    executor.started[0].says("stdout", b"first")
    for thread in threads:
        thread.join(20)
    assert (got[0][0], got[1][0]) == (b"first", b"second")
    assert [told.path for told in executor.started] == ["m1", "m1"]
    assert endpoint.stats.view().commands_running == {"m1": 2}


@pytest.mark.parametrize("how", ["cleanup_command", "close_shell"])
def test_terminate_and_delete_abort_a_waiting_receive(endpoint: Endpoint, executor: ToldExecutor, how: str) -> None:
    waiting, other = client(endpoint, "basic"), client(endpoint, "basic")
    shell = waiting.open_shell()
    command = waiting.run_command(shell, "wait")
    codes: list[int | None] = []

    def fetch() -> None:
        try:
            patient(lambda: waiting.get_command_output_raw(shell, command))
        except WSManFaultError as fault:
            codes.append(fault.wsman_fault_code)

    thread = threading.Thread(target=fetch)
    thread.start()
    while not endpoint.stats.view().operation("Receive"):
        thread.join(0.02)
    getattr(other, how)(*(shell, command) if how == "cleanup_command" else (shell,))
    thread.join(20)
    assert codes == [995]
    assert executor.started[0].killed.is_set()
    assert endpoint.stats.view().commands_running == {}


def test_ctrl_c_leaves_the_output(endpoint: Endpoint, executor: ToldExecutor) -> None:
    protocol = client(endpoint, "basic")
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "wait")
    executor.started[0].says("stdout", b"so far")
    header = protocol.build_wsman_header(
        resource_uri="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd",
        action="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Signal",
        shell_id=shell,
    )
    code = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/signal/ctrl_c"
    xmltodict = pytest.importorskip("xmltodict")
    body = {"rsp:Signal": {"@CommandId": command, "rsp:Code": code}}
    protocol.send_message(xmltodict.unparse({"env:Envelope": {**header, "env:Body": body}}))
    assert protocol.get_command_output(shell, command) == (b"so far", b"", -1073741510)


def test_identify_needs_no_login(open_endpoint: Opener) -> None:
    endpoint = open_endpoint()
    body = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
        '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
    )
    headers = {"WSMANIDENTIFY": "unauthenticated", "Content-Type": "application/soap+xml;charset=UTF-8"}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(endpoint.url, data=body, headers=headers, timeout=10)
        assert answer.status_code == 200
        assert "Microsoft Corporation" in answer.text
        del headers["WSMANIDENTIFY"]
        refused = session.post(endpoint.url, data=body, headers=headers, timeout=10)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Negotiate")
