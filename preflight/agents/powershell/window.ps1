# A listen window: temporary listeners that hear nonces, and are gone by a deadline of their own. The twin of window.py.

$script:ProofS = 2.0
$script:AgainS = 0.5        # a datagram that proves is sent again that often
$script:ReadS = 5.0
$script:LingerS = 1.0
$script:ProofRounds = 20    # a busy host may need the whole time for the first of them
$script:MaxGuests = 2000
$script:SleepUs = 150000    # what is queued, and the end of the window, wait that long at most
$script:AtOnce = 64         # taken from one socket before the others get their turn

function Step-Window($window) {
    # Opens, proves, hears, closes: one round; $true while the window stands.
    $more = $false
    try {
        if (-not $window['opened'] -and -not $window['reason']) { Open-Window $window }
        $now = $script:Clock.Elapsed.TotalSeconds
        if (-not $window['reason'] -and $now -ge $window['closes']) { $window['reason'] = 'deadline' }
        if (-not $window['reason']) {
            Step-Guests $window
            Step-Proof $window $script:Clock.Elapsed.TotalSeconds
            $more = $true
        }
    } finally {
        if (-not $more) { Close-Window $window }
    }
    return $more
}

function Close-Window($window) {
    # Closes every socket, and says so.
    if ($window['over']) { return }
    $window['over'] = $true
    foreach ($socket in $window['things'].Keys) { $socket.Close() }
    foreach ($guest in $window['knocking']) { $guest['socket'].Close() }
    if ($window['reason']) {
        Send-Event 'closed' ([ordered]@{ id = $window['about']; reason = $window['reason'] })
        Push-Output -Now
    }
}

function Open-Window($window) {
    # Opens all listeners, and reaches for each that wants proof.
    $window['opened'] = $true
    foreach ($door in $window['doors']) {
        Open-Door $door
        if ($null -eq $door['socket']) { Resolve-Door $window $door $door['status'] $door['detail'] }
        else { Add-Socket $window $door['socket'] $door }
    }
    foreach ($door in $window['doors']) {
        if (-not $door['decided'] -and -not $door['prove']) { Resolve-Door $window $door 'up' '' }
    }
    $window['proofUntil'] = $script:Clock.Elapsed.TotalSeconds + $script:ProofS
    foreach ($door in $window['doors']) { if (-not $door['decided'] -and $door['tcp']) { Send-Knock $window $door } }
}

function Add-Socket($window, $socket, $thing) {
    # Has a socket watched; `thing` says whose it is: a listener's, a guest's, or the prover's ($null).
    $window['things'].Add($socket, $thing)
    $window['watched'] = $null
}

function Resolve-Door($window, $door, [string] $status, [string] $detail) {
    # Says what became of a listener, once.
    $door['decided'] = $true
    Send-Event 'listener' ([ordered]@{ id = $window['about']; key = $door['key']; status = $status; detail = $detail })
}

function Step-Proof($window, [double] $now) {
    # Until `ready`: the datagrams that prove again, and the end of patience. After it: guests that stayed too long.
    $window['rounds']++
    if (-not $window['ready']) {
        $pending = @(foreach ($door in $window['doors']) { if (-not $door['decided']) { $door } })
        if ($now -ge $window['proofUntil'] -and $window['rounds'] -ge $script:ProofRounds) {
            foreach ($door in $pending) {
                $text = "open, but the host itself did not reach it at $($door['prove']):$($door['port'])"
                Resolve-Door $window $door 'not-heard' $text
            }
            $pending = @()
        } elseif ($now -ge $window['again']) {
            $window['again'] = $now + $script:AgainS
            foreach ($door in $pending) { if (-not $door['tcp']) { Send-Knock $window $door } }
        }
        if ($pending.Count -eq 0) {
            $window['ready'] = $true
            Send-Event 'ready' ([ordered]@{ id = $window['about'] })
            Push-Output -Now
        }
    }
    if ($now -ge $window['sweep']) {
        $window['sweep'] = $now + 0.1
        $late = @(foreach ($guest in $window['guests']) { if ($guest['until'] -le $now) { $guest } })
        foreach ($guest in $late) { Close-Guest $window $guest }
        $late = @(foreach ($guest in $window['knocking']) { if ($window['ready'] -and $guest['until'] -le $now) { $guest } })
        foreach ($guest in $late) { Close-Guest $window $guest }
    }
}

function Send-Knock($window, $door) {
    # Reaches for a listener from the host itself; what fails here shows as not-heard.
    try {
        $address = Read-Address $door['prove']
        if ($null -eq $address) { return }
        $target = [Net.IPEndPoint]::new($address, $door['port'])
        $family = $address.AddressFamily
        if ($door['tcp']) {
            $guest = New-Guest ([Net.Sockets.Socket]::new($family, 'Stream', 'Tcp')) $null $window['proofUntil']
            $null = $window['knocking'].Add($guest)
            $guest['connecting'] = $guest['socket'].BeginConnect($target, $null, $null)
            return
        }
        if (-not $window['provers'].ContainsKey($family)) {
            $socket = [Net.Sockets.Socket]::new($family, 'Dgram', 'Udp')
            $socket.Blocking = $false
            $window['provers'][$family] = $socket
            Add-Socket $window $socket $null
        }
        $null = $window['provers'][$family].SendTo((Get-Words $window['token'] 'self'), $target)
    } catch { return }
}

function New-Guest($socket, $door, [double] $until) {
    # One connection at a TCP listener, or one that proves it from outside (no door).
    return @{ socket = $socket; door = $door; until = $until; data = ''; answered = $false; node = $null; connecting = $null }
}

function Close-Guest($window, $guest) {
    # Lets go of a connection.
    if ($null -ne $guest['node']) { $window['guests'].Remove($guest['node']) }
    else { $null = $window['knocking'].Remove($guest) }
    $guest['node'] = $null
    if ($window['things'].Remove($guest['socket'])) { $window['watched'] = $null }
    $guest['socket'].Close()
}

function Step-Guests($window) {
    # Serves every socket on which something has happened; waits a moment for it.
    foreach ($guest in @($window['knocking'])) {
        if ($null -eq $guest['connecting'] -or -not $guest['connecting'].IsCompleted) { continue }
        try {
            $guest['socket'].EndConnect($guest['connecting'])
            $guest['connecting'] = $null
            $guest['socket'].Blocking = $false
            $null = $guest['socket'].Send((Get-Words $window['token'] 'self'))
            Add-Socket $window $guest['socket'] $guest
        } catch { Close-Guest $window $guest }
    }
    if ($null -eq $window['watched']) {
        $window['watched'] = [object[]]::new($window['things'].Count)
        $window['things'].Keys.CopyTo($window['watched'], 0)
    }
    if ($window['watched'].Length -eq 0) { return }
    $ready = [Collections.ArrayList]::new($window['watched'])
    # Asleep until a socket wakes it: looking often would cost the host a tenth of a processor.
    $alone = $window['ready'] -and $window['knocking'].Count -eq 0 -and $script:Pending.Count -eq 1
    [Net.Sockets.Socket]::Select($ready, $null, $null, $(if ($alone) { $script:SleepUs } else { 15000 }))
    $script:Rest = if ($ready.Count) { 3 } else { 0 }   # what comes meanwhile is served in one round
    foreach ($socket in $ready) {
        if (-not $window['things'].ContainsKey($socket)) { continue }   # closed meanwhile
        $thing = $window['things'][$socket]
        if ($null -eq $thing) { Receive-Echo $socket }
        elseif ($thing.ContainsKey('answered')) { Receive-Words $window $thing }
        elseif ($thing['tcp']) { Receive-Guests $window $thing }
        else { Receive-Datagrams $window $thing }
    }
}

function Receive-Echo($socket) {
    # Takes the listeners' answers to our own datagrams away.
    $number = [Net.Sockets.SocketError]::Success
    $null = $socket.Receive($script:Buffer, 0, $script:Buffer.Length, 'None', [ref]$number)
}

function Receive-Guests($window, $door) {
    # Takes those who knock; where there is no room, the one who has been here longest has to go.
    for ($i = 0; $i -lt $script:AtOnce -and $door['socket'].Poll(0, 'SelectRead'); $i++) {
        try { $socket = $door['socket'].Accept() } catch {
            if ((Get-SocketCode $_.Exception) -ne 10035 -and $window['guests'].Count) {
                Close-Guest $window $window['guests'].First.Value
            }
            return
        }
        $socket.Blocking = $false
        if ($window['guests'].Count -ge $script:MaxGuests) { Close-Guest $window $window['guests'].First.Value }
        $guest = New-Guest $socket $door ($script:Clock.Elapsed.TotalSeconds + $script:ReadS)
        $guest['node'] = $window['guests'].AddLast($guest)
        Add-Socket $window $socket $guest
    }
}

function Receive-Words($window, $guest) {
    # Reads what a connection says. One of our own waits until the listener closes.
    $number = [Net.Sockets.SocketError]::Success
    $count = $guest['socket'].Receive($script:Buffer, 0, $script:MaxWords, 'None', [ref]$number)
    if ([int]$number -eq 10035) { return }
    if ([int]$number -ne 0) {
        Close-Guest $window $guest
        return
    }
    if ($null -eq $guest['door']) {
        if ($count -eq 0) { Close-Guest $window $guest }
        return
    }
    if ($guest['answered'] -and $count) { return }
    $guest['data'] += $script:Latin1.GetString($script:Buffer, 0, $count)
    if ($count -and $guest['data'].IndexOf([char]10) -lt 0 -and $guest['data'].Length -lt $script:MaxWords) { return }
    $nonce = Find-Nonce (Limit-Text $guest['data'] $script:MaxWords) $window['token']
    if ($guest['answered'] -or -not $nonce) {
        Close-Guest $window $guest
        return
    }
    $guest['answered'] = $true
    $guest['until'] = $script:Clock.Elapsed.TotalSeconds + $script:LingerS   # the other end closes first, else we do
    try {
        Send-Heard $window $guest['door'] $nonce $guest['socket'].RemoteEndPoint $guest['socket'].LocalEndPoint.Address
        $null = $guest['socket'].Send((Get-Words $window['token'] "heard $nonce"))
        $guest['socket'].Shutdown('Send')
    } catch { Close-Guest $window $guest }
}

function Receive-Datagrams($window, $door) {
    # Hears datagrams; echoes those of this run, and nothing else.
    for ($i = 0; $i -lt $script:AtOnce -and $door['socket'].Poll(0, 'SelectRead'); $i++) {
        try { $came = Receive-Datagram $door } catch { continue }   # too long, or the ICMP answer to an echo
        if ($came['count'] -gt $script:MaxWords) { continue }
        $nonce = Find-Nonce ($script:Latin1.GetString($script:Buffer, 0, $came['count'])) $window['token']
        if (-not $nonce) { continue }
        try { $null = $door['socket'].SendTo($script:Buffer, $came['count'], 'None', $came['sender']) }
        catch { $came['count'] = 0 }
        Send-Heard $window $door $nonce $came['sender'] $came['local']
    }
}

function Send-Heard($window, $door, [string] $nonce, $peer, $local) {
    # Our own nonce proves the listener; any other is news.
    if ($nonce.Equals('self')) {
        if (-not $door['decided']) { Resolve-Door $window $door 'up' '' }
        return
    }
    # Put together by hand: there may be hundreds. Nonce and addresses hold nothing that JSON would have to mask.
    $invariant = $script:Invariant
    $at = (([DateTime]::UtcNow.Ticks - 621355968000000000) / 10000000.0).ToString('R', $invariant)
    Send-Line ($window['heardHead'] + $door['wireKey'] + ',"nonce":"' + $nonce + '","address":"' + (Get-Plain $peer.Address) +
        '","port":' + $peer.Port.ToString($invariant) + ',"at":' + $at + ',"local":"' + (Get-Plain $local) + '"}')
}
