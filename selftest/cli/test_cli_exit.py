"""The exit code and the decision where tests of pytest and cases of the run do not agree: plugins, broken files."""

from __future__ import annotations

from pathlib import Path

import pytest
from suite import CLONE, Suite, preflight

pytestmark = pytest.mark.slow
BROKEN = "--scenario=printer-vlan-closed"
NIGHT = "--fail-on=regression"
AT_COLLECTION = """\
import pytest
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.{mark})
"""
AT_CALL = """\
import pytest
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    pytest.skip("later")
"""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def plugin(suite: Suite, text: str) -> str:
    """The option that loads a plugin of this text."""
    (suite.folder / "foreign_plugin.py").write_text(text, encoding="utf-8")
    suite.env["PYTHONPATH"] = str(suite.folder)
    return "-pforeign_plugin"


@pytest.mark.parametrize(
    "text", [AT_COLLECTION.format(mark='skip(reason="later")'), AT_CALL], ids=["marked", "when called"]
)
def test_what_a_plugin_skips_was_not_run(suite: Suite, text: str) -> None:
    done = suite.run(BROKEN, "--row=S14,C01,P05", plugin(suite, text))
    assert done.returncode == 0, done.stdout + done.stderr
    run = suite.last()
    asked = [c for c in run["cases"] if c["row"] in ("S14", "C01") and c["outcome"] != "not applicable"]
    assert asked
    assert {(c["outcome"], c["reason"]) for c in asked} == {("not run", "skipped, later")}
    assert run["full"] is False
    assert "0 failed" not in done.stdout
    page = (suite.runs[-1] / "report.html").read_text("utf-8")
    assert "skipped, later" in page


def test_a_failure_that_a_plugin_expects_still_blocks(suite: Suite) -> None:
    done = suite.run(BROKEN, plugin(suite, AT_COLLECTION.format(mark='xfail(reason="known")')))
    assert done.returncode == 1, done.stdout
    assert suite.last()["counts"]["total"]["failed"] > 0
    assert "cases block, though no test failed for pytest" in done.stdout
    again = suite.run(BROKEN, NIGHT, "-pforeign_plugin")
    assert again.returncode == 0, again.stdout
    assert "all that blocks blocked already then" in again.stdout


def test_a_file_that_does_not_load_is_no_old_news(suite: Suite) -> None:
    suite.run(BROKEN)
    broken = suite.folder / "test_broken.py"
    broken.write_text("import no_such_module\n", encoding="utf-8")
    words = ["-c", str(CLONE / "pytest.ini"), "tests", str(broken), "--continue-on-collection-errors"]
    done = suite.run(BROKEN, NIGHT, *words)
    assert done.returncode == 1, done.stdout
    assert "failed, and no case's outcome: " in done.stdout
    assert "test_broken.py" in done.stdout.rpartition("no case's outcome")[2]


UNLOADED = """\
import _pytest.python as python
real = python.importtestmodule
def broken(path, config):
    if path.name == "test_other.py":
        raise python.nodes.Collector.CollectError("no such module")
    return real(path, config)
python.importtestmodule = broken
"""


@pytest.mark.parametrize("named", [(), ("tests/flows",)], ids=["all", "named"])
def test_cases_of_a_file_that_does_not_load_say_so(suite: Suite, named: tuple[str, ...]) -> None:
    words = (plugin(suite, UNLOADED), "--row=O01,S03,C01", "--continue-on-collection-errors", *named)
    done = suite.run(*words)
    assert done.returncode == 1, done.stdout
    reasons = {c["row"]: c["reason"] for c in suite.last()["cases"] if c["outcome"] == "not run" and c["row"] != "W01"}
    assert "tests/flows/test_other.py did not load" in reasons["O01"]
    if named:
        assert reasons["O01"] == reasons["C01"]
        assert reasons["C01"].startswith("left out by the tests that were named on the command line, or ")
    else:
        assert "C01" not in reasons
        assert reasons["O01"] == "no test asked it: tests/flows/test_other.py did not load"


def test_own_checks_that_failed_are_named(suite: Suite) -> None:
    check = suite.folder / "test_mine.py"
    check.write_text("def test_mine():\n    assert False\n\n\ndef test_other():\n    pass\n", encoding="utf-8")
    done = suite.run("-c", str(CLONE / "pytest.ini"), "tests", str(check))
    assert done.returncode == 1, done.stdout
    (note,) = suite.last()["notes"]
    assert note.startswith("1 of the site's own checks failed: ")
    assert "test_mine.py::test_mine" in note
    assert f"note: {note}" in done.stdout
    for page in ("report.html", "signoff.html"):
        assert "1 of the site&#x27;s own checks failed" in (suite.runs[-1] / page).read_text("utf-8").replace(
            "&#39;", "&#x27;"
        )


def test_a_real_folder_in_the_place_of_latest(suite: Suite) -> None:
    latest = suite.folder / "reports" / "latest"
    latest.mkdir(parents=True)
    done = suite.run()
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert "Traceback" not in told
    assert f"note: {latest}: is a folder and no link" in told
    assert "lab run: never a sign-off decision" in done.stdout
    assert (suite.runs[-1] / "report.html").is_file()
    one = suite.runs[-1].name
    for out in (latest, latest / "merged"):
        refused = preflight(suite, "merge", one, one, f"--out={out}")
        assert refused.returncode == 4, refused.stdout + refused.stderr
        assert "is the link to the newest full run" in refused.stderr
    assert not list(latest.iterdir())
