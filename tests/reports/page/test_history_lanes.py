"""Histories as lanes: bars overlap where calls were concurrent, what is blamed is marked, and words stay words."""

import itertools
import random
from xml.etree import ElementTree as ET

import pytest

from contracts.checkers import judge
from contracts.run.lanes import LaneRecord, excerpt
from reports.decision.policy import ReleasePolicy
from reports.page import report_page
from reports.page.pictures.history_lanes import DRAWN, HistoryLanes, lanes
from reports.summary import tables
from tests.contracts.checkers.history_drawing import answered
from tests.reports import sample_histories as histories
from tests.reports import sample_runs


def bars(drawn: HistoryLanes) -> list[tuple[str, float, float]]:
    """(words, left, right) of every bar, in the order of the calls."""
    root = ET.fromstring(drawn.picture)
    found = {}
    for group in root.iter("g"):
        title = group.find("title")
        if title is not None:
            (box,) = [e for e in group if e.tag == "rect"]
            left = float(box.get("x", "nan"))
            found[title.text or ""] = (left, left + float(box.get("width", "nan")))
    return [(shown.sentence, *found[shown.sentence]) for shown in drawn.shown]


def history(seed: int, count: int = 40) -> LaneRecord:
    rng = random.Random(seed)
    calls = []
    clocks = dict.fromkeys(("c1", "c2", "c3"), 0)
    for number in range(count):
        client = rng.choice(list(clocks))
        sent = clocks[client] + rng.choice((1, 3, 400, 90_000, 5_000_000))
        done = sent + rng.choice((2, 900, 700_000, 8_000_000))
        clocks[client] = done + 1
        lasts = 1000 * (done - sent)
        calls.append(
            answered("getContentItem", sent * 1000, client=client, lasts=lasts, item="i", version=number)
        )
    return excerpt("races.random", tuple(calls), [])


@pytest.mark.parametrize("seed", range(6))
def test_bars_overlap_where_calls_were_concurrent(seed: int) -> None:
    drawn = lanes(history(seed))
    found = bars(drawn)
    assert len(found) == len(drawn.shown)
    for (one, (_, left, right)), (other, (_, start, end)) in itertools.combinations(
        zip(drawn.shown, found, strict=True), 2
    ):
        first, second = one.call, other.call
        assert first.done is not None and second.done is not None
        together = first.sent < second.done and second.sent < first.done
        # A bar of no width is drawn three pixels wide, so only real overlaps are asked of the picture.
        if together and second.sent < first.done - 1 and right - left > 3 and end - start > 3:
            assert left < end and start < right
        if first.done <= second.sent and right - left > 3:
            assert right <= start + 0.1


def test_blamed_calls_carry_the_number_of_their_finding() -> None:
    drawn = lanes(histories.race("races.one-winner", histories.LOST_UPDATE))
    root = ET.fromstring(drawn.picture)
    numbers = [e.text for e in root.iter("text") if e.get("class") == "on-mark"]
    blamed = [e for e in root.iter("rect") if "lane-blamed" in e.get("class", "")]
    assert len(blamed) == len(numbers) == sum(bool(shown.marks) for shown in drawn.shown) >= 2
    assert numbers == [",".join(map(str, shown.marks)) for shown in drawn.shown if shown.marks]
    for number, finding, shown in drawn.findings:
        assert len(shown) == len(finding.calls)
        assert all(number in one.marks for one in shown)


def test_words_and_colours_tell_the_outcome() -> None:
    drawn = lanes(histories.race("races.one-winner", histories.LOST_UPDATE))
    told = {(shown.call.client, shown.words, shown.kind) for shown in drawn.shown}
    assert told == {
        ("main", "create v1", "lane-write"),
        ("c0", "update 1→2", "lane-write"),
        ("c1", "update 409 v2", "lane-fail"),
        ("c2", "update 1→3", "lane-write"),
        ("c3", "update ?", "lane-info"),
        ("c2", "read v3", "lane-read"),
        ("main", "read v3", "lane-read"),
    }


def test_what_was_never_answered_reaches_the_edge() -> None:
    drawn = lanes(histories.race("races.one-winner", histories.LOST_UPDATE))
    root = ET.fromstring(drawn.picture)
    width = float((root.get("viewBox") or "").split()[2])
    (lost,) = [e for e in root.iter("rect") if "lane-info" in e.get("class", "")]
    assert float(lost.get("x", 0)) + float(lost.get("width", 0)) > width - 5


def test_items_and_tokens_get_short_names() -> None:
    calls = (
        answered("getContentItem", 0, client="a", lasts=1, item="ckq3mz", version=1),
        answered("getContentItem", 5, client="a", lasts=1, item="cvbd8x", version=1),
        answered("refreshTokens", 7, client="b", lasts=1, presented="9f3a", issued="77b1", session="s"),
        answered("refreshTokens", 9, client="b", lasts=1, presented="77b1", issued="c0de", session="s"),
    )
    record = excerpt("races.x", calls, [])
    assert [shown.words for shown in lanes(record).shown] == [
        "read a v1",
        "read b v1",
        "refresh A→B",
        "refresh B→C",
    ]


@pytest.mark.parametrize("calls", [0, 1, DRAWN, 400])
def test_a_picture_of_little_or_much(calls: int) -> None:
    drawn = lanes(histories.long_race("races.long", calls))
    assert "nan" not in drawn.picture and len(drawn.picture) < 25_000
    assert len(drawn.shown) == min(calls, DRAWN) or drawn.findings
    for _, _, shown in drawn.findings:
        assert shown


def test_the_cause_is_in_the_picture_however_long_the_history() -> None:
    drawn = lanes(histories.long_race("races.long", 400))
    # Two calls six milliseconds apart, each with what went on beside it.
    _, finding, shown = drawn.findings[0]
    assert finding.rule == "same-base" and [one.words for one in shown] == ["update 7→8", "update 7→202"]
    assert {"update 8→9", "update 200→201"} <= {one.words for one in drawn.shown}
    assert drawn.hidden == 400 - len(drawn.shown)


def test_hostile_names_stay_words() -> None:
    hostile = '</title></svg><script>alert(1)</script>"&'
    calls = tuple(
        answered(hostile, n, client=hostile, lasts=1, item=f"{hostile}{n}", version=1) for n in range(2)
    )
    record = excerpt("races.x", calls, judge(calls, checks=["versions"]))
    told = tables.report(sample_runs.run(races=[record]), ReleasePolicy(), made=sample_runs.MADE, version="1")
    assert "<script>alert" not in report_page.render(told)
    assert ET.fromstring(lanes(record).picture) is not None
