# Reads that Windows alone can answer: the registry, the management interface (CIM), a shared folder. They run in lanes.

function Read-RegistryAnswer($read, $about) {
    # A key, and one level below it. Subkeys that are denied are left out and counted.
    $parts = $read['path'].Split([char[]]@('\'), 2)
    $hives = @{
        HKLM = 'HKEY_LOCAL_MACHINE'; HKCU = 'HKEY_CURRENT_USER'; HKU = 'HKEY_USERS'; HKCR = 'HKEY_CLASSES_ROOT'
        HKCC = 'HKEY_CURRENT_CONFIG'
    }
    $hive = $parts[0].TrimEnd(':')
    if ($hives.ContainsKey($hive)) { $hive = $hives[$hive] }
    try { $key = Read-Key "Registry::$hive" }
    catch {
        $kind = $_.Exception.GetBaseException().GetType().Name
        if ('ItemNotFoundException', 'ProviderNotFoundException' -notcontains $kind) { throw }
        $remark = if ($about['windows']) { 'no such hive' } else { 'this system has no registry' }
        return @{ status = 'absent'; detail = $remark }
    }
    if ($parts.Count -gt 1 -and $parts[1].Trim('\')) { $key = $key.OpenSubKey($parts[1].Trim('\')) }
    if ($null -eq $key) { return @{ status = 'absent'; detail = 'no such key' } }
    $heads = [Collections.Generic.Dictionary[string, string]]::new([StringComparer]::Ordinal)
    $state = @{ room = 1500000; cut = 0; full = $false; heads = $heads }   # room: characters
    $remarks = [Collections.Generic.List[string]]::new()
    $own = Read-RegistryValues $key $read['values'] $state
    $state['full'] = $false
    $below = [Collections.Generic.List[string]]::new()
    if ($read['subkeys']) {
        $denied = 0
        $names = $key.GetSubKeyNames()
        foreach ($name in $names) {
            if ($below.Count -ge 4000 -or $state['full']) { break }
            $cut = $state['cut']
            try {
                $subkey = $key.OpenSubKey($name)
                if ($null -eq $subkey) { continue }   # gone meanwhile
                $text = (ConvertTo-WireText $name) + ':' + (Read-RegistryValues $subkey $read['values'] $state)
                $subkey.Dispose()
                if ($state['full']) {   # rather no subkey than half of one
                    $state['cut'] = $cut
                    break
                }
                $state['room'] -= $name.Length + 6   # its values are counted already
                $below.Add($text)
            } catch { $denied++ }
        }
        if ($below.Count -ge 4000 -and $names.Count -gt 4000 -or $state['full']) {
            $remarks.Add("$($below.Count) of $($names.Count) subkeys are listed, the key has too much to list all.")
        }
        if ($denied) { $remarks.Add("$denied subkeys are left out, the account may not read them.") }
    }
    if ($state['cut']) { $remarks.Add("$($state['cut']) values are left out, they are too big.") }
    if ($about['narrow']) { $remarks.Add('PowerShell runs as a 32-bit program there: this is the view of such programs.') }
    $json = '{"exists":true,"values":' + $own + ',"subkeys":{' + [string]::Join(',', $below) + '}}'
    return @{ json = $json; detail = $remarks -join ' ' }
}

function Read-RegistryValue($value) {
    # A value as JSON; null for one that is too big.
    if ($value -is [int]) { return ([long]$value -band 4294967295).ToString() }
    if ($value -is [long]) { return [BitConverter]::ToUInt64([BitConverter]::GetBytes($value), 0).ToString() }
    if ($value -isnot [byte[]]) { return ConvertTo-Wire $value }
    if ($value.Length -gt 500000) { return $null }
    return '{"hex":"' + [BitConverter]::ToString($value).Replace('-', '').ToLowerInvariant() + '"}'
}

function Read-RegistryValues($key, [string[]] $wanted, $state) {
    # The values of a key as JSON, by the names that were asked for, or all. Numbers are without a sign.
    $texts = [Collections.Generic.List[string]]::new()
    $names = $wanted
    if ($null -eq $names -or $names.Count -eq 0) { $names = $key.GetValueNames() }
    $raw = [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames
    foreach ($name in $names) {
        $value = $key.GetValue($name, $null, $raw)
        if ($null -eq $value) { continue }
        if ($value -is [string] -and -not $script:Unsafe.IsMatch($value)) { $text = '"' + $value + '"' }   # quick
        else { $text = Read-RegistryValue $value }
        if ($null -eq $text) {
            $state['cut']++
            continue
        }
        $head = ''
        if (-not $state['heads'].TryGetValue($name, [ref]$head)) {
            $state['heads'][$name] = $head = (ConvertTo-WireText $name) + ':'
        }
        $text = $head + $text
        if ($text.Length -gt $state['room']) {
            $state['cut']++
            $state['full'] = $true
            continue
        }
        $state['room'] -= $text.Length + 1
        $texts.Add($text)
    }
    return '{' + [string]::Join(',', $texts) + '}'
}

function Read-CimAnswer($read, $about) {
    # Instances of a class, each with the properties asked for.
    $how = @{ Namespace = $read['namespace']; ClassName = $read['class_name']; Property = [string[]]$read['properties'] }
    if ($read['where']) { $how.Filter = $read['where'] }
    $texts = [Collections.Generic.List[string]]::new()
    $heads = [Collections.Generic.List[string]]::new()
    foreach ($name in $read['properties']) { $heads.Add((ConvertTo-WireText $name) + ':') }
    $room = 1500000
    $total = 0
    try {
        foreach ($row in (Get-CimInstance @how)) {
            if ($null -eq $row) { continue }
            $total++
            if ($texts.Count -ge 4000 -or $room -le 0) { continue }
            $parts = [string[]]::new($heads.Count)
            for ($i = 0; $i -lt $heads.Count; $i++) {
                $value = Read-CimProperty $row $read['properties'][$i]
                if ($value -is [string]) { $parts[$i] = $heads[$i] + (ConvertTo-WireText $value) }
                else { $parts[$i] = $heads[$i] + (ConvertTo-Wire (Read-CimValue $value)) }
            }
            $text = '{' + [string]::Join(',', $parts) + '}'
            $room -= $text.Length + 1
            $texts.Add($text)
        }
    } catch { return Read-CimRefusal $_ }
    $remark = ''
    if ($texts.Count -lt $total) { $remark = "$($texts.Count) of $total instances are listed, there is too much to list all." }
    return @{ json = '[' + [string]::Join(',', $texts) + ']'; detail = $remark }
}

function Read-CimProperty($row, [string] $name) {
    # A property as the class has it: PowerShell's own additions would put words of the culture in place of numbers.
    $properties = $row.CimInstanceProperties
    if ($null -eq $properties) { $properties = $row.PSObject.Properties }
    $property = $properties[$name]
    if ($null -eq $property) { return $null }
    return , $property.Value
}

function Read-CimValue($value) {
    # A value as JSON can hold it: times and spans in seconds, what is no plain value as its text.
    if ($null -eq $value -or $value -is [string] -or $value -is [bool]) { return $value }
    if ($value -is [DateTime]) { return Read-Epoch $value }
    if ($value -is [TimeSpan]) { return $value.TotalSeconds }
    if ($value -is [char]) { return [int]$value }
    if ($value -is [Collections.IEnumerable] -and $value -isnot [Collections.IDictionary]) {
        $items = [Collections.Generic.List[object]]::new()
        foreach ($item in $value) { $items.Add((Read-CimValue $item)) }
        return , $items
    }
    if ($value -is [ValueType]) { return $value }
    return [string]$value
}

function Read-CimRefusal($record) {
    # As Read-Refusal; a class, namespace, object or provider that is not there (0x80041002, 0E, 10, 11, 13) is absent.
    $refusal = Read-Refusal $record
    $problem = $record.Exception.GetBaseException()
    $code = '{0:X8}' -f $problem.HResult
    $number = 0   # of MI_Result: 2 denied, 3 no namespace, 5 no class, 6 not found
    if ($null -ne $problem.NativeErrorCode) { $number = [int]$problem.NativeErrorCode }
    if ($number -eq 2) { $refusal['status'] = 'denied' }
    elseif (3, 5, 6 -contains $number -or '80041002', '8004100E', '80041010', '80041011', '80041013' -contains $code) {
        $refusal['status'] = 'absent'
    }
    return $refusal
}

function Read-ShareAnswer($read, $about) {
    # Lists a folder and reads one byte of a file in it, as the account that is named, else as the one that runs this.
    # Names are counted, never told.
    $logon = if ($read['user']) { 'given' } else { Read-Logon }
    $value = [ordered]@{ code = 0; listed = $false; entries = $null; read = $null; logon = $logon; detail = '' }
    $drive = $null
    try {
        if ($read['user']) { $drive = Read-ShareLogin $read }
        $count = 0
        foreach ($entry in [IO.Directory]::EnumerateFileSystemEntries($read['path'])) {
            $count++
            if ($count -ge 50) { break }
        }
        $value['listed'] = $true
        $value['entries'] = $count
        if ($read['file']) {
            $value['read'] = $false
            $null = Read-Beginning ($read['path'].TrimEnd('\', '/') + [IO.Path]::DirectorySeparatorChar + $read['file']) 1
            $value['read'] = $true
        }
    } catch {
        $problem = $_.Exception.GetBaseException()
        if ($problem -is [ComponentModel.Win32Exception]) { $value['code'] = $problem.NativeErrorCode }
        else { $value['code'] = Read-ShareCode $problem.HResult }
        if ($null -eq $value['code']) { throw }
        $value['detail'] = Read-Short $problem.Message.Trim()
    } finally {
        if ($null -ne $drive) {   # our own; it ends with the logon session in any case
            try { $ExecutionContext.SessionState.Drive.Remove($drive.Name, $true, 'Global') } catch { $drive = $null }
        }
    }
    return @{ json = ConvertTo-Wire $value; detail = '' }
}

function Read-ShareLogin($read) {
    # Logs in to the server as the account that is named: a connection without a letter, for this logon session alone.
    # Answers the drive that holds it, null where there is none although the login went well.
    $secure = [Security.SecureString]::new()
    foreach ($letter in $read['password'].ToCharArray()) { $secure.AppendChar($letter) }
    $credential = [Management.Automation.PSCredential]::new($read['user'], $secure)
    $root = '\\' + [string]::Join('\', $read['path'].TrimStart('\').Split('\')[0..1])
    $how = @{ Name = "Preflight$($read['number'])"; PSProvider = 'FileSystem'; Root = $root; Credential = $credential }
    try {
        return New-PSDrive @how -Scope Global -ErrorAction Stop   # a local one would end with this function
    } catch {
        if ($_.Exception.GetBaseException() -is [ComponentModel.Win32Exception]) { throw }
        return $null   # logged in; that the root cannot be seen is told by listing it
    }
}

function Read-ShareCode([int] $result) {
    # Windows' error out of an exception's HResult, null where there is none in it. .NET joins 0x80070000 to the code, also
    # to codes of security, which are 0x8009.... already.
    $facility = $result -band 0x7FFF0000
    if ($facility -eq 0x70000) { return $result -band 0xFFFF }
    if ($facility -eq 0xF0000) { return 2148073472 + ($result -band 0xFFFF) }
    return $null
}

function Read-Logon {
    # How the account was logged on, as far as its own token tells.
    try {
        $self = [Security.Principal.WindowsIdentity]::GetCurrent()
        $groups = [string[]]@(foreach ($group in $self.Groups) { $group.Value })
        return Read-LogonKind $groups ([int]$self.ImpersonationLevel) ([string]$self.AuthenticationType)
    } catch { return 'unknown' }
}

function Read-LogonKind([string[]] $groups, [int] $level, [string] $way) {
    # network: another machine sees nobody, since nothing was handed on to log on there with. Delegation (4) and CredSSP
    # do hand it on. Interactive, remote interactive, batch and service logons have it at hand.
    if ($level -eq 4 -or $way -eq 'CredSSP') { return 'interactive' }
    if ($groups -contains 'S-1-5-2') { return 'network' }
    foreach ($group in 'S-1-5-4', 'S-1-5-14', 'S-1-5-3', 'S-1-5-6') { if ($groups -contains $group) { return 'interactive' } }
    return 'unknown'
}
