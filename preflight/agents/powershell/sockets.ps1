# The socket tables as sources: what there is by .NET, which is quick and needs no rights; who owns it by the cmdlets,
# or by the numbers that netstat prints. Sockets are known by texts: "t address port", "u address port",
# "c address port peer port".

function Read-Listening($about, $found) {
    # Everything that listens, TCP and UDP: @{ keys; heads }, a head being the first half of a line as JSON.
    $keys = [Collections.Generic.List[string]]::new()
    $heads = [Collections.Generic.List[string]]::new()
    $seen = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)
    $table = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    foreach ($end in $table.GetActiveTcpListeners()) {
        $address = Read-Address $end.Address
        $key = 't ' + $address + ' ' + $end.Port
        if (-not $seen.Add($key)) { continue }
        $keys.Add($key)
        $heads.Add('{"protocol":"tcp","local":"' + $address + '","local_port":' + $end.Port + ',"state":"LISTEN"')
    }
    foreach ($end in $table.GetActiveUdpListeners()) {
        $address = Read-Address $end.Address
        $key = 'u ' + $address + ' ' + $end.Port
        if (-not $seen.Add($key)) { continue }
        $keys.Add($key)
        $heads.Add('{"protocol":"udp","local":"' + $address + '","local_port":' + $end.Port)
    }
    return @{ keys = $keys; heads = $heads; total = $keys.Count }
}

function Read-Connected($about, $found) {
    # Every TCP connection; 20,000 at most, TIME_WAIT (11) thrown out first, then what is neither that nor established.
    $names = '', 'CLOSED', 'LISTEN', 'SYN_SENT', 'SYN_RECEIVED', 'ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2', 'CLOSE_WAIT',
        'CLOSING', 'LAST_ACK', 'TIME_WAIT', 'CLOSED'   # MIB_TCP_STATE, named as in RFC 9293
    $texts = [Collections.Generic.Dictionary[object, string]]::new()
    $ranks = @{}
    foreach ($rank in 0, 1, 2) {
        $ranks[$rank] = @([Collections.Generic.List[string]]::new(), [Collections.Generic.List[string]]::new())
    }
    $rows = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpConnections()
    foreach ($row in $rows) {
        $local = $row.LocalEndPoint
        $peer = $row.RemoteEndPoint
        $state = [int]$row.State
        $here = $there = ''
        if (-not $texts.TryGetValue($local.Address, [ref]$here)) { $texts[$local.Address] = $here = Read-Address $local.Address }
        if (-not $texts.TryGetValue($peer.Address, [ref]$there)) { $texts[$peer.Address] = $there = Read-Address $peer.Address }
        $pair = $ranks[$(if ($state -eq 5) { 0 } elseif ($state -eq 11) { 2 } else { 1 })]
        $pair[0].Add("c $here $($local.Port) $there $($peer.Port)")
        $head = '{"protocol":"tcp","local":"' + $here + '","local_port":' + $local.Port + ',"state":"' + $names[$state] + '"'
        if ($peer.Port) { $head += ',"peer":"' + $there + '","peer_port":' + $peer.Port }
        $pair[1].Add($head)
    }
    $keys = $ranks[0][0]
    $heads = $ranks[0][1]
    foreach ($rank in 1, 2) {
        $keys.AddRange($ranks[$rank][0])
        $heads.AddRange($ranks[$rank][1])
    }
    $settled = $rows.Count - $ranks[2][0].Count
    return @{ keys = $keys; heads = $heads; total = $rows.Count; settled = $settled }
}

function Read-Owners($about, $found) {
    # Socket -> process ids: by the cmdlets for an administrator, by netstat for others or where the cmdlets are not.
    $why = 'the account is no elevated administrator'
    if ($about['elevated']) {
        try { return Read-OwnersByCmdlet } catch { $why = (Read-Refusal $_)['detail'] }
    }
    try { return Read-OwnersByNetstat }
    catch { throw [InvalidOperationException]::new($why + '; netstat: ' + (Read-Refusal $_)['detail']) }
}

function Read-OwnersByCmdlet {
    # Get-NetTCPConnection and Get-NetUDPEndpoint; states are numbers there (2: listening), 100 is bound only.
    $owners = [Collections.Generic.Dictionary[string, object]]::new()
    foreach ($row in (Get-NetTCPConnection)) {
        $state = [int]$row.State
        if ($state -eq 100) { continue }
        $key = (Read-PlainAddress $row.LocalAddress) + ' ' + $row.LocalPort
        if ($state -eq 2) { $key = 't ' + $key }
        else { $key = 'c ' + $key + ' ' + (Read-PlainAddress $row.RemoteAddress) + ' ' + $row.RemotePort }
        Read-Owner $owners $key ([int]$row.OwningProcess)
    }
    foreach ($row in (Get-NetUDPEndpoint)) {
        Read-Owner $owners ('u ' + (Read-PlainAddress $row.LocalAddress) + ' ' + $row.LocalPort) ([int]$row.OwningProcess)
    }
    return , $owners
}

function Read-OwnersByNetstat {
    # Only what is no word: protocol, addresses, and the process id, which is last whatever the language says before it.
    $owners = [Collections.Generic.Dictionary[string, object]]::new()
    $line = [regex]'\A\s*(TCP|UDP)\s+(\S+):(\d+)\s+(\S+):(\d+|\*)\s.*?(\d+)\s*\z'
    foreach ($text in (& netstat.exe -ano)) {
        $match = $line.Match($text)
        if (-not $match.Success) { continue }
        $parts = $match.Groups
        $key = (Read-PlainAddress $parts[2].Value.Trim('[', ']')) + ' ' + $parts[3].Value
        if ($parts[1].Value -eq 'UDP') { $key = 'u ' + $key }
        elseif ($parts[5].Value -eq '0') { $key = 't ' + $key }
        else { $key = 'c ' + $key + ' ' + (Read-PlainAddress $parts[4].Value.Trim('[', ']')) + ' ' + $parts[5].Value }
        Read-Owner $owners $key ([int]$parts[6].Value)
    }
    if ($owners.Count -eq 0) { throw [InvalidOperationException]::new('it printed no line that could be read') }
    return , $owners
}

function Read-PlainAddress([string] $text) {
    # As Read-Address, of a text.
    $scope = $text.IndexOf('%')
    if ($scope -ge 0) { $text = $text.Substring(0, $scope) }
    if ($text.StartsWith('::ffff:') -and $text.Contains('.')) { return $text.Substring(7) }
    return $text
}

function Read-Owner($owners, [string] $key, [int] $id) {
    # Notes one owner; a UDP port may have several. 0 is nobody: what is left of a closed connection.
    if ($id -le 0) { return }
    $known = $null
    if (-not $owners.TryGetValue($key, [ref]$known)) { $owners[$key] = @($id) }
    elseif ($known -notcontains $id) { $owners[$key] = @($known) + $id }
}

function Read-HttpQueues($about, $found) {
    # Port -> process ids behind http.sys, which listens in their place as process 4. Asked only if it does so on a port
    # that is neither file sharing's nor WinRM's own. Of netsh's text only URLs and process ids are read, never words.
    $ports = [Collections.Generic.Dictionary[int, object]]::new()
    $owners = $found['Owners']
    $asked = $false
    if ($owners['status'] -eq 'ok') {
        foreach ($entry in $owners['value'].GetEnumerator()) {
            if ($entry.Value -notcontains 4 -or -not $entry.Key.StartsWith('t ')) { continue }
            $port = [int]$entry.Key.Substring($entry.Key.LastIndexOf(' ') + 1)
            if (139, 445, 5985, 5986, 47001 -notcontains $port) { $asked = $true }
        }
    }
    if (-not $asked) { return , $ports }
    $process = [regex]'\A\s+(?:[^:]*:\s*(\d+),.*|(\d+))\s*\z'
    $address = [regex]'\A\s+https?://[^/]*?:(\d+)(?::[^/]*)?/'
    $address = [regex]::new($address.ToString(), 'IgnoreCase')
    $ids = @()
    $urls = $false
    foreach ($text in (& netsh.exe http show servicestate 'view=requestq')) {
        $match = $process.Match($text)
        if ($match.Success) {
            if ($urls) { $ids = @() }   # the next queue
            $urls = $false
            $ids += [int]$(if ($match.Groups[1].Success) { $match.Groups[1].Value } else { $match.Groups[2].Value })
            continue
        }
        $match = $address.Match($text)
        if (-not $match.Success) { continue }
        $urls = $true
        $port = [int]$match.Groups[1].Value
        foreach ($id in $ids) {
            if (-not $ports.ContainsKey($port)) { $ports[$port] = @($id) }
            elseif ($ports[$port] -notcontains $id) { $ports[$port] += $id }
        }
    }
    return , $ports
}
