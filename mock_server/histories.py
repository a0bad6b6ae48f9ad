"""What has happened to the items of a seeded world before it starts: drawn, one item at a time.

Everything comes from `Random.random`, the one method whose numbers Python promises to keep. A world of 100,000 items needs many of
them, and its start is waited for: so a text is many words at a draw, and an item becomes its own next version.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from mock_server import stamps
from mock_server.store import item as items
from mock_server.store.item import Item

T = TypeVar("T")
Row = tuple[Any, ...]
History = tuple[Row, list[Row]]
"""(the item's row in the end, the rows of all its versions)."""

ITEM_COLUMNS = (
    "key", "workspace", "id", "version", "status", "live", "category", "title", "created_at", "updated_at", "published_at",
    "haystack", "doc",
)  # fmt: skip
VERSION_COLUMNS = (
    "workspace",
    "item",
    "version",
    "id",
    "change_type",
    "created_at",
    "created_by",
    "snapshot",
)

MINUTE = 60_000_000
"""Microseconds; so much lies between two changes."""
_APART = 4
"""Minutes from the creation of one item to that of the next: no item has more changes."""
# What may have happened to an item after its creation, by how often.
_LIVES = (
    [["published"]] * 9 + [["updated", "published"]] * 2 + [["published", "updated"]]
    + [[]] * 4 + [["updated"]] * 2 + [["archived"]] + [["published", "archived"]]
)  # fmt: skip
_WORDS = (
    "amber",
    "bridge",
    "canvas",
    "delta",
    "ember",
    "forest",
    "garden",
    "harbor",
    "island",
    "jasmine",
    "kernel",
    "lantern",
    "meadow",
    "north",
    "orchid",
    "prism",
    "quartz",
    "river",
    "signal",
    "timber",
    "umbra",
    "violet",
    "willow",
    "yonder",
    "zephyr",
)
_PLATFORMS: tuple[list[str], ...] = (
    ["web", "ios", "android"],
    ["web"],
    ["ios", "android"],
    ["web", "ios"],
    [],
)
_PHRASES = 1024


class Histories:
    """Of one workspace. `first`: the key of its first item; `filled`: the categories that may have items; `since`: microseconds, a whole minute."""

    def __init__(
        self, seed: str, workspace: str, author: str, *, first: int, since: int, filled: Sequence[str]
    ) -> None:
        self._share = random.Random(seed).random
        """A number from 0 up to but not including 1."""
        self._workspace, self._author = workspace, author
        self._first, self._since, self._filled = first, since // MINUTE, filled
        self._titles = [" ".join(words).capitalize() for words in itertools.permutations(_WORDS, 3)]
        self._tags = [[[*words] for words in itertools.combinations(_WORDS, few)] for few in range(3)]
        """By how many they are."""
        self._phrases = [" ".join(self._one(_WORDS) for _ in range(6)) for _ in range(_PHRASES)]

    def drawn(self, count: int) -> Iterator[History]:
        """`welcome` first, then the numbered ones."""
        yield self._history(0, "welcome", ["published"], "Welcome", "news")
        for number in range(1, count + 1):
            changes, title = self._one(_LIVES), f"{self._one(self._titles)} {number}"
            category = None if self._share() < 0.1 else self._one(self._filled)
            yield self._history(number, f"item-{number:06d}", changes, title, category)

    def _history(
        self, number: int, item_id: str, changes: list[str], title: str, category: str | None
    ) -> History:
        key, workspace, author = self._first + number, self._workspace, self._author
        minute = self._since + number * _APART
        created = stamp = minute * MINUTE
        published: int | None = None
        text = stamps.of_minute(minute)
        item = Item(
            id=item_id, title=title, body=self._body(), category=category, tags=self._one(self._one(self._tags)),
            platforms=self._one(_PLATFORMS), metadata={"source": "seed"}, status="draft", version=1, created_at=text,
            updated_at=text, published_at=None, created_by=author, updated_by=author,
        )  # fmt: skip
        doc = items.encode(item)
        versions = [(workspace, key, 1, f"{item_id}-v1", "created", stamp, author, doc)]
        for version, action in enumerate(changes, 2):
            minute, stamp = minute + 1, stamp + MINUTE
            item.version, item.updated_at = version, stamps.of_minute(minute)
            if action == "updated":
                item.title = f"{item.title} (revised)"
            else:
                item.status = action
                if action == "published":
                    item.published_at, published = item.updated_at, stamp
            doc = items.encode(item)
            versions.append((workspace, key, version, f"{item_id}-v{version}", action, stamp, author, doc))
        status = item.status
        row = (
            key, workspace, item_id, item.version, status, status != "archived", category, item.title, created, stamp, published,
            items.haystack(item), doc,
        )  # fmt: skip
        return row, versions

    def _one(self, values: Sequence[T]) -> T:
        return values[int(self._share() * len(values))]

    def _body(self) -> str:
        phrases, share = self._phrases, self._share
        return (
            f"{phrases[int(share() * _PHRASES)]} {phrases[int(share() * _PHRASES)]}"
            f" {phrases[int(share() * _PHRASES)]} {phrases[int(share() * _PHRASES)]}"
        )
