"""The PowerShell agent's share read against a real smbd, over a stand-in that throws what Windows would throw."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from gather_run import HELLO, PATIENCE_S, STANDINS, powershell
from reads_run import Told, told
from share_rows import KEPT_OUT, OPEN, SAFEQ, SHUT, Row
from smb_server import DISABLED, PASSWORD, USER, WRONG, LocalSmbd

from preflight.agents.contract import Gather
from preflight.agents.round_requests import asked_lines
from preflight.agents.scripts import agent_script, powershell_command, powershell_feed

CONSOLE, NETWORK = "S-1-1-0,S-1-5-4", "S-1-1-0,S-1-5-2"
OWN = {"PREFLIGHT_STANDIN_USER": USER, "PREFLIGHT_STANDIN_PASSWORD": PASSWORD, "PREFLIGHT_STANDIN_GROUPS": CONSOLE}


def ask(smbd: LocalSmbd, *rows: Row, **own: str) -> Told:
    """What the agent tells; `own` is laid over the account that it runs as."""
    return told(
        *(row.question for row in rows), standins=("windows_token", "smbshare"), wrap=smbd.inside, env={**OWN, **own}
    )


@pytest.fixture(scope="module")
def of_many(smbd: LocalSmbd) -> Told:
    """All rows of the account that may log in: by one agent, as Windows keeps one account a server."""
    return ask(smbd, *OPEN, *SHUT)


@pytest.mark.parametrize("row", [*OPEN, *SHUT], ids=lambda row: row.name.replace(" ", "-"))
def test_what_is_told_and_judged(row: Row, of_many: Told, tmp_path: Path) -> None:
    check(row, of_many[row.name], tmp_path)


@pytest.mark.parametrize("row", KEPT_OUT, ids=lambda row: row.name.replace(" ", "-"))
def test_who_is_kept_out(row: Row, smbd: LocalSmbd, tmp_path: Path) -> None:
    check(row, ask(smbd, row)[row.name], tmp_path)


def check(row: Row, answer: dict[str, object], folder: Path) -> None:
    """The value and the verdict."""
    assert answer["status"] == "ok", answer
    value = dict(answer["value"])  # type: ignore[call-overload]
    assert value.pop("logon") == "given"
    assert bool(value.pop("detail")) == bool(row.code)
    assert value == row.value("powershell")
    verdict = row.judged(answer, folder)
    assert (verdict.outcome.value, row.do in verdict.remedy) == (row.outcome, True), verdict


@pytest.mark.parametrize(
    ("user", "password", "groups", "code", "logon", "outcome", "says"),
    [
        (USER, PASSWORD, CONSOLE, 0, "interactive", "passed", "listed, 9 things in it, setup.exe read"),
        (USER, WRONG, CONSOLE, 1326, "interactive", "failed", "was not let in"),
        (DISABLED, PASSWORD, CONSOLE, 1331, "interactive", "failed", "account is disabled"),
        (USER, WRONG, NETWORK, 1326, "network", "unverified", "may not go on to another machine"),
        (USER, PASSWORD, NETWORK, 0, "network", "passed", "setup.exe read"),
    ],
)
def test_the_account_that_runs_the_agent(
    smbd: LocalSmbd,
    tmp_path: Path,
    user: str,
    password: str,
    groups: str,
    code: int,
    logon: str,
    outcome: str,
    says: str,
) -> None:
    row = Row("own", SAFEQ, "setup.exe", user="", password="")
    own = {"PREFLIGHT_STANDIN_USER": user, "PREFLIGHT_STANDIN_PASSWORD": password, "PREFLIGHT_STANDIN_GROUPS": groups}
    answer = ask(smbd, row, **own)["own"]
    assert (answer["value"]["code"], answer["value"]["logon"]) == (code, logon), answer
    verdict = row.judged(answer, tmp_path)
    assert (verdict.outcome.value, says in verdict.reason + verdict.seen) == (outcome, True), verdict


def test_the_password_is_handed_to_no_command(smbd: LocalSmbd, tmp_path: Path) -> None:
    # What module logging (event 4103) would write down: the parameters that commands get.
    seen = tmp_path / "seen.txt"
    spy = tmp_path / "spy.ps1"
    spy.write_text(
        "function ConvertFrom-Json { param($InputObject)\n"
        f"[IO.File]::AppendAllText('{seen}', $InputObject)\n"
        "& (Get-Command ConvertFrom-Json -CommandType Cmdlet) -InputObject $InputObject }\n",
        encoding="ascii",
    )
    asked = Gather(id="g", facts=(), reads=(OPEN[0].question, OPEN[1].question), fact_deadline_s=30)
    feed = powershell_feed(agent_script("gather", "powershell"), [HELLO, *asked_lines(asked)])
    standins = ":".join(map(str, (STANDINS / "windows_token.ps1", STANDINS / "smbshare.ps1", spy)))
    done = subprocess.run(
        [*smbd.inside, *powershell_command(powershell())],
        input=feed,
        capture_output=True,
        env={**os.environ, **OWN, "PREFLIGHT_STANDIN_USER": "nobody-else", "PWSH_STANDINS": standins},
        timeout=PATIENCE_S,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["value"]["code"] for event in told if event["event"] == "fact"] == [0, 0], (told, done.stderr)
    text = seen.read_text(encoding="utf-8")
    assert '"#secret 2"' in text
    for form in (PASSWORD, json.dumps(PASSWORD)[1:-1], PASSWORD.encode().hex()):
        assert form not in text
        assert form.encode() not in done.stdout + done.stderr


def test_elsewhere_than_on_windows_it_says_so() -> None:
    answer = told(OPEN[0].question)[OPEN[0].name]
    assert (answer["status"], "on Windows only" in answer["detail"]) == ("absent", True)
