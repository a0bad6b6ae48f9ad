"""What has happened to the items of a seeded world before it starts: drawn, a block of items at a time.

Everything comes from `Random.random`, the one method whose numbers Python promises to keep. A world of 100,000 items needs many of
them, and its start is waited for: so a text is many words at a draw, and its JSON is joined from pieces that are JSON already.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from mock_server import stamps
from mock_server.store import item as items
from mock_server.store.item import ContentItem

T = TypeVar("T")
Row = tuple[Any, ...]

ITEM_COLUMNS = (
    "key", "id", "version", "status", "live", "category", "title", "created_at", "updated_at", "published_at", "haystack", "doc",
)  # fmt: skip
VERSION_COLUMNS = ("item", "version", "change_type", "created_at", "snapshot")
"""The other columns are the same for all items: the workspace, and the author."""

MINUTE = 60_000_000
"""Microseconds; so much lies between two changes."""
_APART = 4
"""Minutes from the creation of one item to that of the next: no item has more changes."""
# What may have happened to an item, by how often.
_LIVES: tuple[tuple[str, ...], ...] = tuple(
    ("created", *changes)
    for changes in (
        [["published"]] * 9 + [["updated", "published"]] * 2 + [["published", "updated"]]
        + [[]] * 4 + [["updated"]] * 2 + [["archived"]] + [["published", "archived"]]
    )
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
_TOGETHER = 100
"""Items of a block: those in hand stay in the processor's cache."""


class Block(NamedTuple):
    """Items of one workspace that follow each other: their rows in the end, and the rows of all their versions."""

    items: list[Row]
    versions: list[Row]


class Histories:
    """Of one workspace. `first`: the key of its first item; `filled`: the categories that may have items; `since`: microseconds, a whole minute."""

    def __init__(self, seed: str, author: str, *, first: int, since: int, filled: Sequence[str]) -> None:
        self._share = random.Random(seed).random
        """A number from 0 up to but not including 1."""
        self._first, self._since = first, since // MINUTE
        self._categories = (None, *filled)
        self._pieces = _pieces(author)
        lines = [" ".join(self._some(_WORDS, 6)) for _ in range(64)]
        self._halves = [
            f"{one} {two}" for one, two in zip(self._some(lines, 1024), self._some(lines, 1024), strict=True)
        ]
        """Of bodies."""

    def drawn(self, count: int) -> Iterator[Block]:
        """`welcome` first, then the numbered ones. A smaller world is the beginning of a larger one."""
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
        """As many items as there are ids."""
        some = self._some
        (start, to_title, to_body, to_category, to_tags, _, to_status, to_version, to_created, to_updated, to_published,
         end) = self._pieces  # fmt: skip
        minute = self._since + first * _APART
        told = stamps.of_minutes(minute, len(ids) * _APART)
        stamp, key = minute * MINUTE, self._first + first
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
        for number, (item_id, changes, title, category, left, right, labels) in enumerate(drawn):
            at = number * _APART
            body, created, made = f"{left} {right}", told[at], stamp + at * MINUTE
            named = "null" if category is None else f'"{category}"'
            middle = f"{to_body}{body}{to_category}{named}{to_tags}{labels}{to_status}"
            status, published, published_at = "draft", "null", None
            for version, change in enumerate(changes, 1):
                moment, updated = made + (version - 1) * MINUTE, told[at + version - 1]
                if change == "updated":
                    title = f"{title} (revised)"
                elif change != "created":
                    status = change
                    if change == "published":
                        published, published_at = f'"{updated}"', moment
                doc = (
                    f"{start}{item_id}{to_title}{title}{middle}{status}{to_version}{version}"
                    f"{to_created}{created}{to_updated}{updated}{to_published}{published}{end}"
                ).encode()
                versions.append((key + number, version, change, moment, doc))
            rows.append(
                (key + number, item_id, version, status, status != "archived", category, title, made, moment, published_at,
                 items.haystack(title, body), doc)
            )  # fmt: skip
        return Block(rows, versions)

    def _some(self, values: Sequence[T], count: int = _TOGETHER) -> list[T]:
        """As many as a block has items, however few it needs."""
        share, many = self._share, len(values)
        return [values[int(share() * many)] for _ in range(count)]


@functools.cache
def _titles() -> list[str]:
    return [" ".join(words).capitalize() for words in itertools.permutations(_WORDS, 2)]


@functools.cache
def _labels() -> list[str]:
    """JSON of the tags and the platforms of an item: none, one and two tags are equally likely."""
    between = _pieces("")[5]
    lists = [
        [
            f"{_json(tags)}{between}{_json(platforms)}"
            for tags in itertools.combinations(_WORDS, few)
            for platforms in _PLATFORMS
        ]
        for few in range(3)
    ]
    most = math.lcm(*map(len, lists))
    return [labels for some in lists for labels in some * (most // len(some))]


def _json(texts: Sequence[str]) -> str:
    return msgspec.json.encode(texts).decode()


def _pieces(author: str) -> list[str]:
    """What stands between the members' values in an item's JSON, and before the first and after the last of them.

    Learnt from an item that was encoded, so that one place knows how an item is written.
    """
    text = items.encode(
        ContentItem(
            id="@", title="@", body="@", category="@", tags=["@"], platforms=["@"], metadata={"source": "seed"}, status="@", version=0,
            created_at="@", updated_at="@", published_at="@", created_by=author, updated_by=author,
        )
    ).decode()  # fmt: skip
    # The values that may be something else than a text are put in as JSON.
    for name, value in (
        ("category", '"@"'),
        ("tags", '["@"]'),
        ("platforms", '["@"]'),
        ("version", "0"),
        ("publishedAt", '"@"'),
    ):
        text = text.replace(f'"{name}":{value}', f'"{name}":@')
    return text.split("@")
