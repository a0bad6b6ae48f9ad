"""Events against writes and reads: W1, W2, W3 and W5 of the realtime document, and what they imply."""

from typing import Any

import pytest
from msgspec.structs import replace

from contracts.checkers.event_delivery import events
from contracts.history import Call, History
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import history

SETTLE = 50


def told(drawing: str) -> History:
    """A drawing whose writes and events of version n carry the stamp n and the action that the write implies."""
    return tuple(_stamped(call) for call in history(drawing))


def _stamped(call: Call) -> Call:
    facts: dict[str, Any] = dict(call.facts)
    if "version" in facts and call.operation != "getContentItem":
        facts.setdefault("at", f"{facts['version']:04}")
    if call.operation == "socket.event":
        facts.setdefault("action", "updated")
        if facts["event"] == "sync_required":
            facts.setdefault("stamp", "0000")
    return replace(call, facts=facts)


CLEAN = [
    pytest.param("a: |-create v1-| |-update v2-|\ns:                |open| |event v2|", id="in-order"),
    pytest.param("a: |-create v1-|    |-update v2-|\ns:          |open|    |event v2|", id="before-the-answer"),
    pytest.param("a: |-create v1-|      |-update v2-| |-update v3-|\ns:          |open|  |event v0 item=x event=sync_required|     |event v3|", id="sync-required-covers"),
    pytest.param("a: |-create v1-| |-archive-| |-update v3-|\ns:   |open|                             |event v2 action=archived| |event v3|", id="blind-writes-make-events"),
    pytest.param("a: |-create v1-| |-update v2-|  |-read v2-|\ns:   |open|                 |event v2|", id="read-after-event"),
    pytest.param("a: |-create v1-| |-update v2-|\nb:                      |---read v1---|\ns:   |open|             |event v2|", id="read-beside-event"),
]  # fmt: skip

BROKEN = [
    pytest.param("a: |-update v2-| |-update v3-|\ns: |open|                      |event v3| |event v2|", "not-increasing", id="out-of-order"),
    pytest.param("a: |-update v2-|\ns: |open|         |event v2| |event v2|", "not-increasing", id="twice"),
    pytest.param("s: |open| |event v2| |event v4|", "skipped", id="one-skipped"),
    pytest.param("a:       |-update v2-| |-update v3-| |-update v4-|\ns: |open|                |event v2|             |event v4|", "missing", id="a-later-one-came"),
    pytest.param("a:       |-update v2-|\nb:                                                                                           |-read v2-|\ns: |open|", "missing", id="never-came"),
    pytest.param("a:         |-update v2-| |-update v3-|\ns: |open|             |event v1 item=x event=sync_required stamp=\"0002\"|\nb:                                                                                                              |-read v3-|", "missing", id="sync-required-is-too-young"),
    pytest.param("a:                       |-update v2-|\ns: |open|  |event v2|", "before-write", id="before-its-write"),
    pytest.param("a: |-create v1-|\ns:  |open|            |event v2|", "phantom", id="nobody-made-it"),
    pytest.param("a:         |-update v2-|\ns: |open|             |event v2 action=archived|", "action", id="wrong-action"),
    pytest.param("a:         |-update v2-|\nb:                                       |-read v1-|\ns: |open|             |event v2|", "read-behind", id="stale-read-after-event"),
    pytest.param("a:         |-update v2 workspace=x-|\ns: |open workspace=y|         |event v2|", "crossed", id="other-workspace"),
]  # fmt: skip


@pytest.mark.parametrize("drawing", CLEAN)
def test_clean(drawing: str) -> None:
    verdict = events(told(drawing), settle=SETTLE)
    assert verdict.grade is Grade.PASS, verdict


@pytest.mark.parametrize(("drawing", "rule"), BROKEN)
def test_broken(drawing: str, rule: str) -> None:
    verdict = events(told(drawing), settle=SETTLE)
    assert verdict.grade is Grade.FAIL
    assert rule in verdict.evidence["rules"], verdict


@pytest.mark.parametrize(
    ("drawing", "reason"),
    [
        pytest.param("a: |-create v1-| |-update v2-|", "no socket was open", id="no-socket"),
        pytest.param("a: |-create v1-|\ns:                  |open|", "no event was received", id="no-event"),
        pytest.param(
            "a: |-create v1-|      |-update v2-|\ns:          |open|    |close|",
            "no event was received",
            id="closed-too-early-to-tell",
        ),
    ],
)
def test_nothing_to_see_is_unknown(drawing: str, reason: str) -> None:
    verdict = events(told(drawing), settle=SETTLE)
    assert verdict.grade is Grade.UNKNOWN
    assert reason in verdict.reason
