"""What to type to mend a finding: lines that can be copied, and where. Pure; no secret ever stands in one."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Sequence

from preflight.doctor.approach import by_hand
from preflight.doctor.model import Typed
from preflight.topology.model import Machine, Manage

WINDOWS = os.name == "nt"
HERE, INVENTORY = "here", "inventory"
_CLOCK_WINDOWS = ("w32tm /query /status", "w32tm /resync /rediscover")
_CLOCK_UNIX = ("timedatectl status", "sudo chronyc makestep || sudo systemctl restart systemd-timesyncd")
_FULL_RIGHTS = (
    r"reg add HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System "
    "/v LocalAccountTokenFilterPolicy /t REG_DWORD /d 1 /f"
)


def typed_for(kind: str, machine: Machine, port: int, windows: bool) -> tuple[Typed, ...]:
    """Lines for one kind of finding; none where only the sentence helps, or in the lab. `windows`: the host is one."""
    manage = machine.manage
    maker = _LINES.get(kind)
    if manage is None or maker is None or manage.by == "lab":
        return ()
    return maker(_Case(machine.name, manage, port, windows))


class _Case:
    """One host as the lines below need it."""

    def __init__(self, name: str, manage: Manage, port: int, windows: bool) -> None:
        self.name, self.manage, self.port, self.windows = name, manage, port, windows
        self.ssh = manage.by == "ssh"
        self.jump = self.ssh and port == 0  # nothing was looked at from here: a jump host stands between
        self.user = manage.user or "USER"

    def here(self, *words: str) -> Typed:
        return Typed(HERE, _quoted(words))

    def there(self, line: str) -> Typed:
        return Typed(f"on {self.name}", line)

    def inventory(self, key: str, value: str) -> Typed:
        return Typed(INVENTORY, f"hosts.{self.name}.manage.{key}: {value}")


def _quoted(words: Sequence[str]) -> str:
    return subprocess.list2cmdline(words) if WINDOWS else shlex.join(words)


def _dns(case: _Case) -> tuple[Typed, ...]:
    if case.jump:
        return _try(case)
    return (case.here("nslookup", case.manage.address), case.inventory("address", "THE-IP-ADDRESS"))


def _port(case: _Case) -> tuple[Typed, ...]:
    if case.jump:
        return _try(case)
    if case.ssh and case.windows:
        service = "Start-Service sshd; Set-Service sshd -StartupType Automatic"
    elif case.ssh:
        service = "sudo systemctl enable --now ssh || sudo systemctl enable --now sshd"
    else:
        service = "Enable-PSRemoting -Force"
    try_it = (
        Typed(HERE, f"Test-NetConnection {case.manage.address} -Port {case.port}")
        if WINDOWS
        else case.here("nc", "-vz", "-w", "5", case.manage.address, str(case.port))
    )
    return (try_it, case.there(service), case.inventory("port", "THE-PORT"))


def _login(case: _Case) -> tuple[Typed, ...]:
    lines = list(_secret(case))
    if case.ssh:
        words = by_hand(case.manage)
        if case.manage.password is None:
            key = ["-i", f"{case.manage.key_file}.pub"] if case.manage.key_file else []
            port = ["-p", str(case.manage.port)] if case.manage.port else []
            lines.append(case.here("ssh-copy-id", *key, *port, words[-1]))
    return (*lines, *_try(case))


def _try(case: _Case) -> tuple[Typed, ...]:
    """Let ssh itself tell step by step how far it comes."""
    words = by_hand(case.manage)
    return (case.here(words[0], "-v", *words[1:]),) if case.ssh else ()


def _secret(case: _Case) -> tuple[Typed, ...]:
    password = case.manage.password
    if password is None or password.kind == "prompt":
        return ()
    if password.kind == "file":
        return (Typed(HERE, _quoted(["notepad" if WINDOWS else "ls", *([] if WINDOWS else ["-l"]), password.name])),)
    if WINDOWS:
        return (Typed(HERE, f'$env:{password.name} = Read-Host "{password.name}"'),)
    return (Typed(HERE, f"read -rs {password.name} && export {password.name}"),)


def _host_key(case: _Case) -> tuple[Typed, ...]:
    # For a changed key ssh itself prints the file, the line and the command that takes the old one out.
    return (case.there("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"), case.here(*by_hand(case.manage)))


def _no_python(case: _Case) -> tuple[Typed, ...]:
    install = (
        "winget install Python.Python.3.12" if case.windows else "sudo apt install python3 || sudo dnf install python3"
    )
    return (case.there(install), case.inventory("python", "/PATH/TO/python3"))


def _sudoers(case: _Case) -> tuple[Typed, ...]:
    rule = shlex.quote(f"{case.user} ALL=(root) NOPASSWD: /usr/bin/python3")
    return (case.there(f"echo {rule} | sudo tee /etc/sudoers.d/preflight"), case.there("sudo visudo -c"))


def _not_elevated(case: _Case) -> tuple[Typed, ...]:
    if case.windows:
        member = case.user.replace("'", "''")
        return (
            case.there(f"Add-LocalGroupMember -SID S-1-5-32-544 -Member '{member}'"),
            Typed(f"on {case.name}, for a local account", _FULL_RIGHTS),
        )
    if case.manage.by == "local":
        return (Typed(HERE, "sudo .venv/bin/preflight doctor"), case.inventory("sudo", "true"))
    return (case.inventory("sudo", "true"), *_sudoers(case))


def _clock(case: _Case) -> tuple[Typed, ...]:
    return tuple(case.there(line) for line in (_CLOCK_WINDOWS if case.windows else _CLOCK_UNIX))


def _certificate(case: _Case) -> tuple[Typed, ...]:
    return (
        case.here("openssl", "s_client", "-connect", f"{case.manage.address}:{case.port}", "-showcerts"),
        case.there(r"Get-ChildItem Cert:\LocalMachine\My | Format-List Subject, NotAfter, Thumbprint"),
    )


def _expired(case: _Case) -> tuple[Typed, ...]:
    return (
        case.there(r"Get-ChildItem Cert:\LocalMachine\My | Format-List Subject, NotAfter, Thumbprint"),
        case.there(
            "Set-WSManInstance winrm/config/Listener -SelectorSet @{Address='*'; Transport='HTTPS'} "
            "-ValueSet @{CertificateThumbprint='THE-NEW-ONE'}"
        ),
    )


def _listeners(case: _Case) -> tuple[Typed, ...]:
    return (case.there("winrm enumerate winrm/config/listener"), case.inventory("port", "5986"))


def _address(case: _Case) -> tuple[Typed, ...]:
    return (case.there("ipconfig" if case.windows else "ip -br address"),)


_LINES: dict[str, Callable[[_Case], tuple[Typed, ...]]] = {
    "dns": _dns,
    "refused": _port,
    "dropped": _port,
    "unreachable": _port,
    "timeout": _try,
    "slow": _try,
    "closed": _try,
    "auth": _login,
    "secret": _secret,
    "host-key": _host_key,
    "no-python": _no_python,
    "sudo": _sudoers,
    "not-elevated": _not_elevated,
    "rights": _not_elevated,
    "skew": _clock,
    "clock": _clock,
    "untrusted": _certificate,
    "wrong-name": _certificate,
    "expired": _expired,
    "expires-soon": _expired,
    "no-tls": _listeners,
    "other-address": _address,
}
