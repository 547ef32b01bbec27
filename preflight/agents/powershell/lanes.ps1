# Reading side by side: each lane is a runspace with a thread of its own, so that a call that hangs holds its lane only.

# What a lane gets of the functions that are there: this script's own, and what the host has put beside Windows' commands.
$script:LaneFunctions = @('Read-*', 'Get-*', '*.exe', 'ConvertTo-Wire*', 'New-*', '*-PSDrive')

function New-LaneSession {
    # What a lane knows: the engine's own commands (modules load by themselves), this script's Read-* functions, and
    # whatever the host has put beside Windows' own commands.
    $session = [Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
    $known = [Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($entry in $session.Commands) { $null = $known.Add($entry.Name) }
    foreach ($provider in $ExecutionContext.SessionState.Provider.GetAll()) {
        if ($provider.ModuleName -or $provider.PSSnapIn) { continue }
        $entry = [Management.Automation.Runspaces.SessionStateProviderEntry]
        $session.Providers.Add($entry::new($provider.Name, $provider.ImplementingType, $null))
    }
    foreach ($command in Get-ChildItem 'function:') {   # before commands: a function goes first, here as there
        $needed = $false
        foreach ($pattern in $script:LaneFunctions) { if ($command.Name -like $pattern) { $needed = $true } }
        if (-not $needed -or $command.ModuleName -or -not $known.Add($command.Name)) { continue }
        $entry = [Management.Automation.Runspaces.SessionStateFunctionEntry]
        $session.Commands.Add($entry::new($command.Name, $command.Definition))
    }
    $entry = [Management.Automation.Runspaces.SessionStateVariableEntry]   # what ConvertTo-Wire needs
    $session.Variables.Add($entry::new('Unsafe', $script:Unsafe, ''))
    $session.Variables.Add($entry::new('Foreign', $script:Foreign, ''))
    $session.Variables.Add($entry::new('Invariant', $script:Invariant, ''))
    foreach ($command in $ExecutionContext.InvokeCommand.GetCmdlets()) {
        if ($command.ModuleName -or $command.PSSnapIn -or -not $known.Add($command.Name)) { continue }
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
while ($null -ne $queue -and $queue.TryDequeue([ref]$read)) {
    $begun[$read.number] = $about.clock.Elapsed.TotalSeconds
    try { $answer = @(& "Read-$($read.kind)Answer" $read $about)[-1] } catch { $answer = Read-Refusal $_ }
    $found["read $($read.number)"] = $answer
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

function Start-Lane($session, [string[]] $sources, $about, $found, $queue, $begun) {
    # Starts a lane; its answers come into $found, and the times when it began with reads of $queue into $begun, both
    # synchronized hashtables.
    $space = [Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($session)
    $space.Open()
    $shell = [Management.Automation.PowerShell]::Create()
    $shell.Runspace = $space
    $null = $shell.AddScript($script:LaneText)
    foreach ($one in $sources, $about, $found, $queue, $begun) { $null = $shell.AddArgument($one) }
    return @{ shell = $shell; space = $space; handle = $shell.BeginInvoke() }
}

function Stop-Lane($lane) {
    # Ends a lane. One whose call hangs is told to stop and left alone: waiting for it could take for ever.
    if ($lane.handle.IsCompleted) {
        $lane.shell.Dispose()
        $lane.space.Dispose()
        return
    }
    $script:Abandoned++
    $null = $lane.shell.BeginStop($null, $null)
}
