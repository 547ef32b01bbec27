"""Why ssh ended by itself, read from its own (always English) words. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from preflight.errors import TransportError
from preflight.transports.clean import last_lines
from preflight.transports.ending import judge_agent

SSH_FAILED = 255  # ssh's own exit code for "no connection"; else it hands on the remote one


# A command may end with 255, too; what ssh itself says then begins like this.
_OWN_WORDS = re.compile(
    r"^(ssh: |\S+@\S+: Permission denied \(|Host key verification failed|kex_|Connection (closed|reset|timed out)"
    r"|command-line line|mux_client|Timeout, server|client_loop|Received disconnect|Unable to negotiate)",
    re.MULTILINE,
)


class _Row(NamedTuple):
    kind: str
    words: str
    cause: str
    remedy: str


# The first row whose words occur is it; {t} is the way as describe() tells it.
_ROWS = (
    _Row(
        "host-key",
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|host key .* has changed|HOST IDENTIFICATION HAS CHANGED",
        "{t} shows another host key than the one in known_hosts: a new machine at that address, or somebody between.",
        "Compare the key's fingerprint at the host's console; if it is right, take the old one out: ssh-keygen -R.",
    ),
    _Row(
        "host-key",
        r"Host key verification failed|No \S+ host key is known|host key is not (known|cached)",
        "The host key of {t} is not in known_hosts.",
        "Log in once by hand with ssh, compare the fingerprint and accept it, or deploy known_hosts.",
    ),
    _Row(
        "dns",
        r"Could not resolve hostname|Name or service not known|nodename nor servname",
        "The name of {t} does not resolve on the controller.",
        "Correct manage.address (or jump, or ssh_config), or the controller's DNS.",
    ),
    _Row(
        "timeout",
        r"timed out during banner exchange|timed out waiting for",
        "{t} took the connection and did not go on with SSH.",
        "Look whether that port is SSH's, whether the host is overloaded, and whether the jump host reaches it.",
    ),
    _Row(
        "refused",
        r"Connection refused",
        "{t} refused the connection: nothing listens there for SSH, or a firewall rejects it.",
        "Start sshd there, correct manage.port, or let the controller through the firewall.",
    ),
    _Row(
        "unreachable",
        r"No route to host|Network is unreachable|Connection timed out|Operation timed out|Host is (down|unreachable)"
        r"|administratively prohibited",
        "{t} does not answer from here.",
        "Look whether it is up, whether manage.address is right, and whether a firewall drops SSH from the controller.",
    ),
    _Row(
        "auth",
        r"Permission denied|Too many authentication failures|No supported authentication methods",
        "{t} did not accept the login.",
        "Look at user, key_file and password in the inventory, whether the key is in ssh-agent, and the host's log.",
    ),
    _Row(
        "config",
        r"^command-line line \d+:|^[^\s:]*/[^\s:]+ line \d+: "
        r"|Bad configuration option|bad configuration options|Can't open user config file|Bad owner or permissions"
        r"|keyword .* extra arguments|unsupported option|[Bb]ad number|Bad port",
        "ssh does not take its configuration for {t}.",
        "Correct the ssh_config or the `options` that the message names.",
    ),
    _Row(
        "algorithms",
        r"no matching (host key type|key exchange method|cipher|MAC)",
        "{t} and this ssh have no algorithm in common.",
        "Update the host's sshd, or allow the old algorithm for this host alone through `options` or ssh_config.",
    ),
    _Row(
        "closed",
        r"Connection closed|Connection reset|[Cc]losed by|[Bb]roken pipe|not responding|kex_exchange_identification"
        r"|[Dd]isconnect|master|mux_client",
        "{t} closed the connection.",
        "Look at the host's sshd log: too many sessions, a restart, or a firewall that ends connections.",
    ),
)
_LOST = _Row(
    "closed",
    "",
    "The connection to {t} was lost while the agent worked.",
    "Look at the network between, and at the host's sshd log, then run again.",
)


def judge_ssh(target: str, code: int, stderr: str, spoke: bool, *, sudo: bool, python: str) -> TransportError:
    """The error of an ssh process that ended with a code other than 0; `target` as in describe()."""
    if code != SSH_FAILED:
        return judge_agent(target, code, stderr, spoke, sudo=sudo, python=python)
    found = connection_error(target, stderr)
    if spoke and (found is None or found.kind not in ("auth", "host-key")):
        return _error(_LOST, target, stderr)
    if found is not None:
        return found
    cause = f"ssh for {target} ended with code 255. It said: {last_lines(stderr) or 'nothing'}."
    return TransportError("other", cause, "Try the same way by hand with ssh -v.")


def command_error(target: str, code: int, stderr: str) -> TransportError | None:
    """Why a command could not be run at all; None when it ran, and its exit code is its own."""
    if code != SSH_FAILED or not _OWN_WORDS.search(stderr):
        return None
    return connection_error(target, stderr)


def connection_error(target: str, stderr: str) -> TransportError | None:
    """What the words of an ssh that ended with 255 mean; None when they are not known."""
    for row in _ROWS:
        if re.search(row.words, stderr, re.MULTILINE):
            return _error(row, target, stderr)
    return None


def no_client(windows: bool) -> TransportError:
    """The controller has no ssh."""
    remedy = (
        "Install it: Settings > System > Optional features > OpenSSH Client "
        "(Add-WindowsCapability -Online -Name OpenSSH.Client~~~~0.0.1.0)."
        if windows
        else "Install the OpenSSH client: apt install openssh-client, or dnf install openssh-clients."
    )
    return TransportError("no-ssh", "The controller has no ssh on its PATH.", remedy)


def _error(row: _Row, target: str, stderr: str) -> TransportError:
    said = last_lines(stderr)
    cause = row.cause.replace("{t}", target) + (f" ssh said: {said}." if said else "")
    return TransportError(row.kind, cause, row.remedy)
