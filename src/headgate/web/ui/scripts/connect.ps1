# Points coding agents of this machine at the Headgate gateway @URL@. It holds no token: the token comes from
# $env:HEADGATE_TOKEN, or is asked for.
#
#   & ([scriptblock]::Create((irm @URL@/connect.ps1))) claude codex gemini
#   & ([scriptblock]::Create((irm @URL@/connect.ps1))) -Undo
#
# A file that exists is copied to FILE.before-headgate first; -Undo puts it back.
param([Parameter(ValueFromRemainingArguments = $true)][string[]]$Agents = @(), [switch]$Undo)
$ErrorActionPreference = 'Stop'

$Files = @'
@FILES@
'@ | ConvertFrom-Json

function Get-Place([string]$Place) { Join-Path $HOME ($Place.Substring(2)) }

function Save-Before([string]$Path) {
    New-Item -ItemType Directory -Force -Path (Split-Path $Path) | Out-Null
    if ((Test-Path "$Path.before-headgate") -or (Test-Path "$Path.new-by-headgate")) { return }
    if (Test-Path $Path) { Copy-Item $Path "$Path.before-headgate" } else { New-Item -ItemType File "$Path.new-by-headgate" | Out-Null }
}

function Write-Text([string]$Path, [string]$Text) {
    [System.IO.File]::WriteAllText($Path, $Text, (New-Object System.Text.UTF8Encoding $false))
    Write-Host "  $Path"
}

function Merge-Json([string]$Path, $Settings) {
    $Root = Get-Content -Raw $Path | ConvertFrom-Json
    foreach ($Setting in $Settings) {
        $At = $Root
        $Keys = @($Setting.path)
        foreach ($Key in $Keys[0..($Keys.Count - 2)]) {
            if ($Keys.Count -lt 2) { break }
            if ($null -eq $At.PSObject.Properties[$Key]) { $At | Add-Member -NotePropertyName $Key -NotePropertyValue ([pscustomobject]@{}) }
            $At = $At.$Key
        }
        $At | Add-Member -Force -NotePropertyName $Keys[-1] -NotePropertyValue $Setting.value
    }
    $Root | ConvertTo-Json -Depth 100
}

function Merge-Env([string]$Path, $Settings) {
    $Names = @($Settings | ForEach-Object { $_.path[0] })
    $Kept = @(Get-Content $Path | Where-Object { $Names -notcontains (($_ -replace '^\s*(export\s+)?', '') -replace '\s*=.*$', '') })
    ($Kept + @($Settings | ForEach-Object { "$($_.path[0])=$($_.value)" })) -join "`n"
}

if ($Undo) {
    foreach ($File in $Files) {
        $Path = Get-Place $File.place
        if (Test-Path "$Path.before-headgate") { Move-Item -Force "$Path.before-headgate" $Path; Write-Host "  $Path is as it was" }
        elseif (Test-Path "$Path.new-by-headgate") { Remove-Item -Force $Path, "$Path.new-by-headgate"; Write-Host "  $Path is deleted" }
    }
    return
}
$Words = @($Files | ForEach-Object { $_.agent } | Select-Object -Unique)
if (-not $Agents) { $Agents = @($Words | Where-Object { Get-Command $_ -ErrorAction SilentlyContinue }) }
if (-not $Agents) { throw "No agent is in PATH. Name the ones to connect: $Words." }
foreach ($Agent in $Agents) { if ($Words -notcontains $Agent) { throw "$Agent is no agent that this script connects; these are: $Words." } }
$Token = $env:HEADGATE_TOKEN
if (-not $Token) { $Token = [System.Net.NetworkCredential]::new('', (Read-Host -AsSecureString 'Headgate token')).Password }
if ($Token -notmatch '^[A-Za-z0-9._-]+$') { throw 'That is no token.' }
foreach ($File in ($Files | Where-Object { $Agents -contains $_.agent })) {
    $Path = Get-Place $File.place
    $Settings = ($File.settings | ConvertTo-Json -Depth 100).Replace('<token>', $Token) | ConvertFrom-Json
    $Text = $File.text.Replace('<token>', $Token)
    if ((Test-Path $Path) -and (Get-Item $Path).Length -gt 0) {
        if ($File.form -eq 'json') { $Text = Merge-Json $Path @($Settings) } elseif ($File.form -eq 'dotenv') { $Text = Merge-Env $Path @($Settings) }
    }
    Save-Before $Path
    Write-Text $Path "$($Text.TrimEnd())`n"
}
Write-Host 'Take it back by running this script again with -Undo.'
