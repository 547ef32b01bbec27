"""Why a host cannot be reached over WinRM: name, network, TLS. One row a cause."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultRow:
    """`clues`: regular expressions that must all be found in what is known of the error (see winrm_errors.clues).

    In cause and remedy {t} is address:port and scheme, {address}, {user}, {auth}, {ca} and {files} are the
    inventory's. `quotes`: what the host or the library said is put behind the cause.
    Fault numbers are those of Windows' wsmerror.h, winerror.h and sspi.h.
    """

    name: str
    kind: str
    clues: tuple[str, ...]
    cause: str
    remedy: str
    quotes: bool = True


QUICK = "On the host, as administrator: winrm quickconfig, or Enable-PSRemoting -Force."

WAY_ROWS = (
    FaultRow(
        "name-unknown",
        "dns",
        (r"NameResolutionError|gaierror|Name or service not known|getaddrinfo failed|nodename nor servname",),
        "The name {address} does not resolve on the controller.",
        "Correct manage.address, or the controller's DNS; try: nslookup {address}.",
        quotes=False,
    ),
    FaultRow(
        "refused",
        "refused",
        (r"ConnectionRefusedError|Connection refused|WinError 10061",),
        "{t} refused the connection: WinRM does not listen on that port, or a firewall rejects it.",
        f"{QUICK} Then look at: winrm enumerate winrm/config/listener; correct manage.port and manage.https.",
        quotes=False,
    ),
    FaultRow(
        "no-route",
        "unreachable",
        (r"No route to host|Network is unreachable|Host is (down|unreachable)|WinError 1005[01]|WinError 10065",),
        "There is no way from the controller to {t}.",
        "Look at manage.address, the controller's routes and whether the host is up.",
    ),
    FaultRow(
        "no-answer",
        "timeout",
        (r"ConnectTimeout",),
        "{t} does not answer: the host is down, or a firewall drops the connection.",
        "On the host: Enable-NetFirewallRule -DisplayGroup 'Windows Remote Management'; it lets in the local subnet "
        "only on the Public profile. Then look at the firewalls between.",
        quotes=False,
    ),
    FaultRow(
        "silent",
        "timeout",
        (r"ReadTimeout|Read timed out|OverdueError|code: 2150858793$",),
        "{t} took the request and did not answer in time.",
        "Look at the host's load, and on it: Restart-Service WinRM.",
        quotes=False,
    ),
    FaultRow(
        "certificate-name",
        "tls",
        (r"[Hh]ostname mismatch|IP address mismatch|doesn't match",),
        "The certificate of {t} is not for {address}.",
        "Write the name that stands in the certificate as manage.address, or give the listener one with this name: "
        "winrm enumerate winrm/config/listener shows which it uses.",
    ),
    FaultRow(
        "certificate-expired",
        "tls",
        (r"certificate has expired",),
        "The certificate of {t} has expired.",
        "Renew it and bind it on the host: Set-WSManInstance winrm/config/Listener -SelectorSet "
        "@{Address='*';Transport='HTTPS'} -ValueSet @{CertificateThumbprint='...'}.",
        quotes=False,
    ),
    FaultRow(
        "certificate-early",
        "clock",
        (r"certificate is not yet valid",),
        "The certificate of {t} is not valid yet by the controller's clock.",
        "Set the controller's clock right; if it is, look at the certificate's dates.",
        quotes=False,
    ),
    FaultRow(
        "certificate-untrusted",
        "tls",
        (r"CERTIFICATE_VERIFY_FAILED",),
        "The certificate of {t} is not issued by {ca}.",
        "Write `verify: PATH` with the PEM file of the CA that issued it (for a self-signed one, itself). "
        "`verify: false` does not check it at all, and the report says so.",
    ),
    FaultRow(
        "client-certificate",
        "auth",
        (r"^auth: certificate$", r"alert.*certificate|ALERT.*CERTIFICATE|certificate_required|http: 40[13]$"),
        "{t} did not accept the client's certificate.",
        r"On the host: Set-Item WSMan:\localhost\Service\Auth\Certificate $true, the issuer in Trusted Root, and a "
        r"mapping to an account: Get-ChildItem WSMan:\localhost\ClientCertificate.",
    ),
    FaultRow(
        "file-missing",
        "config",
        (
            r"CA certificate bundle|TLS (certificate|key) file|cert\w*_pem file not found|invalid path|NO_START_LINE"
            r"|NO_CERTIFICATE_OR_CRL_FOUND|KEY_VALUES_MISMATCH|PEM lib",
        ),
        "A certificate file of the inventory for {t} cannot be used.",
        "Correct `verify`, `certificate` or `certificate_key`: PEM files, the key without a passphrase.",
    ),
    FaultRow(
        "https-on-http",
        "tls",
        (
            r"^scheme: https$",
            r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER_FAILURE|record layer failure"
            r"|wrong version number",
        ),
        "{t} does not speak TLS: that port is WinRM's plain HTTP, or another service's.",
        "Write `https: false` and port 5985 (messages are encrypted all the same), or make a TLS listener on the "
        "host: winrm quickconfig -transport:https.",
        quotes=False,
    ),
    FaultRow(
        "old-tls",
        "tls",
        (
            r"UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE|NO_SHARED_CIPHER|HANDSHAKE_FAILURE"
            r"|DH_KEY_TOO_SMALL|TLSV1_ALERT_INSUFFICIENT_SECURITY|unsupported protocol|handshake failure",
        ),
        "{t} offers no TLS that the controller takes (1.2 or later).",
        r"On the host, enable TLS 1.2 below HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL"
        r"\Protocols and restart it; until then use port 5985, which NTLM encrypts.",
    ),
    FaultRow(
        "http-on-https",
        "tls",
        (
            r"^scheme: http$",
            r"BadStatusLine.*(x15|\\x15)|http: 400\n(.*\n)*body:.*(HTTPS|SSL|TLS)"
            r"|raised:.*(RemoteDisconnected|ConnectionReset|Connection aborted)(?!.*BadStatus)(.*\n)*answered: never",
        ),
        "{t} breaks plain HTTP off at its first word: that port speaks TLS, or something between ends connections.",
        "Write `https: true` for this host (WinRM's TLS port is 5986); else look at the firewalls between.",
        quotes=False,
    ),
    FaultRow(
        "reset",
        "closed",
        (
            r"^raised: (?!.*BadStatusLine).*(ConnectionReset|RemoteDisconnected|Connection aborted|IncompleteRead"
            r"|UNEXPECTED_EOF|EOF occurred|BrokenPipe|DroppedError|StaleConnectionError|WinError 1005[34])",
        ),
        "{t} broke the connection off.",
        "Look whether WinRM was restarted there (Get-WinEvent Microsoft-Windows-WinRM/Operational -MaxEvents 20), and "
        "at firewalls between that end connections.",
    ),
)
