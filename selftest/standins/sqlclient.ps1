# A Windows whose System.Data.SqlClient is python-tds: New-Object gives classes that ask a real TDS server by tds_client.py.

[NoRunspaceAffinity()]
class TdsError {
    # System.Data.SqlClient.SqlError.
    [int] $Number
    [int] $State
    [int] $Class
    [string] $Message
}

[NoRunspaceAffinity()]
class SqlException : Exception {
    # System.Data.SqlClient.SqlException: one of Windows' own exceptions is inside where the network was in the way.
    [object[]] $Errors
    SqlException([object[]] $errors, [Exception] $inner) : base($errors[0].Message, $inner) { $this.Errors = $errors }
}

[NoRunspaceAffinity()]
class TdsCredential {
    # System.Data.SqlClient.SqlCredential: takes a password that can no longer be changed, and no other.
    [string] $UserId
    [Security.SecureString] $Password
    TdsCredential([string] $user, [Security.SecureString] $password) {
        if (-not $password.IsReadOnly()) { throw [ArgumentException]::new('the password is not read-only') }
        $this.UserId = $user
        $this.Password = $password
    }
}

[NoRunspaceAffinity()]
class TdsReader {
    # System.Data.SqlClient.SqlDataReader.
    [object[]] $Rows
    [int] $At = -1
    [int] $FieldCount
    TdsReader([object[]] $rows) {
        $this.Rows = $rows
        $this.FieldCount = if ($rows.Count) { @($rows[0].PSObject.Properties).Count } else { 0 }
    }
    [object] Field([int] $i) { return @($this.Rows[$this.At].PSObject.Properties)[$i] }
    [bool] Read() { $this.At++; return $this.At -lt $this.Rows.Count }
    [string] GetName([int] $i) { return $this.Field($i).Name }
    [object] GetValue([int] $i) {
        $value = $this.Field($i).Value
        if ($null -eq $value) { return [DBNull]::Value }
        return $value
    }
    [void] Dispose() { }
}

[NoRunspaceAffinity()]
class TdsConnection {
    # System.Data.SqlClient.SqlConnection; a process of the client holds it.
    [string] $ConnectionString
    [object] $Credential
    [Diagnostics.Process] $Client

    [hashtable] Settings() {
        $found = @{}
        foreach ($match in [regex]::Matches($this.ConnectionString, '([\w ]+)="((?:[^"]|"")*)"')) {
            $found[$match.Groups[1].Value] = $match.Groups[2].Value.Replace('""', '"')
        }
        return $found
    }

    [object[]] Ask([object] $what) {
        # A line to the client, and its answer; what the server says against it is thrown.
        $this.Client.StandardInput.WriteLine((ConvertTo-Json -InputObject $what -Compress))
        $said = ConvertFrom-Json -InputObject $this.Client.StandardOutput.ReadLine()
        if ($said.unreached) {
            $failure = [TdsError]@{ Number = 10061; State = 0; Class = 20; Message = $said.unreached }
            throw [SqlException]::new(@($failure), [ComponentModel.Win32Exception]::new(10061))
        }
        if ($said.errors) {
            $errors = foreach ($one in $said.errors) {
                [TdsError]@{ Number = $one.number; State = $one.state; Class = $one.severity; Message = $one.text }
            }
            throw [SqlException]::new(@($errors), $null)
        }
        return @($said.rows)
    }

    [void] Open() {
        $settings = $this.Settings()
        $address, $port = $settings['Data Source'].Replace('tcp:', '').Split(',')
        $user, $password = $env:PREFLIGHT_STANDIN_USER, $env:PREFLIGHT_STANDIN_PASSWORD   # who runs the agent
        if ($this.Credential) {
            $user = $this.Credential.UserId
            $password = [Net.NetworkCredential]::new('', $this.Credential.Password).Password
        } elseif ($settings['Integrated Security'] -ne 'True') { throw 'nobody was named' }
        $start = [Diagnostics.ProcessStartInfo]::new($env:PREFLIGHT_STANDIN_PYTHON, $env:PREFLIGHT_STANDIN_TDS)
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $this.Client = [Diagnostics.Process]::Start($start)
        $null = $this.Ask(@{
                address = $address; port = [int]$port; user = $user; password = $password
                database = $settings['Initial Catalog']; encrypt = $settings['Encrypt'] -eq 'True'
            })
    }
    [void] ChangeDatabase([string] $name) { $null = $this.Ask('USE [' + $name.Replace(']', ']]') + ']') }
    [object] CreateCommand() { return [TdsCommand]::new($this) }
    [void] Dispose() {
        if ($this.Client) {
            $this.Client.StandardInput.Close()
            $this.Client.WaitForExit()
        }
    }
}

[NoRunspaceAffinity()]
class TdsCommand {
    # System.Data.SqlClient.SqlCommand.
    [TdsConnection] $Connection
    [string] $CommandText
    [int] $CommandTimeout
    TdsCommand([TdsConnection] $connection) { $this.Connection = $connection }
    [object] ExecuteReader() { return [TdsReader]::new($this.Connection.Ask($this.CommandText)) }
}

function New-Object {
    # As Windows' own for the two types of SqlClient that the agent makes; no others are known here.
    param([string] $TypeName, [object[]] $ArgumentList)
    if ($TypeName -eq 'System.Data.SqlClient.SqlConnection') { return [TdsConnection]::new() }
    if ($TypeName -eq 'System.Data.SqlClient.SqlCredential') { return [TdsCredential]::new($ArgumentList[0], $ArgumentList[1]) }
    throw "the stand-in makes no $TypeName"
}

foreach ($type in [TdsConnection], [TdsCredential]) {
    [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')::Add($type.Name, $type)
}
