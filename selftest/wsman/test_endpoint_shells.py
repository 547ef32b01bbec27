"""Shells: who owns them, how many, how they end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from endpoint_lab import OTHER, ToldExecutor, client
from winrm.exceptions import WinRMOperationTimeoutError, WSManFaultError
from winrm.protocol import Protocol

from preflight.lab.wsman.server import Endpoint

Opener = Callable[..., Endpoint]


def code_of(ask: Callable[[], object]) -> int | None:
    """The code of the fault that an operation ends in."""
    with pytest.raises(WSManFaultError) as caught:
        ask()
    code: int | None = caught.value.wsman_fault_code
    return code


def test_an_idle_shell_is_deleted_with_its_commands(endpoint: Endpoint, executor: ToldExecutor) -> None:
    protocol = client(endpoint, "basic", "m1")
    shell = protocol.open_shell(idle_timeout="PT0.3S")
    lasting = protocol.open_shell(idle_timeout="PT1H")
    protocol.run_command(shell, "wait")
    assert executor.started[0].killed.wait(20)
    view = endpoint.stats.view()
    assert (view.shells_open, view.shells_ever, view.commands_running) == ({"m1": 1}, {"m1": 2}, {})
    assert code_of(lambda: protocol.run_command(shell, "late")) == 2150858843
    protocol.close_shell(lasting)


def test_a_waiting_receive_keeps_its_shell(endpoint: Endpoint, executor: ToldExecutor) -> None:
    protocol = client(endpoint, "basic", operation_timeout_sec=1)
    shell = protocol.open_shell(idle_timeout="PT0.5S")
    command = protocol.run_command(shell, "wait")
    with pytest.raises(WinRMOperationTimeoutError):
        protocol.get_command_output_raw(shell, command)
    assert not executor.started[0].killed.is_set()


def test_commands_outlive_their_client(endpoint: Endpoint, executor: ToldExecutor) -> None:
    protocol = client(endpoint, "basic")
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "wait")
    protocol.transport.close_session()
    assert not executor.started[0].killed.wait(0.3)
    executor.started[0].says("stdout", b"for whoever asks")
    executor.started[0].exits(0)
    assert client(endpoint, "basic").get_command_output(shell, command) == (b"for whoever asks", b"", 0)


def test_the_quota_of_shells_is_a_users_on_a_machine(open_endpoint: Opener) -> None:
    endpoint = open_endpoint(max_shells_per_user=2)
    protocol = client(endpoint, path="m1")
    shells = [protocol.open_shell() for _ in range(2)]
    assert code_of(protocol.open_shell) == 2150859173
    client(endpoint, path="m2").open_shell()
    client(endpoint, path="m1", username="local", password=OTHER).open_shell()
    protocol.close_shell(shells[0], close_session=False)
    protocol.open_shell()
    assert endpoint.stats.view().shells_open == {"m1": 3, "m2": 1}


def test_a_shell_is_its_users_and_its_machines(open_endpoint: Opener) -> None:
    endpoint = open_endpoint()
    shell = client(endpoint, path="m1").open_shell()
    other = client(endpoint, path="m1", username="local", password=OTHER)
    assert code_of(lambda: other.run_command(shell, "x")) == 5
    assert code_of(lambda: client(endpoint, path="m2").run_command(shell, "x")) == 2150858843


def test_what_is_not_there(endpoint: Endpoint) -> None:
    protocol = client(endpoint, "basic")
    shell = protocol.open_shell(working_directory="C:\\x", env_vars={"A": "1"})
    nobody = "11111111-1111-1111-1111-111111111111"
    assert code_of(lambda: protocol.get_command_output_raw(nobody, nobody)) == 2150858843
    assert code_of(lambda: protocol.get_command_output_raw(shell, nobody)) == 2150859085
    assert code_of(lambda: protocol.run_command(shell, "missing", skip_cmd_shell=True)) == 2
    assert code_of(lambda: protocol.open_shell(idle_timeout="soon")) == 2150858817
    assert code_of(lambda: protocol.send_message("<not-soap/>")) == 2150858817
    assert code_of(lambda: protocol.send_message('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')) == 2150858817
    assert endpoint.stats.view().commands_running == {}


def test_processes_of_a_shell_are_counted(endpoint: Endpoint, executor: ToldExecutor) -> None:
    protocol = client(endpoint, "basic")
    shell = protocol.open_shell()
    for _ in range(25):
        protocol.run_command(shell, "wait")
    assert code_of(lambda: protocol.run_command(shell, "wait")) == 1816
    executor.started[0].exits(0)
    protocol.run_command(shell, "wait")


def test_closing_the_endpoint_ends_everything(open_endpoint: Opener, executor: ToldExecutor) -> None:
    endpoint = open_endpoint(auth=frozenset())
    protocols: list[Protocol] = [client(endpoint, "basic", f"m{n}") for n in range(3)]
    for protocol in protocols:
        protocol.run_command(protocol.open_shell(), "wait")
    endpoint.close()
    assert [told.killed.is_set() for told in executor.started] == [True] * 3
    view = endpoint.stats.view()
    assert (view.shells_open, view.commands_running, view.connections_open) == ({}, {}, 0)
    endpoint.close()
