"""The lab's Windows machines over the real protocol: endpoints of ours on loopback, pywinrm at the other end."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from preflight.lab.commands import LabExecutor
from preflight.lab.places import Place
from preflight.lab.state import LabNetwork
from preflight.lab.wsman.certificates import new_authority, new_certificate
from preflight.lab.wsman.faults import Fault
from preflight.lab.wsman.server import Endpoint, EndpointSettings
from preflight.topology.model import Machine, Manage, SecretRef
from preflight.transports.winrm import WinRmBackend

USER = r"LAB\preflight"
HOST = "127.0.0.1"


class _Password:
    """The lab's account has a new password in every run."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """In clear."""
        return self._text


class LabWinRmBackend(WinRmBackend):
    """The way to one Windows machine of the lab."""

    def __init__(self, machine: Machine, ground: LabEndpoints, scenario: str) -> None:
        super().__init__(machine, lambda _: ground.password, path=f"wsman/{machine.name}")
        self._ground = ground
        self._scenario = scenario
        self._open = True

    def describe(self) -> str:
        """One phrase for reports, which must not be taken for a real host's."""
        scheme = "https" if self.manage.https else "http"
        return f"lab, simulated, scenario {self._scenario}, by WinRM over {scheme} on loopback"

    def close(self) -> None:
        """Close the shell; the last machine's takes the endpoints with it."""
        super().close()
        if self._open:
            self._open = False
            self._ground.leave()


class LabEndpoints:
    """The endpoints of one running lab, one for each kind of certificate and one without TLS.

    They listen on loopback, on ports that are free, from the first machine's backend to the last one's close().
    """

    def __init__(self, lab: LabNetwork) -> None:
        self.password = _Password(secrets.token_urlsafe(18))
        self._lab = lab
        self._lock = threading.Lock()
        self._users = 0
        self._folder: Path | None = None
        self._endpoints: dict[str, Endpoint] = {}

    def backend(self, place: Place) -> LabWinRmBackend:
        """The way to a machine. Raises OSError when no port is to be had."""
        with self._lock:
            kind = place.winrm.certificate if place.winrm.https else ""
            endpoint = self._endpoints.get(kind) or self._started(kind)
            self._users += 1
        manage = Manage(
            by="winrm",
            address=HOST,
            port=endpoint.port,
            user=USER,
            password=SecretRef("env", "LAB"),
            https=place.winrm.https,
            verify=str(self._authority) if place.winrm.https else True,
        )
        return LabWinRmBackend(replace(place.machine, manage=manage), self, self._lab.world.scenario)

    def leave(self) -> None:
        """One backend less."""
        with self._lock:
            self._users -= 1
            if self._users:
                return
            endpoints, self._endpoints = self._endpoints, {}
            folder, self._folder = self._folder, None
        for endpoint in endpoints.values():
            endpoint.close()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def _authority(self) -> Path:
        return self._private_folder() / "authority.pem"

    def _private_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="preflight-lab-"))
            self._signer = new_authority()
            self._signer.save(self._folder)
        return self._folder

    def _started(self, kind: str) -> Endpoint:
        tls = None
        if kind:
            folder = self._private_folder()
            tls = new_certificate(folder, [HOST], kind, self._signer)  # type: ignore[arg-type]
        settings = EndpointSettings(host=HOST, tls=tls, users={USER: self.password.reveal()})
        endpoint = Endpoint(settings, LabExecutor(self._lab))
        endpoint.faults = [
            Fault(place.winrm.fault, name) for name, place in self._lab.world.places.items() if place.winrm.fault
        ]
        endpoint.start()
        self._endpoints[kind] = endpoint
        return endpoint
