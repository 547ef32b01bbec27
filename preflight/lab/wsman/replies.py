"""Writes what the endpoint answers: envelopes and faults, with the codes that Windows gives."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from preflight.lab.wsman.executor import Stream

_SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
_FAULT = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
_ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
_NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    f'xmlns:x="{_TRANSFER}" '
    'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
    f'xmlns:rsp="{_SHELL}"'
)
IDENTITY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
    '<wsmid:IdentifyResponse xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">'
    "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion>"
    "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
    "<wsmid:ProductVersion>OS: {os} SP: 0.0 Stack: 3.0</wsmid:ProductVersion>"
    "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
)
# An envelope around a Receive's streams, generously: what is left of MaxEnvelopeSize is for base64.
RECEIVE_OVERHEAD = 4096


class SoapError(Exception):
    """A request that is answered by a fault (HTTP 500): the code of Windows and the WS-Management words for it."""

    def __init__(self, code: int, subcode: str, text: str, value: str = "s:Sender") -> None:
        super().__init__(text)
        self.code = code
        self.subcode = subcode
        self.text = text
        self.value = value
        self.message_id = ""


# Codes from wsmerror.h and winerror.h as public issues show them; the sentences are ours, for on Windows they come in
# the server's language and nobody may read them.
def faulty_request(why: str) -> SoapError:
    """Not what the schema says (ERROR_WSMAN_SCHEMA_VALIDATION_ERROR)."""
    return SoapError(2150858817, "w:SchemaValidationError", f"The request breaks the schema: {why}.")


def unknown_action() -> SoapError:
    """An action that a shell does not have (ERROR_WSMAN_UNSUPPORTED_FEATURE)."""
    return SoapError(2150858818, "a:ActionNotSupported", "A remote shell does not know this action.")


def unknown_resource(uri: str) -> SoapError:
    """No such resource (ERROR_WSMAN_RESOURCE_NOT_FOUND): PowerShell remoting proper is one of these here."""
    return SoapError(2150858752, "a:DestinationUnreachable", f"There is no resource {uri} here.")


def timed_out() -> SoapError:
    """Nothing to tell within OperationTimeout: the client asks again ([MS-WSMV] 3.1.4.14)."""
    return SoapError(2150858793, "w:TimedOut", "No output within OperationTimeout.", "s:Receiver")


def shell_not_found(shell_id: str) -> SoapError:
    """The shell never was, was deleted or idled out (ERROR_WSMAN_UNEXPECTED_SELECTORS)."""
    return SoapError(2150858843, "w:InvalidSelectors", f"The shell {shell_id} was not found on the server.")


def command_not_found(command_id: str) -> SoapError:
    """ERROR_WSMAN_SHELL_INVALID_COMMAND_HANDLE; not seen on a real Windows by us."""
    return SoapError(2150859085, "w:InvalidParameter", f"The shell has no command {command_id}.")


def aborted() -> SoapError:
    """A Receive that was waiting when its command was terminated or its shell deleted (ERROR_OPERATION_ABORTED)."""
    return SoapError(995, "w:InternalError", "The operation was aborted: its command or shell ended.", "s:Receiver")


def too_many_shells(most: int) -> SoapError:
    """MaxShellsPerUser (ERROR_WSMAN_QUOTA_MAX_SHELLS)."""
    return SoapError(2150859173, "w:QuotaLimit", f"This user has {most} shells open, which is the quota.")


def too_many_processes(most: int) -> SoapError:
    """MaxProcessesPerShell (ERROR_NOT_ENOUGH_QUOTA)."""
    return SoapError(1816, "w:QuotaLimit", f"This shell has {most} processes, which is the quota.", "s:Receiver")


def access_denied() -> SoapError:
    """A login without the right to open shells (ERROR_ACCESS_DENIED)."""
    return SoapError(5, "w:AccessDenied", "Access is denied.")


def clock_skew() -> SoapError:
    """SEC_E_TIME_SKEW (0x80090324)."""
    return SoapError(2148074276, "w:AccessDenied", "The clocks on the client and server machines are skewed.")


def not_started(why: str) -> SoapError:
    """A command that could not be started without cmd (ERROR_FILE_NOT_FOUND)."""
    return SoapError(2, "w:InternalError", f"The command cannot be started: {why}.", "s:Receiver")


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    text = (
        f'<s:Envelope xml:lang="en-US" {_NAMESPACES}><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{_ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return text.encode("utf-8")


def fault_reply(fault: SoapError, machine: str, message_id: str) -> bytes:
    """The fault as an envelope."""
    text = escape(fault.text)
    return _envelope(
        _FAULT,
        message_id,
        f"<s:Fault><s:Code><s:Value>{fault.value}</s:Value><s:Subcode><s:Value>{fault.subcode}</s:Value></s:Subcode>"
        f'</s:Code><s:Reason><s:Text xml:lang="en-US">{text} </s:Text></s:Reason><s:Detail>'
        '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
        f'Code="{fault.code}" Machine={quoteattr(machine)}><f:Message>{text} </f:Message></f:WSManFault>'
        "</s:Detail></s:Fault>",
    )


def created(message_id: str, shell_id: str, resource: str, idle_timeout_s: float) -> bytes:
    """The answer to Create."""
    return _envelope(
        f"{_TRANSFER}/CreateResponse",
        message_id,
        f"<x:ResourceCreated><a:Address>{_ANONYMOUS}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{escape(resource)}</w:ResourceURI><w:SelectorSet>"
        f'<w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
        f"</x:ResourceCreated><rsp:Shell><rsp:ShellId>{shell_id}</rsp:ShellId>"
        f"<rsp:IdleTimeOut>PT{idle_timeout_s:.3f}S</rsp:IdleTimeOut></rsp:Shell>",
    )


def done(operation: str, message_id: str, body: str = "") -> bytes:
    """The answer to Command (with its id as body), Send, Signal or Delete."""
    if operation == "Delete":
        return _envelope(f"{_TRANSFER}/DeleteResponse", message_id, "")
    inner = f"<rsp:{operation}Response>{body}</rsp:{operation}Response>"
    return _envelope(f"{_SHELL}/{operation}Response", message_id, inner)


def received(message_id: str, command_id: str, chunks: Iterable[tuple[Stream, bytes]], exit_code: int | None) -> bytes:
    """The answer to Receive; an exit code says that the command is done."""
    parts = [
        f'<rsp:Stream Name="{stream}" CommandId="{command_id}">{base64.b64encode(data).decode()}</rsp:Stream>'
        for stream, data in chunks
    ]
    if exit_code is None:
        parts.append(f'<rsp:CommandState CommandId="{command_id}" State="{_SHELL}/CommandState/Running"/>')
    else:
        parts += [
            f'<rsp:Stream Name="{s}" CommandId="{command_id}" End="true"></rsp:Stream>' for s in ("stdout", "stderr")
        ]
        parts.append(
            f'<rsp:CommandState CommandId="{command_id}" State="{_SHELL}/CommandState/Done">'
            f"<rsp:ExitCode>{exit_code}</rsp:ExitCode></rsp:CommandState>"
        )
    return done("Receive", message_id, "".join(parts))
