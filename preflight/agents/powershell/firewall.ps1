# The fact firewall: what the registry holds of Windows Firewall, as it stands there. It is evaluated on the controller.

$script:FirewallLocal = 'HKLM:\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy'
$script:FirewallPolicy = 'HKLM:\SOFTWARE\Policies\Microsoft\WindowsFirewall'

function Read-FirewallStore($about, [string] $store) {
    # The key of a store, null where it is absent. Keys below it are opened by it, which answers null, too, where the
    # registry's provider would throw; what is refused throws in either case, as that is not the same as unset.
    try { return Read-Key $about['firewall'][$store] }
    catch { if ((Read-Refusal $_)['status'] -ne 'absent') { throw } }
    return $null
}

function Read-FirewallRules($about, $found) {
    # Name and text of every rule: @{ local; policy }. A policy key that is absent is a policy without rules.
    $stores = @{}
    foreach ($store in 'local', 'policy') {
        $lines = [Collections.Generic.List[object]]::new()
        $stores[$store] = @{ status = 'ok'; lines = $lines }
        try {
            $key = Read-FirewallStore $about $store
            if ($null -ne $key) { $key = $key.OpenSubKey('FirewallRules') }
            if ($null -eq $key) { $stores[$store] = @{ status = 'absent'; detail = 'no such key'; lines = $lines } }
            else { foreach ($name in $key.GetValueNames()) { $lines.Add(@($name, [string]$key.GetValue($name))) } }
        } catch {
            $refusal = Read-Refusal $_
            $stores[$store] = @{ status = $refusal['status']; detail = $refusal['detail']; lines = $lines }
        }
    }
    return $stores
}

function Read-FirewallProfiles($about, $found) {
    # The profiles' values, null where absent. The private profile is StandardProfile in the local store, PrivateProfile in
    # a policy, or StandardProfile where the policy is of the old kind.
    $folders = @{
        local = @{ domain = @('DomainProfile'); private = @('StandardProfile'); public = @('PublicProfile') }
        policy = @{ domain = @('DomainProfile'); private = @('PrivateProfile', 'StandardProfile'); public = @('PublicProfile') }
    }
    $states = [Collections.Generic.List[object]]::new()
    foreach ($store in 'local', 'policy') {
        $parent = Read-FirewallStore $about $store
        if ($null -eq $parent) { continue }
        foreach ($name in 'domain', 'private', 'public') {
            $key = $null
            foreach ($folder in $folders[$store][$name]) { if ($null -eq $key) { $key = $parent.OpenSubKey($folder) } }
            if ($null -eq $key) { continue }
            $values = @{}
            foreach ($value in 'EnableFirewall', 'DefaultInboundAction', 'DefaultOutboundAction', 'AllowLocalPolicyMerge',
                'DoNotAllowExceptions') {
                $number = $key.GetValue($value)
                if ($number -is [int]) { $values[$value] = $number }
            }
            $states.Add(@($store, $name, $values))
        }
    }
    return , $states
}

function Read-Networks($about, $found) {
    # Interface -> network category, as a number: 0 public, 1 private, 2 domain.
    if (-not $about['elevated']) { throw [UnauthorizedAccessException]::new($about['refusal']) }
    $networks = @{}
    foreach ($row in (Get-NetConnectionProfile)) { $networks[[string]$row.InterfaceAlias] = [int]$row.NetworkCategory }
    return $networks
}

function Get-FirewallSwitch($number, $names) {
    # A registry number as one of two words; null where there is none.
    if ($null -eq $number) { return $null }
    return $names[[int]($number -ne 0)]
}

function Get-FirewallInterfaces($question) {
    # Connected interfaces with the profile that Windows put them in; unknown where that could not be read.
    $read = $question['found']['Interfaces']
    if ($null -eq $read -or $read['status'] -ne 'ok') { return , @() }
    $networks = $question['found']['Networks']
    $known = $null -ne $networks -and $networks['status'] -eq 'ok'
    $lines = [Collections.Generic.List[object]]::new()
    foreach ($card in $read['value']) {
        if ($card['kind'] -eq 'loopback') { continue }
        $word = 'unknown'
        if ($known -and $networks['value'].ContainsKey($card['name'])) {
            $number = $networks['value'][$card['name']]
            $word = switch ($number) { 0 { 'public' } 1 { 'private' } 2 { 'domain' } default { 'unknown' } }
        }
        $texts = [Collections.Generic.List[string]]::new()
        foreach ($one in $card['addresses']) { $texts.Add($one[0]) }
        $lines.Add([ordered]@{ interface = $card['name']; profile = $word; kind = $card['kind']; addresses = $texts })
    }
    return , $lines
}

function Get-FirewallRuleTexts($question, $remarks) {
    # Rules as JSON texts, within what one event may hold: disabled ones go first, then what is not inbound.
    $answer = Get-Answer $question 'FirewallRules'
    $groups = @([Collections.Generic.List[string]]::new(), [Collections.Generic.List[string]]::new(),
        [Collections.Generic.List[string]]::new())
    $size = 0
    foreach ($store in 'local', 'policy') {
        if ($answer[$store]['status'] -ne 'ok' -and ($store -eq 'local' -or $answer[$store]['status'] -ne 'absent')) {
            $remarks.Add("The rules of the $store store could not be read ($($answer[$store]['detail'])).")
        }
        foreach ($rule in $answer[$store]['lines']) {
            $text = '{"store":"' + $store + '","name":' + (ConvertTo-WireText $rule[0]) + ',"text":' +
                (ConvertTo-WireText $rule[1]) + '}'
            $size += $text.Length + 1
            $rank = 0
            if ($rule[1] -notlike '*|Dir=In|*') { $rank = 1 }
            if ($rule[1] -like '*|Active=FALSE|*') { $rank = 2 }
            $groups[$rank].Add($text)
        }
    }
    $lines = [Collections.Generic.List[string]]::new()
    foreach ($group in $groups) { $lines.AddRange($group) }
    $total = $lines.Count
    while ($size -gt $script:MaxTable) {
        $size -= $lines[$lines.Count - 1].Length + 1
        $lines.RemoveAt($lines.Count - 1)
    }
    if ($lines.Count -lt $total) {
        $remarks.Add("$($lines.Count) of $total rules are listed, the host has too many to list all.")
    }
    return , $lines
}

function Get-FirewallFact($question) {
    # Rules, profiles, whether the service runs, interfaces; what cannot be read stays empty or null, with a remark.
    $remarks = [Collections.Generic.List[string]]::new()
    $rules = Get-FirewallRuleTexts $question $remarks
    $complete = $remarks.Count -eq 0
    $profiles = [Collections.Generic.List[object]]::new()
    $read = $question['found']['FirewallProfiles']
    if ($null -ne $read -and $read['status'] -eq 'ok') {
        foreach ($state in $read['value']) {
            $values = $state[2]
            $profiles.Add([ordered]@{
                    store = $state[0]; profile = $state[1]
                    enabled = Get-FirewallSwitch $values.EnableFirewall @($false, $true)
                    inbound = Get-FirewallSwitch $values.DefaultInboundAction @('allow', 'block')
                    outbound = Get-FirewallSwitch $values.DefaultOutboundAction @('allow', 'block')
                    merge = Get-FirewallSwitch $values.AllowLocalPolicyMerge @($false, $true)
                    no_exceptions = Get-FirewallSwitch $values.DoNotAllowExceptions @($false, $true)
                })
        }
    } else {
        $remarks.Add('The profiles could not be read.')
        $complete = $false
    }
    $running = $null
    foreach ($line in (Get-ServiceLines $question)['lines']) {
        if ($line['name'] -eq 'MpsSvc' -and $line['state'] -ne 'unknown') { $running = $line['state'] -eq 'running' }
    }
    if ($null -eq $running) { $remarks.Add('Whether the firewall service (MpsSvc) runs could not be read.') }
    $read = $question['found']['Networks']
    if ($null -eq $read) { $remarks.Add("The networks' profiles did not come in time.") }
    elseif ($read['status'] -ne 'ok') { $remarks.Add("The networks' profiles could not be read ($($read['detail'])).") }
    $json = -join @(
        '{"kind":"windows","complete":', (ConvertTo-Wire $complete), ',"running":', (ConvertTo-Wire $running)
        ',"rules":[', [string]::Join(',', $rules), '],"profiles":', (ConvertTo-Wire $profiles)
        ',"interfaces":', (ConvertTo-Wire (Get-FirewallInterfaces $question)), '}'
    )
    return @{ json = $json; detail = $remarks -join ' ' }
}
