"""The Python agent's share read against a real smbd, and what the checklist item makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from reads_run import Told, told_by_python
from share_rows import AS_GUEST, KEPT_OUT, OPEN, SHUT, SILENCE, Row
from smb_server import LocalSmbd

ROWS = [*OPEN, *SHUT, *KEPT_OUT, SILENCE, *AS_GUEST]
WITHOUT_SMBCLIENT = (
    "unshare",
    "--mount",
    "sh",
    "-c",
    "for at in /usr/bin /usr/local/bin; do [ ! -e $at/smbclient ] || mount --bind /dev/null $at/smbclient; done\n"
    'exec "$@"',
    "sh",
)


@pytest.fixture(scope="module")
def told(smbd: LocalSmbd) -> Told:
    """All that is asked, by one agent in one go."""
    return told_by_python(*(row.question for row in ROWS), wrap=smbd.inside)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name.replace(" ", "-"))
def test_what_is_told_and_judged(row: Row, told: Told, tmp_path: Path) -> None:
    answer = told[row.name]
    assert answer["status"] == "ok", answer
    value = dict(answer["value"])
    assert value.pop("logon") == ("given" if row.user else "guest")
    assert bool(value.pop("detail")) == bool(row.code)
    assert value == row.value("python")
    verdict = row.judged(answer, tmp_path)
    assert (verdict.outcome.value, row.says in f"{verdict.reason} {verdict.seen}") == (row.outcome, True), verdict
    assert row.do in verdict.remedy


def test_silence_longer_than_the_deadline(smbd: LocalSmbd, tmp_path: Path) -> None:
    answer = told_by_python(SILENCE.question, wrap=smbd.inside, fact_deadline_s=1.5)[SILENCE.name]
    assert answer["status"] == "timeout"
    assert SILENCE.judged(answer, tmp_path).outcome.value == "unverified"


def test_a_host_without_smbclient(smbd: LocalSmbd, tmp_path: Path) -> None:
    answer = told_by_python(OPEN[0].question, wrap=(*smbd.inside, *WITHOUT_SMBCLIENT))[OPEN[0].name]
    assert (answer["status"], "smbclient" in answer["detail"]) == ("absent", True)
    verdict = OPEN[0].judged(answer, tmp_path)
    assert (verdict.outcome.value, "smbclient" in verdict.reason) == ("unverified", True)


@pytest.mark.parametrize(
    "path", [r"\\files", r"\\files\a|b", 'x"; !touch y', "", "\\\\files\\a\nb", r"\\files\a\..\.."]
)
def test_what_is_no_path_runs_nothing(smbd: LocalSmbd, path: str) -> None:
    question = OPEN[0].question.model_copy(update={"path": path})
    answer = told_by_python(question, wrap=smbd.inside)[OPEN[0].name]
    assert answer["value"]["code"] == 123, answer


def test_a_password_that_smbclient_could_only_cut_is_refused(smbd: LocalSmbd) -> None:
    for password in ("x" * 128, "two\nlines"):
        row = Row("cut", OPEN[0].path, password=password)
        answer = told_by_python(row.question, wrap=smbd.inside)["cut"]
        assert (answer["status"], "smbclient takes no" in answer["detail"]) == ("error", True)
        assert password not in str(answer)
