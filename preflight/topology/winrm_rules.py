"""What a `manage` may not say together: keys of another way, passwords in clear, logins without what they need."""

from __future__ import annotations

from dataclasses import replace

from preflight.topology.model import Manage
from preflight.topology.pieces import Entry
from preflight.topology.problems import Place, Problems
from preflight.topology.raw import RawHost

HTTP_PORT, HTTPS_PORT = 5985, 5986
WINRM_KEYS = ("https", "auth", "certificate", "certificate_key", "verify")
SSH_KEYS = ("key_file", "ssh_config", "jump", "python", "sudo", "options")
PASSWORD_AUTHS = ("ntlm", "basic", "credssp")


def note_foreign_keys(entry: Entry[RawHost], by: str, problems: Problems) -> None:
    """Keys that mean nothing to the host's way. The top-level ones are defaults of those hosts that they fit."""
    foreign = {"winrm": SSH_KEYS, "ssh": WINRM_KEYS, "local": WINRM_KEYS}.get(by, ())
    other = "ssh" if by == "winrm" else "winrm"
    own = entry.raw.manage
    for key in foreign:
        if own is not None and key in own.model_fields_set:
            text = f"means nothing over {by}: it is for `by: {other}`; remove it, or change `by`"
            problems.add(entry.at.of("manage", key), text)


def note_winrm_problems(entry: Entry[RawHost], manage: Manage, problems: Problems) -> None:
    """What contradicts itself in a host's WinRM settings, or lacks."""
    at = entry.at.of("manage")
    scheme = "https" if manage.https else "http"
    if manage.auth == "basic" and not manage.https:
        text = "basic over http sends the password in clear; write `https: true`, or `auth: ntlm`, which encrypts"
        problems.add(at.of("auth"), text)
    if manage.auth == "certificate":
        if not manage.https:
            problems.add(at.of("auth"), "a client certificate needs TLS; write `https: true`")
        missing = [key for key in ("certificate", "certificate_key") if getattr(manage, key) is None]
        if missing:
            problems.add(at.of("auth"), f"`auth: certificate` needs {' and '.join(missing)}: PEM files of the client")
    elif manage.certificate or manage.certificate_key:
        key = "certificate" if manage.certificate else "certificate_key"
        problems.add(at.of(key), f"is used by `auth: certificate` only, and auth is {manage.auth}; remove one of them")
    if manage.auth in PASSWORD_AUTHS:
        if manage.user is None and not _told(at, "user", problems):
            problems.add(at.of("user"), f"missing; `auth: {manage.auth}` needs an account, as `user: CORP\\preflight`")
        if manage.password is None and not _told(at, "password", problems):
            text = f"missing; `auth: {manage.auth}` needs one, as `password: {{env: {_variable(entry.name)}}}`"
            problems.add(at.of("password"), text)
    if (manage.port == HTTPS_PORT and not manage.https) or (manage.port == HTTP_PORT and manage.https):
        right = "true" if manage.port == HTTPS_PORT else "false"
        text = f"port {manage.port} is not {scheme}'s; write `https: {right}`, or the port where {scheme} is served"
        problems.add(at.of("https"), text)
    own = entry.raw.manage
    if not manage.https and own is not None and "verify" in own.model_fields_set:
        problems.add(at.of("verify"), "there is no certificate over http; write `https: true`, or remove it")


def _told(at: Place, key: str, problems: Problems) -> bool:
    """A value that was refused is not missing, too; at the host or at the top."""
    return problems.told_of(at.of(key)) or problems.told_of(replace(at, path=("manage", key)))


def _variable(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name).upper() + "_PASSWORD"
