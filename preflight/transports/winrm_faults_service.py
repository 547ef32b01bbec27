"""Why a host that was reached does not serve us: login, rights, quotas, PowerShell. One row a cause."""

from __future__ import annotations

from preflight.transports.winrm_faults_way import QUICK, FaultRow

SERVICE_ROWS = (
    FaultRow(
        "clock-skew",
        "clock",
        (r"KRB_AP_ERR_SKEW|[Cc]lock skew|code: 1398$|code: 2148074276$|clocks? .*skewed|time and/or date difference",),
        "The clocks of the controller and {t} differ by more than Kerberos allows (5 minutes).",
        "Set both by the domain's time: w32tm /resync on the host; on the controller: timedatectl, or w32tm /resync.",
    ),
    FaultRow(
        "no-ticket",
        "auth",
        (
            r"No Kerberos credentials|[Cc]redentials? cache|No credentials were supplied|Ticket expired"
            r"|KerberosExchange|Server not found in Kerberos|Cannot find KDC|KRB5",
        ),
        "Kerberos gave no ticket for {t}.",
        "On the controller: kinit USER@REALM, then klist; manage.address must be the host's name as the domain knows "
        "it (setspn -L HOST shows HTTP or WSMAN).",
    ),
    FaultRow(
        "proxy",
        "proxy",
        (r"http: 407$|ProxyError",),
        "A proxy between asks for a login (407) where {t} should answer: it takes the traffic without being asked to.",
        "Let the controller reach the host directly; Preflight uses no proxy, whatever the environment says.",
        quotes=False,
    ),
    FaultRow(
        "redirected",
        "not-winrm",
        (r"http: 30[12378]$",),
        "{t} sends elsewhere: a web server or a gateway answers in WinRM's place.",
        f"Correct manage.port and manage.https. {QUICK}",
        quotes=False,
    ),
    FaultRow(
        "basic-not-offered",
        "auth",
        (r"^auth: basic$", r"http: 401$", r"^offered: (?!.*\bbasic\b)"),
        "{t} does not offer Basic logins.",
        r"Write `auth: ntlm`, or on the host: Set-Item WSMan:\localhost\Service\Auth\Basic $true. Basic knows local "
        "accounts only.",
        quotes=False,
    ),
    FaultRow(
        "ntlm-not-offered",
        "auth",
        (r"^auth: ntlm$", r"http: 401\noffered: (?!.*\b(negotiate|ntlm)\b)|did not respond with NTLM|'www-auth"),
        "{t} does not offer NTLM (Negotiate).",
        r"On the host: Set-Item WSMan:\localhost\Service\Auth\Negotiate $true, and look at the policy 'Restrict NTLM: "
        "Incoming NTLM traffic'; else `auth: kerberos`, or `auth: basic` over https.",
        quotes=False,
    ),
    FaultRow(
        "login-refused",
        "auth",
        (r"http: 401$|InvalidCredentialsError|SpnegoError|InvalidCredential",),
        "{t} did not accept the login of {user} ({auth}). It does not say why: a wrong password or name, or an account "
        "that is locked, disabled, expired or must change its password.",
        r"Try it once by hand (net use \\{address}\IPC$ /user:{user}) and see the host's Security log, event 4625; a "
        r"domain account needs its domain (DOMAIN\name). TrustedHosts plays no part: it is Windows' own client's.",
        quotes=False,
    ),
    FaultRow(
        "access-denied",
        "rights",
        (r"code: 5$|subcode: \w+:AccessDenied|http: 403$|code: 2150859180$",),
        "{t} knows {user} and does not let it in: over the network it has no administrator's token, or remote shells "
        "are switched off for it.",
        r"Put it into Administrators or Remote Management Users there. For a local account: reg add HKLM\SOFTWARE"
        r"\Microsoft\Windows\CurrentVersion\Policies\System /v LocalAccountTokenFilterPolicy /t REG_DWORD /d 1. Look "
        r"also at Get-Item WSMan:\localhost\Shell\AllowRemoteShellAccess.",
    ),
    FaultRow(
        "unencrypted-refused",
        "auth",
        (r"^scheme: http$", r"[Uu]nencrypted|NotSealedError"),
        "{t} and the controller agree on no encryption, and nothing is sent in clear.",
        "Write `https: true`, or `auth: ntlm`, which encrypts over http; leave AllowUnencrypted on the host false.",
    ),
    FaultRow(
        "too-many-shells",
        "quota",
        (r"code: (2150859173|2150859236|2150859238)$",),
        "{user} has as many shells open on {t} as WinRM allows.",
        "On the host: winrm enumerate shell shows whose they are; Restart-Service WinRM ends them, or: Set-Item "
        r"WSMan:\localhost\Shell\MaxShellsPerUser 30.",
    ),
    FaultRow(
        "too-many-users",
        "quota",
        (r"code: (2150859179|2150859237)$",),
        "{t} has as many users in remote shells as WinRM allows.",
        r"On the host: Set-Item WSMan:\localhost\Shell\MaxConcurrentUsers 100, or wait until others have left.",
    ),
    FaultRow(
        "too-many-processes",
        "quota",
        (r"code: (1816|2150859241|1455)$",),
        "A shell on {t} may not start more processes, or its memory is used up.",
        r"On the host: Set-Item WSMan:\localhost\Shell\MaxProcessesPerShell 25, and MaxMemoryPerShellMB 1024 there.",
    ),
    FaultRow(
        "too-many-operations",
        "quota",
        (r"code: (2150859174|2150859175|2150859176|2150859239|2150859240|2150859242)$|subcode: \w+:QuotaLimit",),
        "{t} has more WinRM requests at once than its quota allows.",
        r"On the host: Restart-Service WinRM; if it comes back: Set-Item WSMan:\localhost\Service"
        r"\MaxConcurrentOperationsPerUser 1500.",
    ),
    FaultRow(
        "envelope",
        "quota",
        (r"code: 2150858790$|subcode: \w+:EncodingLimit|http: 413$|[Mm]ax(imum)? ?[Ee]nvelope ?[Ss]ize",),
        "{t} takes only smaller WinRM messages than an agent's script needs.",
        r"On the host: Set-Item WSMan:\localhost\MaxEnvelopeSizekb 500.",
    ),
    FaultRow(
        "unavailable",
        "not-winrm",
        (r"http: 503$",),
        "{t} answers 503: Windows' web layer is there, and the WinRM service behind it is not.",
        f"On the host: Start-Service WinRM; sc.exe qc WinRM. {QUICK}",
        quotes=False,
    ),
    FaultRow(
        "internal",
        "other",
        (r"http: 500$",),
        "{t} answers HTTP 500 and says no reason: WinRM failed there, or could not decrypt the message.",
        "On the host: Restart-Service WinRM, and see Get-WinEvent Microsoft-Windows-WinRM/Operational -MaxEvents 20.",
    ),
    FaultRow(
        "not-winrm",
        "not-winrm",
        (
            r"http: (404|405|400|501|302)$|ParseError|StopIteration|BadStatusLine|InvalidHeader|ContentDecodingError"
            r"|raised: (AttributeError|KeyError|AssertionError|ValueError|PermissionError)",
        ),
        "{t} answers, but not as WinRM: it is not configured, or another web server has that port.",
        f"{QUICK} Look who listens: netsh http show servicestate; correct manage.port.",
    ),
    FaultRow(
        "shell-gone",
        "closed",
        (r"code: (2150858843|2150859204|2150859230|995|1223|2150859085)$",),
        "The remote shell on {t} is gone: WinRM was restarted, or somebody ended it.",
        "Run again; if it comes back: Get-WinEvent Microsoft-Windows-WinRM/Operational -MaxEvents 20 on the host.",
    ),
    FaultRow(
        "language-mode",
        "language-mode",
        (r"exit: 6$",),
        "PowerShell on {t} runs in {said} for {user}: AppLocker or WDAC (Constrained Language Mode) keeps agents out.",
        "Allow the account's scripts in AppLocker or WDAC for the time of the test, or write `manage: none` and let a "
        "vantage host ask in its place.",
        quotes=False,
    ),
    FaultRow(
        "old-powershell",
        "old-powershell",
        (r"exit: 8$",),
        "{t} has PowerShell {said}; the agents need Windows PowerShell 5.1.",
        "Install Windows Management Framework 5.1 there (Server 2012 R2 brings 4.0), or write `manage: none` and let a "
        "vantage host ask in its place.",
        quotes=False,
    ),
    FaultRow(
        "no-powershell",
        "no-powershell",
        (r"exit: (9009|1)$|code: 2$", r"(?i)['\"]powershell(\.exe)?['\"]|cannot find the file|cannot be started"),
        "{t} has no powershell.exe that this account can start.",
        r"On the host: where.exe powershell; it is C:\Windows\System32\WindowsPowerShell\v1.0, which must be in PATH.",
    ),
    FaultRow(
        "fault",
        "other",
        (r"code: \d+$|subcode: \w+:\w+",),
        "WinRM on {t} refused the request.",
        "Look the number up on the host: winrm helpmsg NUMBER.",
    ),
    FaultRow(
        "other",
        "other",
        (),
        "{t} cannot be talked to.",
        "Try by hand from a Windows machine: Test-WSMan {address} -Port PORT -Authentication Negotiate.",
    ),
)
