"""Optimistic updates and their rollback: S:209-240, S:258-284."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from load.client import optimistic
from load.client.cache import CacheRules, QueryCache
from load.client.exchange import Ask
from load.client.scripted import Weather
from load.client.tags import Tag, TagTable
from tests.load.client.stage import SPEC, Stage

BARE = Ask("getContentItems", {"page": 1})
WARMED = Ask("getContentItems", {"page": 1, "limit": 20})
SECOND = Ask("getContentItems", {"page": 2})


def titles(hand: Any, ask: Ask) -> list[str]:
    return [row["title"] for row in hand.client.cache.entries[ask.key].data["data"]]


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
    hand = stage.enter(profile=profile)
    hand.show(ask)
    _, effects = hand.client.mutate(Ask("createContentItem", {"title": "new"}), stage.clock.now)
    assert ("new" in titles(hand, ask)) is at_once
    hand.do(effects)
    assert not any(row["id"].startswith("temp-") for row in hand.client.cache.entries[ask.key].data["data"])


def test_a_refused_create_is_rolled_back() -> None:
    stage = Stage()
    hand = stage.enter()
    hand.show(BARE)
    before = titles(hand, BARE)
    stage.refuse("createContentItem", 400)
    _, effects = hand.client.mutate(Ask("createContentItem", {"title": "new"}), stage.clock.now)
    assert titles(hand, BARE) == ["new", *before]
    hand.do(effects)
    assert titles(hand, BARE) == before


def test_an_update_shows_at_once_and_a_conflict_takes_it_back() -> None:
    stage = Stage()
    hand = stage.enter()
    item = stage.items[0]
    ask, pinned = (
        Ask("getContentItem", {"id": item["id"]}),
        Ask("getContentItem", {"id": item["id"], "version": "1"}),
    )
    hand.show(ask, pinned)
    _, effects = hand.client.mutate(
        Ask("updateContentItem", {"id": item["id"], "version": 9, "title": "mine"}), stage.clock.now
    )
    shown = hand.client.cache.entries[ask.key].data
    assert (shown["title"], shown["version"]) == ("mine", 9)
    assert hand.client.cache.entries[pinned.key].data["title"] == "one"
    hand.do(effects)
    assert (
        hand.client.cache.entries[ask.key].data
        == stage.server.ask("getContentItem", path={"id": item["id"]})["data"]
    )


def test_a_rollback_overwrites_a_refetch_that_came_between() -> None:
    """Undo writes the old rows over newer ones; here nothing is refetched after it, because that fails."""
    stage = Stage()
    hand = stage.enter()
    hand.show(BARE)
    before = titles(hand, BARE)
    slow = {"createContentItem": Weather(status=400, delay=5.0)}
    stage.weather = lambda request, now: slow.get(request.operation, Weather())
    _, effects = hand.client.mutate(Ask("createContentItem", {"title": "new"}), stage.clock.now)
    hand.clock.do(hand.client, effects)
    stage.server.ask("createContentItem", body={"title": "from another user"})
    hand.clock.do(hand.client, hand.client.focus(stage.clock.now))
    hand.clock.run(1.0)
    assert titles(hand, BARE)[0] == "from another user"
    stage.weather = lambda request, now: Weather(status=500)
    hand.clock.settle()
    assert titles(hand, BARE) == before


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
