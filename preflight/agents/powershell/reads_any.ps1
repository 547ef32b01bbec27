# Reads that any system can answer: a file, the name service, a disk. They run in lanes; each answers @{ json; detail },
# or @{ status; detail }, or throws.

function Read-Epoch([DateTime] $time) {
    # Seconds since 1970, down to the ms.
    $ticks = $time.ToUniversalTime().Ticks - 621355968000000000
    return [double](($ticks - $ticks % 10000) / 10000) / 1000
}

function Read-FileAnswer($read, $about) {
    # Size, time, version and text of a file; a file that is not there is an answer, too.
    $path = [Environment]::ExpandEnvironmentVariables($read['path'])
    $value = [ordered]@{ exists = $false; size = $null; modified = $null; version = $null; text = $null }
    $remark = ''
    try {
        $attributes = [int][IO.File]::GetAttributes($path)   # tells "not there" from "not allowed", unlike Exists
    } catch {
        $kind = $_.Exception.GetBaseException().GetType().Name
        if ('FileNotFoundException', 'DirectoryNotFoundException', 'DriveNotFoundException' -notcontains $kind) { throw }
        return @{ json = ConvertTo-Wire $value; detail = '' }
    }
    $value['exists'] = $true
    $value['modified'] = Read-Epoch ([IO.File]::GetLastWriteTimeUtc($path))
    if (($attributes -band 16) -eq 0) {   # no folder
        $value['size'] = [IO.FileInfo]::new($path).Length
        $value['version'] = Read-Version $path
        if ($read['text_bytes'] -gt 0) {
            $data = Read-Beginning $path $read['text_bytes']
            $value['text'] = Read-Text $data ($data.Length -ge $value['size'])
            if ($data.Length -lt $value['size']) {
                $remark = "The text is the first $($data.Length) of $($value['size']) bytes."
            }
        }
    }
    return @{ json = ConvertTo-Wire $value; detail = $remark }
}

function Read-Version([string] $path) {
    # The numbers of a file's version resource; the text beside them is often another. Null where it has none.
    try {
        $version = [Diagnostics.FileVersionInfo]::GetVersionInfo($path)
        $parts = @($version.FileMajorPart, $version.FileMinorPart, $version.FileBuildPart, $version.FilePrivatePart)
        if ($version.FileVersion -or ($parts -ne 0).Count) { return , $parts }
    } catch { return $null }   # a device, or gone meanwhile
    return $null
}

function Read-Beginning([string] $path, [int] $most) {
    # The first bytes of a file that others may have open.
    $source = [IO.FileStream]::new($path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]'ReadWrite, Delete')
    try {
        $data = [byte[]]::new($most)
        $have = 0
        do {
            $got = $source.Read($data, $have, $most - $have)
            $have += $got
        } while ($got -gt 0 -and $have -lt $most)
    } finally { $source.Dispose() }
    [Array]::Resize([ref]$data, $have)
    return , $data
}

function Read-Text([byte[]] $data, [bool] $whole) {
    # Bytes as text: by the mark at their beginning, else UTF-8 if they are that, else the system's own code page. A
    # character that the end cuts through is left out.
    $start = 0
    $codings = @([Text.UTF8Encoding]::new($false, $true), [Text.Encoding]::Default)
    if ($data.Length -ge 3 -and $data[0] -eq 0xEF -and $data[1] -eq 0xBB -and $data[2] -eq 0xBF) {
        $start = 3
        $codings = @([Text.UTF8Encoding]::new($false, $false))
    } elseif ($data.Length -ge 2 -and $data[0] + $data[1] -eq 0x1FD -and $data[0] -ge 0xFE) {
        $start = 2
        $codings = @([Text.UnicodeEncoding]::new($data[0] -eq 0xFE, $false))
    }
    foreach ($coding in $codings) {
        $chars = [char[]]::new($coding.GetMaxCharCount($data.Length))
        try { $count = $coding.GetDecoder().GetChars($data, $start, $data.Length - $start, $chars, 0, $whole) }
        catch { continue }
        return [string]::new($chars, 0, $count)
    }
}

function Read-DiskAnswer($read, $about) {
    # The volume with a letter (elsewhere: the mount) that holds a path. What is free is what the account may use.
    $path = [Environment]::ExpandEnvironmentVariables($read['path'])
    $full = [IO.Path]::GetFullPath($path)
    $ends = [IO.Path]::DirectorySeparatorChar
    $best = $null
    foreach ($drive in [IO.DriveInfo]::GetDrives()) {
        $root = $drive.Name.TrimEnd($ends) + $ends
        if (-not ($full.TrimEnd($ends) + $ends).StartsWith($root, [StringComparison]::OrdinalIgnoreCase)) { continue }
        if ($null -eq $best -or $drive.Name.Length -gt $best.Name.Length) { $best = $drive }
    }
    if ($null -eq $best) { return @{ status = 'absent'; detail = "no disk of this host holds $(Read-Short $path)" } }
    $value = [ordered]@{ path = $path; volume = $best.Name; total = $best.TotalSize; free = $best.AvailableFreeSpace }
    return @{ json = ConvertTo-Wire $value; detail = '' }
}

function Read-NamesAnswer($read, $about) {
    # All names and addresses at once; one that gets no answer costs no other.
    $until = $about['clock'].Elapsed.TotalSeconds + 0.9 * $about['deadline']
    $value = [ordered]@{}
    foreach ($way in 'forward', 'reverse', 'failed') {
        $value[$way] = [Collections.Generic.Dictionary[string, object]]::new([StringComparer]::Ordinal)
    }
    $asked = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
    $open = [Collections.Generic.List[object]]::new()
    # .NET asks each on a thread of its pool, and adds threads slowly beyond this number.
    $workers = $ports = 0
    [Threading.ThreadPool]::GetMinThreads([ref]$workers, [ref]$ports)
    $wanted = [Math]::Min(64, $workers + $read['forward'].Count + 2 * $read['reverse'].Count)
    $null = [Threading.ThreadPool]::SetMinThreads([Math]::Max($workers, $wanted), $ports)
    foreach ($name in $read['forward']) { Read-Lookup $value $open $asked 'forward' $name }
    foreach ($name in $read['reverse']) { Read-Lookup $value $open $asked 'reverse' $name }
    while ($open.Count -and $about['clock'].Elapsed.TotalSeconds -lt $until) {
        $closed = 0
        foreach ($one in $open.ToArray()) {
            if (-not $one['task'].IsCompleted) { continue }
            $closed++
            $null = $open.Remove($one)
            $found = Read-Found $value $one
            if ($read['follow'] -and $one['way'] -eq 'reverse') {
                foreach ($name in $found) { Read-Lookup $value $open $asked 'forward' $name }
            }
        }
        if (-not $closed) { [Threading.Thread]::Sleep(5) }
    }
    foreach ($one in $open) { $value['failed'][$one['name']] = 'timeout' }
    return @{ json = ConvertTo-Wire $value; detail = '' }
}

function Read-Lookup($value, $open, $asked, [string] $way, [string] $name) {
    # Asks the name service once for each name.
    if (-not $asked.Add("$way $name")) { return }
    try {
        if ($way -eq 'forward') {
            if (-not $name.Trim()) { throw 'an empty name would be the host itself' }
            $task = [Net.Dns]::GetHostAddressesAsync($name)
        } else {
            if ($name -notmatch '\A(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}\z|:') { throw 'no address' }
            $task = [Net.Dns]::GetHostEntryAsync([Net.IPAddress]::Parse($name))
        }
        $open.Add(@{ way = $way; name = $name; task = $task })
    } catch { $value['failed'][$name] = 'invalid' }
}

function Read-Found($value, $one) {
    # Takes what a lookup found, or why not; the names are those of .NET's SocketError.
    if ($one['task'].IsFaulted -or $one['task'].IsCanceled) {
        $problem = $one['task'].Exception.GetBaseException()
        $code = 'invalid'
        if ($problem -is [Net.Sockets.SocketException]) { $code = [string]$problem.SocketErrorCode }
        $value['failed'][$one['name']] = $code
        if ('HostNotFound', 'NoData' -contains $code) { $value[$one['way']][$one['name']] = @() }
        return
    }
    $found = [Collections.Generic.List[string]]::new()
    if ($one['way'] -eq 'reverse') {
        $name = $one['task'].Result.HostName.TrimEnd('.')
        if ($name -and $name -ne $one['name']) { $found.Add($name) }
        else { $value['failed'][$one['name']] = 'HostNotFound' }
    } else {
        foreach ($address in $one['task'].Result) {
            $text = Read-Address $address
            if (-not $found.Contains($text)) { $found.Add($text) }
        }
    }
    $value[$one['way']][$one['name']] = $found
    return $found
}

function Read-Short([string] $text) {
    # Enough of a text for a remark.
    if ($text.Length -le 200) { return $text }
    return $text.Substring(0, 200)
}
