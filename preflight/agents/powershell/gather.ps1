# The gather agent: facts of the host, each with a deadline of its own. It only reads. The twin of gather.py.
# Sources are read in lanes, side by side; a fact is put together as soon as its sources are there. Of sources that it
# can do without, it waits for 0.7 of the deadline only.

$script:GatherFields = [ordered]@{
    id = @('text'); facts = @('texts', @('system', 'addresses', 'listeners', 'sockets', 'services', 'time', 'firewall'))
    fact_deadline_s = @('period', 4.0); services = @('texts', @()); reads = @('list', @())
}
$script:Lanes = @(   # what takes longest starts first; in a lane, what may hang comes last
    @('Owners', 'HttpQueues'), @('Processes'), @('Services'), @('FirewallRules', 'FirewallProfiles', 'Networks'),
    @('Interfaces', 'Listening', 'Connected', 'SystemKey')
)
$script:Spares = @{ Services = 'ServiceKeys'; Processes = 'ProcessList' }   # asked when the first was refused, or is late
$script:Facts = @{
    system = @{ needs = @('SystemKey'); likes = @(); ask = { Get-SystemFact $args[0] } }
    addresses = @{ needs = @('Interfaces'); likes = @(); ask = { Get-AddressesFact $args[0] } }
    listeners = @{
        needs = @('Listening'); likes = @('Owners', 'HttpQueues', 'Processes', 'Services')
        ask = { Get-TableFact $args[0] 'Listening' }
    }
    sockets = @{
        needs = @('Connected'); likes = @('Owners', 'HttpQueues', 'Processes', 'Services')
        ask = { Get-TableFact $args[0] 'Connected' }
    }
    services = @{ needs = @(); likes = @('Services', 'Processes'); ask = { Get-ServicesFact $args[0] } }
    time = @{ needs = @(); likes = @(); ask = { Get-TimeFact $args[0] } }
    firewall = @{
        needs = @('FirewallRules'); likes = @('FirewallProfiles', 'Interfaces', 'Networks', 'Services')
        ask = { Get-FirewallFact $args[0] }
    }
}

function Get-Answer($question, [string] $source) {
    # What a source told; throws what it was refused with.
    $read = $question['found'][$source]
    if ($read['status'] -eq 'ok') { return , $read['value'] }
    $problem = [InvalidOperationException]::new($read['detail'])
    $problem.Data['status'] = $read['status']
    throw $problem
}

function Receive-Gather($request) {
    # Starts the lanes that the facts asked for need; several requests may be under way.
    $started = $script:Clock.Elapsed.TotalSeconds
    $asked = Read-Fields 'gather' $request $script:GatherFields
    $patterns = [Collections.Generic.List[regex]]::new()
    foreach ($text in $asked['services']) {
        try {
            $null = [regex]::new($text)   # alone: ")(" would be one between the brackets below
            $patterns.Add([regex]::new("\A(?:$text)\z", 'IgnoreCase, CultureInvariant'))
        }
        catch {
            $why = $_.Exception.GetBaseException().Message
            Deny-Request "gather: a pattern of services is no regular expression: $why"
        }
    }
    $about = @{
        patterns = $patterns; elevated = [bool](Test-Elevated)
        firewall = @{ local = $script:FirewallLocal; policy = $script:FirewallPolicy }
        refusal = 'not asked: the account is no elevated administrator'; ready = [Threading.ManualResetEventSlim]::new()
    }
    $deadline = [double]$asked['fact_deadline_s']
    $about['deadline'] = $deadline
    $question = @{
        id = $asked['id']; about = $about; elevated = $about['elevated']; started = $started; lanes = @()
        until = $started + $deadline; patience = $started + 0.7 * $deadline; found = [hashtable]::Synchronized(@{})
        missing = [Collections.Generic.List[string]]::new(); spares = @{}; seen = -1; reads = $null
        late = $started + 0.4 * $deadline
    }
    if ($asked['reads'].Count) { Open-Queues $question }
    $wanted = [Collections.Generic.HashSet[string]]::new()
    foreach ($name in $asked['facts']) {
        if ($question['missing'].Contains($name)) { continue }
        $question['missing'].Add($name)
        $fact = Get-FactRecipe $name
        if ($null -ne $fact) { $wanted.UnionWith([string[]]@($fact['needs'] + $fact['likes'])) }
    }
    $work = @{ about = $asked['id']; question = $question; step = { param($work) Step-Gather $work['question'] } }
    foreach ($sources in $script:Lanes) {
        $sources = [string[]]@(foreach ($source in $sources) { if ($wanted.Contains($source)) { $source } })
        if ($sources.Count) { Open-Lane $question $sources (Get-LaneReads $question $sources) }
    }
    foreach ($source in $script:Spares.Keys) {
        if ($wanted.Contains($source)) { $question['spares'][$source] = $script:Spares[$source] }
    }
    try { if ($asked['reads'].Count) { Add-Reads $question (Resolve-Reads $asked['reads'] $asked['facts']) } } catch {
        $about['ready'].Set()
        foreach ($lane in $question['lanes']) { Stop-Lane $lane }
        throw
    }
    $script:Pending.Add($work)
}

function Open-Lane($question, [string[]] $sources, $group = $null) {
    # One more lane of a question; when it is through with its sources, it goes on with a queue of reads.
    $queue = $begun = $null
    if ($null -ne $group) {
        $group['lanes']++
        $queue = $group['queue']
        $begun = $question['reads']['begun']
    }
    $question['lanes'] += Start-Lane $sources $question['about'] $question['found'] $queue $begun
}

function Open-Spares($question, [double] $now) {
    # Asks the other way for what was refused, or is not there after 0.4 of the deadline.
    foreach ($source in @($question['spares'].Keys)) {
        $read = $question['found'][$source]
        if ($null -eq $read -and $now -lt $question['late']) { continue }
        if ($null -eq $read -or $read['status'] -ne 'ok') { Open-Lane $question @($question['spares'][$source]) }
        $question['spares'].Remove($source)
    }
}

function Test-Told($question, [string] $source) {
    # Whether a source, or the spare one in its place, has answered.
    $read = $question['found'][$source]
    if ($null -eq $read) { return $false }
    if ($read['status'] -eq 'ok' -or -not $script:Spares.ContainsKey($source)) { return $true }
    return $question['found'].ContainsKey($script:Spares[$source])
}

function Test-Ready($question, $fact, [double] $now) {
    # Whether a fact has its sources, or need not wait for the others any longer.
    foreach ($source in $fact['needs']) { if (-not $question['found'].ContainsKey($source)) { return $false } }
    if ($now -ge $question['patience']) { return $true }
    foreach ($source in $fact['likes']) { if (-not (Test-Told $question $source)) { return $false } }
    return $true
}

function Get-FactRecipe([string] $name) {
    # How a fact is made; null for one that this agent does not know. Names count by the letter.
    foreach ($known in $script:Facts.Keys) { if ($known.Equals($name)) { return $script:Facts[$known] } }
    return $null
}

function Step-Gather($question) {
    # One round: tells the facts that can be told; $true until all are told.
    $script:Rest = 8
    $now = $script:Clock.Elapsed.TotalSeconds
    $count = $question['found'].Count
    $reading = Step-Reads $question $now
    $open = $reading -or $question['missing'].Count
    if ($open -and $count -eq $question['seen'] -and $now -lt $question['late']) { return $true }   # nothing new or overdue
    $question['seen'] = $count
    Open-Spares $question $now
    foreach ($name in $question['missing'].ToArray()) {
        $fact = Get-FactRecipe $name
        if ($null -eq $fact -or (Test-Ready $question $fact $now)) { $answer = Get-FactAnswer $name $fact $question }
        elseif ($now -lt $question['until']) { continue }
        else { $answer = @{ status = 'timeout'; detail = 'not read within its deadline' } }
        $null = $question['missing'].Remove($name)
        Send-Fact $question['id'] $question['started'] $name $answer
    }
    if ($question['missing'].Count -or $reading) { return $true }
    Send-Event 'done' ([ordered]@{ id = $question['id'] })
    foreach ($lane in $question['lanes']) { Stop-Lane $lane }
    return $false
}

function Get-FactAnswer([string] $name, $fact, $question) {
    # A fact, or why it could not be had.
    if ($null -eq $fact) {
        return @{ status = 'absent'; detail = 'this agent knows no fact ' + (Limit-Text (Show-Ascii $name) 80) }
    }
    try { return & $fact['ask'] $question } catch {
        $problem = $_.Exception.GetBaseException()
        if ($problem.Data.Contains('status')) { return @{ status = $problem.Data['status']; detail = $problem.Message } }
        return @{ status = 'error'; detail = "$($problem.GetType().Name): $($problem.Message)" }
    }
}

function Send-Fact([string] $id, [double] $begun, [string] $name, $answer) {
    # One fact as its event; one that is longer than the contract allows is an error of that fact.
    $took = [Math]::Round(1000 * ($script:Clock.Elapsed.TotalSeconds - $begun), 3).ToString('R', $script:Invariant)
    $value = $answer['json']
    $status = $answer['status']
    if ($null -ne $value) {
        if ($value.Length -gt $script:MaxEventBytes - 4096) {
            $why = "$($value.Length) bytes are longer than the contract allows"
            Send-Fact $id $begun $name @{ status = 'error'; detail = $why }
            return
        }
        $status = 'ok'
        $value = ',"value":' + $value
    }
    Send-Line (-join @(
            '{"event":"fact","id":', (ConvertTo-WireText $id), ',"name":', (ConvertTo-WireText $name), ',"status":"', $status
            '","took_ms":', $took, ',"detail":', (ConvertTo-WireText $answer['detail']), $value, '}'
        ))
}

Open-Lanes
$code = Start-Agent $script:ReadingAgent @{ gather = { param($request) Receive-Gather $request } }
# Not `exit`: the lanes' threads would keep the process, one whose call hangs for ever. All that was to be said is written.
[Environment]::Exit($code)
