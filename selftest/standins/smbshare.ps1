# A Windows whose shared folders are a real smbd's: smbclient asks it, and what it says is thrown as .NET on Windows would.
# Types of .NET are stood in for by PowerShell classes under the same names, so that the agent's own text runs unchanged.

[NoRunspaceAffinity()]
class SmbdAnswers {
    # Accounts that New-PSDrive was given, by server; without one the account that "runs the agent" asks.
    static [Collections.Concurrent.ConcurrentDictionary[string, string[]]] $Given =
        [Collections.Concurrent.ConcurrentDictionary[string, string[]]]::new()

    static [string[]] Ask([string] $server, [string] $share, [string] $folder, [string] $command) {
        # What smbclient says, line by line.
        $login = @($env:PREFLIGHT_STANDIN_USER, $env:PREFLIGHT_STANDIN_PASSWORD)
        $named = $null
        if ([SmbdAnswers]::Given.TryGetValue($server, [ref]$named)) { $login = $named }
        $start = [Diagnostics.ProcessStartInfo]::new('smbclient')
        foreach ($word in '--configfile=/dev/null', '--quiet', '--option=lock directory=/proc/self', "--user=$($login[0])",
            "--directory=$folder", "//$server/$share") { $start.ArgumentList.Add($word) }
        $start.Environment['PASSWD'] = $login[1]
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.Write("$command`nquit`n")
        $process.StandardInput.Close()
        $errors = $process.StandardError.ReadToEndAsync()
        $said = $process.StandardOutput.ReadToEnd() + "`n" + $errors.Result
        $process.WaitForExit()
        return $said.Split("`n")
    }

    static [int] Code([string[]] $lines, [bool] $folder) {
        # Windows' error for the first thing that failed, 0 for none.
        foreach ($line in $lines) {
            if ($line -like 'do_connect:*') { return 53 }   # to Windows, whatever does not answer is "not found"
            if ($line -notmatch 'NT_STATUS_(\w+)') { continue }
            switch ($Matches[1]) {
                'ACCESS_DENIED' { return 5 }
                'FILE_IS_A_DIRECTORY' { return 5 }
                'BAD_NETWORK_NAME' { return 67 }
                'LOGON_FAILURE' { return 1326 }
                'ACCOUNT_DISABLED' { return 1331 }
                'NOT_A_DIRECTORY' { return 267 }
                'OBJECT_NAME_NOT_FOUND' { if ($folder) { return 3 } else { return 2 } }
                'OBJECT_PATH_NOT_FOUND' { return 3 }
            }
            throw "a status that the stand-in has no code for: $line"
        }
        return 0
    }

    static [void] Fail([int] $code, [string] $path) {
        # As System.IO on Windows: some codes have exceptions of their own, the rest are IOException with the code inside.
        $text = "Windows error $code : '$path'"
        switch ($code) {
            2 { throw [IO.FileNotFoundException]::new($text, $path) }
            3 { throw [IO.DirectoryNotFoundException]::new($text) }
            5 { throw [UnauthorizedAccessException]::new($text) }
        }
        throw [IO.IOException]::new($text, [BitConverter]::ToInt32([BitConverter]::GetBytes([uint32](0x80070000L + $code)), 0))
    }

    static [object] EnumerateFileSystemEntries([string] $path) {
        # System.IO.Directory's.
        $parts = $path.TrimStart('\').Split('\')
        $folder = [string]::Join('\', $parts[2..$parts.Count])
        $lines = [SmbdAnswers]::Ask($parts[0], $parts[1], $folder, 'ls')
        [SmbdAnswers]::Check($lines, $true, $path)
        $found = [Collections.Generic.List[string]]::new()
        foreach ($line in $lines) {
            if ($line.StartsWith('  ') -and $line -notmatch '^  \.{1,2} ') { $found.Add($line.Substring(2)) }
        }
        return $found
    }

    static [void] Check([string[]] $lines, [bool] $folder, [string] $path) {
        $code = [SmbdAnswers]::Code($lines, $folder)
        if ($code) { [SmbdAnswers]::Fail($code, $path) }
    }
}

[NoRunspaceAffinity()]
class SmbdStream {
    # System.IO.FileStream as it opens a file of a share; of the file there is one byte to be had.
    SmbdStream([string] $path, [object] $mode, [object] $access, [object] $share) {
        $parts = $path.Replace('/', '\').TrimStart('\').Split('\')
        $inner = [string]::Join('\', $parts[2..$parts.Count])
        [SmbdAnswers]::Check([SmbdAnswers]::Ask($parts[0], $parts[1], '', "get `"$inner`" /dev/null"), $false, $path)
    }
    [int] Read([byte[]] $into, [int] $at, [int] $most) { return 1 }
    [void] Dispose() { }
}

function New-PSDrive {
    # As Windows' own with a credential and a root on another machine: it logs in there, or throws Windows' error.
    param([string] $Name, [string] $PSProvider, [string] $Root, [pscredential] $Credential, [string] $ErrorAction)
    $parts = $Root.TrimStart('\').Split('\')
    $plain = $Credential.GetNetworkCredential()
    $user = if ($plain.Domain) { "$($plain.Domain)\$($plain.UserName)" } else { $plain.UserName }
    [SmbdAnswers]::Given[$parts[0]] = [string[]]@($user, $plain.Password)
    $code = [SmbdAnswers]::Code([SmbdAnswers]::Ask($parts[0], $parts[1], '', ''), $true)
    if ($code) { throw [ComponentModel.Win32Exception]::new($code, "Windows error $code") }
    return [pscustomobject]@{ Name = $Name }
}

$names = @{
    'SmbdAnswers' = [SmbdAnswers]; 'IO.Directory' = [SmbdAnswers]; 'IO.FileStream' = [SmbdStream]
}
foreach ($name in $names.Keys) {
    [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')::Add($name, $names[$name])
}
