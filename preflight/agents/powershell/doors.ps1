# Opening a temporary listener, and the words that are said at it. The twin of doors.py.

$script:Words = [regex]'\APREFLIGHT/1 ([0-9a-f]{16}) ([A-Za-z0-9]{1,32})\r?\n\z'
$script:MaxWords = 512
$script:Buffer = [byte[]]::new(65536)
$script:Latin1 = [Text.Encoding]::GetEncoding(28591)

function Get-Plain($address) {
    # An address as people write it: IPv4 mapped into IPv6 as IPv4, no scope.
    if ($address.IsIPv4MappedToIPv6) { $address = $address.MapToIPv4() }
    return $address.ToString().Split('%')[0]
}

function Read-Address([string] $text) {
    # The IP address, or $null. .NET would take [::1]:80, too.
    $address = $null
    if ($text -match '[\[\]/\s]' -or -not [Net.IPAddress]::TryParse($text, [ref]$address)) { return $null }
    return $address
}

function Get-SocketCode($problem) {
    # The error number of an exception, the same on every system; 0 where it is not a socket's.
    $problem = $problem.GetBaseException()
    if ($problem -is [Net.Sockets.SocketException]) { return [int]$problem.SocketErrorCode }
    return 0
}

function New-Door($request) {
    # One listener and whether the host itself has reached it.
    $bind = Read-Address $request['bind']
    $prove = $request['prove']
    if ($prove -and $null -ne $bind -and [Net.IPAddress]::IsLoopback($bind)) { $prove = $request['bind'] }
    return @{
        key = $request['key']; wireKey = ConvertTo-WireText $request['key']; port = $request['port']
        protocol = $request['protocol']; tcp = $request['protocol'].Equals('tcp')
        bind = $request['bind']; prove = $prove; target = $null; socket = $null; decided = $false; status = ''; detail = ''
        pktinfo = $false
    }
}

function Open-Door($door) {
    # Binds one listener; what stands in the way goes into status and detail. Never shares a port with anybody.
    $address = Read-Address $door['bind']
    if ($null -eq $address) {
        $door['status'] = 'error'
        $door['detail'] = (Limit-Text (Show-Ascii $door['bind']) 80) + ' is not an IP address'
        return
    }
    $socket = $null
    try {
        $family = $address.AddressFamily
        if ($door['tcp']) { $socket = [Net.Sockets.Socket]::new($family, 'Stream', 'Tcp') }
        else { $socket = [Net.Sockets.Socket]::new($family, 'Dgram', 'Udp') }
        $socket.Blocking = $false
        if ($script:Windows) { $socket.ExclusiveAddressUse = $true }
        if ($address.Equals([Net.IPAddress]::IPv6Any)) { $socket.DualMode = $true }
        if (-not $door['tcp'] -and $family -eq 'InterNetwork') {
            $socket.SetSocketOption('IP', 'PacketInformation', $true)
            $door['pktinfo'] = $true
        }
        $socket.Bind([Net.IPEndPoint]::new($address, $door['port']))
        if ($door['tcp']) { $socket.Listen(1024) }
        $door['port'] = $socket.LocalEndPoint.Port
        $door['socket'] = $socket
    } catch {
        if ($null -ne $socket) { $socket.Close() }
        Resolve-Refusal $door $_.Exception
    }
}

function Resolve-Refusal($door, $problem) {
    # Status and sentence for a listener that could not be opened.
    $where = "$($door['protocol']) $($door['bind']):$($door['port'])"
    $number = Get-SocketCode $problem
    $door['status'] = 'error'
    if ($number -eq 10013 -and $script:Windows) {
        $door['status'] = 'excluded'
        $door['detail'] = "$where is in an excluded port range, or somebody holds it exclusively (10013)"
    } elseif ($number -eq 10048) {
        $door['status'] = 'in-use'
        $door['detail'] = "$where is taken (EADDRINUSE)"
    } elseif ($number -eq 10013) {
        $hint = if ($door['port'] -lt 1024) { 'ports below 1024 need root: run with sudo' } else { 'the system forbids it' }
        $door['status'] = 'denied'
        $door['detail'] = "${where}: $hint (EACCES)"
    } else {
        $name = if ($number -eq 10049) { 'EADDRNOTAVAIL' } elseif ($number -eq 10047) { 'EAFNOSUPPORT' } else { $number }
        $door['detail'] = "${where}: $($problem.GetBaseException().Message) ($name)"
    }
}

function Get-Words([string] $token, [string] $nonce) {
    # What a prober says, as bytes.
    return , [Text.Encoding]::ASCII.GetBytes("PREFLIGHT/1 $token $nonce`n")
}

function Find-Nonce([string] $data, [string] $token) {
    # The nonce of a line with this token; empty for a stranger's.
    if ($data.Length -gt $script:MaxWords) { return '' }
    $match = $script:Words.Match($data)
    if ($match.Success -and $match.Groups[1].Value.Equals($token)) { return $match.Groups[2].Value }
    return ''
}

function Receive-Datagram($door) {
    # One datagram into the buffer: its length, its sender and the own address that it came to. Throws what .NET throws.
    $any = if ($door['socket'].AddressFamily -eq 'InterNetworkV6') { [Net.IPAddress]::IPv6Any } else { [Net.IPAddress]::Any }
    [Net.EndPoint] $sender = [Net.IPEndPoint]::new($any, 0)
    if ($door['pktinfo']) {
        $flags = [Net.Sockets.SocketFlags]::None
        $info = [Net.Sockets.IPPacketInformation]::new()
        $size = $script:Buffer.Length
        $count = $door['socket'].ReceiveMessageFrom($script:Buffer, 0, $size, [ref]$flags, [ref]$sender, [ref]$info)
        $local = $info.Address
    } else {
        $count = $door['socket'].ReceiveFrom($script:Buffer, [ref]$sender)
        $local = $door['socket'].LocalEndPoint.Address
    }
    return @{ count = $count; sender = $sender; local = $local }
}
