"""Optimistic updates and their rollback: S:209-240, S:258-284."""

from itertools import count
from typing import Any

import pytest

from load.virtual_users.guide.cache import optimistic
from load.virtual_users.guide.cache.cache_tags import Tag, TagTable
from load.virtual_users.guide.cache.query_cache import CacheRules, QueryCache
from load.virtual_users.guide.exchange import Ask
from tests.load.virtual_users.guide_stage import SPEC, Stage
from tests.load.virtual_users.scripted_server import RequestFate

BARE = Ask("getContentItems", {"page": 1})
WARMED = Ask("getContentItems", {"page": 1, "limit": 20})
SECOND = Ask("getContentItems", {"page": 2})


def titles(handle: Any, ask: Ask) -> list[str]:
    return [row["title"] for row in handle.client.cache.entries[ask.key].data["data"]]


@pytest.mark.parametrize(
    ("profile", "ask", "at_once"),
    [
        pytest.param("guide-exact", BARE, True, id="exact, page 1"),
        pytest.param("guide-exact", WARMED, False, id="exact, warmed page S:212 S:457"),
        pytest.param("guide-intended", WARMED, True, id="intended, warmed page"),
        pytest.param("guide-intended", SECOND, False, id="intended, page 2"),
    ],
)
def test_where_a_create_shows_before_it_is_answered(profile: str, ask: Ask, at_once: bool) -> None:
    stage = Stage()
    handle = stage.enter(profile=profile)
    handle.show(ask)
    _, effects = handle.client.mutate(Ask("createContentItem", {"title": "new"}), stage.clock.now)
    assert ("new" in titles(handle, ask)) is at_once
    handle.do(effects)
    assert not any(row["id"].startswith("temp-") for row in handle.client.cache.entries[ask.key].data["data"])


def test_a_refused_create_is_rolled_back() -> None:
    stage = Stage()
    handle = stage.enter()
    handle.show(BARE)
    before = titles(handle, BARE)
    stage.refuse("createContentItem", 400)
    _, effects = handle.client.mutate(Ask("createContentItem", {"title": "new"}), stage.clock.now)
    assert titles(handle, BARE) == ["new", *before]
    handle.do(effects)
    assert titles(handle, BARE) == before


def test_an_update_shows_at_once_and_a_conflict_takes_it_back() -> None:
    stage = Stage()
    handle = stage.enter()
    item = stage.items[0]
    ask, pinned = (
        Ask("getContentItem", {"id": item["id"]}),
        Ask("getContentItem", {"id": item["id"], "version": "1"}),
    )
    handle.show(ask, pinned)
    _, effects = handle.client.mutate(
        Ask("updateContentItem", {"id": item["id"], "version": 9, "title": "mine"}), stage.clock.now
    )
    shown = handle.client.cache.entries[ask.key].data
    assert (shown["title"], shown["version"]) == ("mine", 9)
    assert handle.client.cache.entries[pinned.key].data["title"] == "one"
    handle.do(effects)
    assert (
        handle.client.cache.entries[ask.key].data
        == stage.server.ask("getContentItem", path={"id": item["id"]})["data"]
    )


def test_a_rollback_overwrites_a_refetch_that_came_between() -> None:
    """Undo writes the old rows over newer ones; here nothing is refetched after it, because that fails."""
    stage = Stage()
    handle = stage.enter()
    handle.show(BARE)
    before = titles(handle, BARE)
    slow = {"createContentItem": RequestFate(status=400, delay=5.0)}
    stage.fate = lambda request, now: slow.get(request.operation, RequestFate())
    _, effects = handle.client.mutate(Ask("createContentItem", {"title": "new"}), stage.clock.now)
    handle.clock.do(handle.client, effects)
    stage.server.ask("createContentItem", body={"title": "from another user"})
    handle.clock.do(handle.client, handle.client.focus(stage.clock.now))
    handle.clock.run(1.0)
    assert titles(handle, BARE)[0] == "from another user"
    stage.fate = lambda request, now: RequestFate(status=500)
    handle.clock.settle()
    assert titles(handle, BARE) == before


def test_a_rollback_tags_a_query_that_has_no_answer_yet() -> None:
    """RTK's undo writes the tags of the key anew, so that an invalidation finds a prefetch still in flight."""
    cache = QueryCache(TagTable(SPEC), CacheRules(invalidation="immediately"), count(1))
    missed = optimistic.update(cache, {"id": "c-1", "title": "t"}, "2027-01-01T00:00:00.000Z")
    ask = Ask("getContentItem", {"id": "c-1"})
    cache.prefetch(ask, 0.0)
    cache.invalidate([Tag("Content", "c-1")], "test")
    assert missed.missed and ask.key in cache.entries
    missed.undo()
    cache.invalidate([Tag("Content", "c-1")], "test")
    assert ask.key not in cache.entries
