# One probe: a socket and the state it is in, from connecting to the outcome. The twin of probe.py.
# States: connecting -> sending -> reading -> decided. No step blocks. Error numbers are Winsock's on every system.

$script:MaxReceived = 4096
$script:Buffer = [byte[]]::new(65536)
$script:Nothing = [byte[]]::new(0)
$script:Places = @{}   # a target's address as it is written -> what Find-Place has found
$script:CodeNames = @{
    10004 = 'EINTR'; 10013 = 'EACCES'; 10014 = 'EFAULT'; 10022 = 'EINVAL'; 10024 = 'EMFILE'; 10040 = 'EMSGSIZE'
    10041 = 'EPROTOTYPE'; 10042 = 'ENOPROTOOPT'; 10043 = 'EPROTONOSUPPORT'; 10045 = 'EOPNOTSUPP'; 10047 = 'EAFNOSUPPORT'
    10048 = 'EADDRINUSE'; 10049 = 'EADDRNOTAVAIL'; 10050 = 'ENETDOWN'; 10051 = 'ENETUNREACH'; 10052 = 'ENETRESET'
    10053 = 'ECONNABORTED'; 10054 = 'ECONNRESET'; 10055 = 'ENOBUFS'; 10056 = 'EISCONN'; 10057 = 'ENOTCONN'
    10058 = 'EPIPE'; 10060 = 'ETIMEDOUT'; 10061 = 'ECONNREFUSED'; 10064 = 'EHOSTDOWN'; 10065 = 'EHOSTUNREACH'
}

function Get-SocketCode($problem) {
    # The error number of an exception, the same on every system; 0 where it is not a socket's.
    $problem = $problem.GetBaseException()
    if ($problem -is [Net.Sockets.SocketException]) { return [int]$problem.SocketErrorCode }
    return 0
}

function Get-CodeName([int] $number) {
    # The system's name of an error number, its number where it has none.
    if ($script:CodeNames.ContainsKey($number)) { return $script:CodeNames[$number] }
    return $number.ToString($script:Invariant)
}

function Read-Address([string] $text) {
    # The IP address, or $null. .NET would take [::1]:80, too.
    $address = $null
    if ($text -match '[\[\]/\s]' -or -not [Net.IPAddress]::TryParse($text, [ref]$address)) { return $null }
    return $address
}

function Get-WayTo($address) {
    # The own address that packets to this one leave from; nothing is sent. Empty: there is no way.
    $own = ''
    $socket = [Net.Sockets.Socket]::new($address.AddressFamily, 'Dgram', 'Udp')
    try {
        $socket.Connect([Net.IPEndPoint]::new($address, 9))
        $own = $socket.LocalEndPoint.Address.ToString().Split('%')[0]
    } catch { $own = '' } finally { $socket.Close() }
    return $own
}

function Find-Place([string] $text, [bool] $tcp) {
    # A target: its address ($null: it is none), the one that binds to all of its family and, for TCP, the own address
    # towards it. Looked up once: many probes go to one host.
    $known = "$tcp $text"
    if ($script:Places.ContainsKey($known)) { return $script:Places[$known] }
    $address = Read-Address $text
    $place = @{ address = $address; any = $null; anyText = ''; own = '' }
    if ($null -ne $address) {
        $six = $address.AddressFamily -eq 'InterNetworkV6'
        $place['any'] = if ($six) { [Net.IPAddress]::IPv6Any } else { [Net.IPAddress]::Any }
        $place['anyText'] = $place['any'].ToString()
        if ($tcp) { $place['own'] = Get-WayTo $address }
    }
    $script:Places[$known] = $place
    return $place
}

function Resolve-Outcome($probe, [string] $outcome, [string] $code = '', [string] $detail = '') {
    # Decides; an accepted connection without an answer keeps the time that connecting took.
    $probe['outcome'] = $outcome
    $probe['code'] = $code
    $probe['detail'] = $detail
    if ($outcome -ne 'accepted' -or -not $probe['took']) {
        $probe['took'] = ($script:Clock.Elapsed.TotalSeconds - $probe['started']) * 1000
    }
    $probe['state'] = 'decided'
}

function Resolve-Failure($probe, [int] $number, [bool] $atCall) {
    # The outcome that an error number means. Off Windows a denial later than the call is an ICMP answer.
    $outcome = switch ($number) {
        { $_ -eq 10061 -or $_ -eq 10054 } { 'refused' }
        10060 { 'dropped' }
        { $_ -eq 10050 -or $_ -eq 10051 -or $_ -eq 10064 -or $_ -eq 10065 } { 'unreachable' }
        10013 { if ($atCall -or $script:Windows) { 'denied' } else { 'unreachable' } }
        default { 'error' }
    }
    Resolve-Outcome $probe $outcome (Get-CodeName $number)
}

function Resolve-Broken($probe, [int] $number, [bool] $atCall = $false) {
    # A connection that stood and broke had been accepted: that stays true.
    if (-not $probe['tcp']) { Resolve-Failure $probe $number $atCall }
    elseif ($probe['received'].Length) { Resolve-Outcome $probe 'answered' (Get-CodeName $number) 'the connection broke' }
    else { Resolve-Outcome $probe 'accepted' (Get-CodeName $number) 'the connection broke' }
}

function Start-Probe($probe) {
    # Opens the socket and begins; a failure is an outcome.
    $probe['at'] = ([DateTime]::UtcNow.Ticks - 621355968000000000) / 10000000.0
    $probe['started'] = $script:Clock.Elapsed.TotalSeconds
    $probe['deadline'] = $probe['started'] + $probe['request']['timeout_s']
    $address = $null
    try {
        $place = Find-Place $probe['request']['address'] $probe['tcp']
        $address = $place['address']
    } catch {   # a family that this system does not have
        Resolve-Failure $probe (Get-SocketCode $_.Exception) $true
        return
    }
    if ($null -eq $address) {
        $shown = Limit-Text (Show-Ascii $probe['request']['address']) 80
        Resolve-Outcome $probe 'error' '' "$shown is not an IP address"
        return
    }
    $probe['target'] = [Net.IPEndPoint]::new($address, $probe['request']['port'])
    $probe['local'] = $place['anyText']
    try {
        if ($probe['tcp']) {
            $probe['socket'] = [Net.Sockets.Socket]::new($address.AddressFamily, 'Stream', 'Tcp')
            $probe['socket'].Bind([Net.IPEndPoint]::new($place['any'], 0))   # so that the port is known whatever comes
            if ($place['own']) {
                $probe['local'] = $place['own']
                $probe['localPort'] = $probe['socket'].LocalEndPoint.Port
            }
            $probe['state'] = 'connecting'
            $probe['connecting'] = $probe['socket'].BeginConnect($probe['target'], $null, $null)
            if ($probe['connecting'].IsCompleted) { Step-Connecting $probe $true }
            return
        }
        $probe['socket'] = [Net.Sockets.Socket]::new($address.AddressFamily, 'Dgram', 'Udp')
        if ($probe['request']['broadcast']) {
            $probe['socket'].EnableBroadcast = $true
            $null = $probe['socket'].SendTo($probe['outgoing'], $probe['target'])
            $probe['localPort'] = $probe['socket'].LocalEndPoint.Port
            Resolve-Outcome $probe 'sent'
            return
        }
        $probe['socket'].Connect($probe['target'])
    } catch {
        Resolve-Failure $probe (Get-SocketCode $_.Exception) $true
        return
    }
    Step-Connected $probe
}

function Step-Connecting($probe, [bool] $atCall) {
    # The attempt has come to an end, good or bad.
    try {
        $probe['socket'].EndConnect($probe['connecting'])
    } catch {
        $number = Get-SocketCode $_.Exception
        if ($number -eq 10054 -or $number -eq 10058) { Resolve-Broken $probe $number }   # only one that stood can be reset
        else { Resolve-Failure $probe $number $atCall }
        return
    }
    Step-Connected $probe
}

function Step-Connected($probe) {
    # The connection stands, or the datagrams have their target.
    $probe['took'] = ($script:Clock.Elapsed.TotalSeconds - $probe['started']) * 1000
    $probe['socket'].Blocking = $false
    $own = $probe['socket'].LocalEndPoint
    $probe['local'] = $own.Address.ToString().Split('%')[0]
    $probe['localPort'] = $own.Port
    if ($own.Equals($probe['target'])) {
        # A local port in the ephemeral range with nobody listening: the system joined the socket to itself.
        Resolve-Outcome $probe 'refused' '' 'the system connected the socket to itself, so nobody listens there'
        return
    }
    $probe['state'] = 'sending'
    Step-Sending $probe (-not $probe['tcp'])
}

function Step-Sending($probe, [bool] $atCall) {
    # Sends what is left to send.
    if (-not $probe['tcp'] -or $probe['sent'] -lt $probe['outgoing'].Length) {
        $number = [Net.Sockets.SocketError]::Success
        $left = $probe['outgoing'].Length - $probe['sent']
        $count = $probe['socket'].Send($probe['outgoing'], $probe['sent'], $left, 'None', [ref]$number)
        if ([int]$number -eq 10035) { return }
        if ([int]$number -ne 0) {
            Resolve-Broken $probe ([int]$number) $atCall
            return
        }
        $probe['sent'] += $count
        if ($probe['tcp'] -and $probe['sent'] -lt $probe['outgoing'].Length) { return }
    }
    if ($probe['request']['read_s'] -gt 0) {
        $probe['state'] = 'reading'
        $probe['deadline'] = $script:Clock.Elapsed.TotalSeconds + $probe['request']['read_s']
    } elseif ($probe['tcp']) { Resolve-Outcome $probe 'accepted' }
    else { Resolve-Outcome $probe 'sent' }
}

function Step-Reading($probe) {
    # Something has come, or the other end has closed.
    $number = [Net.Sockets.SocketError]::Success
    $before = $probe['received'].Length
    $room = if ($probe['tcp']) { $script:MaxReceived - $before } else { $script:Buffer.Length }
    $count = $probe['socket'].Receive($script:Buffer, 0, $room, 'None', [ref]$number)
    if ([int]$number -eq 10035) { return }
    if ([int]$number -ne 0) {
        Resolve-Broken $probe ([int]$number)
        return
    }
    $all = [byte[]]::new([Math]::Min($before + $count, $script:MaxReceived))
    [Array]::Copy($probe['received'], $all, $before)
    [Array]::Copy($script:Buffer, 0, $all, $before, $all.Length - $before)
    $probe['received'] = $all
    if ($probe['tcp'] -and $all.Length -eq 0) { Resolve-Outcome $probe 'accepted' '' 'closed by the other end without a word' }
    elseif (-not $probe['tcp'] -or $count -eq 0 -or -not (Test-MoreToCome $all $probe['request']['until'])) {
        Resolve-Outcome $probe 'answered'
    }
}

function Test-MoreToCome([byte[]] $bytes, [string] $until) {
    # A listener of ours answers a whole line; else the first bytes are enough, or those that end as was asked.
    if ($until) {
        $length = $until.Length / 2
        if ($bytes.Length -ge $script:MaxReceived -or $bytes.Length -lt $length) { return $bytes.Length -lt $length }
        $end = [BitConverter]::ToString($bytes, $bytes.Length - $length, $length).Replace('-', '')
        return -not $end.Equals($until, [StringComparison]::OrdinalIgnoreCase)
    }
    if ($bytes.Length -ge 512 -or [Array]::IndexOf($bytes, [byte]10) -ge 0) { return $false }
    $start = [Text.Encoding]::GetEncoding(28591).GetString($bytes, 0, [Math]::Min(10, $bytes.Length))
    return 'PREFLIGHT/'.StartsWith($start, [StringComparison]::Ordinal)
}

function Stop-Waiting($probe) {
    # The deadline of the present state has passed.
    if ($probe['state'] -eq 'connecting') {
        Resolve-Outcome $probe 'dropped' '' "no reply within $(Format-Short $probe['request']['timeout_s']) s"
    } elseif (-not $probe['tcp']) {
        Resolve-Outcome $probe 'silent' '' "no reply within $(Format-Short $probe['request']['read_s']) s"
    } elseif ($probe['received'].Length) { Resolve-Outcome $probe 'answered' }
    else { Resolve-Outcome $probe 'accepted' }
}

function Format-Short($number) {
    # As Python's %g.
    return ([double]$number).ToString('G6', $script:Invariant).ToLowerInvariant()
}
