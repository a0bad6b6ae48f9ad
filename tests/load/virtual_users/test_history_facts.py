"""What the checkers are told of a request and of its answer."""

from collections.abc import Mapping
from typing import Any

import pytest

from contracts.checkers import judge
from contracts.history import Call, Outcome, digest
from contracts.verdict import Grade
from load.virtual_users.guide.endpoint import request
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.history_facts import reply_facts, request_facts
from tests.load.virtual_users.guide_stage import SPEC

ITEM = {"id": "i1", "version": 4, "updatedAt": "2026-11-22T08:00:00.000001Z", "title": "t"}
ROW = ["i1", 4, ITEM["updatedAt"], digest(ITEM)]


@pytest.mark.parametrize(
    ("ask", "facts"),
    [
        pytest.param(Ask("getContentItems"), {}, id="list"),
        pytest.param(Ask("getContentItem", {"id": "i1"}), {"item": "i1"}, id="read"),
        pytest.param(Ask("getContentItem", {"id": "i1", "version": "3"}), {"item": "i1", "asked": 3}, id="past"),
        pytest.param(Ask("getContentVersions", {"contentId": "i1"}), {"item": "i1"}, id="versions"),
        pytest.param(
            Ask("updateContentItem", {"id": "i1", "version": 3, "title": "t"}), {"item": "i1", "base": 3},
            id="update",
        ),
        pytest.param(Ask("publishContent", {"id": "i1"}), {"item": "i1"}, id="publish"),
        pytest.param(Ask("revertContentVersion", {"contentId": "i1", "versionId": "v1"}), {"item": "i1"}, id="revert"),
        pytest.param(
            Ask("bulkUpdateContent", {"operations": [{"type": "update", "id": "i1", "version": 3, "data": {}}, {"type": "archive", "id": "i2"}]}),
            {"ops": [["update", "i1", 3], ["archive", "i2", None]]}, id="bulk",
        ),
        pytest.param(
            Ask("syncContent", {"lastSyncTimestamp": "s", "includeDeleted": True}),
            {"since": "s", "include_deleted": True, "platforms": ["web"]}, id="sync",
        ),
    ],
)  # fmt: skip
def test_of_a_request(ask: Ask, facts: dict[str, Any]) -> None:
    found = request_facts(request(SPEC, ask))
    assert {name: found.get(name) for name in facts} == facts
    assert set(found) - set(facts) <= {"platforms"}


@pytest.mark.parametrize(
    ("operation", "status", "headers", "body", "facts"),
    [
        pytest.param("getContentItem", 200, {}, {"data": ITEM}, {"item": "i1", "version": 4, "digest": digest(ITEM)}, id="item"),
        pytest.param("updateContentItem", 200, {}, {"data": ITEM}, {"version": 4, "at": ITEM["updatedAt"]}, id="write"),
        pytest.param("getContentItems", 200, {}, {"data": {"data": [ITEM]}}, {"items": [ROW]}, id="page"),
        pytest.param("getContentVersions", 200, {}, {"data": [{"version": 4}, {"version": 3}]}, {"version": 4, "versions": [4, 3]}, id="versions"),
        pytest.param(
            "syncContent", 200, {},
            {"data": {"items": [ITEM], "deleted": [{"id": "i2", "deletedAt": "d"}], "syncTimestamp": "s", "hasMore": False}},
            {"stamp": "s", "items": [ROW[:3]], "deleted": [["i2", "d"]], "has_more": False}, id="sync",
        ),
        pytest.param(
            "bulkUpdateContent", 200, {},
            {"data": {"successfulOperations": 1, "failedOperations": [{"index": 1, "code": "NOT_FOUND", "id": "i2", "error": "e"}]}},
            {"succeeded": 1, "failed": [[1, "NOT_FOUND", "i2"]]}, id="bulk",
        ),
        pytest.param("getContentItem", 304, {"etag": '"v7"'}, None, {"version": 7}, id="unchanged"),
        pytest.param("getContentItems", 304, {"etag": '"abc"'}, None, {}, id="an unchanged list"),
        pytest.param("archiveContent", 200, {}, {"success": True}, {}, id="archive"),
        pytest.param(
            "updateContentItem", 409, {}, {"code": "VERSION_CONFLICT", "details": {"currentVersion": 5}},
            {"code": "VERSION_CONFLICT", "current": 5}, id="conflict",
        ),
        pytest.param("getContentItem", 500, {}, "no JSON object", {}, id="500"),
    ],
)  # fmt: skip
def test_of_an_answer(
    operation: str, status: int, headers: Mapping[str, str], body: Any, facts: dict[str, Any]
) -> None:
    found = reply_facts(operation, status, headers, body)
    assert {name: found.get(name) for name in facts} == facts
    assert bool(found) == bool(facts)


@pytest.mark.parametrize("body", [None, {}, {"data": None}, {"data": {"id": "i1"}}, []], ids=repr)
def test_an_answer_that_lacks_what_it_promises(body: Any) -> None:
    with pytest.raises((KeyError, TypeError, IndexError, ValueError)):
        reply_facts("getContentItem", 200, {}, body)


def test_the_checkers_see_a_lost_update_in_them() -> None:
    """Two updates of one version that were both taken."""
    ask = request(SPEC, Ask("updateContentItem", {"id": "i1", "version": 3, "title": "t"}))
    calls = tuple(
        Call(
            client=client, operation="updateContentItem", due=at, sent=at, done=at + 5, outcome=Outcome.OK, status=200,
            facts=request_facts(ask) | reply_facts("updateContentItem", 200, {}, {"data": ITEM | {"title": client}}),
        )
        for client, at in (("a", 0), ("b", 10))
    )  # fmt: skip
    (verdict,) = judge(calls, checks=("lost-update",))
    assert verdict.grade is Grade.FAIL
