"""Answers one SOAP request: what the shell's operations do."""

from __future__ import annotations

from collections.abc import Callable

from preflight.lab.wsman import replies
from preflight.lab.wsman.faults import FaultBook
from preflight.lab.wsman.settings import EndpointSettings
from preflight.lab.wsman.shells import ShellStore
from preflight.lab.wsman.soap import SHELL_URI, Request
from preflight.lab.wsman.stats import Stats

CMD_SHELL = f"{SHELL_URI}/cmd"


class Operations:
    """The service behind the HTTP server."""

    def __init__(self, settings: EndpointSettings, store: ShellStore, stats: Stats) -> None:
        self._settings = settings
        self._store = store
        self._stats = stats

    def answer(self, request: Request, user: str, path: str, faults: FaultBook, is_wanted: Callable[[], bool]) -> bytes:
        """The reply to a request of `user`. Raises SoapError; `is_wanted` says whether the client is still there."""
        self._stats.operation(request.operation or "unknown", path, user)
        if request.operation == "Identify":
            return replies.IDENTITY.format(os="10.0.17763").encode()
        if not request.operation:
            raise replies.unknown_action()
        if request.resource != CMD_SHELL:
            raise replies.unknown_resource(request.resource)
        if faults.strikes("clock-skew", path, request.operation):
            raise replies.clock_skew()
        if request.operation == "Create":
            return self._create(request, user, path, faults)
        if faults.strikes("shell-lost", path, request.operation):
            self._lose(request, user, path)
        return self._in_shell(request, user, path, is_wanted)

    def _create(self, request: Request, user: str, path: str, faults: FaultBook) -> bytes:
        if faults.strikes("no-rights", path):
            raise replies.access_denied()
        if faults.strikes("too-many-shells", path):
            raise replies.too_many_shells(self._settings.max_shells_per_user)
        idle_s = self._settings.idle_timeout_s if request.idle_timeout_s is None else request.idle_timeout_s
        shell = self._store.create(user, path, idle_s)
        return replies.created(request.message_id, shell.id, request.resource, idle_s)

    def _lose(self, request: Request, user: str, path: str) -> None:
        with self._store.using(request.shell_id, user, path) as shell:
            self._store.delete(shell)
        raise replies.shell_not_found(request.shell_id)

    def _in_shell(self, request: Request, user: str, path: str, is_wanted: Callable[[], bool]) -> bytes:
        body = ""
        with self._store.using(request.shell_id, user, path) as shell:
            if request.operation == "Delete":
                self._store.delete(shell)
            elif request.operation == "Command":
                begun = self._store.start(shell, request.command, request.arguments)
                body = f"<rsp:CommandId>{begun.id}</rsp:CommandId>"
            else:
                command = self._store.command(shell, request.command_id)
                if request.operation == "Receive":
                    most = min(request.max_envelope, self._settings.max_envelope_kb * 1024)
                    room = max(most - replies.RECEIVE_OVERHEAD, 1024) * 3 // 4
                    chunks, exit_code = command.receive(request.timeout_s, room, is_wanted)
                    return replies.received(request.message_id, command.id, chunks, exit_code)
                if request.operation == "Send":
                    running = command.running
                    if running is not None and request.data:
                        running.write(request.data)
                    if running is not None and request.end:
                        running.end_input()
                elif request.signal in ("ctrl_c", "ctrl_break"):
                    command.interrupt()
                else:
                    self._store.forget(shell, command)
        return replies.done(request.operation, request.message_id, body)
