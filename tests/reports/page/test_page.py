"""The page as a file: small, offline, escaped, and with nothing to draw where nothing was measured."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from contracts.run.histogram import Histogram
from reports.decision.policy import ReleasePolicy
from reports.formats import junit, markdown
from reports.page import report_page
from reports.page.pictures.error_budgets import budgets
from reports.page.pictures.latency_spectrum import spectrum
from reports.page.pictures.latency_strips import strips
from reports.page.pictures.load_timeline import timeline
from reports.page.pictures.open_sockets import sockets
from reports.page.pictures.recovery import recovery
from reports.summary import tables
from tests.reports import large_run, sample_runs
from tests.reports.formats.test_goldens import on_terminal

LIMIT = 600_000


def report(run: object) -> tables.Report:
    return tables.report(run, ReleasePolicy(), made=sample_runs.MADE, version="1")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def big() -> str:
    told = tables.report(large_run.run_of(), ReleasePolicy(), made=sample_runs.MADE, version="1")
    return report_page.render(told)


class Tags(HTMLParser):
    """Every attribute that could make a browser fetch something, every id, and every place pointed to."""

    VOID = frozenset({"meta", "link", "input", "br", "line", "rect", "path", "circle"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.fetched += [
            value or "" for key, value in attrs if key in ("src", "srcset", "data", "poster", "action") or (tag, key) == ("link", "href")
        ]  # fmt: skip
        self.ids += [told["id"] or ""] if "id" in told else []
        if tag == "a":
            self.anchors.append(told.get("href") or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_largest_run_fits(big: str) -> None:
    assert len(big.encode()) < LIMIT
    assert "more in run.json" in big
    for anchor in ("latency", "coverage", "checks", "races", "reconnect", "findings"):
        assert f'<section id="{anchor}"' in big
    assert big.count("<svg") > 17 + 8


@pytest.mark.parametrize("loads", [2, 4])
def test_what_does_not_fit_is_left_out_and_said(loads: int) -> None:
    run = large_run.run_of(cases=2_000)
    run = run.model_copy(update={"loads": run.loads * loads})
    told = tables.report(run, ReleasePolicy(), made=sample_runs.MADE, version="1")
    html = report_page.render(told)
    assert len(html.encode()) < LIMIT == report_page.LIMIT
    assert len(Tags(html).open) == 0
    drawn = html.count("Judge the whole history") or html.count('class="keep"')
    assert ("more in run.json" in html) and drawn + sum(map(int, re.findall(r"and (\d+) histor", html))) == 8
    # The verdict, its reasons and every operation's row are never what is left out.
    assert html.count('<tr><th scope="row">login</th>') >= loads and "Why not?" in html


@pytest.mark.parametrize("name", sample_runs.RUNS)
def test_asks_for_nothing_and_points_somewhere(name: str) -> None:
    tags = Tags(report_page.render(report(sample_runs.RUNS[name]())))
    assert tags.fetched == ["data:,"]
    assert len(tags.ids) == len(set(tags.ids))
    assert {anchor.removeprefix("#") for anchor in tags.anchors} <= set(tags.ids)
    assert tags.open == []


def test_style_and_script_name_no_address() -> None:
    for name in ("page.css", "page.js"):
        assert not re.search(
            r"https?:|//[a-z]|url\(|@import|fetch|XMLHttp", (report_page.TEMPLATES / name).read_text()
        ), name


HOSTILE = "\u202e\u2066</script><script>alert(1)</script>\x00\x1b[31m ]]> | `x` @all\n# big [a](http://evil) {{ 7*7 }} & <img src=x>"


def test_hostile_words_stay_words() -> None:
    run = sample_runs.failing()
    check = sample_runs.broken_check("a.b", "login", HOSTILE, HOSTILE).model_copy(
        update={
            "id": HOSTILE,
            "operation": HOSTILE,
            "reason": HOSTILE,
            "expected": HOSTILE,
            "got": HOSTILE,
            "curl": [HOSTILE],
            "replay": HOSTILE,
        }
    )
    told = report(run.model_copy(update={"checks": [check], "target": HOSTILE, "command": HOSTILE}))
    html = report_page.render(told)
    assert "<script>alert" not in html and "<img" not in html and "{{ 7*7 }}" in html
    assert ET.fromstring(junit.render(told)) is not None
    comment = markdown.render(told)
    assert "\x00" not in comment and "@all" not in re.sub(r"(`+).+?\1", "", comment)
    assert not [line for line in comment.splitlines() if line.startswith("# ")]
    assert "\x1b" not in on_terminal(told)
    # What turns the direction of the text would make a page of what follows it unreadable.
    assert not [text for text in (html, comment, on_terminal(told), junit.render(told)) if "\u202e" in text]


def test_pictures_are_well_formed_and_finite() -> None:
    told = report(sample_runs.failing())
    rows = told.tables[0].rows
    load = told.run.loads[0]
    drawn = [
        spectrum(tables.merged(rows, corrected=True), tables.merged(rows, corrected=False), 200),
        strips(rows, 200),
        budgets(rows),
        timeline(load.windows),
        recovery(told.run.reconnects),
        sockets(told.run.reconnects),
    ]
    for picture in drawn:
        root = ET.fromstring(picture)
        assert root.get("role") == "img" and root.get("aria-label")
        numbers = re.findall(r"[\d.]+|nan|inf", " ".join(filter(None, (e.get("d") for e in root.iter()))))
        assert not {"nan", "inf"} & set(numbers)


def test_nothing_measured_is_no_picture() -> None:
    told = report(sample_runs.empty())
    rows = told.tables[0].rows
    drawn = [
        spectrum(Histogram(), Histogram(), 200),
        strips(rows, 200),
        budgets(rows),
        timeline([]),
        recovery([]),
        sockets([]),
        sockets([result.model_copy(update={"timeline": []}) for result in sample_runs.reconnects()]),
    ]
    assert drawn == [""] * 7


def test_sockets_beyond_the_clients_stay_in_the_picture() -> None:
    (result, *_) = sample_runs.reconnects()
    slots = [[float(second), 300.0 * (second % 6), 40.0] for second in range(2000)]
    picture = sockets([result.model_copy(update={"timeline": slots})])
    assert "at most 1500 open sockets of 300 clients" in picture
    points = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", picture)]
    assert 0 <= min(points) <= max(points) <= 200
    assert len(picture) < 60_000


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([0], id="zero"),
        pytest.param([1_000_000], id="one request"),
        pytest.param([1_000_000] * 500, id="all alike"),
        pytest.param([200_000_000, 200_000_001], id="on the limit"),
    ],
)
def test_spectra_of_little(values: list[int]) -> None:
    histogram = Histogram.of(values)
    assert "nan" not in spectrum(histogram, histogram, 200)


def test_over_the_limit_is_drawn_as_such() -> None:
    slow, fast = Histogram.of([201_000_000]), Histogram.of([150_000_000])
    row = report(sample_runs.passing()).tables[0].rows[0]
    for histogram, kind in ((slow, "heat-over"), (fast, "heat")):
        whole = replace(row, latency=histogram, service=histogram, budget=None)
        assert f'class="{kind}"' in strips([whole], 200), kind
