# The agent's main loop, the twin of Agent in core.py: the requests one by one, then the work that they have left.

$script:Secrets = [Collections.Generic.Dictionary[string, string]]::new([StringComparer]::Ordinal)
$script:HelloFields = [ordered]@{
    contract = @('count', 1); heartbeat_s = @('period', $null); life_s = @('period', 600.0); finish = @('flag', $false)
}

function Test-Elevated {
    # True for an elevated administrator; for root, where tests run.
    if (-not $script:Windows) { return [Environment]::UserName -eq 'root' }
    $self = [Security.Principal.WindowsPrincipal]::new([Security.Principal.WindowsIdentity]::GetCurrent())
    return $self.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

function Start-Alarm([double] $seconds) {
    # Kills the process even when a call that hangs holds its only thread.
    if ($null -ne $script:Alarm) { $script:Alarm.Dispose() }
    $self = [Diagnostics.Process]::GetCurrentProcess()
    $script:Alarm = [Threading.CancellationTokenSource]::new()
    $null = $script:Alarm.Token.Register([Delegate]::CreateDelegate([Action], $self, 'Kill'))
    $script:Alarm.CancelAfter([int][Math]::Ceiling(1000 * ($seconds + 3)))
}

function Receive-Hello($request) {
    # Answers hello; refuses another version of the contract with a fault and the end. heartbeat_s means nothing here.
    $version = 1
    foreach ($property in $request.PSObject.Properties) {
        if ($property.Name.Equals('contract')) { $version = $property.Value }
    }
    if ($version -is [bool] -or -not (Test-Number $version) -or $version -ne 1) {
        $shown = Limit-Text (Show-Ascii $version) 40
        Send-Fault "this agent speaks version 1 of the contract, not $shown"
        return 3
    }
    $hello = Read-Fields 'hello' $request $script:HelloFields
    if ($script:Greeted) { Deny-Request 'hello was said already' }
    $script:Greeted = $true
    $life = [Math]::Min([double]$hello['life_s'], 86400.0)
    $script:Dies = $script:Clock.Elapsed.TotalSeconds + $life
    Start-Alarm $life
    Send-Event 'hello' ([ordered]@{
            contract = 1; agent = $script:AgentName; language = 'powershell ' + [string]$PSVersionTable.PSVersion
            pid = $PID; user = [Environment]::UserName; elevated = [bool](Test-Elevated)
        })
    return 0
}

function Receive-Secret([string] $line) {
    # A password on a line of its own, "#secret 1 HEX": no command gets to see it, so none writes it into a log of the host.
    # What is wrong with such a line is never told in words of .NET: they could hold a piece of it.
    try {
        $parts = $line.Split(' ')
        if ($parts.Length -ne 3 -or -not $script:HexPattern.IsMatch($parts[2])) { throw 'not whole' }
        $bytes = [byte[]]::new($parts[2].Length / 2)
        for ($i = 0; $i -lt $bytes.Length; $i++) { $bytes[$i] = [Convert]::ToByte($parts[2].Substring(2 * $i, 2), 16) }
        $script:Secrets[$parts[0] + ' ' + $parts[1]] = [Text.Encoding]::UTF8.GetString($bytes)
    } catch { Send-Fault 'a line with a password is not "#secret NUMBER HEX": it was not taken, and is not shown' }
}

function Show-Line([string] $line) {
    # The beginning of a line that is refused. One that speaks of a password was garbled on its way, and is not repeated.
    if ($line.IndexOf('#secret', [StringComparison]::OrdinalIgnoreCase) -ge 0) { return 'not shown, it may hold a password' }
    return Show-Ascii "$line`n" -Bytes
}

function Get-Secret([string] $name) {
    # The password that a field names ("#secret 1"), or stands there itself.
    $secret = ''
    if ($script:Secrets.TryGetValue($name, [ref]$secret)) { return $secret }
    return $name
}

function Receive-Request([string] $line) {
    # One request. Answers 0, or the code to leave with.
    $about = ''
    try {
        if ($line.Length -gt $script:MaxRequestChars) {
            Deny-Request "a request of $($line.Length) characters is longer than PowerShell 5.1 reads: send it in parts"
        }
        try {
            $request = $null
            if ([string]::IsNullOrWhiteSpace($line)) { throw 'nothing' }
            $request = ConvertFrom-Json -InputObject $line
        } catch { Deny-Request ('a line that is not JSON in UTF-8: ' + (Show-Line $line)) }
        $do = $null
        if ($request -is [Management.Automation.PSCustomObject]) {
            foreach ($property in $request.PSObject.Properties) {
                if ($property.Value -isnot [string]) { continue }
                if ($property.Name.Equals('do')) { $do = $property.Value }
                if ($property.Name.Equals('id')) { $about = $property.Value }
            }
        }
        if ($null -eq $do) {
            $about = ''
            Deny-Request ('a request is an object with the field do: ' + (Show-Line $line))
        }
        if ($do.Equals('hello')) { return Receive-Hello $request }
        if (-not $script:Greeted) { Deny-Request 'the first request must be hello' }
        if ($do.Equals('beat')) { $null = Read-Fields 'beat' $request ([ordered]@{}) }
        elseif ([Array]::IndexOf([string[]]@($script:Handlers.Keys), $do) -ge 0) {
            $null = & $script:Handlers[$do] $request
        } else {
            $shown = Limit-Text (Show-Ascii $do) 60
            Deny-Request "the agent $script:AgentName does not know the request $shown"
        }
    } catch { Send-Failure $_.Exception $about }
    return 0
}

function Send-Failure($problem, [string] $about) {
    # What went wrong, as a fault; never a stack trace.
    if ($problem -is [IO.InvalidDataException]) {
        Send-Fault $problem.Message $about
        return
    }
    $problem = $problem.GetBaseException()
    Send-Fault "$script:AgentName failed: $($problem.GetType().Name): $($problem.Message)" $about
}

function Start-Agent([string] $name, $handlers) {
    # Main: takes the requests, then goes round the loops of $script:Pending until all is over. Answers the exit code.
    # A handler leaves work by $script:Pending.Add(@{ about = id; step = { ... } }). A step does one round and answers
    # $true while there is more to do; $script:Rest = 0 in it asks for the next round at once.
    $script:AgentName = $name
    $script:Handlers = $handlers
    foreach ($line in $Requests) {
        if ($line.StartsWith('#secret ', [StringComparison]::Ordinal)) {
            Receive-Secret $line
            continue
        }
        $code = Receive-Request $line
        if ($code -ne 0) {
            Complete-Output
            return $code
        }
    }
    # Counted from here: what was queued meanwhile is not worth a request of its own.
    $script:PushDue = $script:Clock.Elapsed.TotalSeconds + $script:PushEvery
    while ($script:Pending.Count) {
        $script:Rest = 15
        foreach ($work in $script:Pending.ToArray()) {
            $more = $false
            try { $more = & $work['step'] $work } catch { Send-Failure $_.Exception $work['about'] }
            if ($more -ne $true) { $null = $script:Pending.Remove($work) }
        }
        if ($script:Clock.Elapsed.TotalSeconds -ge $script:Dies) { return 5 }
        Push-Output
        if ($script:Rest -gt 0 -and $script:Pending.Count) { [Threading.Thread]::Sleep($script:Rest) }
    }
    Complete-Output
    return 0
}
