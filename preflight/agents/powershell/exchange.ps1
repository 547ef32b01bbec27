# The exchange agent: connects and sends, side by side, and tells what came of each. It knows no protocol.
# The twin of exchange.py.

$script:Room = 8000          # sockets that the process may have open, held connections included
$script:Running = [Collections.Generic.Dictionary[string, object]]::new([StringComparer]::Ordinal)
$script:ExchangeFields = [ordered]@{ id = @('text'); concurrency = @('count', 400); probes = @('list') }
$script:ProbeFields = [ordered]@{
    key = @('text'); protocol = @('protocol'); address = @('text'); port = @('port'); timeout_s = @('seconds')
    send = @('hex', ''); read_s = @('seconds', 0.0); until = @('hex', ''); hold_s = @('seconds', 0.0)
    broadcast = @('flag', $false)
}
$script:ProbeNames = [string[]]@($script:ProbeFields.Keys)
$script:ReleaseFields = [ordered]@{ id = @('text') }

function Receive-Exchange($request) {
    # Starts a batch beside those that run.
    $asked = Read-Fields 'exchange' $request $script:ExchangeFields
    if ($script:Running.ContainsKey($asked['id']) -and -not $script:Running[$asked['id']]['over']) {
        Deny-Request 'an exchange with this id is under way'
    }
    $batch = @{
        about = $asked['id']; wireId = ConvertTo-WireText $asked['id']; concurrency = $asked['concurrency']; active = 0
        waiting = [Collections.Generic.Queue[object]]::new(); said = $false; released = $false; over = $false
        idle = 0; probes = [Collections.Generic.List[object]]::new(); held = [Collections.Generic.List[object]]::new()
        step = { param($batch) Step-Exchange $batch }
    }
    foreach ($line in $asked['probes']) {
        $probe = @{}
        if (-not (Test-PlainProbe $line $probe)) { $probe = Read-Fields 'a probe' $line $script:ProbeFields }
        $batch['waiting'].Enqueue(@{
                request = $probe; tcp = $probe['protocol'].Equals('tcp'); outgoing = ConvertFrom-Hex $probe['send']; sent = 0
                received = $script:Nothing; outcome = ''; code = ''; detail = ''; local = ''; localPort = 0; target = $null
                at = 0.0; started = 0.0; took = 0.0; deadline = 0.0; state = 'new'; socket = $null; connecting = $null
            })
    }
    $script:Running[$asked['id']] = $batch
    $script:Pending.Add($batch)
}

function Test-PlainProbe($line, $probe) {
    # Fills in a probe. True when it has all its fields and each is of its kind, as the controller writes them. What is not
    # plain is read field by field, and refused there with a reason: that takes longer, and there are hundreds.
    if ($line -isnot [Management.Automation.PSCustomObject]) { return $false }
    $count = 0
    foreach ($property in $line.PSObject.Properties) {
        if ($property.Name -cnotin $script:ProbeNames) { return $false }
        $probe[$property.Name] = $property.Value
        $count++
    }
    $port = $probe['port']
    if ($count -ne $script:ProbeNames.Length -or $port -isnot [int] -or $port -lt 0 -or $port -gt 65535) { return $false }
    foreach ($time in $probe['timeout_s'], $probe['read_s'], $probe['hold_s']) {
        if (($time -isnot [decimal] -and $time -isnot [int]) -or $time -lt 0 -or $time -gt 1e9) { return $false }
    }
    $protocol = $probe['protocol']
    return $probe['key'] -is [string] -and $probe['address'] -is [string] -and $probe['broadcast'] -is [bool] -and
        $protocol -is [string] -and ($protocol -ceq 'tcp' -or $protocol -ceq 'udp') -and
        $probe['send'] -is [string] -and $script:HexPattern.IsMatch($probe['send']) -and
        $probe['until'] -is [string] -and $script:HexPattern.IsMatch($probe['until'])
}

function Receive-Release($request) {
    # Closes what an exchange holds, now and later; for one that is over there is nothing to do.
    $id = (Read-Fields 'release' $request $script:ReleaseFields)['id']
    if (-not $script:Running.ContainsKey($id)) { Deny-Request 'no exchange has had this id' }
    $script:Running[$id]['released'] = $true
}

function Step-Exchange($batch) {
    # One round; $true until every probe is decided and nothing is held any more.
    $more = $false
    try {
        Start-Waiting $batch
        Step-Active $batch
        if (-not $batch['said'] -and $batch['waiting'].Count -eq 0 -and $batch['active'] -eq 0) {
            $batch['said'] = $true
            Send-Line ('{"event":"done","id":' + $batch['wireId'] + '}')
            if (Test-AllSaid) { Push-Output -Now }
        }
        Step-Held $batch
        $more = -not $batch['said'] -or $batch['held'].Count -gt 0
    } finally {
        if (-not $more) {
            $batch['over'] = $true
            foreach ($probe in $batch['probes']) { Close-Probe $probe }
            foreach ($probe in $batch['held']) { Close-Probe $probe }
        }
    }
    return $more
}

function Test-AllSaid {
    # Whether no exchange has anything left to report.
    foreach ($batch in $script:Running.Values) { if (-not $batch['said']) { return $false } }
    return $true
}

function Start-Waiting($batch) {
    # Fills the free slots, some at a time: those that run already must not wait for their turn too long.
    for ($i = 0; $i -lt 20; $i++) {
        if ($batch['waiting'].Count -eq 0 -or $batch['active'] -ge $batch['concurrency'] -or $script:Room -le 0) { return }
        $script:Room--
        $batch['active']++
        $probe = $batch['waiting'].Dequeue()
        Start-Probe $probe
        if ($probe['outcome']) { Complete-Probe $batch $probe }
        else { $batch['probes'].Add($probe) }
    }
    $script:Rest = 0
}

function Step-Active($batch) {
    # Looks at sockets first and at the clock afterwards: an answer that is there counts.
    $readable = Get-Readable $batch['probes']
    $kept = 0
    $now = $script:Clock.Elapsed.TotalSeconds
    for ($i = 0; $i -lt $batch['probes'].Count; $i++) {
        $probe = $batch['probes'][$i]
        if ($probe['state'] -eq 'connecting') {
            if ($probe['connecting'].IsCompleted) { Step-Connecting $probe $false }
        } elseif ($probe['state'] -eq 'reading') {
            if ($null -ne $readable -and $readable.Contains($probe['socket'])) { Step-Reading $probe }
        } else { Step-Sending $probe $false }
        if (-not $probe['outcome'] -and $probe['deadline'] -le $now) { Stop-Waiting $probe }
        if ($probe['outcome']) {
            $script:Rest = 3   # what comes meanwhile is seen in one round: each looks at every probe
            Complete-Probe $batch $probe
        } else {
            $batch['probes'][$kept] = $probe
            $kept++
        }
    }
    $batch['probes'].RemoveRange($kept, $batch['probes'].Count - $kept)
    if ($script:Rest -le 3) { $batch['idle'] = 0 } else { $batch['idle']++ }
    # When nothing has happened for a while, only silence is left to wait for: then it looks less often.
    if ($kept -and $script:Rest -gt 3) {
        $script:Rest = if ($batch['idle'] -lt 20) { 5 } elseif ($batch['idle'] -lt 60) { 15 } else { 40 }
    }
}

function Get-Readable($probes) {
    # Which sockets have something to read, by one call for all of them; $null when none is asked.
    $sockets = [Collections.ArrayList]::new()
    foreach ($probe in $probes) { if ($probe['state'] -eq 'reading') { $null = $sockets.Add($probe['socket']) } }
    if ($sockets.Count -eq 0) { return $null }
    $broken = [Collections.ArrayList]::new($sockets)   # off Windows an ICMP answer is an error, nothing to read
    [Net.Sockets.Socket]::Select($sockets, $null, $broken, 0)
    $sockets.AddRange($broken)
    if ($sockets.Count -eq 0) { return $null }
    $found = [Collections.Generic.HashSet[object]]::new()
    foreach ($socket in $sockets) { $null = $found.Add($socket) }
    return , $found
}

function Complete-Probe($batch, $probe) {
    # Reports and frees the slot; a connection that is to be held goes on living outside it.
    $batch['active']--
    $good = $probe['outcome'] -eq 'accepted' -or $probe['outcome'] -eq 'answered'
    if ($probe['request']['hold_s'] -gt 0 -and $probe['tcp'] -and $good -and -not $batch['released']) {
        $probe['deadline'] = $script:Clock.Elapsed.TotalSeconds + $probe['request']['hold_s']
        $batch['held'].Add($probe)
    } else { Close-Probe $probe }
    $invariant = $script:Invariant
    $detail = if ($probe['detail']) { ConvertTo-WireText $probe['detail'] } else { '""' }
    $received = if ($probe['received'].Length) { [BitConverter]::ToString($probe['received']).Replace('-', '').ToLowerInvariant() }
    Send-Line ('{"event":"result","id":' + $batch['wireId'] + ',"key":' + (ConvertTo-WireText $probe['request']['key']) +
        ',"outcome":"' + $probe['outcome'] + '","at":' + $probe['at'].ToString('R', $invariant) +
        ',"took_ms":' + [Math]::Round($probe['took'], 3).ToString('R', $invariant) +
        ',"local":"' + $probe['local'] + '","local_port":' + $probe['localPort'].ToString($invariant) +
        ',"code":"' + $probe['code'] + '","detail":' + $detail + ',"received":"' + $received + '"}')
}

function Step-Held($batch) {
    # Closes the connections whose time is over, or all after a release.
    if ($batch['held'].Count -eq 0) { return }
    $now = $script:Clock.Elapsed.TotalSeconds
    $kept = 0
    for ($i = 0; $i -lt $batch['held'].Count; $i++) {
        $probe = $batch['held'][$i]
        if ($batch['released'] -or $probe['deadline'] -le $now) { Close-Probe $probe }
        else {
            $batch['held'][$kept] = $probe
            $kept++
        }
    }
    $batch['held'].RemoveRange($kept, $batch['held'].Count - $kept)
}

function Close-Probe($probe) {
    # Gives the socket back, once.
    if ($probe['state'] -eq 'closed') { return }
    $probe['state'] = 'closed'
    if ($null -ne $probe['socket']) { $probe['socket'].Close() }
    $script:Room++
}

exit (Start-Agent 'exchange' @{
        exchange = { param($request) Receive-Exchange $request }; release = { param($request) Receive-Release $request }
    })
