"""Every row of the table of connection faults: recorded exceptions and fault codes lead to its sentences."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError

from preflight.topology.model import Manage
from preflight.transports.winrm_errors import explained, from_clues
from preflight.transports.winrm_faults import ROWS
from preflight.transports.winrm_http import HttpAnswerError, NotSealedError
from preflight.transports.winrm_line import NEVER_ANSWERED, DroppedError, OverdueError

HTTP = Manage("winrm", "10.1.1.11", user="CORP\\admin")
HTTPS = Manage("winrm", "10.1.1.11", 5986, "CORP\\admin", https=True)
BASIC = Manage("winrm", "10.1.1.11", 5986, "admin", https=True, auth="basic")
CERT = Manage("winrm", "10.1.1.11", 5986, https=True, auth="certificate", certificate="c", certificate_key="k")
KERBEROS = Manage("winrm", "cml1.corp.example", auth="kerberos")


def wsman(code: int | None, subcode: str = "w:InternalError", reason: str = "Refused.") -> WSManFaultError:
    return WSManFaultError(500, "m", "<r/>", reason, "s:Sender", subcode, code)


def http(status: int, offered: str = "", body: str = "") -> HttpAnswerError:
    response = requests.Response()
    response.status_code = status
    if offered:
        response.headers["WWW-Authenticate"] = offered
    response.request = requests.Request("POST", "http://10.1.1.11").prepare()
    return HttpAnswerError(response, body)


def raised(kind: type[Exception], text: str, note: str = "") -> Exception:
    error = kind(text)
    if note:
        error.add_note(note)
    return error


CONNECTION, TLS = requests.ConnectionError, requests.exceptions.SSLError
# As requests 2.34 on Linux, macOS and Windows, pyspnego, gssapi and Windows' own service say it.
RECORDED: list[tuple[str, Manage, Any]] = [
    (
        "name-unknown",
        HTTP,
        raised(CONNECTION, "NameResolutionError: Failed to resolve 'x' ([Errno 11001] getaddrinfo failed)"),
    ),
    ("refused", HTTP, raised(CONNECTION, "NewConnectionError: [WinError 10061] No connection could be made")),
    ("no-route", HTTP, raised(CONNECTION, "NewConnectionError: [Errno 113] No route to host")),
    ("no-answer", HTTP, raised(requests.ConnectTimeout, "Connection to 10.1.1.11 timed out. (connect timeout=8.0)")),
    ("silent", HTTP, raised(requests.ReadTimeout, "Read timed out. (read timeout=30)")),
    ("silent", HTTP, OverdueError("no answer within 40 s")),
    ("silent", HTTP, WinRMOperationTimeoutError()),
    ("certificate-name", HTTPS, raised(TLS, "CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch")),
    (
        "certificate-name",
        HTTPS,
        raised(TLS, "CERTIFICATE_VERIFY_FAILED] IP address mismatch, certificate is not valid"),
    ),
    ("certificate-expired", HTTPS, raised(TLS, "CERTIFICATE_VERIFY_FAILED] certificate has expired (_ssl.c:1006)")),
    ("certificate-early", HTTPS, raised(TLS, "CERTIFICATE_VERIFY_FAILED] certificate is not yet valid (_ssl.c:1006)")),
    ("certificate-untrusted", HTTPS, raised(TLS, "CERTIFICATE_VERIFY_FAILED] self-signed certificate in chain")),
    ("client-certificate", CERT, http(401, "Negotiate")),
    ("client-certificate", CERT, http(403)),
    (
        "client-certificate",
        CERT,
        raised(TLS, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required"),
    ),
    ("file-missing", HTTPS, raised(OSError, "Could not find a suitable TLS CA certificate bundle, invalid path: /x")),
    ("file-missing", CERT, InvalidCredentialsError("cert_pem file not found (c)")),
    ("https-on-http", HTTPS, raised(TLS, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")),
    ("https-on-http", HTTPS, raised(TLS, "[SSL] record layer failure (_ssl.c:1028)")),
    ("old-tls", HTTPS, raised(TLS, "[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c:1006)")),
    ("old-tls", HTTPS, raised(TLS, "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure")),
    ("http-on-https", HTTP, http(400, body="<p>The plain HTTP request was sent to HTTPS port</p>")),
    (
        "http-on-https",
        HTTP,
        raised(CONNECTION, "('Connection aborted.', ConnectionResetError(104, 'reset'))", NEVER_ANSWERED),
    ),
    (
        "http-on-https",
        HTTP,
        raised(CONNECTION, "('Connection aborted.', BadStatusLine('\\x15\\x03\\x01'))", NEVER_ANSWERED),
    ),
    ("reset", HTTP, raised(CONNECTION, "('Connection aborted.', RemoteDisconnected('Remote end closed connection'))")),
    ("reset", HTTP, raised(CONNECTION, "('Connection aborted.', ConnectionResetError(10054, 'x', None, 10054, None))")),
    ("reset", HTTP, DroppedError("the connection was ended")),
    ("clock-skew", KERBEROS, raised(RuntimeError, "(('Unspecified GSS failure', 1), ('Clock skew too great', 2))")),
    ("clock-skew", HTTP, wsman(1398)),
    ("clock-skew", HTTP, wsman(2148074276)),
    (
        "no-ticket",
        KERBEROS,
        raised(RuntimeError, "No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_0)"),
    ),
    ("no-ticket", KERBEROS, raised(RuntimeError, "Server not found in Kerberos database")),
    ("proxy", HTTP, http(407)),
    ("proxy", HTTPS, raised(requests.exceptions.ProxyError, "Tunnel connection failed: 407")),
    ("redirected", HTTP, http(302)),
    ("basic-not-offered", BASIC, http(401, "Negotiate, Kerberos")),
    ("basic-not-offered", BASIC, http(401)),
    ("ntlm-not-offered", HTTP, http(401, 'Kerberos, Basic realm="WSMAN"')),
    (
        "ntlm-not-offered",
        HTTP,
        raised(PermissionError, "Access denied: Server did not respond with NTLM challenge token"),
    ),
    ("login-refused", HTTP, http(401, 'Negotiate, Basic realm="WSMAN"')),
    ("login-refused", BASIC, http(401, 'Basic realm="WSMAN"')),
    ("login-refused", HTTP, InvalidCredentialsError("the specified credentials were rejected by the server")),
    ("access-denied", HTTP, wsman(5, "w:AccessDenied", "Access is denied. ")),
    ("access-denied", HTTP, wsman(2150859180)),
    ("access-denied", HTTP, http(403)),
    ("unencrypted-refused", HTTP, NotSealedError("the answer came in clear")),
    ("too-many-shells", HTTP, wsman(2150859173)),
    ("too-many-shells", HTTP, wsman(2150859236)),
    ("too-many-users", HTTP, wsman(2150859179)),
    ("too-many-operations", HTTP, wsman(2150859174, "w:QuotaLimit")),
    ("too-many-operations", HTTP, wsman(2150859240)),
    ("too-many-processes", HTTP, wsman(1816, "w:QuotaLimit")),
    ("too-many-processes", HTTP, wsman(2150859241)),
    ("envelope", HTTP, wsman(2150858790, "w:EncodingLimit")),
    ("envelope", HTTP, wsman(None, "w:EncodingLimit")),
    ("envelope", HTTP, http(413)),
    ("unavailable", HTTP, http(503, body="<h2>Service Unavailable</h2>")),
    ("internal", HTTP, http(500)),
    ("not-winrm", HTTP, http(404, body="<html>")),
    ("not-winrm", HTTP, raised(CONNECTION, "('Connection aborted.', BadStatusLine('220 ftp ready'))")),
    ("not-winrm", HTTP, raised(SyntaxError, "ParseError: not well-formed (invalid token): line 1, column 0")),
    ("shell-gone", HTTP, wsman(2150858843, "w:InvalidSelectors")),
    ("shell-gone", HTTP, wsman(995)),
    ("language-mode", HTTP, "exit: 6\nsaid: ConstrainedLanguage"),
    ("old-powershell", HTTP, "exit: 8\nsaid: 4.0"),
    ("no-powershell", HTTP, "exit: 1\nsaid: 'powershell.exe' is not recognized as an internal or external command"),
    ("no-powershell", HTTP, wsman(2, reason="The system cannot find the file specified. ")),
    ("fault", HTTP, wsman(2150858999)),
    ("other", HTTP, raised(RuntimeError, "something new")),
]


@pytest.mark.parametrize(
    ("name", "manage", "error"), RECORDED, ids=lambda v: v if isinstance(v, str) and " " not in v else ""
)
def test_told(name: str, manage: Manage, error: Any) -> None:
    told = from_clues(error, manage, "ConstrainedLanguage") if isinstance(error, str) else explained(error, manage)
    row = next(row for row in ROWS if row.name == name)
    assert told.kind == row.kind, told
    wanted = re.escape(row.remedy)
    for field in re.findall(r"\\\{\w+\\\}", wanted):
        wanted = wanted.replace(field, ".+")
    assert re.fullmatch(wanted, told.remedy), told
    assert manage.address in told.cause
    assert not re.search(r"\{\w+\}", told.cause + told.remedy)
    assert told.cause.endswith(".")
    assert told.remedy.endswith(".")


def test_every_row_is_shown_and_says_something() -> None:
    assert {name for name, _, _ in RECORDED} == {row.name for row in ROWS}
    assert len(ROWS) >= 15
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len({row.cause for row in ROWS}) == len(ROWS)


def test_what_a_host_says_is_bounded_and_without_control_characters() -> None:
    told = explained(wsman(2150858999, reason="\x1b[31mred\x07 " + "x" * 5000), HTTP)
    assert len(told.cause) < 500
    assert not re.search(r"[\x00-\x1f]", told.cause)
    told = explained(wsman(2150858999, reason="{user} {t}"), HTTP)
    assert "{user} {t}" in told.cause, "a host's words are no template"
