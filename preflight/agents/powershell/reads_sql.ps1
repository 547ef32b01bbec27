# A read that a SQL server answers, by what Windows PowerShell brings along: System.Data.SqlClient. It runs in a lane.

function Read-SqlAnswer($read, $about) {
    # Logs in, and asks what it is told to; nothing is looked at here. The password goes into a SecureString, no text.
    $value = [ordered]@{ outcome = 'in'; why = ''; errors = @(); logon = 'given'; server = @(); databases = @() }
    if (-not $read['password']) {
        $value['logon'] = Read-Logon
        $own = Read-OwnName
        if ($own -ne $read['user']) {
            $value['outcome'] = 'not-tried'
            $value['why'] = "the agent runs as $own, and only that account can go in without a password"
            return @{ json = ConvertTo-Wire $value; detail = '' }
        }
    }
    $connection = $null
    try {
        try { $connection = Read-SqlConnection $read $read['databases'][0] }
        catch {
            # 4060: the account was right, that database cannot be had. Nothing else is tried twice.
            $errors = Read-SqlErrors $_
            if ($null -eq $errors -or @($errors | ForEach-Object { $_.number }) -notcontains 4060) { throw }
            $connection = Read-SqlConnection $read 'master'
        }
    } catch {
        if ($_.FullyQualifiedErrorId -like 'TypeNotFound*' -or $_.CategoryInfo.Category -eq 'InvalidType') {
            return @{ status = 'absent'; detail = 'System.Data.SqlClient, which speaks to SQL servers, is not there' }
        }
        $errors = Read-SqlErrors $_
        if ($null -eq $errors) { throw }
        $value['errors'] = $errors
        # From severity 20 on, and for a timeout (-2), nobody has looked at the account.
        $value['outcome'] = 'unreached'
        foreach ($one in $errors) { if ($one['severity'] -lt 20 -and $one['number'] -gt 0) { $value['outcome'] = 'refused' } }
        if ($value['outcome'] -eq 'unreached') { $value['why'] = $errors[0]['text'] }
        return @{ json = ConvertTo-Wire $value; detail = '' }
    }
    try {
        $value['server'] = @(foreach ($question in $read['server_questions']) { , (Read-SqlRows $connection $question) })
        $value['databases'] = @(foreach ($name in $read['databases']) { Read-SqlDatabase $connection $name $read['questions'] })
    } catch {   # the connection broke in the middle
        $errors = Read-SqlErrors $_
        if ($null -eq $errors) { throw }
        $value['outcome'] = 'unreached'
        $value['why'] = $errors[0]['text']
        $value['errors'] = $errors
    } finally { $connection.Dispose() }
    return @{ json = ConvertTo-Wire $value; detail = '' }
}

function Read-OwnName {
    # Domain and name of the account that runs this.
    return [Environment]::UserDomainName + '\' + [Environment]::UserName
}

function Read-SqlConnection($read, [string] $database) {
    # A connection that was let in. Throws what SqlClient throws.
    $parts = [ordered]@{
        'Data Source' = $read['data_source']; 'Initial Catalog' = $database; 'Encrypt' = [string]$read['encrypt']
        'TrustServerCertificate' = 'True'; 'Application Name' = 'SafeQ Preflight'; 'Pooling' = 'False'
        'Connect Timeout' = '10'; 'Persist Security Info' = 'False'
    }
    if (-not $read['password']) { $parts['Integrated Security'] = 'True' }
    $words = foreach ($name in $parts.Keys) { $name + '="' + $parts[$name].Replace('"', '""') + '"' }
    $connection = New-Object System.Data.SqlClient.SqlConnection
    $connection.ConnectionString = $words -join ';'
    if ($read['password']) {
        $secure = [Security.SecureString]::new()
        foreach ($letter in $read['password'].ToCharArray()) { $secure.AppendChar($letter) }
        $secure.MakeReadOnly()
        $connection.Credential = New-Object System.Data.SqlClient.SqlCredential -ArgumentList $read['user'], $secure
    }
    try { $connection.Open() } catch {
        $connection.Dispose()
        throw
    }
    return $connection
}

function Read-SqlDatabase($connection, [string] $name, [string[]] $questions) {
    # One database as the account sees it.
    $seen = [ordered]@{ name = $name; opened = $true; errors = @(); answers = @() }
    try { $connection.ChangeDatabase($name) } catch {
        $errors = Read-SqlErrors $_
        if ($null -eq $errors -or $errors[0]['severity'] -ge 20) { throw }
        $seen['opened'] = $false
        $seen['errors'] = $errors
        return $seen
    }
    $answers = [Collections.Generic.List[object]]::new()
    foreach ($question in $questions) {
        try { $answers.Add((Read-SqlRows $connection $question)) } catch {
            $errors = Read-SqlErrors $_
            if ($null -eq $errors -or $errors[0]['severity'] -ge 20) { throw }
            $seen['errors'] = @($seen['errors']) + @($errors)
            $answers.Add($null)
        }
    }
    $seen['answers'] = $answers
    return $seen
}

function Read-SqlRows($connection, [string] $question) {
    # The rows of a question, each as its columns by their names.
    $command = $connection.CreateCommand()
    $command.CommandText = $question
    $command.CommandTimeout = 10
    $reader = $command.ExecuteReader()
    try {
        $rows = [Collections.Generic.List[object]]::new()
        while ($rows.Count -lt 200 -and $reader.Read()) {
            $row = [ordered]@{}
            for ($i = 0; $i -lt [Math]::Min($reader.FieldCount, 200); $i++) {
                $value = $reader.GetValue($i)
                if ($value -is [DBNull]) { $value = $null }
                elseif ($value -is [string] -and $value.Length -gt 1000) { $value = $value.Substring(0, 1000) }
                $row[$reader.GetName($i)] = Read-CimValue $value
            }
            $rows.Add($row)
        }
    } finally { $reader.Dispose() }
    return , $rows
}

function Read-SqlErrors($record) {
    # What the server (or SqlClient) said, null where the exception is none of SqlClient's: it may wrap one of Windows'.
    $problem = $record.Exception
    while ($null -ne $problem -and $problem.GetType().Name -ne 'SqlException') { $problem = $problem.InnerException }
    if ($null -eq $problem) { return $null }
    $errors = foreach ($one in $problem.Errors) {
        $text = Read-Short $one.Message
        [ordered]@{ number = [int]$one.Number; state = [int]$one.State; severity = [int]$one.Class; text = $text }
    }
    return , @($errors)
}
