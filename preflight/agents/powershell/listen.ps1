# The listen agent: opens and closes the windows in which temporary listeners stand. The twin of listen.py.

$script:ListenFields = [ordered]@{
    id = @('text'); token = @('text'); window_s = @('period'); listeners = @('list')
}
$script:ListenerFields = [ordered]@{
    key = @('text'); protocol = @('protocol'); port = @('port'); bind = @('text', '0.0.0.0'); prove = @('text', '')
}
$script:CloseFields = [ordered]@{ id = @('text') }
$script:MaxWindowS = 30
$script:Token = [regex]'\A[0-9a-f]{16}\z'
$script:Window = $null
$script:Known = [Collections.Generic.HashSet[string]]::new([StringComparer]::Ordinal)

function Receive-Listen($request) {
    # Opens a window; one that is still open is replaced.
    $asked = Read-Fields 'listen' $request $script:ListenFields
    if ($asked['window_s'] -gt $script:MaxWindowS) { Deny-Request "a window is $script:MaxWindowS s at most" }
    if (-not $script:Token.IsMatch($asked['token'])) { Deny-Request 'listen: the token is not 16 hex digits' }
    $doors = [Collections.Generic.List[object]]::new()
    foreach ($line in $asked['listeners']) { $doors.Add((New-Door (Read-Fields 'a listener' $line $script:ListenerFields))) }
    if ($null -ne $script:Window -and -not $script:Window['over']) {
        if (-not $script:Window['reason']) { $script:Window['reason'] = 'replaced' }
        Close-Window $script:Window
        $null = $script:Pending.Remove($script:Window)
    }
    Start-Alarm ([double]$asked['window_s'] - 1)   # with its own 3 s: nothing listens longer, though a call may hang
    $null = $script:Known.Add($asked['id'])
    $script:Window = @{
        about = $asked['id']; heardHead = '{"event":"heard","id":' + (ConvertTo-WireText $asked['id']) + ',"key":'
        token = $asked['token']; doors = $doors; opened = $false; ready = $false; reason = ''; over = $false
        closes = $script:Clock.Elapsed.TotalSeconds + [double]$asked['window_s']; proofUntil = 0.0; again = 0.0; sweep = 0.0
        rounds = 0
        things = [Collections.Generic.Dictionary[object, object]]::new(); watched = $null; provers = @{}
        guests = [Collections.Generic.LinkedList[object]]::new(); knocking = [Collections.Generic.HashSet[object]]::new()
        step = { param($window) Step-Window $window }
    }
    $script:Pending.Add($script:Window)
}

function Receive-Close($request) {
    # Ends the window; one that is over already needs nothing.
    $id = (Read-Fields 'close' $request $script:CloseFields)['id']
    if (-not $script:Known.Contains($id)) { Deny-Request 'no window has had this id' }
    if ($script:Window['about'].Equals($id) -and -not $script:Window['reason']) { $script:Window['reason'] = 'asked' }
}

exit (Start-Agent 'listen' @{
        listen = { param($request) Receive-Listen $request }; close = { param($request) Receive-Close $request }
    })
