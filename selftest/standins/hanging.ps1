# Loaded after other stand-ins: the commands that PREFLIGHT_STANDIN_HANGS names (with commas between) sleep for 60 s,
# half of that in a way that no stop request ends.

foreach ($name in $env:PREFLIGHT_STANDIN_HANGS.Split(',')) {
    . ([ScriptBlock]::Create("function global:$name { [Threading.Thread]::Sleep(30000); Start-Sleep -Seconds 30 }"))
}
