# What the agent asks .NET about the system and its own token, as on Windows: groups out of PREFLIGHT_STANDIN_GROUPS.

[NoRunspaceAffinity()]
class TokenGroup {
    [string] $Value
    TokenGroup([string] $sid) { $this.Value = $sid }
}

[NoRunspaceAffinity()]
class TokenOfLogon {
    # System.Security.Principal.WindowsIdentity, with the groups that PREFLIGHT_STANDIN_GROUPS names.
    [object[]] $Groups
    [int] $ImpersonationLevel = 0
    [string] $AuthenticationType = 'NTLM'
    static [object] GetCurrent() {
        $token = [TokenOfLogon]::new()
        $token.Groups = @(foreach ($sid in $env:PREFLIGHT_STANDIN_GROUPS.Split(',')) { [TokenGroup]::new($sid) })
        return $token
    }
}

[NoRunspaceAffinity()]
class NoAdministrator {
    # System.Security.Principal.WindowsPrincipal.
    NoAdministrator([object] $token) { }
    [bool] IsInRole([object] $role) { return $false }
}

[NoRunspaceAffinity()]
class PlatformOfHere {
    # System.PlatformID: this system's own number counts as that of Windows.
    static [object] $Win32NT = [Environment]::OSVersion.Platform
}

$names = @{
    'Security.Principal.WindowsIdentity' = [TokenOfLogon]; 'Security.Principal.WindowsPrincipal' = [NoAdministrator]
    'PlatformID' = [PlatformOfHere]
}
foreach ($name in $names.Keys) {
    [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')::Add($name, $names[$name])
}
