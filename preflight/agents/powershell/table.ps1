# The facts listeners and sockets: what the tables hold, with the owners where they are known. Lines are put together as
# texts: a host may have tens of thousands.

$script:MaxLines = 20000
$script:MaxTable = 3500000   # characters of one table, below what the controller takes
$script:Generations = 4

function Get-ServiceOf($question, $services, [int] $id) {
    # The product's service that a process, or one of its four parents, is.
    $processes = $services['processes']
    $born = [long]::MaxValue
    for ($i = 0; $i -le $script:Generations -and $id -gt 4 -and $id -ne $PID; $i++) {
        $process = $null
        if ($null -ne $processes) { $null = $processes.TryGetValue($id, [ref]$process) }
        if ($null -ne $process) {
            if ($process[3] -gt $born) { return $null }   # younger than its child: the parent's number was given anew
            if ($process[3]) { $born = $process[3] }
        }
        if ($services['byId'].ContainsKey($id)) { return $services['byId'][$id] }
        if ($null -eq $process) { return $null }
        $name = Get-ProductName $question $process[0]
        if ($name) { return $name }
        if ($process[1] -and $services['byPath'].ContainsKey($process[1])) { return $services['byPath'][$process[1]] }
        $id = $process[2]
    }
    return $null
}

function Get-ProductServices($question) {
    # All processes, and the product's services by process id; by program only where Windows does not tell the ids, and never
    # by a program that hosts many.
    $byId = [Collections.Generic.Dictionary[int, string]]::new()
    $byPath = [Collections.Generic.Dictionary[string, string]]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($line in (Get-ServiceLines $question)['lines']) {
        if (-not $line['product']) { continue }
        if ($line['pid'] -gt 0) { $byId[$line['pid']] = $line['name'] }
        elseif ($line['state'] -eq 'unknown' -or $line['state'] -eq 'running') {
            if ($line['path'] -and $line['path'] -notlike '*\svchost.exe' -and -not $byPath.ContainsKey($line['path'])) {
                $byPath[$line['path']] = $line['name']
            }
        }
    }
    return @{ byId = $byId; byPath = $byPath; processes = (Get-Processes $question) }
}

function Get-OwnerText($question, $services, [int] $id, [bool] $paths) {
    # The second half of a line: process id, name, path and service.
    $name = $path = $null
    $process = $null
    if ($null -ne $services['processes'] -and $services['processes'].TryGetValue($id, [ref]$process)) {
        $name = $process[0]
        $path = $process[1]
    } elseif ($id -eq 4) { $name = 'System' }
    $text = ',"pid":' + $id
    if ($name) { $text += ',"process":' + (ConvertTo-WireText $name) }
    if ($path -and $paths) { $text += ',"path":' + (ConvertTo-WireText $path) }
    $service = Get-ServiceOf $question $services $id
    if ($service) { $text += ',"service":' + (ConvertTo-WireText $service) }
    return $text + '}'
}

function Get-HttpText($question, $services, $ids, [bool] $paths) {
    # As Get-OwnerText for what http.sys holds: process 4, and for whom.
    $names = [Collections.Generic.List[string]]::new()
    $path = $service = $null
    foreach ($id in $ids) {
        $process = $null
        if ($null -ne $services['processes'] -and $services['processes'].TryGetValue($id, [ref]$process)) {
            $names.Add($process[0])
            if (-not $path) { $path = $process[1] }
        } else { $names.Add("process $id") }
        if (-not $service) { $service = Get-ServiceOf $question $services $id }
    }
    $text = ',"pid":4,"process":' + (ConvertTo-WireText ('http.sys for ' + ($names -join ', ')))
    if ($path -and $paths) { $text += ',"path":' + (ConvertTo-WireText $path) }
    if ($service) { $text += ',"service":' + (ConvertTo-WireText $service) }
    return $text + '}'
}

function Get-TableFact($question, [string] $source) {
    # A table with its owners; without them where they could not be read in time.
    $table = Get-Answer $question $source
    $remarks = [Collections.Generic.List[string]]::new()
    $keys = $table['keys']
    $count = $keys.Count
    if ($count -gt $script:MaxLines) {
        $remarks.Add("$script:MaxLines of $count sockets are listed, the host has too many to list all.")
        $count = $script:MaxLines
    }
    $read = $question['found']['Owners']
    $owners = if ($null -ne $read -and $read['status'] -eq 'ok') { $read['value'] } else { $null }
    $read = $question['found']['HttpQueues']
    $queues = if ($null -ne $read -and $read['status'] -eq 'ok') { $read['value'] } else { $null }
    $services = Get-ProductServices $question
    $settled = if ($table.ContainsKey('settled')) { $table['settled'] } else { $count }
    foreach ($paths in $true, $false) {
        $texts = @{}
        $ownerless = $size = 0
        $lines = [Collections.Generic.List[string]]::new($count)
        for ($i = 0; $i -lt $count; $i++) {
            $head = $table['heads'][$i]
            $ids = $null
            if ($null -eq $owners -or -not $owners.TryGetValue($keys[$i], [ref]$ids)) {
                if ($i -lt $settled) { $ownerless++ }
                $lines.Add($head + '}')
                $size += $head.Length + 2
                continue
            }
            foreach ($id in $ids) {
                $mark = $id
                $http = $null
                if ($id -eq 4 -and $null -ne $queues -and $head.StartsWith('{"protocol":"tcp"')) {
                    $port = [int]$keys[$i].Split(' ')[2]
                    if ($queues.TryGetValue($port, [ref]$http)) { $mark = "http $port" }
                }
                $text = $texts[$mark]
                if ($null -eq $text) {
                    if ($null -ne $http) { $text = Get-HttpText $question $services $http $paths }
                    else { $text = Get-OwnerText $question $services $id $paths }
                    $texts[$mark] = $text
                }
                $lines.Add($head + $text)
                $size += $head.Length + $text.Length + 1
            }
        }
        if ($size -le $script:MaxTable) { break }
    }
    if (-not $paths) {
        $total = $lines.Count
        while ($lines.Count -gt 1 -and $size -gt $script:MaxTable) {
            $size -= $lines[$lines.Count - 1].Length + 1
            $lines.RemoveAt($lines.Count - 1)
        }
        $remarks.Add("Owners' paths are left out, $($lines.Count) of $total lines are listed: the host has many sockets.")
    }
    $read = $question['found']['Owners']
    if ($null -eq $read) { $remarks.Add('Reading the owners took too long; they are left out.') }
    elseif ($read['status'] -ne 'ok') { $remarks.Add("The owners cannot be told ($($read['detail'])).") }
    elseif ($ownerless) { $remarks.Add("$ownerless of $($lines.Count) sockets belong to no process that can be seen.") }
    if ($null -ne $owners -and $null -eq $services['processes']) {
        $remarks.Add('The processes could not be read in time; owners are incomplete.')
    }
    return @{ json = '[' + [string]::Join(',', $lines) + ']'; detail = $remarks -join ' ' }
}
