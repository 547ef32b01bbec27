"""How large signoff.html is, how long it takes to make, and how long Chromium takes to open it, by number of cases."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "selftest" / "run"), str(ROOT / "selftest" / "signoff")]

from signoff_runs import fleet, recorded_of  # noqa: E402

from preflight.report.signoff.assembly import signoff_html  # noqa: E402

CASES = (100, 5_000, 50_000)
TIMES = 5
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main() -> int:
    """A line for each size, for like and for wholly unlike cases: medians of five openings, each in a new browser."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        print("no Chromium on the PATH", file=sys.stderr)
        return 3
    print(f"{'cases':>7} {'':<7} {'bytes':>11} {'made in':>9} {'opens in':>9} {'slowest':>9} {'filter':>9}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        for cases in CASES:
            for unlike in (False, True):
                run = recorded_of(fleet(cases, unlike=unlike))
                began = time.perf_counter()
                page = signoff_html(run)
                made = time.perf_counter() - began
                file = Path(folder) / "signoff.html"
                file.write_bytes(page)
                opened = [_open(driver, program, file) for _ in range(TIMES)]
                times, filters = zip(*opened, strict=True)
                print(
                    f"{cases:>7,} {'unlike' if unlike else 'like':<7} {len(page):>11,} {made:>7.2f} s "
                    f"{statistics.median(times):>7.2f} s {max(times):>7.2f} s {statistics.median(filters):>7.2f} s"
                )
    return 0


def _open(driver: Playwright, program: str, file: Path) -> tuple[float, float]:
    """Seconds until the page was painted, and until a search was done (0.12 s of it is its pause for typing)."""
    browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        began = time.perf_counter()
        page.goto(file.as_uri())
        page.evaluate(PAINTED)
        opened = time.perf_counter() - began
        page.fill("#find", "F07 cml3 mfp-00001")
        began = time.perf_counter()
        page.locator("#shown:not(:empty)").wait_for()
        return opened, time.perf_counter() - began
    finally:
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
