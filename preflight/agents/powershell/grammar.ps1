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

function Test-Kind([string] $kind, $value) {
    # Whether a value is of a kind that Read-Fields knows.
    switch ($kind) {
        'text' { return $value -is [string] }
        'flag' { return $value -is [bool] }
        'hex' { return $value -is [string] -and $script:HexPattern.IsMatch($value) }
        'seconds' { return (Test-Number $value) -and $value -ge 0 }
        'period' { return (Test-Number $value) -and $value -gt 0 }
        'count' { return ($value -is [int] -or $value -is [long]) -and $value -gt 0 -and $value -lt 1000000 }
        'size' { return ($value -is [int] -or $value -is [long]) -and $value -ge 0 -and $value -le 262144 }
        'port' { return ($value -is [int] -or $value -is [long]) -and $value -ge 0 -and $value -le 65535 }
        'protocol' { return $value -is [string] -and ($value.Equals('tcp') -or $value.Equals('udp')) }
        'list' { return $value -is [array] }
        'texts' {
            if ($value -isnot [array]) { return $false }
            foreach ($item in $value) { if ($item -isnot [string]) { return $false } }
            return $true
        }
    }
    throw "no kind $kind"
}

function Read-Fields([string] $what, $request, $spec) {
    # The fields of a request by their description: [ordered]@{ name = @('kind') } for one that it must have,
    # @('kind', default) for another. Answers a hashtable; a request that does not follow the contract is refused.
    if ($request -isnot [Management.Automation.PSCustomObject]) { Deny-Request "$what is not an object" }
    $names = [string[]]@($spec.Keys)
    $given = @{}
    $unknown = [Collections.Generic.List[string]]::new()
    foreach ($property in $request.PSObject.Properties) {
        $name = $property.Name
        if ([Array]::IndexOf($names, $name) -ge 0) { $given[$name] = $property.Value }   # by the letter, unlike -eq
        elseif (-not $name.Equals('do')) { $unknown.Add($name) }
    }
    if ($unknown.Count) {
        $unknown.Sort([StringComparer]::Ordinal)
        $name = Limit-Text (Show-Ascii $unknown[0]) 80
        Deny-Request "$what has a field that this contract does not know: $name"
    }
    $taken = @{}
    foreach ($name in $names) {
        $rule = $spec[$name]
        $kind = $rule[0]
        if (-not $given.ContainsKey($name)) {
            if ($rule.Count -lt 2) { Deny-Request "$what lacks the field $name" }
            $taken[$name] = $rule[1]
            continue
        }
        $value = $given[$name]
        if ($kind -eq 'text') { $good = $value -is [string] }
        elseif ($null -eq $value) { $good = $rule.Count -eq 2 -and $null -eq $rule[1] }
        else { $good = Test-Kind $kind $value }
        if (-not $good) { Deny-Request "${what}: the field $name is not a $kind" }
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
