"""A directory's certificate as the agents of a CML see it: real servers, the Python and the PowerShell agent."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import slapd_server
from batch_runner import BatchProcess
from paper_authority import Authority, Papers
from powershell_start import powershell
from samba_dc import PORTS, LocalDomain
from slapd_server import LocalSlapd

from preflight.agents.scripts import agent_script, bootstrap_command, powershell_command, powershell_feed
from preflight.survey.options import SurveyOptions
from preflight.survey.prepare import Ask
from preflight.survey.requests import probe_request
from preflight.values.probe import Probe
from preflight.wire import tls

ROUNDS = 5  # what a server says in several pieces may come in one read or in several


def in_python(lines: list[bytes]) -> BatchProcess:
    script = agent_script("exchange")
    return BatchProcess(bootstrap_command(sys.executable, script), script + b"".join(line + b"\n" for line in lines))


def in_powershell(lines: list[bytes]) -> BatchProcess:
    return BatchProcess(
        powershell_command(powershell()), powershell_feed(agent_script("exchange", "powershell"), lines)
    )


Start = Callable[[list[bytes]], BatchProcess]
LANGUAGES = pytest.mark.parametrize("start", [in_python, in_powershell])


def seen(start: Start, port: int, address: str = "127.0.0.1") -> set[str | None]:
    """What the port's answers say, asked several times at once as the survey asks."""
    probe = Probe("cml1", "dc1", address, "tcp", port, "existing", speak="tls", name="dc1.corp.example")
    options = SurveyOptions(probe_timeout_s=5)
    asked = [probe_request(str(n), Ask(probe, "plain", port), "", options) for n in range(ROUNDS)]
    hello = {"do": "hello", "contract": 1, "life_s": 60, "finish": True}
    exchange = {"do": "exchange", "id": "x", "probes": [one.model_dump(mode="json") for one in asked]}
    agent = start([json.dumps(line).encode("ascii") for line in (hello, exchange)])
    try:
        assert agent.finish() == 0, agent.complaints
        results = [event for event in agent.unnamed if event["event"] == "result"]
        assert [event["outcome"] for event in results] == ["answered"] * ROUNDS
        return {tls.describe(bytes.fromhex(event["received"])) for event in results}
    finally:
        agent.stop()


def sha256(papers: Papers) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(papers.certificate.read_text("ascii"))).hexdigest()


@contextlib.contextmanager
def newest_only(papers: Papers) -> Iterator[int]:
    """A server of TLS 1.3 only; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.certificate, papers.key)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = door.accept()
                    with contextlib.suppress(OSError), peer:
                        context.wrap_socket(peer, server_side=True).close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(door.getsockname()[1])
        door.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@LANGUAGES
def test_the_certificate_of_openldap(slapd_few: tuple[LocalSlapd, Papers], start: Start) -> None:
    server, papers = slapd_few
    (told,) = seen(start, server.tls_port)
    assert told
    assert told.startswith("TLS 1.2, certificate CN=dc1.corp.example, until ")
    assert told.endswith(f", SHA-256 {sha256(papers)}")


@LANGUAGES
def test_a_server_of_tls_1_3_only(authority: Authority, start: Start) -> None:
    with newest_only(authority.issue("newest", ["dc1.corp.example"])) as port:
        (told,) = seen(start, port)
    assert told
    assert told.startswith("TLS is spoken; the certificate could not be seen: the server speaks TLS newer than 1.2")


@LANGUAGES
@pytest.mark.parametrize("port", ["ldaps", "catalogs"])
def test_the_certificate_of_a_samba_domain_controller(domain: LocalDomain, start: Start, port: str) -> None:
    (told,) = seen(start, PORTS[port], domain.address)
    assert told
    assert told.startswith("TLS 1.2, certificate CN=dc1.corp.example, until ")


@pytest.fixture(scope="module")
def slapd_few(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[tuple[LocalSlapd, Papers]]:
    """An OpenLDAP server without people."""
    if reason := slapd_server.why_not():
        pytest.skip(reason)
    papers = authority.issue("few", ["dc1.corp.example"])
    with LocalSlapd(tmp_path_factory.mktemp("few") / "server", (), papers) as server:
        yield server, papers
