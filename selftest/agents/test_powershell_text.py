"""What is sent to Windows hosts: Windows PowerShell 5.1, ASCII, nothing that changes a target."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from powershell_start import lints, powershell

from preflight.agents.scripts import POWERSHELL_PARTS, REQUESTS_MARK, AgentName, agent_script, powershell_command

FOLDER = Path(__file__).parents[2] / "preflight" / "agents" / "powershell"
PARTS = sorted(FOLDER.glob("*.ps1"))
AGENTS: tuple[AgentName, ...] = ("gather", "listen", "exchange")  # those that every Windows host gets
# Downloads, compiles, packs, reaches for COM, starts or writes something.
BANNED = re.compile(
    r"\b(?:Add-Type|Invoke-(?:WebRequest|RestMethod|Expression|CimMethod|WmiMethod)|Start-(?:Process|Service|Job)|"
    r"Set-\w+|Out-File|Add-Content|(?:New|Copy|Move|Remove|Clear|Rename)-Item\w*|Stop-Service|"
    r"Restart-\w+|Export-\w+|Tee-Object|FromBase64String|GZipStream|DeflateStream|WebClient|-ComObject|DllImport|iex|"
    r"WriteAllText|WriteAllBytes|StreamWriter|OpenWrite|Win32_Product)\b",
    re.IGNORECASE,
)


# A key of a hashtable taken as a member of it; members that are no keys have names of .NET, which begin with a capital.
MEMBER = re.compile(r"^[^#\n]*?(\$(?!_\b)[\w:]+(?:\[[^\]\n]*\])*\.[a-z]\w*\b(?!\())", re.MULTILINE)


@pytest.mark.parametrize("name", AGENTS)
def test_agent_is_ascii_and_names_itself(name: AgentName) -> None:
    text = agent_script(name, "powershell")
    assert text.isascii()
    assert text.startswith(f"# preflight-{name}\nparam([string[]] $Requests)\n".encode("ascii"))
    assert b"\r" not in text
    assert b"\n" + REQUESTS_MARK not in text


@pytest.mark.parametrize("file", PARTS, ids=lambda file: file.stem)
def test_keys_are_taken_by_index(file: Path) -> None:
    found = MEMBER.findall(file.read_text(encoding="ascii"))
    assert found == [], "write $thing['key']: the engine compiles each name of a member"


@pytest.mark.parametrize("file", PARTS, ids=lambda file: file.stem)
def test_part_has_no_word_of_those_that_change_load_or_pack(file: Path) -> None:
    found = BANNED.findall(file.read_text(encoding="ascii"))
    assert found == []


@pytest.mark.parametrize("file", PARTS, ids=lambda file: file.stem)
def test_part_belongs_to_an_agent(file: Path) -> None:
    assert any(file.stem in POWERSHELL_PARTS[name] for name in AGENTS)


@pytest.mark.parametrize("name", AGENTS)
def test_functions_of_an_agent_do_not_clash(name: AgentName) -> None:
    names = re.findall(r"^function ([\w-]+)", agent_script(name, "powershell").decode("ascii"), re.MULTILINE)
    assert len(names) > 10
    lower = [one.lower() for one in names]
    assert sorted(lower) == sorted(set(lower))


def test_dialect_of_5_1_is_kept(tmp_path: Path) -> None:
    engine = powershell()
    if not lints():
        pytest.skip("this PowerShell cannot check the dialect of 5.1")
    joined = [tmp_path / f"{name}.ps1" for name in AGENTS]
    for file, name in zip(joined, AGENTS, strict=True):
        file.write_bytes(agent_script(name, "powershell"))
    said = subprocess.run(
        [engine, "-Lint51", *map(str, [*joined, *PARTS])], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout.strip()) == (0, "nothing found"), said.stdout + said.stderr


def test_command_line_is_short_enough_for_windows() -> None:
    assert len(" ".join(powershell_command())) < 8000
