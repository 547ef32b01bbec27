# Services and processes. Windows' management interface (CIM) tells most, but takes about 5 s to turn away an account
# without administrator rights: such an account gets what the registry and the process list tell.

function Read-Image([string] $command) {
    # The program of a service's command line.
    $text = $command.Trim()
    if ($text.StartsWith('"')) {
        $end = $text.IndexOf('"', 1)
        if ($end -gt 0) { return $text.Substring(1, $end - 1) }
    }
    $end = $text.IndexOf('.exe', [StringComparison]::OrdinalIgnoreCase)
    if ($end -gt 0) { return $text.Substring(0, $end + 4) }
    $end = $text.IndexOf(' ')
    if ($end -gt 0) { return $text.Substring(0, $end) }
    return $text
}

function Read-Services($about, $found) {
    # The product's services and the firewall's, with their processes.
    if (-not $about['elevated']) { throw [UnauthorizedAccessException]::new($about['refusal']) }
    $lines = [Collections.Generic.List[object]]::new()
    $wanted = 'Name', 'DisplayName', 'State', 'ProcessId', 'PathName'
    foreach ($row in (Get-CimInstance -ClassName 'Win32_Service' -Property $wanted)) {
        $name = [string]$row.Name
        $match = $false
        foreach ($pattern in $about['patterns']) { if ($pattern.IsMatch($name)) { $match = $true; break } }
        if (-not $match -and $name -ne 'MpsSvc') { continue }
        $state = switch ([string]$row.State) { 'Running' { 'running' } 'Stopped' { 'stopped' } default { 'unknown' } }
        $lines.Add(@{
                name = $name; display = [string]$row.DisplayName; state = $state; pid = [int]$row.ProcessId
                path = Read-Image ([string]$row.PathName); product = $match
            })
    }
    return , $lines
}

function Read-ServiceKeys($about, $found) {
    # The same out of the registry, with the state where the account may ask the service control manager.
    $lines = [Collections.Generic.List[object]]::new()
    $root = 'HKLM:\SYSTEM\CurrentControlSet\Services'
    foreach ($name in (Read-Key $root).GetSubKeyNames()) {
        $match = $false
        foreach ($pattern in $about['patterns']) { if ($pattern.IsMatch($name)) { $match = $true; break } }
        if (-not $match -and $name -ne 'MpsSvc') { continue }
        try {
            $key = Read-Key "$root\$name"
            if (([int]$key.GetValue('Type') -band 0x30) -eq 0) { continue }   # a driver
            $display = [string]$key.GetValue('DisplayName')
            $path = [string]$key.GetValue('ImagePath')
        } catch { $display = $path = '' }
        if ($display.StartsWith('@')) { $display = '' }   # the name of a text in a library
        $state = 'unknown'
        try {
            $state = switch ([int](Get-Service -Name $name).Status) { 4 { 'running' } 1 { 'stopped' } default { 'unknown' } }
        } catch { $state = 'unknown' }
        $lines.Add(@{ name = $name; display = $display; state = $state; pid = 0; path = Read-Image $path; product = $match })
    }
    return , $lines
}

function Read-Processes($about, $found) {
    # Id -> name, path, parent, birth (ticks; 0: unknown).
    if (-not $about['elevated']) { throw [UnauthorizedAccessException]::new($about['refusal']) }
    $processes = [Collections.Generic.Dictionary[int, object]]::new()
    $wanted = 'ProcessId', 'ParentProcessId', 'Name', 'ExecutablePath', 'CreationDate'
    foreach ($row in (Get-CimInstance -ClassName 'Win32_Process' -Property $wanted)) {
        $born = 0
        if ($row.CreationDate -is [DateTime]) { $born = $row.CreationDate.Ticks }
        $processes[[int]$row.ProcessId] = @([string]$row.Name, [string]$row.ExecutablePath, [int]$row.ParentProcessId, $born)
    }
    return , $processes
}

function Read-ProcessList($about, $found) {
    # The same without the management interface: no parents, and paths of the account's own processes only.
    $processes = [Collections.Generic.Dictionary[int, object]]::new()
    foreach ($row in (Get-Process)) {
        $path = ''
        try { $path = [string]$row.Path } catch { $path = '' }
        $name = [string]$row.ProcessName
        if ($path) { $name = [IO.Path]::GetFileName($path) }
        $processes[[int]$row.Id] = @($name, $path, 0, 0)
    }
    return , $processes
}

function Get-Processes($question) {
    # The processes by whichever way could be read; null where none could.
    foreach ($source in 'Processes', 'ProcessList') {
        $read = $question['found'][$source]
        if ($null -ne $read -and $read['status'] -eq 'ok') { return , $read['value'] }
    }
    return $null
}

function Get-ServiceLines($question) {
    # What is known of services: CIM's answer, or the registry's; readable: an empty list means that there are none.
    $read = $question['found']['Services']
    if ($null -ne $read -and $read['status'] -eq 'ok') { return @{ lines = $read['value']; readable = $true; remark = '' } }
    $why = if ($null -eq $read) { 'it did not answer in time' } else { $read['detail'] }
    $keys = $question['found']['ServiceKeys']
    if ($null -ne $keys -and $keys['status'] -eq 'ok') {
        $remark = "Win32_Service could not be asked ($why): names are the registry's, " +
            'states are known where they could be asked.'
        return @{ lines = $keys['value']; readable = $true; remark = $remark }
    }
    return @{ lines = @(); readable = $false; remark = "Win32_Service could not be asked ($why), and the registry neither." }
}

function Test-Product($question, [string] $name) {
    # Whether a name is one of the product's.
    foreach ($pattern in $question['about']['patterns']) { if ($pattern.IsMatch($name)) { return $true } }
    return $false
}

function Get-ServicesFact($question) {
    # The product's services: installed ones, and running processes whose name is one of the patterns.
    $known = Get-ServiceLines $question
    $found = [Collections.Generic.SortedDictionary[string, object]]::new([StringComparer]::Ordinal)
    foreach ($line in $known['lines']) {
        if (-not $line['product']) { continue }
        $found[$line['name'].ToLowerInvariant()] = [ordered]@{
            name = $line['name']; display = Limit-Text $line['display'] 200; state = $line['state']
            pid = $(if ($line['pid'] -gt 0) { $line['pid'] } else { $null }); path = $line['path']
        }
    }
    $processes = Get-Processes $question
    if ($null -ne $processes) {
        foreach ($entry in $processes.GetEnumerator()) {
            $name = Get-ProductName $question $entry.Value[0]
            if (-not $name -or $entry.Key -eq $PID) { continue }
            $key = $name.ToLowerInvariant()
            if (-not $found.ContainsKey($key)) {
                $found[$key] = [ordered]@{
                    name = $name; display = ''; state = 'running'; pid = $entry.Key; path = $entry.Value[1]
                }
            } elseif ($found[$key]['state'] -eq 'unknown') {
                $found[$key]['state'] = 'running'
                $found[$key]['pid'] = $entry.Key
            }
        }
    }
    if ($found.Count -eq 0 -and -not $known['readable']) {
        # "None" would be read as "not installed", and a listener be opened on a host that may have the product.
        $read = $question['found']['Services']
        $status = if ($null -eq $read) { 'timeout' } else { $read['status'] }
        return @{ status = $status; detail = $known['remark'] }
    }
    return @{ json = ConvertTo-Wire $found.Values; detail = $known['remark'] }
}

function Get-ProductName($question, [string] $process) {
    # The product's name that a process runs under, without .exe; empty when it is not the product's.
    if (Test-Product $question $process) { return $process }
    if ($process -notlike '*.exe') { return '' }
    $name = $process.Substring(0, $process.Length - 4)
    if (Test-Product $question $name) { return $name }
    return ''
}
