"""The password shows nowhere: not in errors, their chains, tracebacks, logs, repr or on the wire."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest
from winrm_ground import SECRET, WRONG, backend_at, machine_at, settings, shell_executor, start

from preflight.errors import TransportError
from preflight.lab.wsman.certificates import new_certificate
from preflight.lab.wsman.faults import Fault
from preflight.lab.wsman.server import Endpoint
from preflight.topology.credentials import Secret
from preflight.transports.winrm import WinRmBackend


def everything_of(error: BaseException) -> str:
    """A traceback with the locals of every frame, as pytest --showlocals and crash reporters write them."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.parametrize("auth", ["ntlm", "basic"])
@pytest.mark.parametrize("fault", ["", "wrong-password", "reset", "not-found", "no-rights"])
def test_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture, auth: str, fault: str) -> None:
    caplog.set_level(logging.DEBUG)
    tls = new_certificate(tmp_path, ["127.0.0.1"]) if auth == "basic" else None
    with Endpoint(settings(tls=tls), shell_executor()) as served:
        backend = backend_at(served, auth=auth, verify=False)
        shown = [repr(backend), backend.describe(), repr(backend.__dict__), repr(machine_at(served))]
        if fault:
            served.faults = [Fault(fault)]  # type: ignore[arg-type]
            with pytest.raises(TransportError) as raised:
                backend.run("'x'")
            shown.append(everything_of(raised.value))
            assert raised.value.__context__ is None
        else:
            assert start(backend, "do", "true")[1].end.exit_code == 0
        shown += [repr(vars(line)) for line in backend._shells.lines._free] + [repr(vars(backend._shells))]
        backend.close()
    assert not [text for text in [*shown, caplog.text] if SECRET in text]


def test_ntlm_messages_are_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    with Endpoint(settings(), shell_executor()) as served:
        backend = backend_at(served)
        plain = backend._protocol

        def listening() -> object:
            protocol = plain()
            transport = protocol.transport
            send = transport._send_message_request

            def record(session: object, prepared: object) -> object:
                sent.append(prepared.body or b"")  # type: ignore[attr-defined]
                return send(session, prepared)

            monkeypatch.setattr(transport, "_send_message_request", record)
            return protocol

        monkeypatch.setattr(backend._shells.lines, "_make", listening)
        assert start(backend, "do", "cat", feed=b"#PREFLIGHT-REQUESTS in clear")[1].end.exit_code == 0
        backend.close()
    assert len(sent) >= 5
    assert not any(word in body for body in sent for word in (b"Envelope", b"rsp:", b"PREFLIGHT", SECRET.encode()))


def test_a_secret_that_is_not_there_ends_before_anything_is_contacted(endpoint: Endpoint) -> None:
    def missing(_: object) -> Secret:
        raise KeyError(WRONG)

    backend = WinRmBackend(machine_at(endpoint), missing)
    with pytest.raises(KeyError):
        start(backend, "do", "true")
    assert endpoint.stats.view().connections == 0
