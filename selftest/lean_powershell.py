"""Settings under which PowerShell starts in half the processor time: the tests start hundreds that live for seconds."""

from __future__ import annotations

# Most of such a process's time is .NET's compiler: code that runs once is compiled without being optimised, and into
# pages that need no second mapping.
SETTINGS = {
    "DOTNET_TC_CallCounting": "0",
    "DOTNET_gcConcurrent": "0",
    "DOTNET_JITMinOpts": "1",
    "DOTNET_EnableWriteXorExecute": "0",
}
