"""The page in a real browser: quiet, offline, nothing wider than the screen, usable by keyboard and without scripts."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.page import report_page
from tests.reports import sample_runs
from tests.reports.formats.test_goldens import report
from tests.reports.page import browser

PROGRAM = browser.find()
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium on this machine (apt-get install chromium, or CHROMIUM=path)"
)

TAB, ENTER, RIGHT = 9, 13, 39


@pytest.fixture(scope="module")
def tab() -> Iterator[browser.Page]:
    assert PROGRAM is not None
    with browser.browser(PROGRAM) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name in sample_runs.RUNS:
        found[name] = folder / f"{name}.html"
        found[name].write_text(report_page.render(report(name)), encoding="utf-8")
    return found


@pytest.mark.parametrize(
    ("width", "dark"),
    [pytest.param(360, True, id="narrow and dark"), pytest.param(1280, False, id="wide and light")],
)
@pytest.mark.parametrize("name", sample_runs.RUNS)
def test_opens_quietly_and_fits(
    tab: browser.Page, pages: dict[str, Path], name: str, width: int, dark: bool
) -> None:
    tab.errors.clear()
    tab.requests.clear()
    tab.open(pages[name], width, 800, dark=dark)
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert tab.errors == []
    assert {url for url in tab.requests if not url.startswith("data:")} == {pages[name].resolve().as_uri()}


def test_the_driver_sees_errors_and_requests(tab: browser.Page, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<img src=missing.png><div style='width:900px'>x</div><script>nothing()</script>")
    tab.errors.clear()
    tab.requests.clear()
    tab.open(bad, 360, 800)
    assert tab.errors
    assert any(url.endswith("missing.png") for url in tab.requests)
    assert tab.value("document.documentElement.scrollWidth") > 360


def test_the_first_screen_says_verdict_and_reasons(tab: browser.Page, pages: dict[str, Path]) -> None:
    tab.open(pages["fail"], 1280, 800)
    for selector in ("h1", ".reasons li:nth-child(1) .text", ".reasons li:nth-child(4) .what"):
        assert tab.value(f"document.querySelector('{selector}').getBoundingClientRect().bottom") < 800


def column(tab: browser.Page, number: int) -> list[str]:
    shown = f"[...document.querySelector('#operations-1').tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[{number}].textContent)"
    found: list[str] = tab.value(shown)
    return found


def test_sorts_by_number_and_by_name(tab: browser.Page, pages: dict[str, Path]) -> None:
    tab.open(pages["fail"], 1280, 800)
    head = "document.querySelectorAll('#operations-1 th button')"
    tab.value(f"{head}[6].click()")
    assert column(tab, 0)[0] == "syncContent"
    tab.value(f"{head}[0].click()")
    assert column(tab, 0) == sorted(sample_runs.LABELS, key=str.lower)
    tab.value(f"{head}[0].click()")
    assert column(tab, 0)[0] == "verifyToken"
    assert tab.value("document.querySelector('#operations-1 th').ariaSort") == "descending"


def test_filters(tab: browser.Page, pages: dict[str, Path]) -> None:
    tab.open(pages["fail"], 1280, 800)
    tab.value(
        "(() => { const i = document.querySelector('.tools input'); i.value = 'auth'; i.dispatchEvent(new Event('input')); })()"
    )
    assert column(tab, 0) == ["login", "refreshTokens", "logout", "verifyToken"]
    assert tab.value("document.querySelector('.tools output').textContent") == "4 of 17"


def test_opens_a_reason_by_keyboard(tab: browser.Page, pages: dict[str, Path]) -> None:
    tab.open(pages["fail"], 1280, 800)
    for _ in range(30):
        tab.key("Tab", TAB)
        if tab.value("document.activeElement.tagName") == "SUMMARY":
            break
    assert tab.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.key("Enter", ENTER, "\r")
    assert tab.value("document.querySelector('.reasons details').open")
    assert "curl -X PUT" in tab.value("document.querySelector('.reasons details pre').innerText")


def test_reads_without_scripts(tab: browser.Page, pages: dict[str, Path]) -> None:
    tab.open(pages["fail"], 1280, 800, scripts=False)
    tree = tab.call("DOM.getDocument", depth=1)["root"]["nodeId"]
    counts = {
        selector: len(tab.call("DOM.querySelectorAll", nodeId=tree, selector=selector)["nodeIds"])
        for selector in ("figure svg", "#operations-1 tbody tr", "th button", ".tools:not([hidden])")
    }
    assert counts == {
        "figure svg": 6,
        "#operations-1 tbody tr": 17,
        "th button": 0,
        ".tools:not([hidden])": 0,
    }


def test_wide_pictures_scroll_inside_their_own_box(tab: browser.Page, pages: dict[str, Path]) -> None:
    tab.open(pages["fail"], 360, 800)
    boxes = "[...document.querySelectorAll('.scroll')]"
    wider = f"{boxes}.filter(b => b.scrollWidth > b.clientWidth + 1)"
    assert tab.value(f"{wider}.length") > 3
    # Who cannot use a pointer scrolls with the arrow keys, which needs a place to stand.
    assert tab.value(f"{wider}.every(b => b.tabIndex === 0 && b.getAttribute('aria-label'))")
    assert tab.value("document.querySelector('#races .scroll').scrollWidth") > 360
    tab.value("document.querySelector('#races .scroll').focus()")
    for _ in range(5):
        tab.key("ArrowRight", RIGHT)
    assert any(tab.value("document.activeElement.scrollLeft") > 0 for _ in range(500))


def test_every_picture_says_what_it_shows(tab: browser.Page, pages: dict[str, Path]) -> None:
    tab.open(pages["fail"], 1280, 800)
    silent = "[...document.querySelectorAll('svg')].filter(s => !(s.getAttribute('aria-label') || '').trim())"
    assert tab.value(f"{silent}.length") == 0
    # A question stands above each of them: in its caption, or in the nearest heading before it.
    asked = """
    [...document.querySelectorAll('section')].every(s => !s.querySelector('svg') ||
      [...s.querySelectorAll('h2, h3, figcaption')].some(h => h.textContent.includes('?')))
    """
    assert tab.value(asked)


def test_prints_on_paper(tab: browser.Page, pages: dict[str, Path]) -> None:
    """A4 less its margins is 688 px wide; nothing sticks out, and what only a screen can use is gone."""
    tab.open(pages["fail"], 688, 1000)
    tab.call("Emulation.setEmulatedMedia", media="print")
    try:
        tab.value("dispatchEvent(new Event('beforeprint'))")
        assert tab.value("document.documentElement.scrollWidth") <= 688
        assert tab.value("Math.max(...[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect().right))") <= 689  # fmt: skip
        hidden = "[...document.querySelectorAll('nav, .tools, details.more:not([open])')]"
        assert tab.value(f"{hidden}.every(e => getComputedStyle(e).display === 'none')")
        opened, folds = (
            tab.value(f"document.querySelectorAll('.reasons details{state}').length")
            for state in ("[open]", "")
        )
        assert opened == min(3, folds) > 0
        assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        data = tab.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]
        assert base64.b64decode(data).startswith(b"%PDF-")
    finally:
        tab.call("Emulation.setEmulatedMedia", media="")


def test_the_operations_filter(tab: browser.Page, pages: dict[str, Path]) -> None:
    tab.open(pages["fail"], 1280, 800)
    tab.value(
        "(() => { const i = document.querySelector('.tools input'); i.value = 'login'; i.dispatchEvent(new Event('input')); })()"
    )
    rows = "[...document.querySelector('#' + document.querySelector('.tools input').dataset.table).tBodies[0].rows]"
    assert tab.value(f"{rows}.filter(r => !r.hidden).map(r => r.cells[0].textContent)") == ["login"]
    assert (
        tab.value("document.querySelector('.tools output').textContent")
        == f"1 of {tab.value(f'{rows}.length')}"
    )


def test_every_text_stands_out_from_its_ground(tab: browser.Page, pages: dict[str, Path]) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1, in both schemes, for each colour that carries words."""
    ratio = """
    (() => {
      const luminance = (text) => {
        const [r, g, b] = text.match(/[0-9.]+/g).map(Number).map((v) => v / 255)
          .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const probe = document.createElement('i');
      document.body.append(probe);
      const colour = (name) => { probe.style.color = `var(--${name})`; return luminance(getComputedStyle(probe).color); };
      const found = [];
      for (const ground of ['paper', 'wash'])
        for (const ink of ['ink', 'soft', 'red', 'amber', 'green', 'violet', 'blue']) {
          const [a, b] = [colour(ground), colour(ink)].sort((x, y) => y - x);
          found.push([ground, ink, (a + 0.05) / (b + 0.05)]);
        }
      return found;
    })()
    """
    for dark in (False, True):
        tab.open(pages["pass"], 1280, 800, dark=dark)
        assert [pair for pair in tab.value(ratio) if pair[2] < 4.5] == []
