"""Processes over WinRM against an endpoint: long scripts, lines, kills, what is left, how many requests."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import threading

import pytest
from winrm_ground import WRONG, Told, backend_at, opened, settings, shell_executor, start, until

from preflight.lab.wsman.faults import Fault
from preflight.lab.wsman.server import Endpoint
from preflight.topology.credentials import Secret


def counts(endpoint: Endpoint) -> dict[str, int]:
    return {o.operation: o.count for o in endpoint.stats.view().operations}


def test_lines_exit_code_and_stderr(endpoint: Endpoint) -> None:
    with opened(endpoint) as backend:
        _, told = start(backend, "do", r"printf 'a\r\nb\n{c}'; echo oops >&2; exit 4")
        assert (told.end.exit_code, told.end.stderr, told.end.killed) == (4, "oops", False)
        assert told.lines == [b"a", b"b"], "a line without its end is no line"
        assert told.end.error is not None
        assert told.end.error.kind == "ended"


@pytest.mark.parametrize(("size", "sends"), [(100, 1), (300 * 1024, 1), (300 * 1024 + 1, 2), (1_000_000, 4)])
def test_a_script_of_any_length_arrives_whole(endpoint: Endpoint, size: int, sends: int) -> None:
    feed = bytes(32 + (i * 7 + i // 251) % 90 for i in range(size))
    with opened(endpoint) as backend:
        _, told = start(backend, "do", "sha256sum", feed=feed)
        assert told.end.error is None
        assert told.lines == [hashlib.sha256(feed).hexdigest().encode() + b"  -"]
        assert counts(endpoint) == {"Create": 1, "Command": 1, "Send": sends, "Receive": counts(endpoint)["Receive"]}
        assert counts(endpoint)["Receive"] <= 2
    assert counts(endpoint)["Delete"] == 1


def test_empty_stdin_ends(endpoint: Endpoint) -> None:
    with opened(endpoint) as backend:
        _, told = start(backend, "cat")
        assert (told.end.exit_code, told.lines) == (0, [])


def test_two_side_by_side_in_one_shell(endpoint: Endpoint) -> None:
    with opened(endpoint) as backend:
        one, told = start(backend, "do", "echo one; exec sleep 600")
        _, other = start(backend, "do", "echo two")
        assert (other.end.exit_code, other.lines) == (0, [b"two"])
        assert told.spoke.wait(30)
        assert one.alive
        view = endpoint.stats.view()
        assert (view.shells_ever, view.connections) == ({"": 1}, 2)
        one.kill()
        assert told.end.killed


def test_a_connection_is_used_again_with_its_login(endpoint: Endpoint) -> None:
    with opened(endpoint) as backend:
        for _ in range(4):
            _, told = start(backend, "do", "true")
            assert told.end.exit_code == 0
        view = endpoint.stats.view()
        assert (view.connections, view.shells_ever) == (1, {"": 1})
        assert view.requests[""] == 3 + 1 + 4 * 3, "three for the login, one Create, three a command"


def test_killed_is_told_and_the_process_is_gone(endpoint: Endpoint) -> None:
    with opened(endpoint) as backend:
        process, told = start(backend, "do", "echo up; exec sleep 600")
        assert told.spoke.wait(30)
        process.kill()
        process.kill()
        assert (told.end.killed, told.end.error) == (True, None)
        until(endpoint, lambda: not endpoint.stats.view().commands_running)
        assert counts(endpoint)["Signal"] == 1
        assert not process.alive


def test_a_kill_after_the_end_kills_nothing(endpoint: Endpoint) -> None:
    with opened(endpoint) as backend:
        process, told = start(backend, "do", "echo {}; exit 0")
        assert told.end.exit_code == 0
        process.kill()
        assert told.end.killed is False
        assert "Signal" not in counts(endpoint)


def test_close_ends_what_runs_and_deletes_the_shell(endpoint: Endpoint) -> None:
    backend = backend_at(endpoint)
    tolds = [start(backend, "do", "echo up; exec sleep 600")[1] for _ in range(3)]
    assert all(told.spoke.wait(30) for told in tolds)
    backend.close()
    assert [told.end.error for told in tolds] == [None] * 3
    until(endpoint, lambda: not endpoint.stats.view().commands_running)
    backend.close()
    _, told = start(backend, "do", "exit 0")  # what comes too late opens no shell that nobody would delete
    assert told.end.error is not None
    assert told.end.error.kind == "closed"
    assert sum(endpoint.stats.view().shells_ever.values()) == 1


def test_a_listener_that_raises_leaves_no_shell(endpoint: Endpoint) -> None:
    def broken(_: bytes) -> None:
        raise RuntimeError("no")

    told = Told()
    with pytest.raises(KeyError), opened(endpoint) as backend:  # noqa: PT012 - the exception passes the closing
        backend.start(["do", "echo a; exec sleep 600"], b"", broken, told.on_end)
        assert told.end.error is not None
        raise KeyError
    until(endpoint, lambda: not endpoint.stats.view().commands_running)


def test_ctrl_c_in_a_command_leaves_no_shell() -> None:
    executor = shell_executor(powershell=["/bin/sh", "-c", "exec sleep 600"])
    with Endpoint(settings(), executor) as served:

        def press() -> None:
            until(served, lambda: bool(served.stats.view().commands_running))
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=press, daemon=True).start()
        with pytest.raises(KeyboardInterrupt), opened(served) as backend:
            backend.run("'never'")
        assert served.stats.view().shells_open == {}
        until(served, lambda: not served.stats.view().commands_running)


def test_a_line_without_end_is_refused() -> None:
    with Endpoint(settings(), shell_executor()) as served, opened(served) as backend:
        _, told = start(backend, "do", "yes aaaaaaaaaaaaaaaaaaaaaaaa | tr -d '\\n'")
        assert told.end.error is not None
        assert told.end.error.kind == "contract"
        until(served, lambda: not served.stats.view().commands_running)


def test_a_shell_that_idled_out_is_opened_again_once(endpoint: Endpoint) -> None:
    with opened(endpoint) as backend:
        assert start(backend, "do", "true")[1].end.exit_code == 0
        endpoint.faults = [Fault("shell-lost", operations=frozenset({"Command"}), times=1)]
        assert start(backend, "do", "true")[1].end.exit_code == 0
        assert endpoint.stats.view().shells_ever == {"": 2}
        endpoint.faults = [Fault("shell-lost", operations=frozenset({"Command"}))]
        error = start(backend, "do", "true")[1].end.error
        assert error is not None
        assert error.kind == "closed"


def test_a_full_shell_gets_one_beside_it() -> None:
    with Endpoint(settings(max_processes_per_shell=1), shell_executor()) as served:
        with opened(served) as backend:
            one, told = start(backend, "do", "echo up; exec sleep 600")
            assert told.spoke.wait(30)
            _, other = start(backend, "do", "echo two")
            assert other.end.exit_code == 0
            assert one.alive
            assert served.stats.view().shells_open == {"": 2}
        assert served.stats.view().shells_open == {}


def test_a_connection_that_was_closed_meanwhile_is_made_anew(endpoint: Endpoint) -> None:
    with opened(endpoint) as backend:
        assert start(backend, "do", "true")[1].end.exit_code == 0
        for line in backend._shells.lines._free:
            line._protocol.transport.wire._socket.shutdown(socket.SHUT_RDWR)
        assert start(backend, "do", "true")[1].end.exit_code == 0
        view = endpoint.stats.view()
        assert (view.connections, view.shells_ever) == (2, {"": 1})


def test_a_dead_host_does_not_hold_close_up() -> None:
    with Endpoint(settings(), shell_executor()) as served:
        backend = backend_at(served)
        _, told = start(backend, "do", "echo up; exec sleep 600")
        assert told.spoke.wait(30)
        served.faults = [Fault("silent")]
        backend.close()
        assert told.end.error is None
        assert served.stats.view().shells_open == {"": 1}, "its idle timeout ends it"


def test_a_wrong_password_is_tried_once_only(endpoint: Endpoint) -> None:
    with opened(endpoint, secret=WRONG) as backend:
        errors = [start(backend, "do", "true")[1].end.error for _ in range(3)]
        assert [error.kind for error in errors if error] == ["auth"] * 3
        assert endpoint.stats.view().requests == {"": 3}


def test_the_password_is_fetched_once_by_the_caller(endpoint: Endpoint) -> None:
    asked = []
    backend = backend_at(endpoint)
    fetch = backend._secrets
    backend._secrets = lambda ref: asked.append(ref) or fetch(ref)
    assert isinstance(fetch(None), Secret)
    for _ in range(2):
        assert start(backend, "do", "true")[1].end.exit_code == 0
    backend.close()
    assert len(asked) == 1
