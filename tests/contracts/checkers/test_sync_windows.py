"""Chained windows against known writes: nothing lost, nothing repeated, nothing behind."""

from typing import Any

import pytest

from contracts.checkers.sync_windows import sync
from contracts.history import Call, Outcome
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import answered


def at(tick: int) -> str:
    return f"2026-01-01T00:00:00.{tick:06}Z"


def write(item: str, version: int, tick: int, sent: int, *, lost: bool = False, **facts: Any) -> Call:
    told = (
        {"item": item, "base": version - 1} | ({} if lost else {"version": version, "at": at(tick)}) | facts
    )
    return answered(
        "updateContentItem", sent, client="w", outcome=Outcome.INFO if lost else Outcome.OK, **told
    )


def archive(item: str, sent: int) -> Call:
    return answered("archiveContent", sent, client="w", item=item)


def window(last: int, until: int, sent: int, *items: tuple[str, int, int], **facts: Any) -> Call:
    rows = [[item, version, at(tick)] for item, version, tick in items]
    told = {"since": at(last), "stamp": at(until), "items": rows, "has_more": False} | facts
    return answered("syncContent", sent, client="s", **told)


CLEAN = [
    pytest.param([write("i", 2, 1, 0), window(0, 1, 10, ("i", 2, 1))], id="shown"),
    pytest.param([write("i", 2, 1, 0), window(0, 1, 10, ("i", 2, 1)), window(1, 1, 20)], id="a-chain"),
    pytest.param([write("i", 2, 1, 0), write("i", 3, 2, 10), window(0, 2, 20, ("i", 3, 2))], id="last-state-only"),
    pytest.param([write("i", 2, 1, 8), window(0, 0, 10)], id="concurrent-write"),
    pytest.param([write("i", 2, 1, 0), write("i", 3, 5, 8), window(0, 3, 10)], id="moved-out-by-a-concurrent-write"),
    pytest.param([write("i", 2, 1, 0), write("i", 3, 0, 8, lost=True), window(0, 3, 10)], id="moved-out-by-a-lost-write"),
    pytest.param([write("i", 2, 1, 0), archive("i", 6), window(0, 3, 20)], id="archived-meanwhile"),
    pytest.param([write("i", 2, 1, 0), archive("i", 6), window(0, 3, 20, deleted=[["i", at(2)]])], id="told-as-deleted"),
    pytest.param([write("i", 2, 1, 0, platforms=["ios"]), window(0, 3, 20, platforms=["web"])], id="other-platform"),
    pytest.param([write("i", 2, 1, 0, workspace="x"), window(0, 3, 20, workspace="y")], id="other-workspace"),
    pytest.param([write("i", 2, 1, 0), write("j", 2, 2, 6), window(0, 1, 20, ("i", 2, 1), has_more=True)], id="capped"),
    pytest.param([write("i", 2, 1, 0), window(9, 3, 20)], id="since-in-the-future"),
]  # fmt: skip

BROKEN = [
    pytest.param([write("i", 2, 1, 0), window(0, 1, 10)], "lost", id="lost"),
    pytest.param([write("i", 2, 1, 0), window(0, 1, 10, ("i", 1, 1))], "lost", id="shown-in-an-old-state"),
    pytest.param([write("i", 2, 1, 0), window(0, 1, 10, ("i", 2, 1)), write("i", 3, 2, 20), window(1, 2, 30)], "lost", id="lost-in-the-second-window"),
    pytest.param([write("i", 2, 1, 0, platforms=[]), window(0, 1, 10, platforms=["ios"])], "lost", id="for-all-platforms"),
    pytest.param([write("i", 2, 1, 0), window(0, 0, 10)], "behind", id="behind"),
    pytest.param([window(0, 5, 10, ("i", 2, 5), ("i", 2, 5))], "repeat", id="twice"),
    pytest.param([window(0, 5, 10, ("i", 2, 5), deleted=[["i", at(5)]])], "repeat", id="shown-and-deleted"),
    pytest.param([window(5, 6, 10, ("i", 2, 5))], "outside", id="the-border-again"),
    pytest.param([window(0, 5, 10, ("i", 2, 6))], "outside", id="after-the-window"),
    pytest.param([window(0, 5, 10, deleted=[["i", at(6)]])], "outside", id="deleted-after-the-window"),
    pytest.param([window(0, 5, 10, ("i", 2, 3), ("j", 2, 2))], "order", id="unordered"),
    pytest.param([window(0, 5, 10, deleted=[["i", at(3)], ["j", at(2)]])], "order", id="deleted-unordered"),
    pytest.param([window(0, 5, 10, has_more=True)], "empty-more", id="more-of-nothing"),
    pytest.param([window(5, 5, 10, ("i", 2, 5), has_more=True)], "empty-more", id="no-progress"),
]  # fmt: skip


@pytest.mark.parametrize("calls", CLEAN)
def test_clean(calls: list[Call]) -> None:
    verdict = sync(tuple(calls))
    assert verdict.grade is Grade.PASS, verdict.reason


@pytest.mark.parametrize(("calls", "rule"), BROKEN)
def test_broken(calls: list[Call], rule: str) -> None:
    verdict = sync(tuple(calls))
    assert verdict.grade is Grade.FAIL
    assert rule in verdict.evidence["rules"], verdict


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        pytest.param([], "no sync was answered", id="empty"),
        pytest.param([write("i", 2, 1, 0)], "no sync was answered", id="no-sync"),
        pytest.param([window(0, 1, 0)], "no write with a known stamp", id="no-write"),
        pytest.param(
            [window(0, 1, 0, stamp="2026-01-01T00:00:00Z")], "no sync was answered", id="another-form"
        ),
    ],
)
def test_nothing_to_see_is_unknown(calls: list[Call], told: str) -> None:
    verdict = sync(tuple(calls))
    assert verdict.grade is Grade.UNKNOWN
    assert told in verdict.reason
