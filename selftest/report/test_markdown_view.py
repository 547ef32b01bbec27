"""summary.md: what it tells, that it stays small, and that no text in it acts."""

from __future__ import annotations

import re

import pytest
from generated import HOSTILE, ROWS, case, run_of, runs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.report.markdown import code
from preflight.report.summary import summary_md
from preflight.run.compare import compare
from preflight.run.merge import merge
from preflight.run.model import Run
from preflight.values.outcome import Outcome, Verdict

SHA = "ab" * 32
HOSTILE_MARKDOWN = (
    "[click](http://evil.example)",
    "![](http://evil.example/x.png)",
    "<img src=x onerror=alert(1)>",
    "<!-- -->",
    "@everyone @eva-nova and #12, GH-12, owner/repo#1",
    "https://evil.example www.evil.example eva@evil.example",
    "` `` ``` @eva `",
    "a | b | c",
    "\\` \\| \\",
    "\n\n# heading\n\n- item\n\n```\nfence",
    ":boom: ~~gone~~ **bold** $x$ &lt;",
    "`",
    " ",
)
# Everything that stands outside of code spans is ours: words, numbers and the marks of lists, headings and tables.
SKELETON = re.compile(r"(# |## |> )?[-A-Za-z0-9 .,:;()*|]*")


def outside(markdown: str) -> list[str]:
    """Each line without its code spans; no line may have an odd backtick."""
    lines = markdown.split("\n")
    assert all(line.count("`") % 2 == 0 for line in lines)
    assert "``" not in markdown
    return [re.sub("`[^`]+`", "", line) for line in lines]


def hostile_run(text: str) -> Run:
    verdict = Verdict(Outcome.FAILED, text, text, text, text, text, text, (text,), (text,))
    bad = case("S04", "cml1", "mfp1", note=text, requirement=text, section=text or "none")
    run = run_of([(bad, verdict)], lost={"cml2": text}, site=text, customer=text, lab=text, notes=[text])
    then = run_of([(case("S04", "cml1", "mfp1"), Verdict(Outcome.PASSED, text))], suite_version=text, run_id=text)
    return run.model_copy(update={"comparison": compare(then, run)})


def inert(markdown: str) -> None:
    for line in outside(markdown):
        assert SKELETON.fullmatch(line), line
    tables = [line for line in markdown.split("\n") if line.startswith("|")]
    assert {line.count("|") for line in tables} == {len(Outcome) + 3}
    assert all(line.isprintable() for line in markdown.split("\n"))


@pytest.mark.parametrize("text", [*HOSTILE_MARKDOWN, *HOSTILE])
def test_no_text_acts(text: str) -> None:
    inert(summary_md(hostile_run(text), SHA).decode())


@given(st.text(st.characters(exclude_categories=()), max_size=40))
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_text_at_all_acts(text: str) -> None:
    inert(summary_md(hostile_run(text), SHA).decode())
    assert code(text) == "-" or re.fullmatch("`[^`|]+`", code(text))


@pytest.mark.slow
@given(runs(), runs())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_run(then: Run, run: Run) -> None:
    run = run.model_copy(update={"comparison": compare(then, run)})
    content = summary_md(run, SHA)
    assert content == summary_md(run, SHA)
    assert len(content) < 60_000
    inert(content.decode())


def test_it_tells_decision_counts_what_blocks_and_what_changed() -> None:
    passed, failed = Verdict(Outcome.PASSED, "open"), Verdict(Outcome.FAILED, "the way is shut", remedy="Open it.")
    names = ("mfp1", "mfp2", "v6")
    then = run_of([(case("S04", "cml1", name), passed) for name in names], run_id="20261101T000000Z-example-hq")
    judged = [(case("S04", "cml1", name), failed) for name in names]
    now = run_of([*judged, *[(case(row, "cml2", "mfp1"), passed) for row in ROWS]])
    text = summary_md(now.model_copy(update={"comparison": compare(then, now)}), SHA).decode()
    for told in (
        "# SafeQ Preflight: `Example HQ`",
        "**Decision:** `reject: 3 failed`",
        "- **failed** `S04 tcp 9100, cml1 to mfp1`, and 2 more like it",
        "  - do: `Open it.`",
        "Compared with `run 20261101T000000Z-example-hq of 2026-11-22 23:59 UTC`",
        "- **regressed** `S04:cml1>mfp1, S04:cml1>mfp2, S04:cml1>v6`: `passed -> failed`, `the way is shut`",
        f"- SHA-256 of run.json: `{SHA}`",
    ):
        assert told in text
    assert "LAB RUN" not in text
    assert "**LAB RUN: simulated site `default`." in summary_md(now.model_copy(update={"lab": "default"}), SHA).decode()


def test_a_merged_run_tells_its_parts_and_nothing_acts() -> None:
    parts = [run_of([], customer=text, run_id=f"r{number}") for number, text in enumerate(HOSTILE_MARKDOWN)]
    text = summary_md(merge([(part, part.run_id) for part in parts], "merged"), SHA).decode()
    inert(text)
    assert all(f"r{number}`" in text for number in range(len(parts)))


def test_like_cases_are_one_entry_in_a_merged_run_too() -> None:
    shut = Outcome.FAILED
    parts = []
    for site in ("North", "South"):
        judged = [
            (case("S04", "cml1", name), Verdict(shut, f"{name} refused cml1", remedy=f"Switch {name} on."))
            for name in ("mfp1", "mfp2")
        ]
        judged.append((case("P05", "mfp1", "cml2"), Verdict(Outcome.UNVERIFIED, "cml2 could not be reached")))
        parts.append((run_of(judged, site=site, run_id=site, lost={"cml2": "down"}), site))
    text = summary_md(merge(parts, "merged"), SHA).decode()
    assert text.count("- **failed**") == 1
    assert "`S04 tcp 9100, north/cml1 to north/mfp1`, and 3 more like it" in text
    assert text.count("- **unreached**") == 2
    assert "**unverified**" not in text


def test_nothing_blocks_is_said() -> None:
    text = summary_md(run_of([(case(row, "cml1", "mfp1"), Verdict(Outcome.PASSED, "open")) for row in ROWS]), SHA)
    assert "## What blocks\n\nNothing." in text.decode()


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["x", "\u4e2d", "\U0001f600"])
def test_thousands_of_different_findings_stay_under_a_comments_size(letter: str) -> None:
    judged = [
        (
            case("S04", "cml1", "mfp1", id=f"S04:{number}" + letter * 200),
            Verdict(Outcome.FAILED, f"{number}" + letter * 900),
        )
        for number in range(3000)
    ]
    run = run_of(judged)
    run = run.model_copy(update={"comparison": compare(run_of([]), run)})
    content = summary_md(run, SHA)
    assert 30_000 < len(content) < 60_000
    shown = content.count(b"- **failed**")
    assert f"and {3000 - shown} more entries ({3000 - shown} cases)" in content.decode()
