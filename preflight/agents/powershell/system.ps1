# Facts of the machine itself: system, addresses, time.

function Read-Key([string] $path) {
    # A registry key by the drive; throws where it is absent or denied. Without a command: those would load a module.
    try { return $ExecutionContext.InvokeProvider.Item.Get([string[]]@($path), $true, $true)[0] }
    catch [Management.Automation.MethodInvocationException] { throw $_.Exception.InnerException }
}

function Read-SystemKey($about, $found) {
    # Registry values: they are never localised, and the version that .NET tells is a lie for programs without a manifest.
    $value = @{}
    $key = Read-Key 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    foreach ($name in 'ProductName', 'DisplayVersion', 'CurrentBuildNumber', 'UBR', 'CurrentVersion', 'InstallationType',
        'CurrentMajorVersionNumber', 'CurrentMinorVersionNumber') { $value[$name] = $key.GetValue($name) }
    try {
        $key = Read-Key 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
        $value.Architecture = $key.GetValue('PROCESSOR_ARCHITECTURE')
    } catch { $value.Architecture = $null }
    return $value
}

function Get-Account {
    # DOMAIN\name of the account; the machine's own name stands for the domain off Windows.
    try { return [Security.Principal.WindowsIdentity]::GetCurrent().Name }
    catch { return [Environment]::UserDomainName + '\' + [Environment]::UserName }
}

function Get-SystemFact($question) {
    # Name and version out of the registry; the best that .NET knows where it cannot be read.
    $read = $question['found']['SystemKey']
    $remark = ''
    $name = [Environment]::OSVersion.VersionString
    $version = [Environment]::OSVersion.Version.ToString()
    $machine = $env:PROCESSOR_ARCHITECTURE
    if ($read['status'] -eq 'ok') {
        $values = $read['value']
        $build = [string]$values.CurrentBuildNumber
        if ($values.ProductName) {
            $name = [string]$values.ProductName
            # Windows 11 still says "Windows 10" here.
            $number = 0
            $client = $values.InstallationType -eq 'Client' -and [int]::TryParse($build, [ref]$number) -and $number -ge 22000
            if ($client) { $name = $name.Replace('Windows 10', 'Windows 11') }
            if ($values.DisplayVersion) { $name += ' ' + $values.DisplayVersion }
            elseif ($build) { $name += " (build $build)" }
        }
        if ($build) {
            $first = [string]$values.CurrentVersion   # "6.3" of Server 2012 R2; newer ones have two numbers instead
            if ($null -ne $values.CurrentMajorVersionNumber) {
                $first = [string]$values.CurrentMajorVersionNumber + '.' + [string][int]$values.CurrentMinorVersionNumber
            }
            $version = "$first.$build"
            if ($null -ne $values.UBR) { $version += '.' + [string]$values.UBR }
        }
        if ($values.Architecture) { $machine = [string]$values.Architecture }
    } else { $remark = 'The registry does not tell the version (' + $read['detail'] + '): it is what .NET says.' }
    if (-not $machine) { $machine = if ([Environment]::Is64BitOperatingSystem) { '64-bit' } else { '32-bit' } }
    $value = [ordered]@{
        hostname = [Net.Dns]::GetHostName(); family = 'windows'; name = $name; version = $version
        architecture = $machine; user = Get-Account; elevated = [bool]$question['elevated']
    }
    return @{ json = ConvertTo-Wire $value; detail = $remark }
}

function Read-Interfaces($about, $found) {
    # Every interface that is not down, with its addresses, as plain values.
    $lines = [Collections.Generic.List[object]]::new()
    foreach ($card in [Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces()) {
        if ([int]$card.OperationalStatus -eq 2) { continue }
        $addresses = [Collections.Generic.List[object]]::new()
        foreach ($one in $card.GetIPProperties().UnicastAddresses) {
            $addresses.Add(@((Read-Address $one.Address), [int]$one.PrefixLength))
        }
        $kind = switch ([int]$card.NetworkInterfaceType) {
            6 { 'lan' } 62 { 'lan' } 69 { 'lan' } 117 { 'lan' } 71 { 'wireless' } 23 { 'ras' } 24 { 'loopback' }
            default { 'unknown' }
        }
        $lines.Add(@{ name = $card.Name; kind = $kind; addresses = $addresses })
    }
    return , $lines
}

function Read-Address($address) {
    # An address as people write it: IPv4 mapped into IPv6 as IPv4, no scope.
    if ($address.IsIPv4MappedToIPv6) { return $address.MapToIPv4().ToString() }
    $text = $address.ToString()
    $scope = $text.IndexOf('%')
    if ($scope -ge 0) { return $text.Substring(0, $scope) }
    return $text
}

function Get-AddressesFact($question) {
    # The host's own addresses.
    $lines = [Collections.Generic.List[object]]::new()
    foreach ($card in (Get-Answer $question 'Interfaces')) {
        foreach ($one in $card['addresses']) {
            $lines.Add([ordered]@{ interface = $card['name']; address = $one[0]; prefix = $one[1] })
        }
    }
    return @{ json = ConvertTo-Wire $lines; detail = '' }
}

function Get-TimeFact($question) {
    # The host's clock and its distance from UTC.
    $now = [DateTimeOffset]::Now
    $epoch = [double]($now.UtcTicks - 621355968000000000) / 10000000   # ticks of 1970
    return @{ json = ConvertTo-Wire ([ordered]@{ epoch = $epoch; utc_offset_s = [int]$now.Offset.TotalSeconds }); detail = '' }
}
