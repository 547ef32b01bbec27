# Loaded after windows2019.ps1: management classes for reads, by name. Rows come out of PREFLIGHT_STANDIN_CIM, a JSON file:
# {class: [{property: value}]}; {"date": "2026-11-20T08:00:00Z"}, {"span": s}, {"list": [...]} stand for what JSON has not.
# {"raw": value, "shown": text}: a property whose value PowerShell's own type data shows as something else.
# A row with "error": the class is refused with that code; with "lacks": it has not these properties.
# PREFLIGHT_STANDIN_DENIES, "namespace=seconds" with commas between: the account is turned away there, after so long.
# PREFLIGHT_STANDIN_TRACE is a file that gets a line for each question.

function Get-StandinValue($value) {
    if ($value -isnot [Management.Automation.PSCustomObject]) { return $value }
    $invariant = [Globalization.CultureInfo]::InvariantCulture
    if ($value.date) { return [DateTime]::Parse($value.date, $invariant) }   # of the local zone, as CIM's
    if ($value.span) { return [TimeSpan]::FromSeconds($value.span) }
    return , [object[]]@(foreach ($item in $value.list) { Get-StandinValue $item })
}

function Get-CimInstance {
    [CmdletBinding()] param([string] $ClassName, [string] $Namespace, [string[]] $Property, [string] $Filter)
    $trace = [Environment]::GetEnvironmentVariable('PREFLIGHT_STANDIN_TRACE')   # $env: throws inside for what is not set
    if ($trace) { [IO.File]::AppendAllText($trace, "$Namespace $ClassName`n") }
    $denies = [string][Environment]::GetEnvironmentVariable('PREFLIGHT_STANDIN_DENIES')
    foreach ($rule in $denies.Split([char[]]@(','), [StringSplitOptions]::RemoveEmptyEntries)) {
        $where, $seconds = $rule.Split('=')
        if ($where -ne $Namespace.Replace('\', '/')) { continue }
        [Threading.Thread]::Sleep([int]$seconds * 1000)   # no stop request ends it, as with Windows' own
        throw [UnauthorizedAccessException]::new('Access denied')
    }
    if ($ClassName -eq 'Hangs') { [Threading.Thread]::Sleep(40000) }
    if ($ClassName -eq 'Denied') { throw [UnauthorizedAccessException]::new('Access denied') }
    if ($ClassName -like 'Code*') {
        $problem = [Runtime.InteropServices.COMException]::new('a code', [Convert]::ToInt32($ClassName.Substring(4), 16))
        throw $problem
    }
    $rows = (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($env:PREFLIGHT_STANDIN_CIM))).$ClassName
    foreach ($row in @($rows)) {
        if ($null -eq $row -or $Filter -and $row.Filter -ne $Filter) { continue }
        if ($row.Namespace -and $row.Namespace -ne $Namespace) { continue }
        if ($row.error -or $row.lacks) { Get-StandinRefusal $row $Property }
        Get-StandinRow $row
    }
}

function Get-StandinRefusal($row, $asked) {
    # Throws what the row refuses the question with.
    $code = $row.error
    foreach ($name in $asked) { if ($row.lacks -contains $name) { $code = '80041017' } }   # the question is refused as a whole
    if ($code) { throw [Runtime.InteropServices.COMException]::new('a code', [Convert]::ToInt32($code, 16)) }
}

function Get-StandinRow($row) {
    # The row; only what holds more than JSON's own values is made anew.
    foreach ($part in $row.PSObject.Properties) {
        if ($part.Value -is [Management.Automation.PSCustomObject]) { return Get-StandinTyped $row }
    }
    return $row
}

function Get-StandinTyped($row) {
    $shown = [ordered]@{}
    $raw = @{}
    $typed = $false
    foreach ($part in $row.PSObject.Properties) {
        $value = $part.Value
        if ($null -ne $value.shown) {
            $typed = $true
            $raw[$part.Name] = [PSCustomObject]@{ Value = $value.raw }
            $shown[$part.Name] = $value.shown
            continue
        }
        $value = Get-StandinValue $value
        $raw[$part.Name] = [PSCustomObject]@{ Value = $value }
        $shown[$part.Name] = $value
    }
    if ($typed) { $shown.CimInstanceProperties = $raw }
    return [PSCustomObject]$shown
}
