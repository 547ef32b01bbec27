"""Reads: what the gather agent can be asked beside the standing facts. It fetches, the controller understands.

A check needs a new fact: that is some reads and a parser (preflight/facts), and no change of an agent.

A read is answered by a `fact` of its name. Its time, `fact_deadline_s`, counts from when its turn comes: what hangs
is a `timeout` and costs no other. `absent` is what is not there: the key, the class, or all of the kind (a registry
on Linux). What was cut, or left out as denied, is said in `detail`: a parser for which what is missing counts asks by
`Told.whole` or `registry_key`, which raise then.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SecretStr, field_validator

# A password on its way to a host, over stdin alone: shown as stars wherever a read is printed, itself in the request.
Hidden = Annotated[SecretStr, PlainSerializer(lambda secret: secret.get_secret_value(), str, when_used="json")]
NOTHING = SecretStr("")


class Question(BaseModel):
    """A request's part: frozen, and nothing in it that the contract does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    patience_s: ClassVar[float] = 0.0  # 0: a request's usual deadline; more: for the scan agent, with that one


class RegistryRead(Question):
    """A registry key: {exists: true, values: {name: value}, subkeys: {name: {value name: value}}}.

    Absent if it is not there. REG_MULTI_SZ comes as a list, binary as {"hex": ...}, REG_EXPAND_SZ as it is written,
    numbers without a sign. Values stand under the names asked for, whatever their case in the registry; the unnamed
    one is "". One level of subkeys, at most 4,000 of them and 1.5 MB; subkeys that the account may not read are left
    out. The 64-bit view: ask for WOW6432Node by its name.
    """

    kind: Literal["registry"] = "registry"
    name: str
    path: str  # HKLM\SOFTWARE\...
    values: tuple[str, ...] = ()  # of the key, and of each subkey; empty: all
    subkeys: bool = False


class CimRead(Question):
    """Instances of a CIM class: [{property: value}], with every property asked for, null where it has no value.

    Values as the class has them, without PowerShell's additions: times as seconds since the epoch, spans in seconds,
    enumerations as numbers, arrays as lists. At most 4,000 instances and 1.5 MB. Absent where namespace or class is
    not there. A property that the class lacks may be an error of the whole read. Never Win32_Product: asking for it
    repairs every installed package.

    Where the account is no elevated administrator one read of root/cimv2 goes first; where that is denied, or not
    answered within its deadline, it and all others are `denied` without asking. Otherwise each further namespace is
    tried alike, its own reads behind it.
    """

    kind: Literal["cim"] = "cim"
    name: str
    namespace: str = "root/cimv2"
    class_name: str
    properties: Annotated[tuple[str, ...], Field(min_length=1)]
    where: str = ""  # WQL behind WHERE

    @field_validator("class_name")
    @classmethod
    def _changes_nothing(cls, name: str) -> str:
        if name.casefold() == "win32_product":
            raise ValueError("asking for Win32_Product changes the host: read the Uninstall keys")
        return name


class FileRead(Question):
    """A file: {exists, size, modified, version: [4 numbers] or null, text or null}; %NAME% in the path is expanded.

    A file that is not there is an answer (`ok`) with exists false and the rest null; a folder exists, its size,
    version and text are null. `modified` is in seconds since the epoch, to the ms. Text is decoded by its mark, else
    as UTF-8, else by the system's code page; only the first `text_bytes` of it are read.
    """

    kind: Literal["file"] = "file"
    name: str
    path: str
    text_bytes: Annotated[int, Field(ge=0, le=262144)] = 0  # 0: its text is not wanted


class NamesRead(Question):
    """Name service answers: {forward: {name: [address]}, reverse: {address: [name]}, failed: {name or address: why}}.

    As the host gets them: DNS, hosts file and whatever else it asks; one name an address at most. A name that does
    not exist has an empty list; one that nobody answered for is no key of `forward` or `reverse` at all, and proves
    nothing. `failed` has both: HostNotFound and NoData for the former; TryAgain, NoRecovery, timeout (0.9 of the
    deadline), invalid and others for the latter. `follow`: names that reverse answers gave are looked up, too, and
    stand in `forward` (or `failed`) beside those that were asked. On Windows an address whose name nobody answers for
    counts as unanswered itself.
    """

    kind: Literal["names"] = "names"
    name: str
    forward: tuple[str, ...] = ()
    reverse: tuple[str, ...] = ()
    follow: bool = False


class ShareRead(Question):
    """An SMB folder as an account sees it: {code, listed, entries, read, logon, detail}.

    `code` is Windows' error of the first step that failed, 0 when none did, and `detail` its sentence; `listed`: the
    folder could be listed, with `entries` things in it (they are counted up to 50); `read`: one byte of the file
    could be read, null when no file is named or the folder failed. `logon` is "network" where the account's token has
    the group S-1-5-2 and nothing was delegated: it cannot go on to another machine, so a denial says nothing of the
    share. "interactive": it has what it needs (console, batch and service logons, CredSSP, delegation). "unknown":
    the token does not tell. "given": `user` was named, and logged in with `password`, whoever runs the agent. "guest":
    nobody was, on a system whose accounts mean nothing to a file server (Linux); a denial says nothing of any account.
    A server that nobody answers for takes Windows 20 s or more to say so: that is a `timeout` of the read.

    On Linux the host's own smbclient asks, and the codes are those that Windows has for the server's NT_STATUS
    ([MS-ERREF] 2.3.1). Absent where it is not installed.
    """

    kind: Literal["share"] = "share"
    name: str
    path: str  # \\server\share\folder
    file: str = ""  # a file in it of which one byte is read
    user: str = ""  # CORP\name, name@corp.example or a name that the server itself knows
    password: Hidden = NOTHING


class SqlRead(Question):
    """A try at an MS SQL server: {outcome, why, errors, logon, server, databases}.

    `outcome`: "in"; "refused", with the server's `errors` [{number, state, severity, text}]; "unreached", where no
    login came about (`why`, and the client's `errors`); "not-tried" (`why`). With a `password` it is a SQL login;
    without one the agent's own account goes in, and only if it is `user`; `logon` is then as for shares. `server` has
    the rows of each of `server_questions`, `databases` {name, opened, errors, answers} those of each of `questions`;
    null for a question that failed. A row is {column: value}; 200 rows, texts of 1,000 characters at most. Questions
    read; the agent looks at none of them. A login that fails is not repeated, but for the one case that the account is
    right and the first of the databases is not to be had. By System.Data.SqlClient on Windows, absent elsewhere; the
    server's certificate is not checked.
    """

    kind: Literal["sql"] = "sql"
    name: str
    data_source: str  # as SqlClient takes it: tcp:10.1.1.30,1433 or 10.1.1.30\\SAFEQ
    encrypt: bool = True  # false: a server that offers no encryption is sent the password in clear
    user: str
    password: Hidden = NOTHING
    databases: Annotated[tuple[str, ...], Field(min_length=1)]
    server_questions: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class UpdatesRead(Question):
    """What Windows Update itself has for this host: {total, updates: [{title, kb, severity}]}, by its own criteria.

    The scan agent alone knows it, which is sent where the site says so. Windows' CIM provider is asked:
    MSFT_WUOperations, method ScanForUpdates, in root/Microsoft/Windows/WindowsUpdate. The host then asks its update
    source (WSUS, or Microsoft), which takes seconds to minutes; nothing is downloaded or installed. Texts as Windows
    has them, the title in its language; `kb` and `severity` may be empty. At most 1,000 updates are told, `total`
    counts all. Denied without asking where the account is no elevated administrator; absent where the class is not
    there (before Windows 10 1709 and Server 2019).
    """

    kind: Literal["updates"] = "updates"
    patience_s: ClassVar[float] = 90.0
    name: str
    criteria: str = "IsInstalled=0 and Type='Software'"  # as IUpdateSearcher::Search takes them


class DiskRead(Question):
    """Space of the volume that holds a path: {path, volume, total, free} in bytes; absent where no volume does.

    `path` is the path asked for, %NAME% expanded, which need not exist. `volume` is a letter with its root (a volume
    mounted into a folder counts as the one around it; no shares), elsewhere a mount. `free` is what the account may
    still use.
    """

    kind: Literal["disk"] = "disk"
    name: str
    path: str


Read = Annotated[
    RegistryRead | CimRead | FileRead | NamesRead | ShareRead | SqlRead | UpdatesRead | DiskRead,
    Field(discriminator="kind"),
]
