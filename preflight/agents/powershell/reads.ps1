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
        $property = $line.PSObject.Properties[$field]   # whatever the case of its letters
        if ($null -eq $property -or -not $property.Name.Equals($field)) { Deny-Request "a read lacks the field $field" }
        if ($property.Value -isnot [string]) { Deny-Request "a read: the field $field is not a text" }
        $said[$field] = $property.Value
    }
    $kinds = [string[]]@($script:ReadKinds.Keys)
    if ([Array]::IndexOf($kinds, $said['kind']) -lt 0) {
        return @{ name = $said['name']; kind = $said['kind'] }
    }
    $read = Read-Fields 'the read' $line $script:ReadKinds[$said['kind']] $said['name']
    if ($said['kind'] -eq 'cim' -and $read['properties'].Count -eq 0) {
        Deny-Request "$(Get-Subject 'the read' $said['name']): the field properties is empty"
    }
    if ($read.ContainsKey('password')) { $read['password'] = Get-Secret $read['password'] }
    return $read
}

function Resolve-Reads($lines, [string[]] $facts) {
    # All reads of a request, numbered; each has a name of its own.
    $reads = [Collections.Generic.List[object]]::new()
    $names = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
    foreach ($line in $lines) {
        $read = Resolve-Read $line
        if ([Array]::IndexOf($facts, $read['name']) -ge 0) {
            Deny-Request "$(Get-Subject 'the read' $read['name']) has the name of a fact"
        }
        if (-not $names.Add($read['name'])) { Deny-Request (Get-Subject 'two reads have the name' $read['name']) }
        $read['number'] = $reads.Count
        $reads.Add($read)
    }
    return , $reads
}

function Get-KindRefusal([string] $kind, $question) {
    # What is known of all reads of a kind without asking; null for reads that are to be asked.
    if ([Array]::IndexOf([string[]]@($script:ReadKinds.Keys), $kind) -lt 0) {
        return @{ status = 'absent'; detail = Get-Subject 'this agent knows no read of the kind' $kind }
    }
    if ($script:ElevatedReads -contains $kind -and -not $question['elevated']) {
        return @{ status = 'denied'; detail = $question['about']['refusal'] }
    }
    if ($kind -eq 'sql' -and -not $script:Windows) {
        return @{ status = 'absent'; detail = 'this agent can ask SQL servers on Windows only' }
    }
    if ($kind -eq 'share' -and -not $script:Windows) {
        return @{ status = 'absent'; detail = 'this agent can open shared folders on Windows only' }
    }
    return $null
}

function Open-Queues($question) {
    # A queue for each group of kinds, for lanes to go on with. They wait for the reads to come, until $about.ready is set.
    $question['about']['clock'] = $script:Clock
    $question['about']['told'] = [Collections.Concurrent.ConcurrentQueue[object]]::new()   # @(read, its answer)
    $question['about']['windows'] = $script:Windows
    $question['about']['narrow'] = [Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess
    $question['reads'] = @{
        missing = $null; queues = [Collections.Generic.List[object]]::new(); begun = [hashtable]::Synchronized(@{})
        due = 0.0; since = $question['started']; canaries = @{}; held = @{}; told = $question['about']['told']
    }
    foreach ($kind in $script:ReadQueues) {
        $question['reads']['queues'].Add(@{
                queue = [Collections.Concurrent.ConcurrentQueue[object]]::new(); kinds = $kind['kinds']; after = $kind['after']
                lanes = 0; due = $question['started'] + $script:FirstPatience; left = 0
            })
    }
}

function Add-Reads($question, $reads) {
    # Puts the reads into their queues; one that nobody need ask has its answer at once.
    $question['reads']['missing'] = $reads
    $kinds = [Collections.Generic.Dictionary[string, object]]::new([StringComparer]::Ordinal)
    foreach ($group in $question['reads']['queues']) {
        $group['some'] = [Collections.Generic.List[object]]::new()
        foreach ($kind in $group['kinds']) { $kinds[$kind] = @{ group = $group; refusal = Get-KindRefusal $kind $question } }
    }
    foreach ($read in $reads) {
        $name = $read['kind']
        if (-not $kinds.ContainsKey($name)) { $kinds[$name] = @{ refusal = Get-KindRefusal $name $question } }
        $kind = $kinds[$name]
        if ($null -eq $kind['refusal']) { $kind['group']['some'].Add($read) }
        else { $question['about']['told'].Enqueue(@($read, $kind['refusal'])) }
    }
    foreach ($group in $question['reads']['queues'].ToArray()) {
        if (-not $group['some'].Count) { $null = $question['reads']['queues'].Remove($group) }
        elseif ($group['kinds'] -contains 'cim' -and -not $question['elevated']) { Add-Canary $question $group $group['some'] }
        else { foreach ($read in $group['some']) { $group['queue'].Enqueue($read) } }
        $group['left'] = $group['queue'].Count
    }
    $question['about']['ready'].Set()
    foreach ($group in $question['reads']['queues']) { if (-not $group['lanes']) { Open-Lane $question @() $group } }
}

function Get-LaneReads($question, [string[]] $sources) {
    # The queue that a lane of facts goes on with, null for none.
    if ($null -eq $question['reads']) { return $null }
    foreach ($group in $question['reads']['queues']) {
        if ($group['after'] -contains $sources[$sources.Count - 1]) { return $group }
    }
    return $null
}

function Step-Reads($question, [double] $now) {
    # Tells the reads that have been answered, and looks after those that have not; $true until all are told.
    $reads = $question['reads']
    if ($null -eq $reads) { return $false }
    $told = $null
    while ($reads['told'].TryDequeue([ref]$told)) { Close-Read $question $told[0] $told[1] $now }
    if ($now -ge $question['until']) { Close-LateReads $question $now }   # none begins before the question itself
    if ($now -ge $reads['due']) {
        $reads['due'] = $now + 0.2
        foreach ($group in $reads['queues']) { Open-NextLane $question $group $now }
    }
    return $reads['missing'].Count -gt 0
}

function Close-Read($question, $read, $answer, [double] $now) {
    # Tells a read, unless that was done: what is too late is dropped.
    $reads = $question['reads']
    if (-not $reads['missing'].Contains($read)) { return }
    if ($reads['canaries'].ContainsKey($read['number'])) { $answer = Close-Canary $question $read $answer }
    $null = $reads['missing'].Remove($read)
    $begun = $reads['begun'][$read['number']]
    if ($null -eq $begun) { $begun = $now }
    Send-Fact $question['id'] $begun $read['name'] $answer
}

function Close-LateReads($question, [double] $now) {
    # Gives up reads whose time is over; it counts from the beginning of each.
    $reads = $question['reads']
    $deadline = $question['until'] - $question['started']
    foreach ($read in $reads['missing'].ToArray()) {
        $begun = $reads['begun'][$read['number']]
        $why = ''
        if ($null -ne $begun) { if ($now -ge $begun + $deadline) { $why = 'not read within its deadline' } }
        elseif (-not $reads['held'].ContainsKey($read['number']) -and $now -ge $reads['since'] + 2 * $deadline) {
            $why = 'not begun: too many reads before it hang'
        }
        if ($why) { Close-Read $question $read @{ status = 'timeout'; detail = $why } $now }
    }
}

function Open-NextLane($question, $group, [double] $now) {
    # One more lane for a queue that nobody has taken anything from for a while.
    $left = $group['queue'].Count
    if ($left -ne $group['left']) {
        $group['left'] = $left
        $group['due'] = $now + $script:ReadPatience
    }
    if ($left -and $now -ge $group['due'] -and $group['lanes'] -lt $script:ReadLanes) {
        Open-Lane $question @() $group
        $group['due'] = $script:Clock.Elapsed.TotalSeconds + $script:ReadPatience
    }
}
