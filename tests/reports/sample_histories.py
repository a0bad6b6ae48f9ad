"""Sample histories for pictures: two drawn by hand, and long ones with one wrong call in the middle."""

from msgspec.structs import replace

from contracts.checkers import judge
from contracts.history import Call, History
from contracts.run.lanes import LaneRecord, excerpt
from tests.contracts.checkers.history_drawing import history

LOST_UPDATE = """
main: |create v1|                                              |-read v3-|
c0:                |----update v2----|
c1:                  |-conflict v2------|
c2:                    |---update v3 base=1------|   |--read v3--|
c3:                       |--update v2 ...
"""
ONE_WINNER = """
main: |create v1|                               |-read v2-|
c0:                |----update v2----|
c1:                  |----conflict v2---|
c2:                     |--conflict v2-----|
"""


def race(check: str, drawing: str) -> LaneRecord:
    """A drawn history, a column 100 microseconds."""
    calls = tuple(_slower(call, 100_000) for call in history(drawing))
    verdicts = judge(calls, checks=["versions", "lost-update"])
    again = f"python -m contracts judge reports/out/x/parts/histories/{check}.ndjson"
    return excerpt(check, calls, verdicts, judge=again)


def _slower(call: Call, factor: int) -> Call:
    done = None if call.done is None else call.done * factor
    status = {"ok": 200, "fail": 409}.get(call.outcome)
    return replace(call, due=call.due * factor, sent=call.sent * factor, done=done, status=status)


def long_race(check: str, calls: int) -> LaneRecord:
    """Twenty writers round by round, with one of them wrong in the middle."""
    found: list[Call] = []
    for number in range(calls):
        (call,) = history(f"c{number % 20}: |---update v{number + 2}---|")
        wrong = {"base": 7} if number == calls // 2 else {}
        moved = number * 31_000
        done = (call.done or 0) * 20_000 + moved
        facts = {**call.facts, "item": "ckq3mzzvbd8", **wrong}
        found.append(replace(call, due=moved, sent=moved, done=done, status=200, facts=facts))
    whole: History = tuple(found)
    return excerpt(check, whole, judge(whole, checks=["versions", "lost-update"]))
