# How an agent reads a request: the fields that it must have, and of what kind. The twin of grammar.py.

function Deny-Request([string] $text) {
    # Refuses a request; the text is for a person.
    throw [IO.InvalidDataException]::new($text)
}

function Test-Number($value) {
    # A finite number. Decimal is what 5.1 reads from 1.5.
    if ($value -isnot [int] -and $value -isnot [long] -and $value -isnot [decimal] -and $value -isnot [double]) {
        return $false
    }
    return [Math]::Abs([double]$value) -lt 1e12   # false for NaN, too
}

# Kind -> whether a value is of it. Each is a block of its own: the engine compiles what it meets often, as a whole.
$script:Kinds = @{
    text = { param($value) $value -is [string] }
    flag = { param($value) $value -is [bool] }
    hex = { param($value) $value -is [string] -and $script:HexPattern.IsMatch($value) }
    seconds = { param($value) (Test-Number $value) -and $value -ge 0 }
    period = { param($value) (Test-Number $value) -and $value -gt 0 }
    count = { param($value) ($value -is [int] -or $value -is [long]) -and $value -gt 0 -and $value -lt 1000000 }
    size = { param($value) ($value -is [int] -or $value -is [long]) -and $value -ge 0 -and $value -le 262144 }
    port = { param($value) ($value -is [int] -or $value -is [long]) -and $value -ge 0 -and $value -le 65535 }
    protocol = { param($value) $value -is [string] -and ($value.Equals('tcp') -or $value.Equals('udp')) }
    list = { param($value) $value -is [array] }
    texts = {
        param($value)
        if ($value -isnot [array]) { return $false }
        foreach ($item in $value) { if ($item -isnot [string]) { return $false } }
        return $true
    }
}

function Get-Subject([string] $what, $name) {
    # What a complaint is about; a name is shown as Python's ascii() writes it.
    if ($null -eq $name) { return $what }
    return $what + ' ' + (Limit-Text (Show-Ascii $name) 80)
}

function Deny-Field([string] $what, $named, [string] $text) {
    # Refuses what does not follow a description of fields.
    Deny-Request ((Get-Subject $what $named) + $text)
}

function Read-Fields([string] $what, $request, $spec, $named = $null) {
    # The fields of a request by their description: [ordered]@{ name = @('kind') } for one that it must have,
    # @('kind', default) for another. Answers a hashtable; a request that does not follow the contract is refused. A
    # complaint tells $what, and the name that a person gave it.
    if ($request -isnot [Management.Automation.PSCustomObject]) { Deny-Field $what $named ' is not an object' }
    $names = [string[]]@($spec.Keys)
    $given = @{}
    $unknown = $null
    foreach ($property in $request.PSObject.Properties) {
        $name = $property.Name
        if ([Array]::IndexOf($names, $name) -ge 0) { $given[$name] = $property.Value }   # by the letter, unlike -eq
        elseif (-not $name.Equals('do') -and ($null -eq $unknown -or [string]::CompareOrdinal($name, $unknown) -lt 0)) {
            $unknown = $name
        }
    }
    if ($null -ne $unknown) {
        Deny-Field $what $named (' has a field that this contract does not know: ' + (Limit-Text (Show-Ascii $unknown) 80))
    }
    $taken = @{}
    foreach ($name in $names) {
        $rule = $spec[$name]
        if (-not $given.ContainsKey($name)) {
            if ($rule.Count -lt 2) { Deny-Field $what $named " lacks the field $name" }
            $taken[$name] = $rule[1]
            continue
        }
        $value = $given[$name]
        if ($null -eq $value) { $good = $rule.Count -eq 2 -and $null -eq $rule[1] }
        else { $good = & $script:Kinds[$rule[0]] $value }
        if (-not $good) { Deny-Field $what $named ": the field $name is not a $($rule[0])" }
        $taken[$name] = $value
    }
    return $taken
}

function ConvertFrom-Hex([string] $text) {
    # The bytes of a hexadecimal text. Read as one number: a step for each byte would cost PowerShell ms.
    if (-not $text) { return , [byte[]]::new(0) }
    $bytes = [bigint]::Parse("01$text", 'AllowHexSpecifier', $script:Invariant).ToByteArray()   # 01 keeps leading zeros
    [Array]::Reverse($bytes)
    $out = [byte[]]::new($text.Length / 2)
    [Array]::Copy($bytes, $bytes.Length - $out.Length, $out, 0, $out.Length)
    return , $out
}
