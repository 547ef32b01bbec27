# Stand-ins of a host that lets the account read little: management interface and service control denied, no network commands.

function Get-CimInstance {
    [CmdletBinding()] param([string] $ClassName, [string] $Namespace, [string[]] $Property, [string] $Filter)
    if ($env:PREFLIGHT_STANDIN_TRACE) { [IO.File]::AppendAllText($env:PREFLIGHT_STANDIN_TRACE, "$ClassName`n") }
    throw [UnauthorizedAccessException]::new('Access denied')
}

function Get-Service {
    [CmdletBinding()] param([string] $Name)
    throw "Cannot find any service with service name '$Name'."
}
