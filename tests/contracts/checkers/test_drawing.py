"""The drawings that other tests read: what each word becomes, and what is refused."""

import pytest

from contracts.history import Outcome
from tests.contracts.checkers.history_drawing import DrawingError, history


def test_columns_are_times_and_lines_are_clients() -> None:
    calls = history("""
        c1: |-create v1-|  |---update v2---|
        c2:     |-read v1-|
    """)
    assert [(c.client, c.operation, c.sent, c.done) for c in calls] == [
        ("c1", "createContentItem", 0, 12),
        ("c2", "getContentItem", 4, 14),
        ("c1", "updateContentItem", 15, 31),
    ]


@pytest.mark.parametrize(
    ("drawing", "operation", "outcome", "facts"),
    [
        pytest.param(
            "a: |-update v3-|",
            "updateContentItem",
            Outcome.OK,
            {"item": "i", "version": 3, "base": 2},
            id="update",
        ),
        pytest.param(
            "a: |-update v3 base=1-|",
            "updateContentItem",
            Outcome.OK,
            {"item": "i", "version": 3, "base": 1},
            id="base",
        ),
        pytest.param(
            "a: |-update v3 ...",
            "updateContentItem",
            Outcome.INFO,
            {"item": "i", "base": 2},
            id="lost-update",
        ),
        pytest.param(
            "a: |-conflict v3 base=1-|",
            "updateContentItem",
            Outcome.FAIL,
            {"item": "i", "base": 1, "current": 3, "code": "VERSION_CONFLICT"},
            id="conflict",
        ),
        pytest.param("a: |-archive-|", "archiveContent", Outcome.OK, {"item": "i"}, id="archive"),
        pytest.param(
            "a: |-old v2 item=j-|",
            "getContentItem",
            Outcome.OK,
            {"item": "j", "version": 2, "asked": 2},
            id="old",
        ),
        pytest.param(
            "a: |event v2|",
            "socket.event",
            Outcome.OK,
            {"socket": "a", "item": "i", "event": "content_updated", "version": 2},
            id="event",
        ),
        pytest.param("a: |open|", "socket.open", Outcome.OK, {"socket": "a"}, id="open"),
        pytest.param(
            "a: |-read v1 digest=d1-|",
            "getContentItem",
            Outcome.OK,
            {"item": "i", "version": 1, "digest": "d1"},
            id="fact",
        ),
    ],
)
def test_words(drawing: str, operation: str, outcome: Outcome, facts: dict[str, object]) -> None:
    (call,) = history(drawing)
    assert (call.operation, call.outcome, dict(call.facts)) == (operation, outcome, facts)
    assert (call.done is None) == (outcome is Outcome.INFO)


@pytest.mark.parametrize(
    ("drawing", "told"),
    [
        pytest.param("|-read v1-|", "no client", id="no-client"),
        pytest.param("a: |-reed v1-|", "is no call", id="unknown-word"),
        pytest.param("a: |-read v1", "without an end", id="open-end"),
    ],
)
def test_what_cannot_be_read_is_refused(drawing: str, told: str) -> None:
    with pytest.raises(DrawingError, match=told):
        history(drawing)
