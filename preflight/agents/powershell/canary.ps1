# What an account that is no elevated administrator may ask of Windows' management interface (CIM). Windows takes about 5 s
# to turn one away, so one read goes first and alone, the canary; those behind it wait for what becomes of it. Rights are
# given by namespace: once the first canary is let in, each other namespace gets one of its own.

$script:CanaryNamespace = 'root/cimv2'          # where rights are given first
$script:CanaryNever = @('Win32_Service')        # service control has rights of its own: it says nothing of the namespace

function Add-Canary($question, $group, $reads) {
    # Puts one of some reads into the queue and keeps the others back.
    $canary = $null
    $best = 4
    foreach ($read in $reads) {
        $rank = 0
        if ((Get-CanaryNamespace $read) -ne $script:CanaryNamespace) { $rank += 2 }
        if ($script:CanaryNever -contains $read['class_name']) { $rank += 1 }
        if ($rank -ge $best) { continue }
        $best = $rank
        $canary = $read
    }
    $behind = [Collections.Generic.List[object]]::new()
    foreach ($read in $reads) {
        if ($read['number'] -eq $canary['number']) { continue }
        $behind.Add($read)
        $question['reads']['held'][$read['number']] = $true
    }
    $question['reads']['canaries'][$canary['number']] = @{ group = $group; behind = $behind }
    $group['queue'].Enqueue($canary)
}

function Get-CanaryNamespace($read) {
    # The namespace as the contract writes it.
    return $read['namespace'].Replace('\', '/').Trim('/')
}

function Get-CanaryRefusal($question, $read, $answer) {
    # Why nobody behind a canary need ask; null where it was let in.
    $where = Get-CanaryNamespace $read
    if ($answer['status'] -eq 'denied') { $why = "did not let it into $where ($($answer['detail']))" }
    elseif ($answer['status'] -ne 'timeout') { return $null }
    elseif (-not $question['reads']['begun'].ContainsKey($read['number'])) { return $answer }   # nobody was asked anything
    else {
        $waited = $question['about']['deadline']
        $why = "did not answer it in $where within $waited s; to turn an account away, Windows takes about 5 s"
    }
    return @{ status = 'denied'; detail = "the account is no elevated administrator, and the management interface $why" }
}

function Close-Canary($question, $read, $answer) {
    # What becomes of a canary's answer, and of the reads behind it: they are asked, or told the same.
    $reads = $question['reads']
    $canary = $reads['canaries'][$read['number']]
    $null = $reads['canaries'].Remove($read['number'])
    $refusal = Get-CanaryRefusal $question $read $answer
    if ($null -ne $refusal) {
        foreach ($one in $canary['behind']) { $reads['told'].Enqueue(@($one, $refusal)) }
        return $refusal
    }
    $where = Get-CanaryNamespace $read
    $reads['since'] = $script:Clock.Elapsed.TotalSeconds
    $others = [ordered]@{}
    foreach ($one in $canary['behind']) {
        $null = $reads['held'].Remove($one['number'])
        $namespace = Get-CanaryNamespace $one
        if ($namespace -eq $where) {
            $canary['group']['queue'].Enqueue($one)
            continue
        }
        if (-not $others.Contains($namespace)) { $others[$namespace] = [Collections.Generic.List[object]]::new() }
        $others[$namespace].Add($one)
    }
    foreach ($some in $others.Values) { Add-Canary $question $canary['group'] $some }
    if (-not $canary['group']['queue'].IsEmpty) { Open-Lane $question @() $canary['group'] }
    return $answer
}
