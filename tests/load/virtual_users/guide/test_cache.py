"""The cache as RTK Query does it: lifetimes, de-duplication, invalidation. Times are seconds of virtual time."""

from itertools import count
from typing import Any

import pytest

from contracts.spec import load
from load.virtual_users.guide.cache.cache_tags import Tag, TagTable, concrete, hits
from load.virtual_users.guide.cache.query_cache import (
    CacheEffect,
    CacheRules,
    Drop,
    Fetch,
    QueryCache,
    QueryOutcome,
)
from load.virtual_users.guide.endpoint import is_mutation, request, result
from load.virtual_users.guide.exchange import ArmTimer, Ask, CancelTimer, ClientReply

SPEC = load()
LIST = Ask("getContentItems", {"page": 1, "limit": 20})
ITEM = Ask("getContentItem", {"id": "c-1"})
TREE = Ask("getContentCategories", {})
VERSIONS = Ask("getContentVersions", {"contentId": "c-1"})
NEWS = Ask("getContentByCategory", {"category": "news"})
SYNC = Ask("syncContent", {"lastSyncTimestamp": "2026-01-01T00:00:00Z"})
ANSWERS = {
    "getContentItems": {"data": [{"id": "c-1"}]},
    "getContentItem": {"id": "c-1"},
    "getContentCategories": [{"id": "news"}],
    "getContentVersions": [{"id": "v"}],
    "getContentByCategory": {"data": []},
    "syncContent": {"items": []},
}


class Desk:
    """The cache with a list of what it asked for."""

    def __init__(self, **rules: object) -> None:
        self.cache = QueryCache(TagTable(SPEC), CacheRules(**rules), count(1))  # type: ignore[arg-type]

    def show(self, *asks: Ask, now: float = 0.0) -> None:
        """Mount and answer at once."""
        for ask in asks:
            self.answer(self.cache.subscribe(ask, now)[1], now)

    def answer(self, effects: list[CacheEffect], now: float = 0.0, *, ok: bool = True) -> list[str]:
        """Answer all fetches, and those that follow; the operations in order."""
        told = []
        todo = list(effects)
        while todo:
            effect = todo.pop(0)
            if isinstance(effect, Fetch):
                told.append(effect.ask.operation)
                todo += self.cache.settled(
                    effect.ticket, QueryOutcome(ok, ANSWERS.get(effect.ask.operation)), now
                )
        return told

    def mutate(self, operation: str, data: object = None, *, ok: bool = True, **arg: Any) -> list[str]:
        """Run a mutation to its end: the queries that it made refetch."""
        ticket, _ = self.cache.begin(Ask(operation, arg))
        return self.answer(self.cache.settled(ticket, QueryOutcome(ok, data), 0.0))


@pytest.mark.parametrize(
    ("operation", "arg", "data", "refetched"),
    [
        pytest.param("createContentItem", {"title": "x"}, {"id": "c-9", "category": "news"},
                     {"getContentItems", "getContentByCategory"}, id="create S:204-207"),
        pytest.param("createContentItem", {"title": "x"}, {"id": "c-9", "category": None},
                     {"getContentItems"}, id="create without category S:206"),
        pytest.param("updateContentItem", {"id": "c-1"}, {"id": "c-1"},
                     {"getContentItems", "getContentItem"}, id="update S:253-256"),
        pytest.param("publishContent", {"id": "c-1"}, {"id": "c-1"},
                     {"getContentItems", "getContentItem"}, id="publish S:294-298"),
        pytest.param("archiveContent", {"id": "c-1"}, {"success": True},
                     {"getContentItems", "getContentItem"}, id="archive S:309-312"),
        pytest.param("bulkUpdateContent", {"operations": []}, {},
                     {"getContentItems", "getContentItem", "getContentByCategory", "syncContent"}, id="bulk S:325"),
        pytest.param("revertContentVersion", {"contentId": "c-1", "versionId": "v"}, {"id": "c-1"},
                     {"getContentItems", "getContentItem", "getContentVersions"}, id="revert S:375-378"),
        pytest.param("updateContentItem", {"id": "c-7"}, {"id": "c-7"}, {"getContentItems"}, id="another item"),
    ],
)  # fmt: skip
def test_what_a_mutation_refetches(
    operation: str, arg: dict[str, Any], data: object, refetched: set[str]
) -> None:
    desk = Desk()
    desk.show(LIST, ITEM, TREE, VERSIONS, NEWS, SYNC)
    assert set(desk.mutate(operation, data, **arg)) == refetched


def test_a_failed_mutation_invalidates_all_the_same() -> None:
    desk = Desk()
    desk.show(LIST, ITEM)
    assert desk.mutate("updateContentItem", ok=False, id="c-1") == ["getContentItems", "getContentItem"]


def test_two_mounts_in_flight_are_one_request() -> None:
    desk = Desk()
    _, first = desk.cache.subscribe(LIST, 0.0)
    _, second = desk.cache.subscribe(Ask("getContentItems", {"limit": 20, "page": 1}), 0.0)
    assert [type(e) for e in first] == [CancelTimer, Fetch] and [type(e) for e in second] == [CancelTimer]
    assert desk.cache.tally.joined == 1


@pytest.mark.parametrize(
    ("age", "fetches"),
    [
        pytest.param(29.9, 0, id="29.9 s"),
        pytest.param(30.0, 1, id="30 s, S:64"),
        pytest.param(300.0, 1, id="300 s"),
    ],
)
def test_a_mount_asks_again_from_thirty_seconds_on(age: float, fetches: int) -> None:
    desk = Desk()
    desk.show(LIST)
    _, effects = desk.cache.subscribe(LIST, age)
    assert sum(isinstance(e, Fetch) for e in effects) == fetches
    assert desk.cache.tally.served == 1 - fetches


def test_an_unused_answer_lives_sixty_seconds_from_the_last_unmount() -> None:
    desk = Desk()
    first, effects = desk.cache.subscribe(LIST, 0.0)
    desk.answer(effects)
    second, _ = desk.cache.subscribe(LIST, 1.0)
    assert desk.cache.unsubscribe(first) == []
    assert desk.cache.unsubscribe(second) == [ArmTimer(("expire", LIST.key), 60.0)]
    desk.cache.expired(LIST.key)
    assert desk.cache.entries == {}


def test_expiry_aborts_what_is_in_flight() -> None:
    desk = Desk()
    number, effects = desk.cache.subscribe(LIST, 0.0)
    ticket = next(e.ticket for e in effects if isinstance(e, Fetch))
    desk.cache.unsubscribe(number)
    assert desk.cache.expired(LIST.key) == [Drop(ticket)]
    assert desk.cache.settled(ticket, QueryOutcome(True, {}), 1.0) == []


def test_an_invalidation_removes_what_nobody_shows() -> None:
    desk = Desk()
    number, effects = desk.cache.subscribe(LIST, 0.0)
    desk.answer(effects)
    desk.cache.unsubscribe(number)
    assert desk.mutate("archiveContent", id="c-1") == []
    assert desk.cache.entries == {}


@pytest.mark.parametrize("event", ["focus", "reconnect"])
def test_an_event_refetches_what_is_shown_and_removes_the_rest(event: str) -> None:
    desk = Desk()
    desk.show(LIST, TREE)
    number, effects = desk.cache.subscribe(ITEM, 0.0)
    desk.answer(effects)
    desk.cache.unsubscribe(number)
    assert desk.answer(getattr(desk.cache, event)()) == ["getContentItems", "getContentCategories"]
    assert ITEM.key not in desk.cache.entries


@pytest.mark.parametrize(
    ("behaviour", "refetched"),
    [
        pytest.param("immediately", 0, id="1.x loses it, redux-toolkit#2444"),
        pytest.param("delayed", 1, id="2.x holds it back"),
    ],
)
def test_an_invalidation_while_the_query_is_in_flight(behaviour: str, refetched: int) -> None:
    desk = Desk(invalidation=behaviour)
    desk.show(LIST)
    flying = [e for e in desk.cache.focus() if isinstance(e, Fetch)]
    assert desk.cache.invalidate([Tag("Content", "LIST")], "content_updated") == []
    after = desk.cache.settled(flying[0].ticket, QueryOutcome(True, ANSWERS["getContentItems"]), 1.0)
    assert sum(isinstance(e, Fetch) for e in after) == refetched


def test_delayed_invalidation_waits_for_every_request() -> None:
    desk = Desk()
    desk.show(LIST)
    slow = [e for e in desk.cache.subscribe(TREE, 0.0)[1] if isinstance(e, Fetch)]
    assert desk.mutate("archiveContent", id="c-1") == []
    assert desk.answer(desk.cache.settled(slow[0].ticket, QueryOutcome(False), 1.0)) == ["getContentItems"]


def test_reset_forgets_everything() -> None:
    desk = Desk()
    desk.show(LIST)
    flying = [e for e in desk.cache.focus() if isinstance(e, Fetch)]
    assert Drop(flying[0].ticket) in desk.cache.reset()
    assert (
        desk.cache.entries == {} and desk.cache.settled(flying[0].ticket, QueryOutcome(True, {}), 1.0) == []
    )


@pytest.mark.parametrize(
    ("templates", "arg", "data", "tags"),
    [
        pytest.param(["Content"], {}, None, ["Content"], id="type"),
        pytest.param(["A:X_{arg.id}"], {"id": 7}, None, ["A:X_7"], id="argument"),
        pytest.param(["A:{result[].id}"], {}, [{"id": 1}, {"id": 2}], ["A:1", "A:2"], id="array"),
        pytest.param(["A:{result.data[].id}"], {}, None, [], id="failed"),
        pytest.param(["A:{result.category}"], {}, {"category": None}, [], id="null"),
    ],
)
def test_concrete_tags(templates: list[str], arg: dict[str, object], data: object, tags: list[str]) -> None:
    assert [str(tag) for tag in concrete(templates, arg, data)] == tags


@pytest.mark.parametrize(
    ("invalidated", "provided", "hit"),
    [
        pytest.param(Tag("A"), Tag("A", "1"), True, id="type hits id"),
        pytest.param(Tag("A"), Tag("A"), True, id="type hits type"),
        pytest.param(Tag("A", "1"), Tag("A"), False, id="id misses type"),
        pytest.param(Tag("A", "1"), Tag("A", "2"), False, id="another id"),
        pytest.param(Tag("A"), Tag("B", "1"), False, id="another type"),
    ],
)
def test_what_a_tag_hits(invalidated: Tag, provided: Tag, hit: bool) -> None:
    assert hits(invalidated, provided) is hit


@pytest.mark.parametrize(
    ("ask", "path", "query", "body"),
    [
        pytest.param(Ask("getContentItems", {}), {}, {"page": 1, "limit": 20, "sortBy": "updatedAt", "sortOrder": "desc"},
                     None, id="items S:88-99"),
        pytest.param(Ask("getContentItems", {"search": "", "page": 2}), {},
                     {"page": 2, "limit": 20, "sortBy": "updatedAt", "sortOrder": "desc"}, None, id="falsy S:93-97"),
        pytest.param(ITEM, {"id": "c-1"}, {}, None, id="item S:114-117"),
        pytest.param(Ask("getContentByCategory", {"category": "news", "dateRange": {"startDate": "a", "endDate": "b"}}),
                     {"category": "news"},
                     {"page": 1, "limit": 20, "includeSubcategories": False, "status": "published", "startDate": "a",
                      "endDate": "b"}, None, id="category S:128-147"),
        pytest.param(TREE, {}, {"includeEmpty": False}, None, id="tree S:158-161"),
        pytest.param(VERSIONS, {"id": "c-1"}, {"limit": 10}, None, id="versions S:172-175"),
        pytest.param(SYNC, {}, {"lastSyncTimestamp": "2026-01-01T00:00:00Z", "includeDeleted": False, "platforms": ["web"]},
                     None, id="sync S:184-191"),
        pytest.param(Ask("updateContentItem", {"id": "c-1", "version": 2, "title": "t"}), {"id": "c-1"}, {},
                     {"version": 2, "title": "t"}, id="update S:248-252"),
        pytest.param(Ask("publishContent", {"id": "c-1"}), {"id": "c-1"}, {}, {}, id="publish S:289-293"),
        pytest.param(Ask("archiveContent", {"id": "c-1", "archiveReason": "old"}), {"id": "c-1"}, {}, {"reason": "old"},
                     id="archive S:304-308"),
        pytest.param(Ask("revertContentVersion", {"contentId": "c-1", "versionId": "v"}), {"id": "c-1"}, {},
                     {"versionId": "v", "createBackup": True}, id="revert S:370-374"),
    ],
)  # fmt: skip
def test_hooks_to_requests(ask: Ask, path: object, query: object, body: object) -> None:
    made = request(SPEC, ask)
    assert (made.path, made.query, made.body) == (path, query, body)


def test_only_archive_is_not_unwrapped() -> None:
    reply = ClientReply(status=200, body={"data": 1, "success": True})
    for operation in SPEC:
        if operation.cache is not None:
            assert result(operation.id, reply) == (reply.body if operation.id == "archiveContent" else 1)
    assert [o.id for o in SPEC if o.cache and is_mutation(SPEC, o.id)] == [
        o.id for o in SPEC if o.cache and o.cache.invalidates
    ]
