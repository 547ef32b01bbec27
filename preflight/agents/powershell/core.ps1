param([string[]] $Requests)
# The part that every PowerShell agent shares, the twin of core.py and grammar.py: requests in, events out, an end in
# time. Windows PowerShell 5.1 and .NET Framework 4.5. All requests are there from the start; no more ever come.

$ErrorActionPreference = 'Stop'
$script:Invariant = [Globalization.CultureInfo]::InvariantCulture
$script:Windows = [Environment]::OSVersion.Platform -eq [PlatformID]::Win32NT
$script:Clock = [Diagnostics.Stopwatch]::StartNew()
$script:Dies = 30.0         # by this clock, in s
$script:Greeted = $false
$script:AgentName = ''
$script:Handlers = @{}      # do -> script block that takes the request
$script:Pending = [Collections.Generic.List[object]]::new()   # @{ about; step }: work that goes on after the requests
$script:Rest = 0            # ms to rest after a round of the loop; a step that has more to do at once sets 0
$script:Alarm = $null

$script:Lines = [Collections.Generic.List[string]]::new()
$script:Stdout = [Console]::OpenStandardOutput()
$script:Writing = $null     # the write that is under way; on a thread of the pool, since a reader may not read
$script:PushDue = 0.25
$script:PushEvery = 0.25
$script:MaxEventBytes = 4194304   # the controller refuses longer lines
$script:MaxRequestChars = 2097152 # ConvertFrom-Json of 5.1 reads no more
$script:Unsafe = [regex]'[^ !#-\[\]-~]'
$script:Foreign = [regex]'[^ -~]+'
$script:HexPattern = [regex]'\A(?:[0-9A-Fa-f]{2})*\z'

# What is called for every value is small: the engine compiles as a whole what it meets often.
function ConvertTo-WireText([string] $text) {
    # A string as JSON. Half surrogates become "?": no strict reader takes them.
    if ($script:Unsafe.IsMatch($text)) { return ConvertTo-WireEscapes $text }
    return '"' + $text + '"'
}

function ConvertTo-WireEscapes([string] $text) {
    # Paths and firewall rules are full of backslashes, and a host has thousands of them: only what is no plain ASCII is
    # looked at character by character.
    $text = $text.Replace('\', '\\').Replace('"', '\"')
    if (-not $script:Foreign.IsMatch($text)) { return '"' + $text + '"' }
    $out = [Text.StringBuilder]::new($text.Length + 16)
    $null = $out.Append('"')
    $at = 0
    foreach ($run in $script:Foreign.Matches($text)) {
        $null = $out.Append($text, $at, $run.Index - $at)
        $at = $run.Index + $run.Length
        for ($i = $run.Index; $i -lt $at; $i++) {
            $char = $text[$i]
            if (-not [char]::IsSurrogate($char)) { $null = $out.Append('\u').Append(([int]$char).ToString('x4')) }
            elseif ($i + 1 -lt $at -and [char]::IsSurrogatePair($char, $text[$i + 1])) {
                $null = $out.Append('\u').Append(([int]$char).ToString('x4')).Append('\u')
                $null = $out.Append(([int]$text[$i + 1]).ToString('x4'))
                $i++
            } else { $null = $out.Append('?') }
        }
    }
    return $out.Append($text, $at, $text.Length - $at).Append('"').ToString()
}

function ConvertTo-Wire($value, [int] $depth = 0) {
    # JSON text, ASCII only, whatever the culture. Takes dictionaries, lists, texts, numbers, booleans and $null.
    if ($null -eq $value) { return 'null' }
    if ($value -is [string]) { return ConvertTo-WireText $value }
    if ($value -is [ValueType]) { return ConvertTo-WireNumber $value }
    return ConvertTo-WireGroup $value $depth
}

function ConvertTo-WireNumber($value) {
    # A boolean or number; any other plain value as its text.
    if ($value -is [bool]) { if ($value) { return 'true' } else { return 'false' } }
    if ($value -is [int] -or $value -is [long]) { return $value.ToString($script:Invariant) }
    if ($value -is [double] -or $value -is [float]) {
        if ([double]::IsNaN($value) -or [double]::IsInfinity($value)) { return 'null' }
        return ([double]$value).ToString('R', $script:Invariant)
    }
    $kind = [Type]::GetTypeCode($value.GetType())   # SByte 5 ... Decimal 15
    if ($value -isnot [Enum] -and $kind -ge 5 -and $kind -le 15) { return $value.ToString($script:Invariant) }
    return ConvertTo-WireText ([string]$value)
}

function ConvertTo-WireGroup($value, [int] $depth) {
    # A dictionary or list; any other object as its text.
    if ($depth -gt 40) { throw 'a value is nested too deep' }
    if ($value -is [Collections.IDictionary]) {
        $parts = [Collections.Generic.List[string]]::new($value.Count)
        foreach ($entry in $value.GetEnumerator()) {
            $parts.Add((ConvertTo-WireText $entry.Key) + ':' + (ConvertTo-Wire $entry.Value ($depth + 1)))
        }
        return '{' + [string]::Join(',', $parts) + '}'
    }
    if ($value -is [Collections.IEnumerable]) {
        $parts = [Collections.Generic.List[string]]::new()
        foreach ($item in $value) { $parts.Add((ConvertTo-Wire $item ($depth + 1))) }
        return '[' + [string]::Join(',', $parts) + ']'
    }
    return ConvertTo-WireText ([string]$value)
}

function Send-Line([string] $json) {
    # Queues one line that is JSON already.
    $script:Lines.Add($json)
}

function Send-Event([string] $name, $fields) {
    # Queues one event; one that is too long for the contract becomes a fault.
    $json = ConvertTo-Wire $fields
    $tail = if ($json.Length -gt 2) { ',' + $json.Substring(1) } else { '}' }
    $json = '{"event":"' + $name + '"' + $tail
    if ($json.Length -ge $script:MaxEventBytes) {
        $about = [string]$fields['id']
        $text = "an event $name of $($json.Length + 1) bytes is longer than the contract allows"
        $json = ConvertTo-Wire ([ordered]@{ event = 'fault'; id = Limit-Text $about 200; text = $text })
    }
    $script:Lines.Add($json)
}

function Send-Fault([string] $text, [string] $id = '') {
    # Says that something asked could not be done.
    Send-Event 'fault' ([ordered]@{ id = $id; text = $text })
}

function Push-Output([switch] $Now) {
    # Writes what is queued: at once, or when the schedule says so (every 0.25 s at first, then doubling up to 2 s).
    # Each burst costs the controller one request, and a host answers few of them.
    if ($script:Lines.Count -eq 0) { return }
    $time = $script:Clock.Elapsed.TotalSeconds
    if (-not $Now -and $time -lt $script:PushDue) { return }
    if ($null -ne $script:Writing) {
        if (-not $script:Writing.IsCompleted) {
            if ($Now) { $script:PushDue = 0 }   # as soon as the write before is through
            return
        }
    }
    $script:Lines.Add('')
    $data = [Text.Encoding]::ASCII.GetBytes([string]::Join("`n", $script:Lines))
    $script:Lines.Clear()
    $script:Writing = $script:Stdout.WriteAsync($data, 0, $data.Length)
    if (-not $Now) { $script:PushEvery = [Math]::Min(2.0, 2 * $script:PushEvery) }
    $script:PushDue = $time + $script:PushEvery
}

function Complete-Output {
    # Waits until everything is written, or the agent's life is over.
    do {
        Push-Output -Now
        while ($null -ne $script:Writing -and -not $script:Writing.IsCompleted) {
            if ($script:Clock.Elapsed.TotalSeconds -ge $script:Dies) { return }
            [Threading.Thread]::Sleep(5)
        }
    } while ($script:Lines.Count)
}

function Limit-Text([string] $text, [int] $length) {
    # The first characters of a text.
    if ($text.Length -le $length) { return $text }
    return $text.Substring(0, $length)
}

function Show-Ascii($value, [switch] $Bytes) {
    # A value as Python's ascii() writes it, so that both agents complain with the same words.
    if ($null -eq $value) { return 'None' }
    if ($value -is [bool]) { return [string]$value }
    if ($value -isnot [string]) { return ConvertTo-Wire $value }
    $codes = [Collections.Generic.List[int]]::new()
    if ($Bytes) {
        $raw = [Text.Encoding]::UTF8.GetBytes($value)
        for ($i = 0; $i -lt $raw.Length -and $i -lt 60; $i++) { $codes.Add($raw[$i]) }
    } else {
        for ($i = 0; $i -lt $value.Length; $i++) {
            if ($i + 1 -lt $value.Length -and [char]::IsSurrogatePair($value[$i], $value[$i + 1])) {
                $codes.Add([char]::ConvertToUtf32($value[$i], $value[$i + 1]))
                $i++
            } else { $codes.Add([int]$value[$i]) }
        }
    }
    $quote = if ($codes.Contains(39) -and -not $codes.Contains(34)) { 34 } else { 39 }
    $out = [Text.StringBuilder]::new()
    if ($Bytes) { $null = $out.Append('b') }
    $null = $out.Append([char]$quote)
    foreach ($code in $codes) {
        $text = switch ($code) {
            9 { '\t' } 10 { '\n' } 13 { '\r' } 92 { '\\' } $quote { '\' + [char]$quote }
            default {
                if ($code -ge 32 -and $code -lt 127) { [string][char]$code }
                elseif ($code -lt 256) { '\x' + $code.ToString('x2') }
                elseif ($code -lt 65536) { '\u' + $code.ToString('x4') }
                else { '\U' + $code.ToString('x8') }
            }
        }
        $null = $out.Append($text)
    }
    return $out.Append([char]$quote).ToString()
}
