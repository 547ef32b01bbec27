# Stand-ins that answer as a Windows Server 2019 does, out of a JSON file: PREFLIGHT_STANDIN_DATA, or windows2019.json.
# README.md says which shape is published, documented or assumed.

if (-not $env:PREFLIGHT_STANDIN_DATA) { $env:PREFLIGHT_STANDIN_DATA = Join-Path $PSScriptRoot 'windows2019.json' }

function Get-StandinRows([string] $part) {
    $data = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($env:PREFLIGHT_STANDIN_DATA))
    return , @($data.$part)
}

function Get-CimInstance {
    [CmdletBinding()] param([string] $ClassName, [string] $Namespace, [string[]] $Property, [string] $Filter)
    if ('Win32_Service', 'Win32_Process' -notcontains $ClassName) { throw "this stand-in knows no class $ClassName" }
    foreach ($row in (Get-StandinRows $ClassName)) {
        if ($row.CreationDate) {
            $born = [DateTime]::ParseExact($row.CreationDate, 'yyyyMMddHHmmss', [Globalization.CultureInfo]::InvariantCulture)
            $row.CreationDate = $born
        }
        if ($row.Name.Contains('<half>')) { $row.Name = $row.Name.Replace('<half>', [string][char]0xD83D) }   # no JSON holds it
        $row
    }
}

function Get-Service {
    [CmdletBinding()] param([string] $Name)
    foreach ($row in (Get-StandinRows 'Win32_Service')) {
        if ($row.Name -eq $Name) {
            return [PSCustomObject]@{ Name = $row.Name; DisplayName = $row.DisplayName; Status = $(if ($row.State -eq 'Running') { 4 } else { 1 }) }
        }
    }
    throw "Cannot find any service with service name '$Name'."
}

function Get-Process {
    [CmdletBinding()] param()
    foreach ($row in (Get-StandinRows 'Win32_Process')) {
        # Without the extension; no path of processes of other accounts for an account without rights.
        [PSCustomObject]@{ Id = $row.ProcessId; ProcessName = $row.Name.Replace('.exe', ''); Path = $null }
    }
}

function Get-NetTCPConnection {
    [CmdletBinding()] param()
    Get-StandinRows 'NetTCPConnection' | ForEach-Object { $_ }
}

function Get-NetUDPEndpoint {
    [CmdletBinding()] param()
    Get-StandinRows 'NetUDPEndpoint' | ForEach-Object { $_ }
}

function Get-NetConnectionProfile {
    [CmdletBinding()] param()
    Get-StandinRows 'NetConnectionProfile' | ForEach-Object { $_ }
}

function netsh.exe { foreach ($line in (Get-StandinRows 'netsh')) { $line } }

function netstat.exe {
    $lines = Get-StandinRows 'netstat'
    if ($lines.Count -eq 0) { throw 'netstat is not there' }
    foreach ($line in $lines) { $line }
}
