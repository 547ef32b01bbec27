# Reads: what is asked beside the facts, the twin of reads.py. Each is answered by a fact of its own name. They wait in
# queues that lanes empty; where every lane of a queue is held up, one more is opened.

$script:ReadKinds = @{
    registry = [ordered]@{
        kind = @('text'); name = @('text'); path = @('text'); values = @('texts', @()); subkeys = @('flag', $false)
    }
    cim = [ordered]@{
        kind = @('text'); name = @('text'); namespace = @('text', 'root/cimv2'); class_name = @('text')
        properties = @('texts'); where = @('text', '')
    }
    file = [ordered]@{ kind = @('text'); name = @('text'); path = @('text'); text_bytes = @('size', 0) }
    names = [ordered]@{
        kind = @('text'); name = @('text'); forward = @('texts', @()); reverse = @('texts', @()); follow = @('flag', $false)
    }
    share = [ordered]@{
        kind = @('text'); name = @('text'); path = @('text'); file = @('text', ''); user = @('text', '')
        password = @('text', '')
    }
    sql = [ordered]@{
        kind = @('text'); name = @('text'); data_source = @('text'); encrypt = @('flag', $true); user = @('text')
        password = @('text', ''); databases = @('texts'); server_questions = @('texts', @()); questions = @('texts', @())
    }
    disk = [ordered]@{ kind = @('text'); name = @('text'); path = @('text') }
}
# Kinds that share a queue, and the lanes of facts that go on with it, by their last sources: what these have loaded
# already need not be loaded again.
$script:ReadQueues = @(
    @{ kinds = @('cim'); after = @('Processes', 'Services') }
    @{ kinds = @('registry', 'file', 'disk'); after = @('SystemKey') }
    @{ kinds = @('names'); after = @('Networks') }
    @{ kinds = @('share'); after = @() }
    @{ kinds = @('sql'); after = @() }
)
$script:ElevatedReads = @()       # kinds that only an administrator is let ask; a part that adds a kind may say so of it
$script:ReadingAgent = 'gather'   # a part that adds a kind of read makes it another agent, which says so in its hello
$script:FirstPatience = 1.2   # s until the lanes of facts have to be ready to go on with reads
$script:ReadPatience = 0.5    # s without a read begun, then a queue gets one more lane
$script:ReadLanes = 10        # of a queue at most

function Resolve-Read($line) {
    # One read as asked; a kind that this agent does not know has no more than its name.
    if ($line -isnot [Management.Automation.PSCustomObject]) { Deny-Request 'a read is not an object' }
    $said = @{}
    foreach ($field in 'kind', 'name') {
        $there = $false
        foreach ($property in $line.PSObject.Properties) {
            if ($property.Name.Equals($field)) {
                $there = $true
                $said[$field] = $property.Value
            }
        }
        if (-not $there) { Deny-Request "a read lacks the field $field" }
        if ($said[$field] -isnot [string]) { Deny-Request "a read: the field $field is not a text" }
    }
    $kinds = [string[]]@($script:ReadKinds.Keys)
    if ([Array]::IndexOf($kinds, $said.kind) -lt 0) { return @{ name = $said.name; kind = $said.kind; known = $false } }
    $what = 'the read ' + (Limit-Text (Show-Ascii $said.name) 80)
    $read = Read-Fields $what $line $script:ReadKinds[$said.kind]
    if ($said.kind -eq 'cim' -and $read.properties.Count -eq 0) { Deny-Request "${what}: the field properties is empty" }
    if ($read.ContainsKey('password')) { $read.password = Get-Secret $read.password }
    $read.known = $true
    return $read
}

function Resolve-Reads($lines, [string[]] $facts) {
    # All reads of a request, numbered; each has a name of its own.
    $reads = [Collections.Generic.List[object]]::new()
    $names = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
    foreach ($line in $lines) {
        $read = Resolve-Read $line
        $shown = Limit-Text (Show-Ascii $read.name) 80
        if ([Array]::IndexOf($facts, $read.name) -ge 0) { Deny-Request "the read $shown has the name of a fact" }
        if (-not $names.Add($read.name)) { Deny-Request "two reads have the name $shown" }
        $read.number = $reads.Count
        $reads.Add($read)
    }
    return , $reads
}

function Get-ReadRefusal($read, $question) {
    # What is known without asking; null for a read that is to be asked.
    if (-not $read.known) {
        return @{ status = 'absent'; detail = 'this agent knows no read of the kind ' + (Limit-Text (Show-Ascii $read.kind) 80) }
    }
    if ($script:ElevatedReads -contains $read.kind -and -not $question.elevated) {
        return @{ status = 'denied'; detail = $question.about.refusal }
    }
    if ($read.kind -eq 'sql' -and -not $script:Windows) {
        return @{ status = 'absent'; detail = 'this agent can ask SQL servers on Windows only' }
    }
    if ($read.kind -eq 'share' -and -not $script:Windows) {
        return @{ status = 'absent'; detail = 'this agent can open shared folders on Windows only' }
    }
    return $null
}

function Add-Reads($question, $reads) {
    # Puts the reads into their queues.
    $question.reads = @{
        missing = $reads; queues = [Collections.Generic.List[object]]::new(); begun = [hashtable]::Synchronized(@{})
        seen = -1; due = 0.0; since = $question.started; canaries = @{}; held = @{}
    }
    foreach ($read in $reads) {
        $refusal = Get-ReadRefusal $read $question
        if ($null -ne $refusal) { $question.found["read $($read.number)"] = $refusal }
    }
    $question.about.clock = $script:Clock
    $question.about.windows = $script:Windows
    $question.about.narrow = [Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess
    foreach ($kind in $script:ReadQueues) {
        $some = [Collections.Generic.List[object]]::new()
        foreach ($read in $reads) {
            if ($kind.kinds -notcontains $read.kind) { continue }
            if (-not $question.found.ContainsKey("read $($read.number)")) { $some.Add($read) }
        }
        if (-not $some.Count) { continue }
        $group = @{
            queue = [Collections.Concurrent.ConcurrentQueue[object]]::new(); lanes = 0; after = $kind.after
            due = $question.started + $script:FirstPatience
        }
        if ($kind.kinds -contains 'cim' -and -not $question.elevated) { Add-Canary $question $group $some }
        else { foreach ($read in $some) { $group.queue.Enqueue($read) } }
        $group.left = $group.queue.Count
        $question.reads.queues.Add($group)
    }
}

function Get-LaneReads($question, [string[]] $sources) {
    # The queue that a lane of facts goes on with, null for none.
    if ($null -eq $question.reads) { return $null }
    foreach ($group in $question.reads.queues) {
        if ($group.after -contains $sources[$sources.Count - 1]) { return $group }
    }
    return $null
}

function Open-ReadLanes($question) {
    # A lane for each queue that no lane of facts will go on with.
    if ($null -eq $question.reads) { return }
    foreach ($group in $question.reads.queues) { if (-not $group.lanes) { Open-Lane $question @() $group } }
}

function Step-Reads($question, [double] $now) {
    # Tells the reads that can be told; $true until all are. A read's deadline counts from its own beginning.
    $reads = $question.reads
    if ($null -eq $reads) { return $false }
    $count = $question.found.Count
    if ($count -eq $reads.seen -and $now -lt $reads.due) { return $reads.missing.Count -gt 0 }
    $reads.seen = $count
    $reads.due = $now + 0.1   # to look at the clocks
    $deadline = $question.until - $question.started
    foreach ($read in $reads.missing.ToArray()) {
        $begun = $reads.begun[$read.number]
        $answer = $question.found["read $($read.number)"]
        if ($null -eq $answer -and $null -ne $begun -and $now -ge $begun + $deadline) {
            $answer = @{ status = 'timeout'; detail = 'not read within its deadline' }
        } elseif ($null -eq $answer -and $null -eq $begun -and -not $reads.held.ContainsKey($read.number) -and
            $now -ge $reads.since + 2 * $deadline) {
            $answer = @{ status = 'timeout'; detail = 'not begun: too many reads before it hang' }
        }
        if ($null -eq $answer) { continue }
        if ($reads.canaries.ContainsKey($read.number)) { $answer = Close-Canary $question $read $answer }
        $null = $reads.missing.Remove($read)
        if ($null -eq $begun) { $begun = $now }
        Send-Fact @{ id = $question.id; started = $begun } $read.name $answer
    }
    foreach ($group in $reads.queues) {
        $left = $group.queue.Count
        if ($left -ne $group.left) {
            $group.left = $left
            $group.due = $now + $script:ReadPatience
        }
        if ($left -and $now -ge $group.due -and $group.lanes -lt $script:ReadLanes) {
            Open-Lane $question @() $group
            $group.due = $script:Clock.Elapsed.TotalSeconds + $script:ReadPatience
        }
    }
    return $reads.missing.Count -gt 0
}
