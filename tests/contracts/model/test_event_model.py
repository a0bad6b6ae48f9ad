"""One event for each version, in the order of the commits, with exactly its members."""

from typing import Any

import pytest

from contracts.model import Caller, Request, Workspace
from tests.contracts.model.event_model import Feed
from tests.contracts.model.model_server import ModelServer

ADA = Caller(user="u-ada", workspace="w1")


def ask(operation: str, item: str | None = None, body: Any = None) -> Request:
    return Request(operation=operation, caller=ADA, path={"id": item} if item else {}, body=body)


PROGRAM = [
    ask("createContentItem", body={"title": "A"}),
    ask("createContentItem", body={"title": "B"}),
    ask("publishContent", "c-0", {"notify": True}),
    ask("publishContent", "c-0", {"notify": True}),
    ask("bulkUpdateContent", body={"operations": [
        {"type": "update", "id": "c-1", "version": 1, "data": {"title": "B2"}},
        {"type": "update", "id": "c-1", "version": 1, "data": {"title": "B3"}},
        {"type": "archive", "id": "c-0"},
    ]}),
    ask("archiveContent", "c-0", {}),
    ask("revertContentVersion", "c-0", {"versionId": "c-0-v1"}),
]  # fmt: skip


def run() -> tuple[Feed, Workspace]:
    oracle, feed = ModelServer({"w1": Workspace()}), Feed()
    for request in PROGRAM:
        before = oracle.spaces["w1"]
        oracle, _ = oracle.answer(request)
        feed = feed.changed(before, oracle.spaces["w1"])
    return feed, oracle.spaces["w1"]


def events(feed: Feed, space: Workspace) -> list[dict[str, Any]]:
    return [{name: space.text(value) for name, value in data.items()} for data in feed.missing]


def test_what_is_owed() -> None:
    feed, space = run()
    assert [
        (e["contentId"], e["version"], e["action"], e["showNotification"]) for e in events(feed, space)
    ] == [
        ("c-0", 1, "created", False),
        ("c-1", 1, "created", False),
        ("c-0", 2, "published", True),
        ("c-1", 2, "updated", False),
        ("c-0", 3, "archived", False),
        ("c-0", 4, "reverted", False),
    ], "repeats and refusals make none"
    assert events(feed, space)[3] == {
        "contentId": "c-1",
        "title": "B2",
        "showNotification": False,
        "version": 2,
        "action": "updated",
        "updatedAt": "2026-01-01T00:00:00.004000Z",
        "updatedBy": "u-ada",
    }


def test_events_in_order_leave_nothing() -> None:
    feed, space = run()
    for event in events(feed, space):
        feed, wrong, space = feed.receive(event, space)
        assert not wrong
    assert feed.missing == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda e: [e[1], e[0]], "contentId", id="swapped"),
        pytest.param(lambda e: [e[0], e[0]], "contentId", id="twice"),
        pytest.param(lambda e: [{**e[0], "action": "updated"}], "action", id="action"),
        pytest.param(lambda e: [{**e[0], "showNotification": True}], "showNotification", id="notification"),
        pytest.param(lambda e: [{**e[0], "version": 2}], "version", id="version"),
        pytest.param(lambda e: [{**e[0], "updatedAt": e[1]["updatedAt"]}], "updatedAt", id="stamp"),
        pytest.param(lambda e: [{k: v for k, v in e[0].items() if k != "title"}], "title", id="member-missing"),
        pytest.param(lambda e: [*e, e[0]], "none is owed", id="one-too-many"),
    ],
)  # fmt: skip
def test_wrong_events(change: Any, told: str) -> None:
    feed, space = run()
    found: list[str] = []
    for event in change(events(feed, space)):
        feed, wrong, space = feed.receive(event, space)
        found += map(str, wrong)
    assert found and told in found[0]


def test_after_sync_required_later_events_may_be_missing_and_earlier_ones_may_not() -> None:
    feed, space = run()
    all_events = events(feed, space)
    excused = feed.sync_required(all_events[1]["updatedAt"], space)
    assert [e["version"] for e in excused.missing] == [1, 1]
    for event in (all_events[0], all_events[1], all_events[4]):
        excused, wrong, space = excused.receive(event, space)
        assert not wrong
    assert excused.missing == ()
    assert feed.sync_required("2026-01-01T00:00:00.000000Z", space).receive(all_events[5], space)[1] == ()
    assert feed.receive(all_events[1], space)[1], "without it nothing may be left out"


def test_an_event_tells_what_a_bare_answer_did_not() -> None:
    oracle = ModelServer({"w1": Workspace()})
    oracle, _ = oracle.answer(PROGRAM[0])
    before = oracle.spaces["w1"]
    from contracts.model.model import outcomes

    (outcome,) = outcomes(before, ask("archiveContent", "c-0", {}), None)
    feed = Feed().changed(before, outcome.space)
    (data,) = feed.missing
    event = {name: outcome.space.text(value) for name, value in data.items()} | {
        "updatedAt": "2026-01-01T05:00:00.000000Z"
    }
    feed, wrong, space = feed.receive(event, outcome.space)
    assert not wrong
    assert space.text(space.items[0].now.snapshot["updatedAt"]) == "2026-01-01T05:00:00.000000Z"
    assert (
        Feed()
        .changed(before, outcome.space)
        .receive({**event, "updatedAt": "2020-01-01T00:00:00.000000Z"}, outcome.space)[1]
    )
