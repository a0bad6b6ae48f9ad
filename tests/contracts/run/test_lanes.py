"""What is kept of a history for a picture: the blamed calls, their neighbours, nothing beyond the bounds."""

import pytest
from msgspec.structs import replace

from contracts.checkers import judge
from contracts.history import History
from contracts.run.lanes import CALLS, LANES, RECORDS, LaneRecord, chosen, excerpt, of_load
from contracts.verdict import Grade, Verdict
from tests.contracts.checkers.history_drawing import answered, history

TWO_WINNERS = """
c1: |-create v1-|   |-update v2-|
c2:                 |-update v2-|   |-read v2-|
c3:                       |-conflict v2-|
"""


def reads(count: int, *, clients: int = 1, item: str = "i") -> History:
    return tuple(
        answered("getContentItem", 1_000 + 10 * n, client=f"r{n % clients}", item=item, version=2)
        for n in range(count)
    )


def record(calls: History, **more: object) -> LaneRecord:
    return excerpt("races.demo", calls, judge(calls, checks=["versions", "lost-update"]), **more)  # type: ignore[arg-type]


def test_the_blamed_calls_are_pointed_at() -> None:
    found = record(history(TWO_WINNERS))
    assert found.grade == "FAIL" and found.total == 5
    assert "were both accepted" in found.reason
    for finding in found.findings:
        assert [found.calls[index].operation for index in finding.calls] == ["updateContentItem"] * 2
    assert {finding.rule for finding in found.findings} >= {"two-winners", "same-base"}


def test_times_count_from_the_first_call_of_the_whole() -> None:
    calls = tuple(
        replace(c, due=c.due + 7_000, sent=c.sent + 7_000, done=None if c.done is None else c.done + 7_000)
        for c in history(TWO_WINNERS)
    )
    assert record(calls).calls == record(history(TWO_WINNERS)).calls
    assert record(calls).calls[0].sent == 0


@pytest.mark.parametrize("count", [CALLS, 20 * CALLS])
def test_a_long_history_keeps_the_blamed_and_their_neighbours(count: int) -> None:
    found = record(history(TWO_WINNERS) + reads(count))
    assert (len(found.calls), found.total) == (CALLS, count + 5)
    assert [call.operation for call in found.calls[:2]] == ["createContentItem", "updateContentItem"]
    assert found.findings[0].calls == [1, 2]
    # The nearest in time: the first of the reads, not the last.
    assert max(call.sent for call in found.calls) < 1_000 + 10 * CALLS


def test_calls_about_something_else_are_left_out() -> None:
    found = record(history(TWO_WINNERS) + reads(50, item="other"))
    assert {call.facts.get("item") for call in found.calls} == {"i"}


def test_never_more_lanes_than_can_be_drawn() -> None:
    found = record(history(TWO_WINNERS) + reads(150, clients=100))
    assert len({call.client for call in found.calls}) == LANES
    assert {"c1", "c2"} <= {call.client for call in found.calls}


def test_what_the_check_itself_blames_comes_after_what_explains_it() -> None:
    calls = history(TWO_WINNERS)
    found = record(calls, grade=Grade.FAIL, reason="two successes", blamed=[calls[-1]])
    assert found.reason == "two successes"
    assert (found.findings[-1].check, found.findings[-1].calls) == ("races.demo", [4])
    named = [finding.check for finding in found.findings]
    assert named[0] != "races.demo"


def test_a_good_history_blames_nobody() -> None:
    found = record(history("a: |-create v1-| |-update v2-|\nb: |-read v1-|"))
    assert (found.grade, found.findings, found.reason) == ("PASS", [], "")


def test_lists_stay_behind() -> None:
    (call,) = history("a: |-read v1-|")
    facts = {**call.facts, "items": [["i", 1]], "digest": "d", "platforms": ["web"]}
    told = excerpt("x", (answered("getContentItems", **facts),), [])
    assert told.calls[0].facts == {"item": "i", "version": 1}


def test_a_load_run_leaves_a_history_only_where_a_checker_blames_calls() -> None:
    bad, good = history(TWO_WINNERS), history("a: |-create v1-| |-update v2-|")
    slow = Verdict(check="objective", grade=Grade.FAIL, reason="too slow")
    (found,) = of_load("gate", bad + reads(500), [slow, *judge(bad, checks=["versions"])])
    assert (found.check, found.grade, found.total, len(found.calls)) == ("load.gate", "FAIL", 505, CALLS)
    assert "too slow" not in found.reason and found.findings
    assert of_load("gate", good, [slow, *judge(good, checks=["versions"])]) == []


def graded(check: str, grade: Grade, clients: int = 1) -> LaneRecord:
    return excerpt(check, reads(clients, clients=clients), [], grade=grade)


def test_a_run_keeps_failures_or_one_example() -> None:
    good = [graded("races.a", Grade.PASS), graded("races.b", Grade.PASS, 9), graded("races.c", Grade.PASS, 3)]
    bad = [graded(f"races.x{n:02}", Grade.FAIL) for n in range(RECORDS + 4)]
    assert [one.check for one in chosen(good)] == ["races.b"]
    assert [one.check for one in chosen([*good, *bad])] == [one.check for one in bad[:RECORDS]]
    assert chosen([]) == []
