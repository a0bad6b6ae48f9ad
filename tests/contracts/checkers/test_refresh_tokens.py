"""One refresh per expiry, one successor per token, nothing after the end."""

from typing import Any

import pytest
from msgspec.structs import replace

from contracts.checkers.refresh_tokens import sessions
from contracts.history import Call, Outcome
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import answered

SECOND = 1_000_000_000


def refresh(
    sent: float, presented: str, issued: str = "", *, client: str = "c", code: str = "", **facts: Any
) -> Call:
    """OK with `issued`, FAIL with `code`, no answer with neither."""
    outcome = Outcome.OK if issued else Outcome.FAIL if code else Outcome.INFO
    told = {"session": "s", "presented": presented} | facts
    told |= {"issued": issued} if issued else {}
    told |= {"code": code} if code else {}
    return _call("refreshTokens", sent, outcome, client, **told)


def never_sent(at: float, presented: str) -> Call:
    """The connection was refused, so it is sure that nothing was done."""
    return replace(refresh(at, presented, code="x"), facts={"session": "s", "presented": presented})


def call(sent: float, operation: str, *, ok: bool = True) -> Call:
    return _call(operation, sent, Outcome.OK if ok else Outcome.FAIL, session="s")


def _call(operation: str, seconds: float, outcome: Outcome, client: str = "c", **facts: Any) -> Call:
    return answered(
        operation, int(seconds * SECOND), client=client, lasts=SECOND // 10, outcome=outcome, **facts
    )


REUSED = "REFRESH_REUSED"
CLEAN = [
    pytest.param([refresh(0, "r1", "r2"), refresh(900, "r2", "r3")], id="one-per-expiry"),
    pytest.param([refresh(0, "r1", "r2"), refresh(1, "r1", "r2", client="tab2")], id="two-tabs-in-the-grace"),
    pytest.param([refresh(0, "r1"), refresh(3, "r1", "r2")], id="retry-after-a-lost-answer"),
    pytest.param([never_sent(0, "r1"), never_sent(1, "r1"), refresh(3, "r1", "r2")], id="retry-after-nobody-was-there"),
    pytest.param([refresh(0, "r1", code="RATE_LIMITED"), refresh(1, "r1", code="RATE_LIMITED"), refresh(3, "r1", "r2")], id="retry-after-refusals-for-the-rate"),
    pytest.param([refresh(0, "r1", "r2"), refresh(20, "r1", code=REUSED, client="thief")], id="reuse-refused"),
    pytest.param([refresh(0, "r1", "r2"), refresh(20, "r1", code=REUSED, deliberate=True)], id="reuse-on-purpose"),
    pytest.param([refresh(0, "r1", "r2"), call(1, "logout"), call(1.05, "getContentItem"), call(2, "getContentItem", ok=False)], id="logout"),
    pytest.param([refresh(0, "r1", "r2"), call(1, "logout"), refresh(2, "r1", code=REUSED, client="d")], id="ended-before"),
    pytest.param([refresh(0, "r1", "r2"), refresh(1, "r2", "r3"), refresh(2, "r1", code=REUSED, client="d")], id="successor-was-used"),
]  # fmt: skip

BROKEN = [
    pytest.param([refresh(0, "r1", "r2"), refresh(0.05, "r1", "r2")], "single-flight", id="two-refreshes-of-one-client"),
    pytest.param([refresh(0, "r1", "r2"), refresh(20, "r1", code=REUSED)], "single-flight", id="a-client-that-uses-an-old-token"),
    pytest.param([refresh(0, "r1", "r2"), refresh(1, "r1", "r9", client="tab2")], "two-successors", id="two-successors"),
    pytest.param([refresh(0, "r1", "r2"), refresh(12, "r1", "r2", client="thief")], "reuse-accepted", id="reuse-accepted"),
    pytest.param([refresh(0, "r1", "r2"), refresh(3, "r1", code=REUSED, client="tab2")], "grace-refused", id="no-grace"),
    pytest.param([refresh(0, "r1", code=REUSED)], "false-reuse", id="first-use-called-reuse"),
    pytest.param([refresh(0, "r0", "r1"), refresh(1, "r1", code=REUSED)], "false-reuse", id="other-token-was-used"),
    pytest.param([call(0, "logout"), call(1, "getContentItem")], "after-end", id="read-after-logout"),
    pytest.param([call(0, "logout"), refresh(1, "r1", "r2")], "after-end", id="refresh-after-logout"),
    pytest.param([refresh(0, "r1", "r2"), refresh(20, "r1", code=REUSED, client="thief"), refresh(30, "r2", "r3")], "after-end", id="family-lives-on"),
]  # fmt: skip


@pytest.mark.parametrize("calls", CLEAN)
def test_clean(calls: list[Call]) -> None:
    verdict = sessions(tuple(calls))
    assert verdict.grade is Grade.PASS, verdict.reason


@pytest.mark.parametrize(("calls", "rule"), BROKEN)
def test_broken(calls: list[Call], rule: str) -> None:
    verdict = sessions(tuple(calls))
    assert verdict.grade is Grade.FAIL
    assert rule in verdict.evidence["rules"], verdict


def test_without_a_common_clock_durations_say_nothing() -> None:
    reuse = (refresh(0, "r1", "r2"), refresh(12, "r1", "r2", client="tab2"))
    assert sessions(reuse).grade is Grade.FAIL
    assert sessions(reuse, grace=None).grade is Grade.PASS


def test_nothing_to_see_is_unknown() -> None:
    assert sessions((call(0, "getContentItem"),)).grade is Grade.UNKNOWN
