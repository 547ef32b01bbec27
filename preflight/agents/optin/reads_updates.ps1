# A read that Windows Update answers, by its own CIM provider: what it has for this host. It runs in a lane. With this part
# the gather agent is another one, scan, which hosts get only where the inventory says `windows_update: ask`.

$script:ReadingAgent = 'scan'
$script:ReadKinds['updates'] = [ordered]@{
    kind = @('text'); name = @('text'); criteria = @('text', "IsInstalled=0 and Type='Software'")
}
$script:ReadQueues += @{ kinds = @('updates'); after = @() }
$script:ElevatedReads += 'updates'
$script:LaneFunctions += '|\AInvoke-Cim'

function Read-UpdatesAnswer($read, $about) {
    # Lets Windows Update look for updates, and tells what it found. The method looks, and does nothing else.
    $how = @{
        Namespace = 'root/Microsoft/Windows/WindowsUpdate'; ClassName = 'MSFT_WUOperations'
        MethodName = 'ScanForUpdates'; Arguments = @{ SearchCriteria = $read['criteria'] }
    }
    try { $found = @(Invoke-CimMethod @how) } catch { return Read-UpdatesRefusal $_ }
    $strange = @{ status = 'error'; detail = 'Windows Update answered in a shape that is not known' }
    if ($found.Count -ne 1) { return $strange }
    $parts = @{}
    foreach ($property in $found[0].PSObject.Properties) { $parts[$property.Name] = $property.Value }
    if (-not $parts.ContainsKey('Updates') -or $parts.ReturnValue -isnot [ValueType]) { return $strange }
    if ($parts.ReturnValue -ne 0) {
        $code = '0x{0:X8}' -f [long]$parts.ReturnValue
        return @{ status = 'error'; detail = "Windows Update answered with the code $code" }
    }
    $texts = [Collections.Generic.List[string]]::new()
    $total = 0
    foreach ($update in $parts.Updates) {   # null: no update
        $title = Read-CimProperty $update 'Title'
        if ($title -isnot [string]) { return $strange }
        $total++
        if ($texts.Count -ge 1000) { continue }
        $texts.Add((ConvertTo-Wire ([ordered]@{
                        title = Read-Short $title; kb = Read-Short (Read-CimProperty $update 'KBArticleID')
                        severity = Read-Short (Read-CimProperty $update 'MsrcSeverity')
                    })))
    }
    $remark = ''
    if ($texts.Count -lt $total) { $remark = "$($texts.Count) of $total updates are listed." }
    return @{ json = "{`"total`":$total,`"updates`":[" + [string]::Join(',', $texts) + ']}'; detail = $remark }
}

function Read-UpdatesRefusal($record) {
    # As Read-CimRefusal. Windows Update's own code stands in the error's name alone: "HRESULT 0x80240438,...".
    $refusal = Read-CimRefusal $record
    $said = [string]$record.FullyQualifiedErrorId
    if ($said -match '^HRESULT 0x([0-9A-Fa-f]{8})') {
        $code = $Matches[1].ToUpperInvariant()
        $refusal['detail'] += " (0x$code)"
        if ('80070005', '80041003' -contains $code) { $refusal['status'] = 'denied' }
        elseif ('80041002', '8004100E', '80041010', '80041013' -contains $code) { $refusal['status'] = 'absent' }
    } elseif ($said -match '^MI RESULT (\d{1,9})') {
        $refusal['detail'] += " (MI result $($Matches[1]))"
        if ('16', '17' -contains $Matches[1]) { $refusal['status'] = 'absent' }   # no such method
    }
    return $refusal
}
