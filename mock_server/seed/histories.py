"""The histories of a seeded workspace's items, drawn at random in blocks of items.

All randomness comes from `Random.random`, the only method whose numbers Python promises to keep. Since 100,000 items need many numbers and
users wait for the start, one number draws many words.
"""

import functools
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from mock_server import stamps
from mock_server.store import item as items
from mock_server.store.item import ContentItem

T = TypeVar("T")
Row = tuple[Any, ...]

ITEM_COLUMNS = (
    "key", "id", "version", "status", "live", "category", "title", "created_at", "updated_at", "published_at", "haystack", "doc",
)  # fmt: skip
VERSION_COLUMNS = ("item", "version", "change_type", "created_at", "snapshot")
"""The columns that differ between items; workspace and author are the same for all."""

MINUTE = 60_000_000
"""The microseconds between two changes."""
_APART = 4
"""The minutes between the creation of two items; no item has more changes."""
# The possible histories of an item, repeated by their frequency.
_LIVES: tuple[tuple[str, ...], ...] = tuple(
    ("created", *changes)
    for changes in (
        [["published"]] * 9 + [["updated", "published"]] * 2 + [["published", "updated"]]
        + [[]] * 4 + [["updated"]] * 2 + [["archived"]] + [["published", "archived"]]
    )
)  # fmt: skip
_WORDS = (
    "amber", "bridge", "canvas", "delta", "ember", "forest", "garden", "harbor", "island", "jasmine",
    "kernel", "lantern", "meadow", "north", "orchid", "prism", "quartz", "river", "signal", "timber",
    "umbra", "violet", "willow", "yonder", "zephyr",
)  # fmt: skip
_PLATFORMS: tuple[list[str], ...] = (
    ["web", "ios", "android"],
    ["web"],
    ["ios", "android"],
    ["web", "ios"],
    [],
)
_TOGETHER = 100
"""The items of a block, few enough for the processor's cache."""


class Block(NamedTuple):
    """The rows of consecutive items of a workspace, and of all their versions."""

    items: list[Row]
    versions: list[Row]


class Histories:
    """The generator of one workspace's histories. `first` is the key of its first item, `filled` the categories that may have items, and
    `since` the start in microseconds, a whole minute."""

    def __init__(self, seed: str, author: str, *, first: int, since: int, filled: Sequence[str]) -> None:
        self._share = random.Random(seed).random
        """A random number from 0 to 1, without 1."""
        self._first, self._since = first, since // MINUTE
        self._categories = (None, *filled)
        self._author = author
        lines = [" ".join(self._some(_WORDS, 6)) for _ in range(64)]
        self._halves = [
            f"{one} {two}" for one, two in zip(self._some(lines, 1024), self._some(lines, 1024), strict=True)
        ]
        """The texts of which a body has two."""

    def drawn(self, count: int) -> Iterator[Block]:
        """The blocks of a workspace: `welcome` first, then the numbered items. Fewer items are the beginning of more."""
        yield self._block(0, ["welcome"], [("created", "published")], ["Welcome"], ["news"])
        for first in range(1, count + 1, _TOGETHER):
            numbers = range(first, min(first + _TOGETHER, count + 1))
            ids = [f"item-{number:06d}" for number in numbers]
            lives = self._some(_LIVES)
            titles = [
                f"{title} {number}" for title, number in zip(self._some(_titles()), numbers, strict=False)
            ]
            yield self._block(first, ids, lives, titles, self._some(self._categories))

    def _block(
        self,
        first: int,
        ids: Sequence[str],
        lives: Sequence[Sequence[str]],
        titles: Sequence[str],
        categories: Sequence[str | None],
    ) -> Block:
        """A block with an item for each id."""
        some, minute = self._some, self._since + first * _APART
        times = [stamps.text((minute + after) * MINUTE) for after in range(len(ids) * _APART)]
        rows: list[Row] = []
        versions: list[Row] = []
        drawn = zip(
            ids,
            lives,
            titles,
            categories,
            some(self._halves),
            some(self._halves),
            some(_labels()),
            strict=False,
        )
        for number, (item_id, changes, title, category, left, right, (tags, platforms)) in enumerate(drawn):
            at = number * _APART
            item = ContentItem(
                id=item_id,
                title=title,
                body=f"{left} {right}",
                category=category,
                tags=tags,
                platforms=platforms,
                metadata={"source": "seed"},
                status="draft",
                version=0,
                created_at=times[at],
                updated_at=times[at],
                published_at=None,
                created_by=self._author,
                updated_by=self._author,
            )
            key, made = self._first + first + number, (minute + at) * MINUTE
            moments = [(made + later * MINUTE, times[at + later]) for later in range(len(changes))]
            own = _lived(item, key, changes, moments)
            versions += own
            published = next((row[3] for row in own if row[2] == "published"), None)
            rows.append(_row(item, key, made, published, own[-1]))
        return Block(rows, versions)  # fmt: skip

    def _some(self, values: Sequence[T], count: int = _TOGETHER) -> list[T]:
        """Random values, as many as a full block needs."""
        share, many = self._share, len(values)
        return [values[int(share() * many)] for _ in range(count)]


def _row(item: ContentItem, key: int, made: int, published: int | None, last: Row) -> Row:
    """The row of an item; `last` is the row of its last version."""
    live, text = item.status != "archived", items.haystack(item.title, item.body)
    return (
        key, item.id, item.version, item.status, live, item.category, item.title, made, last[3], published, text, last[4],
    )  # fmt: skip


def _lived(
    item: ContentItem, key: int, changes: Sequence[str], moments: Sequence[tuple[int, str]]
) -> list[Row]:
    """The rows of an item's versions. The item is changed to the state of the last one."""
    rows: list[Row] = []
    for version, (change, (moment, stamp)) in enumerate(zip(changes, moments, strict=True), 1):
        item.version, item.updated_at = version, stamp
        if change == "updated":
            item.title = f"{item.title} (revised)"
        elif change != "created":
            item.status = change
            if change == "published":
                item.published_at = stamp
        rows.append((key, version, change, moment, items.encode(item)))
    return rows


@functools.cache
def _titles() -> list[str]:
    return [" ".join(words).capitalize() for words in itertools.permutations(_WORDS, 2)]


@functools.cache
def _labels() -> list[tuple[list[str], list[str]]]:
    """The possible tags and platforms of an item; none, one and two tags are equally likely."""
    lists = [
        [(list(tags), platforms) for tags in itertools.combinations(_WORDS, few) for platforms in _PLATFORMS]
        for few in range(3)
    ]
    most = math.lcm(*map(len, lists))
    return [labels for some in lists for labels in some * (most // len(some))]
