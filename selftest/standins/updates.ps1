# Loaded after windows2019.ps1: Windows Update's CIM provider. What it does comes out of PREFLIGHT_STANDIN_SCAN, a JSON file,
# by the criteria that it is asked with: {"results": [{property: value}]} the objects that it answers with, {"error": code,
# "name": text} a refusal by that code and error name, {"sleep": seconds} before all else. What is asked in another way than
# the provider's documents have it is refused. PREFLIGHT_STANDIN_SCANS: a file that each question is noted in.

function Invoke-CimMethod {
    [CmdletBinding()] param([string] $Namespace, [string] $ClassName, [string] $MethodName, [hashtable] $Arguments)
    $asked = "$Namespace $ClassName $MethodName " + [string]::Join(',', [string[]]@($Arguments.Keys))
    if ($asked -cne 'root/Microsoft/Windows/WindowsUpdate MSFT_WUOperations ScanForUpdates SearchCriteria') { throw $asked }
    $criteria = $Arguments.SearchCriteria
    if ($env:PREFLIGHT_STANDIN_SCANS) { [IO.File]::AppendAllText($env:PREFLIGHT_STANDIN_SCANS, "$criteria`n") }
    $how = (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($env:PREFLIGHT_STANDIN_SCAN))).$criteria
    if ($how.sleep) { [Threading.Thread]::Sleep(1000 * $how.sleep) }
    if ($how.error) {
        $problem = [Runtime.InteropServices.COMException]::new('a code', [Convert]::ToInt32($how.error, 16))
        $name = $how.name + ',Microsoft.Management.Infrastructure.CimCmdlets.InvokeCimMethodCommand'
        throw [Management.Automation.ErrorRecord]::new($problem, $name, 'NotSpecified', $null)
    }
    foreach ($one in $how.results) { $one }
}
