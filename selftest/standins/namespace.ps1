# Stand-ins for Windows' own commands that tell the truth of a Linux network namespace, out of its /proc.
# Each function stands on its own: the agent copies functions named Get-* and *.exe into other runspaces, and no variables.

function Get-StandinPids {
    # Process ids of this network namespace; kernel threads have no arguments and do not count.
    $own = [IO.FileInfo]::new('/proc/self/ns/net').LinkTarget
    $ids = [Collections.Generic.List[int]]::new()
    $id = 0
    foreach ($folder in [IO.Directory]::GetDirectories('/proc')) {
        if (-not [int]::TryParse($folder.Substring(6), [ref]$id)) { continue }
        try {
            $there = [IO.FileInfo]::new("$folder/ns/net").LinkTarget
            if ($there -eq $own) { $ids.Add($id) }
        } catch { continue }
    }
    $ids.Sort()
    return , $ids
}

function Get-StandinProcesses {
    # Id, name, comm, path, parent and start (in 10 ms since the system's start) of each.
    $good = [regex]'\A[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,63}\z'
    $rows = [Collections.Generic.List[object]]::new()
    foreach ($id in (Get-StandinPids)) {
        try {
            $words = [IO.File]::ReadAllText("/proc/$id/cmdline").Split([char]0)
            $stat = [IO.File]::ReadAllText("/proc/$id/stat")
            $path = ''
            try { $path = [string][IO.FileInfo]::new("/proc/$id/exe").LinkTarget } catch { $path = '' }
        } catch { continue }
        if (-not $words[0]) { continue }
        $from = $stat.IndexOf('(') + 1
        $to = $stat.LastIndexOf(')')
        $comm = $stat.Substring($from, $to - $from)
        $rest = $stat.Substring($to + 2).Split(' ')
        $base = $words[0].Substring($words[0].LastIndexOf('/') + 1)
        if (-not $good.IsMatch($base)) { $base = $comm }
        if (-not $path -and $words[0].StartsWith('/')) { $path = $words[0] }
        $rows.Add(@{ id = $id; name = $base; comm = $comm; path = $path; parent = [int]$rest[1]; start = [long]$rest[19] })
    }
    return , $rows
}

function Get-StandinSockets([string[]] $tables) {
    # Rows of /proc/net: local address and port, peer address and port, state, process id (0: nobody's).
    $states = @{ 1 = 5; 2 = 3; 3 = 4; 4 = 6; 5 = 7; 6 = 11; 7 = 1; 8 = 8; 9 = 10; 10 = 2; 11 = 9; 12 = 4 }   # to MIB_TCP_STATE
    $rows = [Collections.Generic.List[object]]::new()
    $known = @{}
    $space = [char[]]@(' ')
    foreach ($table in $tables) {
        $file = "/proc/self/net/$table"
        if (-not [IO.File]::Exists($file)) { continue }
        $lines = [IO.File]::ReadAllLines($file)
        for ($i = 1; $i -lt $lines.Length; $i++) {
            $parts = $lines[$i].Split($space, [StringSplitOptions]::RemoveEmptyEntries)
            $ends = [Collections.Generic.List[object]]::new()
            foreach ($text in $parts[1], $parts[2]) {
                $colon = $text.IndexOf(':')
                $hex = $text.Substring(0, $colon)
                $address = $known[$hex]
                if ($null -eq $address) {
                    $bytes = [byte[]]::new($hex.Length / 2)
                    for ($at = 0; $at -lt $bytes.Length; $at++) {
                        # 32-bit words in the byte order of the machine, which is little-endian here
                        $bytes[($at -band -4) + 3 - ($at -band 3)] = [Convert]::ToByte($hex.Substring(2 * $at, 2), 16)
                    }
                    $address = [Net.IPAddress]::new($bytes).ToString()
                    $known[$hex] = $address
                }
                $ends.Add($address)
                $ends.Add([Convert]::ToInt32($text.Substring($colon + 1), 16))
            }
            $state = $states[[Convert]::ToInt32($parts[3], 16)]
            $rows.Add(@{ ends = $ends; state = $state; inode = $parts[9]; pid = 0 })
        }
    }
    $holders = @{}   # after the table: what is in it and still open has its holder
    foreach ($id in (Get-StandinPids)) {
        try { $names = [IO.Directory]::GetFiles("/proc/$id/fd") } catch { continue }
        foreach ($name in $names) {
            try { $target = [IO.FileInfo]::new($name).LinkTarget } catch { continue }
            if ($null -eq $target -or -not $target.StartsWith('socket:[')) { continue }
            $inode = $target.Substring(8, $target.Length - 9)
            if (-not $holders.ContainsKey($inode)) { $holders[$inode] = $id }
        }
    }
    foreach ($row in $rows) { if ($holders.ContainsKey($row.inode)) { $row.pid = $holders[$row.inode] } }
    return , $rows
}

function Get-NetTCPConnection {
    [CmdletBinding()] param()
    foreach ($row in (Get-StandinSockets 'tcp', 'tcp6')) {
        [PSCustomObject]@{
            LocalAddress = $row.ends[0]; LocalPort = [uint16]$row.ends[1]; RemoteAddress = $row.ends[2]
            RemotePort = [uint16]$row.ends[3]; State = $row.state; OwningProcess = [uint32]$row.pid
        }
    }
}

function Get-NetUDPEndpoint {
    [CmdletBinding()] param()
    foreach ($row in (Get-StandinSockets 'udp', 'udp6')) {
        [PSCustomObject]@{ LocalAddress = $row.ends[0]; LocalPort = [uint16]$row.ends[1]; OwningProcess = [uint32]$row.pid }
    }
}

function Get-StandinServices {
    # What PREFLIGHT_STANDIN_SERVICES says is installed; it runs when its process does, and the file does not deny it.
    $rows = [Collections.Generic.List[object]]::new()
    if (-not $env:PREFLIGHT_STANDIN_SERVICES) { return , $rows }
    $processes = Get-StandinProcesses
    foreach ($entry in (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($env:PREFLIGHT_STANDIN_SERVICES)))) {
        $id = 0
        $process = [string]$entry.process
        if ($entry.running -and $process) {
            $short = $process.Substring(0, [Math]::Min(15, $process.Length))   # as much as the kernel keeps of a name
            foreach ($one in $processes) {
                if ($id -eq 0 -and ($one.comm -ceq $short -or $one.name -ceq $process)) { $id = $one.id }
            }
        }
        # A service without a process of its own (a driver's, as the firewall's) runs as the file says.
        $runs = $id -gt 0 -or ($entry.running -and -not $process)
        $rows.Add(@{ name = [string]$entry.name; display = [string]$entry.display; path = [string]$entry.path; pid = $id; runs = $runs })
    }
    return , $rows
}

function Get-CimInstance {
    [CmdletBinding()] param([string] $ClassName, [string] $Namespace, [string[]] $Property, [string] $Filter)
    if ($ClassName -eq 'Win32_Process') {
        foreach ($row in (Get-StandinProcesses)) {
            [PSCustomObject]@{
                ProcessId = [uint32]$row.id; ParentProcessId = [uint32]$row.parent; Name = $row.name
                ExecutablePath = $row.path; CreationDate = [DateTime]::new($row.start * 100000)
            }
        }
    } elseif ($ClassName -eq 'Win32_Service') {
        foreach ($row in (Get-StandinServices)) {
            [PSCustomObject]@{
                Name = $row.name; DisplayName = $row.display; PathName = $row.path; ProcessId = [uint32]$row.pid
                State = $(if ($row.runs) { 'Running' } else { 'Stopped' })
            }
        }
    } else { throw "this stand-in knows no class $ClassName" }
}

function Get-Service {
    [CmdletBinding()] param([string] $Name)
    foreach ($row in (Get-StandinServices)) {
        if ($row.name -ne $Name) { continue }
        return [PSCustomObject]@{ Name = $row.name; DisplayName = $row.display; Status = $(if ($row.runs) { 4 } else { 1 }) }
    }
    throw "Cannot find any service with service name '$Name'."
}

function Get-Process {
    [CmdletBinding()] param()
    foreach ($row in (Get-StandinProcesses)) {
        [PSCustomObject]@{ Id = $row.id; ProcessName = $row.name; Path = $row.path }
    }
}

function Get-NetConnectionProfile {
    # Every interface that is up is in the profile of PREFLIGHT_STANDIN_CATEGORY: 0 public, 1 private, 2 domain (default).
    [CmdletBinding()] param()
    $category = if ($env:PREFLIGHT_STANDIN_CATEGORY) { [int]$env:PREFLIGHT_STANDIN_CATEGORY } else { 2 }
    foreach ($card in [Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
        if ([int]$card.NetworkInterfaceType -eq 24 -or [int]$card.OperationalStatus -eq 2) { continue }
        [PSCustomObject]@{ Name = 'netlab'; InterfaceAlias = $card.Name; NetworkCategory = $category }
    }
}
