"""The sign-off page in a real Chromium: nothing of a stranger runs or loads, it reads, filters and prints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from signoff_runs import EVIL, fleet, hostile_run, recorded_of

from preflight.report.signoff.assembly import signoff_html
from preflight.run.model import Run
from preflight.values.outcome import Outcome

pytestmark = pytest.mark.real
WIDE = """() => {
  const room = document.documentElement.clientWidth, wide = [];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest(".scroll, .pt-scroll, .quiet, .skip") && !element.matches(".scroll, .pt-scroll")) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > room + 1 || box.left < -1)) wide.push(element.tagName + "." + element.className);
  }
  return {wide, page: document.documentElement.scrollWidth - room};
}"""
COLOURS = """() => [...document.querySelectorAll(".tag, .flag, .decision h2, small, dt, summary, .lab p, thead th")]
  .filter((element) => element.checkVisibility()).map((element) => {
    let behind = element, ground;
    do { ground = getComputedStyle(behind).backgroundColor; behind = behind.parentElement; }
    while (behind && /, 0\\)$|transparent/.test(ground));
    return [element.className || element.tagName, getComputedStyle(element).color, ground];
  })"""


class Watched:
    """An open page with all that it said, asked for and tried."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: (self.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))


Opening = Callable[..., Any]


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Opening:
    """Opens the page of a run; what is given further are settings of the browser."""

    @contextmanager
    def open_page(run: Run, width: int = 1280, **settings: Any) -> Iterator[Watched]:
        file = tmp_path / "signoff.html"
        file.write_bytes(signoff_html(recorded_of(run)))
        context = chromium.new_context(viewport={"width": width, "height": 900}, **settings)
        watched = Watched(context.new_page())
        watched.page.goto(file.as_uri())
        yield watched
        context.close()

    return open_page


@pytest.mark.parametrize("text", [EVIL, "x" * 10_000_000, "W" * 1_990], ids=["markup", "ten-megabytes", "one-word"])
@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_text_runs_nothing_loads_nothing_and_breaks_no_layout(opened: Opening, text: str, width: int) -> None:
    with opened(hostile_run(text), width) as watched:
        page = watched.page
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        page.mouse.move(width // 2, 400)
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(100)
        assert page.evaluate("typeof window.pwned") == "undefined"
        assert watched.said == []
        assert [url for url in watched.asked if not url.startswith("file:")] == []
        assert len(watched.asked) == 1
        found = page.evaluate(WIDE)
        assert found["wide"] == []
        assert found["page"] <= 0


def test_on_a_telephone_the_picture_scrolls_in_its_frame_and_the_page_does_not(opened: Opening) -> None:
    with opened(fleet(800), 390) as watched:
        page = watched.page
        frame = page.locator(".pt-scroll")
        assert page.locator(".pt-picture").evaluate("e => e.getBoundingClientRect().width") >= 700
        assert frame.evaluate("e => e.scrollWidth > e.clientWidth && e.getBoundingClientRect().right <= innerWidth")
        frame.focus()
        page.keyboard.press("ArrowRight")
        # Asked again and again from here: wait_for_function polls by eval, which the page's policy forbids.
        for _ in range(200):
            if frame.evaluate("e => e.scrollLeft > 0"):
                break
            page.wait_for_timeout(50)
        assert frame.evaluate("e => e.scrollLeft > 0")
        assert page.evaluate(WIDE)["page"] <= 0
        assert watched.said == []
    with opened(fleet(800), 1280) as watched:
        assert watched.page.locator(".pt-scroll").evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_script_that_got_into_the_page_would_not_run(chromium: Any, tmp_path: Path) -> None:
    html = signoff_html(recorded_of(hostile_run("x"))).decode("utf-8")
    broken = html.replace("<main>", "<main><script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>")
    assert broken != html
    (tmp_path / "broken.html").write_text(broken, encoding="utf-8")
    page = chromium.new_page()
    page.goto((tmp_path / "broken.html").as_uri())
    assert page.evaluate("typeof window.pwned") == "undefined"
    page.close()


def shown_rows(page: Any) -> list[str]:
    return [row.get_attribute("id") for row in page.locator("tbody.row:not([hidden])").all() if row.is_visible()]


def test_the_filter_works_by_keyboard_alone(opened: Opening) -> None:
    with opened(fleet(2_000)) as watched:
        page = watched.page
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "find"
        page.keyboard.type("F07:cml3>mfp-00009")
        page.locator("#shown:not(:empty)").wait_for()
        assert shown_rows(page) == ["row-F07"]
        assert page.inner_text("#shown") == "1 of 40 rows shown"
        entries = page.locator("#row-F07 .entry:visible")
        assert entries.count() == 1
        assert "mfp-00009" in entries.inner_text()
        page.keyboard.press("Escape")
        assert len(shown_rows(page)) == 40
        assert page.input_value("#find") == ""

        page.keyboard.press("Tab")
        for outcome in ("failed", "unverified", "passed"):
            assert page.evaluate("document.activeElement.value") == outcome
            page.keyboard.press("Space")
            page.keyboard.press("Tab")
        assert shown_rows(page) == []
        page.keyboard.press("Enter")  # "Show all"
        page.locator("tbody.row:not([hidden])").nth(39).wait_for()
        assert len(shown_rows(page)) == 40

        summary = page.locator("#row-F00 summary")
        summary.focus()
        page.keyboard.press("Enter")
        assert page.locator("#row-F00 .entry").first.is_visible()
        assert watched.said == []


def test_a_link_to_a_row_opens_it_also_when_the_filter_hides_it(opened: Opening) -> None:
    with opened(fleet(2_000)) as watched:
        page = watched.page
        page.fill("#find", "F31")
        page.locator("#shown:not(:empty)").wait_for()
        page.locator(".finding a[href='#row-F02']").first.click()
        page.locator("#row-F02 .entry").first.wait_for()
        assert page.input_value("#find") == ""
        page.locator("#row-F02 .see a").first.click()
        assert re.fullmatch(r".*#finding-\d+", page.url)


def test_without_scripts_everything_is_there_and_no_dead_filter(opened: Opening) -> None:
    with opened(fleet(2_000), java_script_enabled=False) as watched:
        page = watched.page
        assert not page.locator("#filter").is_visible()
        assert len(shown_rows(page)) == 40
        assert page.locator(".decision h2").inner_text() == "Reject"
        page.locator("#row-F07 summary").click()
        assert "mfp-00009" in page.locator("#row-F07").inner_text()


def ratio(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio of two computed colours."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_ratio_is_wcags() -> None:
    assert ratio("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert ratio("rgb(118, 118, 118)", "rgb(255, 255, 255)") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("contrast", ["no-preference", "more"])
def test_text_can_be_read_in_light_and_dark(opened: Opening, scheme: str, contrast: str) -> None:
    with opened(hostile_run("word", lab="default"), color_scheme=scheme, contrast=contrast) as watched:
        page = watched.page
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        colours = page.evaluate(COLOURS)
        assert {f"tag {o.value.replace(' ', '-')}" for o in Outcome} <= {name for name, _, _ in colours}
        assert {name: round(ratio(ink, ground), 2) for name, ink, ground in colours if ratio(ink, ground) < 4.5} == {}
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ratio(ground, "rgb(255, 255, 255)") > 10) is (scheme == "dark")


def test_an_outcome_is_told_by_its_word_and_a_mark_and_a_border_where_colours_are_forced(opened: Opening) -> None:
    with opened(hostile_run("word"), forced_colors="active") as watched:
        for outcome in Outcome:
            element = watched.page.locator(f".chips .tag.{outcome.value.replace(' ', '-')}").first
            assert outcome.value in element.inner_text()
            mark, border = element.evaluate(
                "e => [getComputedStyle(e, '::before').content, getComputedStyle(e).borderTopWidth]"
            )
            assert mark.strip('"') not in ("", "none", "normal")
            assert border == "1px"


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_it_prints_small_reports_whole_and_large_ones_without_the_lists(opened: Opening) -> None:
    printed = {}
    for cases in (800, 8_000):
        with opened(fleet(cases, blocking=False)) as watched:
            page = watched.page
            page.emulate_media(media="print")
            assert not page.locator("#filter").is_visible()
            assert not page.locator("nav").is_visible()
            first = page.locator("#row-F00 .entry").first
            height = first.evaluate("e => e.getBoundingClientRect().height")
            assert (height > 0) is (cases == 800)
            assert page.locator(".paper").count() == (cases > 1_000)
            printed[cases] = pages_of(page.pdf(prefer_css_page_size=True))
            assert watched.said == []
    assert printed[800] > 3
    assert printed[8_000] > 3
