"""`preflight attest` on the lab: questions on a terminal, answers from a file, and what never happens to the file."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from suite import Suite

if sys.platform == "win32":
    pytest.skip("a terminal that can be typed on is made with Unix's pty", allow_module_level=True)

from attest_command import Typist, without_terminal

pytestmark = pytest.mark.slow
SOON = str(datetime.now(ZoneInfo("Europe/Prague")).date() + timedelta(days=200))
OURS = "# ours\nattestations:\n  - {id: A4, requirement: C04, hosts: cml1, asked_by: Eva, approved_by: Jan, " + (
    "reason: read,\n     until: 2099-01-31}   # kept as it was\n"
)
ANSWER = "  - {{requirement: {}, hosts: '{}', asked_by: Eva, approved_by: Jan, reason: it answers, until: {}}}\n"
WAIVER = (
    "  - {{id: {}, requirement: S14, hosts: {}, asked_by: Eva, approved_by: Jan, reason: r, ticket: T-1, until: {}}}\n"
)


def kept(suite: Suite) -> str | None:
    file = suite.folder / "attestations.yaml"
    return file.read_text("utf-8") if file.exists() else None


def answer(typist: Typist, reason: str, by: str, approved: str, until: str, ticket: str) -> None:
    """All questions of one group."""
    typist.type("y\n", "Attest it?")
    typist.type(f"{reason}\n", "what was seen?")
    typist.type(f"{by}\n", "Who has looked?")
    typist.type(f"{approved}\n", "Who approves?")
    typist.type(f"{until}\n", "Until when")
    typist.type(f"{ticket}\n", "Ticket")


def test_questions_are_asked_and_the_next_run_counts_the_answers(suite: Suite) -> None:
    (suite.folder / "attestations.yaml").write_text(OURS, encoding="utf-8")
    typist = Typist(suite.inventory)
    answer(typist, "snmpwalk: the model came back", "Eva Nova", "Jan Black", SOON, "NET-9")
    answer(typist, "looked at the console", "", "", "", "-")
    typist.type("y\n", "Write?")
    assert typist.end() == 0, typist.seen
    assert "1 of 2 P10, 6 cases: cml1 > mfp1, cml2 > mfp1" in typist.seen
    text = kept(suite) or ""
    assert text.startswith(OURS)
    assert [line.split("id: ")[1] for line in text.splitlines() if "- id:" in line] == ["A5", "A6", "A7", "A8"]
    assert text.count("asked_by: Eva Nova") == 4, "offered again, and taken"
    assert text.count(f"until: {SOON}") == 4
    assert text.count("ticket: NET-9") == 2
    suite.run("--scenario=printer-vlan-closed", "--row=P10,P17")
    standing = [c["standing"] for c in suite.last()["cases"] if c["row"] in ("P10", "P17")]
    assert standing.count("attested") == 12
    assert "unverified" not in standing


def test_wrong_answers_are_asked_again(suite: Suite) -> None:
    typist = Typist(suite.inventory)
    typist.type("n\n", "1 of 2")
    typist.type("y\n", "2 of 2")
    typist.type("  \n", "what was seen?")
    typist.type("it answers\n", "empty; write some text")
    typist.type("Eva Nova\n", "Who has looked?")
    typist.type("EVA  nova\n", "Who approves?")
    typist.type("Jan Black\n", "somebody else must approve")
    typist.type("31.1.2099\n", "Until when")
    typist.type("2020-01-31\n", "is no date")
    typist.type(f"{SOON}\n", "that day is over")
    typist.type("\n", "Ticket")
    typist.type("yes\n", "Write?")
    assert typist.end() == 0, typist.seen
    text = kept(suite) or ""
    assert text.count("requirement: P17") == 2
    assert "P10" not in text
    assert "ticket" not in text


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_interrupted_in_the_middle_leaves_the_file_and_shows_what_was_said(suite: Suite, key: str) -> None:
    (suite.folder / "attestations.yaml").write_text(OURS, encoding="utf-8")
    typist = Typist(suite.inventory)
    answer(typist, "snmpwalk: the model came back", "Eva Nova", "Jan Black", SOON, "-")
    typist.type("y\n", "Attest it?")
    typist.type(key, "what was seen?")
    assert typist.end() == 2, typist.seen
    assert kept(suite) == OURS
    shown = typist.seen.partition("interrupted, and nothing was written")[2]
    assert 'reason: "snmpwalk: the model came back"' in shown or "reason: 'snmpwalk: the model came back'" in shown
    assert sorted(path.name for path in suite.folder.iterdir() if "tmp" in path.name) == []


@pytest.mark.parametrize(("said", "code"), [("n\n", 0), ("\n", 0), ("\x03", 2)], ids=["no", "nothing", "ctrl-c"])
def test_nothing_is_written_without_a_yes(suite: Suite, said: str, code: int) -> None:
    typist = Typist(suite.inventory)
    answer(typist, "it answers", "Eva Nova", "Jan Black", SOON, "-")
    typist.type("q\n", "2 of 2")
    typist.type(said, "Write?")
    assert typist.end() == code, typist.seen
    assert kept(suite) is None


def test_what_somebody_wrote_meanwhile_stays(suite: Suite) -> None:
    typist = Typist(suite.inventory)
    answer(typist, "it answers", "Eva Nova", "Jan Black", SOON, "-")
    typist.type("q\n", "2 of 2")
    typist.wait_for("Write?")
    (suite.folder / "attestations.yaml").write_text(OURS.replace("A4", "A1"), encoding="utf-8")
    typist.type("y\n", "")
    assert typist.end() == 0, typist.seen
    text = kept(suite) or ""
    assert text.startswith(OURS.replace("A4", "A1"))
    assert "- id: A2\n" in text


def test_without_a_terminal_it_refuses(suite: Suite) -> None:
    done = without_terminal(suite.inventory)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "no terminal to ask on: give the answers by --answers FILE" in done.stderr
    assert kept(suite) is None


def test_answers_from_a_file(suite: Suite) -> None:
    answers = suite.folder / "answers.yaml"
    answers.write_text("answers:\n" + ANSWER.format("[P10, P17]", "mfp1", SOON), encoding="utf-8")
    done = without_terminal(suite.inventory, f"--answers={answers}")
    assert done.returncode == 0, done.stderr
    text = kept(suite) or ""
    assert "requirement: [P10, P17]\n    source: [cml1, cml2]\n    destination: mfp1\n" in text
    assert "run 2" in done.stdout
    assert "12 unverified cases to be looked at, in 2 groups" in done.stdout
    again = without_terminal(suite.inventory, f"--answers={answers}")
    assert again.returncode == 4
    assert "answers.yaml:2: answers[0]: nothing that it is for is unverified in this run" in again.stderr
    assert kept(suite) == text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (ANSWER.format("P99", "mfp1", SOON), "answers.yaml:2: answers[0].requirement[0]: the page has no row 'P99'"),
        (ANSWER.format("P10", "nobody", SOON), "answers.yaml:2: answers[0].hosts[0]: 'nobody' is no host or directory"),
        (ANSWER.format("P10", "mfp1", "2020-01-31"), "answers.yaml:2: answers[0].until: 2020-01-31 is over already"),
        (ANSWER.format("S15", "mfp1", SOON), "answers.yaml:2: answers[0]: nothing that it is for is unverified"),
        (ANSWER.format("S14", "mfp1", SOON), "took it all; it is not for 2 cases that were observed to fail: S14:"),
        (ANSWER.format("P10", "mfp1", SOON).replace("Jan", "eva"), "answers[0].approved_by: 'eva' cannot approve"),
        (ANSWER.format("P10", "mfp1", SOON).replace("until", "untill"), "answers[0].untill: no such key"),
        ("", "nothing is written behind it"),
    ],
)
def test_wrong_answers_in_a_file_are_told_with_their_line(suite: Suite, line: str, said: str) -> None:
    answers = suite.folder / "answers.yaml"
    answers.write_text(f"answers:\n{line}", encoding="utf-8")
    done = without_terminal(suite.inventory, f"--answers={answers}")
    assert done.returncode == 4, done.stdout + done.stderr
    assert said in done.stderr
    assert kept(suite) is None


def test_line_ends_and_rights_of_the_file_stay(suite: Suite) -> None:
    file = suite.folder / "attestations.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + OURS.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    answers = suite.folder / "answers.yaml"
    answers.write_text("answers:\n" + ANSWER.format("P10", "mfp1", SOON), encoding="utf-8")
    done = without_terminal(suite.inventory, f"--answers={answers}")
    assert done.returncode == 0, done.stderr
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf# ours\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") > 8
    assert file.stat().st_mode & 0o777 == 0o640


def test_broken_files_are_told_before_anything_is_asked(suite: Suite) -> None:
    (suite.folder / "waivers.yaml").write_text("waivers:\n  - {id: W1}\n", encoding="utf-8")
    for words in ((), ("--list",)):
        done = without_terminal(suite.inventory, *words)
        assert done.returncode == 4, done.stdout + done.stderr
        assert "waivers.yaml:2: waivers[0].approved_by: missing; it must be said" in done.stderr


def test_list_shows_state_today_and_in_the_newest_run(suite: Suite) -> None:
    assert "no waivers and no attestations" in without_terminal(suite.inventory, "--list").stdout
    (suite.folder / "attestations.yaml").write_text(OURS, encoding="utf-8")
    waivers = WAIVER.format("W1", "mfp1", SOON) + WAIVER.format("W2", "mfp2", "2026-01-31")
    (suite.folder / "waivers.yaml").write_text(f"waivers:\n{waivers}", encoding="utf-8")
    before = without_terminal(suite.inventory, "--list")
    assert before.returncode == 0
    assert "did not have it yet" in before.stdout
    suite.run("--scenario=printer-vlan-closed", "--row=S14,C04")
    shown = " ".join(without_terminal(suite.inventory, "--list").stdout.split())
    assert f"waiver W1 (waivers.yaml:2): in force until {SOON}, 200 days left; over 2 cases in run 2" in shown
    assert "waiver W2 (waivers.yaml:3): EXPIRED on 2026-01-31; expired in run 2" in shown
    assert "attestation A4 (attestations.yaml:3): in force until 2099-01-31" in shown
    assert "S14 on mfp1; asked by Eva, approved by Jan, T-1" in shown


def test_run_of_another_site_is_refused(suite: Suite) -> None:
    text = suite.inventory.read_text("utf-8")
    suite.inventory.write_text(text.replace("\nsite: Lab\n", "\nsite: Elsewhere\n"), encoding="utf-8")
    done = without_terminal(suite.inventory, "latest")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "is of Lab (nothing here is real), Lab; the inventory" in done.stderr
