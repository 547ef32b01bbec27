# Reading side by side: each lane is a runspace with a thread of its own, so that a call that hangs holds its lane only.

# What a lane gets of the functions that are there: this script's own, and what the host has put beside Windows' commands.
$script:LaneFunctions = '\A(?:Read|Get|New)-|\AConvertTo-Wire|\.exe\z|-PSDrive\z'

function New-LaneSession {
    # What a lane knows: the engine's own commands (modules load by themselves), this script's Read-* functions, and
    # whatever the host has put beside Windows' own commands.
    $session = [Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
    $known = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    $known.UnionWith([string[]]@($session.Commands.Name))
    foreach ($provider in $ExecutionContext.SessionState.Provider.GetAll()) {
        if ($provider.ModuleName -or $provider.PSSnapIn) { continue }
        $entry = [Management.Automation.Runspaces.SessionStateProviderEntry]
        $session.Providers.Add($entry::new($provider.Name, $provider.ImplementingType, $null))
    }
    foreach ($command in Get-ChildItem 'function:') {   # before commands: a function goes first, here as there
        if ($command.Name -notmatch $script:LaneFunctions -or $command.ModuleName) { continue }
        if (-not $known.Add($command.Name)) { continue }
        $entry = [Management.Automation.Runspaces.SessionStateFunctionEntry]
        $session.Commands.Add($entry::new($command.Name, $command.Definition))
    }
    $entry = [Management.Automation.Runspaces.SessionStateVariableEntry]   # what ConvertTo-Wire needs
    $session.Variables.Add($entry::new('Unsafe', $script:Unsafe, ''))
    $session.Variables.Add($entry::new('Foreign', $script:Foreign, ''))
    $session.Variables.Add($entry::new('Invariant', $script:Invariant, ''))
    # Filtered by the engine itself: there are hundreds.
    foreach ($command in ($ExecutionContext.InvokeCommand.GetCmdlets() | Where-Object -Property 'ModuleName' -EQ -Value '')) {
        if ($command.PSSnapIn -or -not $known.Add($command.Name)) { continue }
        $entry = [Management.Automation.Runspaces.SessionStateCmdletEntry]
        $session.Commands.Add($entry::new($command.Name, $command.ImplementingType, $null))
    }
    return $session
}

# Runs in a lane: its sources one after the other, each answer as soon as it is there, then reads until none is left.
$script:LaneText = @'
param($sources, $about, $found, $queue, $begun)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
foreach ($source in $sources) {
    try { $found[$source] = @{ status = 'ok'; value = (& "Read-$source" $about $found) }
    } catch { $found[$source] = Read-Refusal $_ }
}
$read = $null
if ($null -ne $queue) { $about['ready'].Wait() }
while ($null -ne $queue -and $queue.TryDequeue([ref]$read)) {
    $begun[$read['number']] = $about['clock'].Elapsed.TotalSeconds
    try { $answer = @(& "Read-$($read['kind'])Answer" $read $about)[-1] } catch { $answer = Read-Refusal $_ }
    if ($null -eq $answer) { $answer = @{ status = 'error'; detail = 'it was read, and nothing came of it' } }
    $about['told'].Enqueue(@($read, $answer))
}
'@

function Read-Refusal($record) {
    # Why something could not be read, as a status of the contract and a sentence.
    $problem = $record.Exception.GetBaseException()
    $kind = $problem.GetType().Name
    $code = '{0:X8}' -f $problem.HResult
    $status = 'error'
    if ($record.Exception -is [Management.Automation.CommandNotFoundException]) {
        return @{ status = 'absent'; detail = "$($record.Exception.CommandName) is not there" }
    }
    $absent = 'ItemNotFoundException', 'DriveNotFoundException'
    if ([string]$record.CategoryInfo.Category -eq 'PermissionDenied' -or $code -eq '80070005' -or $code -eq '80041003' -or
        $kind -eq 'UnauthorizedAccessException' -or $kind -eq 'SecurityException') { $status = 'denied' }
    elseif ($absent -contains $kind) { $status = 'absent' }
    $text = $problem.Message.Trim()
    if ($text.Length -gt 300) { $text = $text.Substring(0, 300) }
    return @{ status = $status; detail = "${kind}: $text" }
}

function Open-Lanes {
    # Gets runspaces ready for lanes, the first of them at once, beside what else is to be done. Others follow as they are
    # needed, each on a thread of the system's: the process has no need to wait for them. What goes wrong is told by the
    # first lane: nobody has been greeted yet.
    $script:LaneTrouble = $null
    try {
        $script:LanePool = [Management.Automation.Runspaces.RunspaceFactory]::CreateRunspacePool((New-LaneSession))
        $null = $script:LanePool.SetMaxRunspaces(1000)
        $script:Opening = $script:LanePool.BeginOpen($null, $null)
    } catch { $script:LaneTrouble = $_.Exception }
}

function Start-Lane([string[]] $sources, $about, $found, $queue, $begun) {
    # Starts a lane; its answers come into $found, and the times when it began with reads of $queue into $begun, both
    # synchronized hashtables.
    if ($null -ne $script:LaneTrouble) { throw $script:LaneTrouble }
    if ($null -ne $script:Opening) {
        $script:LanePool.EndOpen($script:Opening)
        $script:Opening = $null
    }
    $shell = [Management.Automation.PowerShell]::Create()
    $shell.RunspacePool = $script:LanePool
    $null = $shell.AddScript($script:LaneText)
    foreach ($one in $sources, $about, $found, $queue, $begun) { $null = $shell.AddArgument($one) }
    return @{ shell = $shell; handle = $shell.BeginInvoke() }
}

function Stop-Lane($lane) {
    # Tells a lane whose call hangs to stop, and leaves it alone: waiting for it could take for ever. One that is through
    # is left, too: to dispose of it takes longer than to end the process.
    if (-not $lane['handle'].IsCompleted) { $null = $lane['shell'].BeginStop($null, $null) }
}
