"""The world a server starts with: two workspaces, four accounts, a category tree, and items to read.

The same seed and number of items make the same rows, byte for byte; nothing in here reads a clock.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mock_server import stamps
from mock_server.draws import Draws
from mock_server.passwords import PasswordHasher
from mock_server.store import item as items
from mock_server.store import texts
from mock_server.store.database import Database
from mock_server.store.item import Item

EPOCH = stamps.parse("2026-01-01T00:00:00Z")
STEP = 60_000_000
"""One minute lies between two seeded changes."""

HOME, OTHER = "tchat", "other"
PASSWORD = "demo-password"
ALL = ("content:read", "content:write", "content:publish", "content:archive", "metrics:write")
# email -> (id, name, workspace, permissions)
ACCOUNTS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "demo@tchat.com": ("u-demo", "Demo", HOME, ALL),
    "editor@tchat.com": ("u-editor", "Editor", HOME, ("content:read", "content:write", "metrics:write")),
    "viewer@tchat.com": ("u-viewer", "Viewer", HOME, ("content:read",)),
    "ingest@tchat.com": ("u-ingest", "Ingest", HOME, ("metrics:write",)),
    "demo@other.example": ("u-other", "Other", OTHER, ALL),
}
# id -> (name, parent); `empty` never holds a seeded item, so that includeEmpty has something to show.
CATEGORIES: dict[str, tuple[str, str | None]] = {
    "empty": ("Nothing here yet", None),
    "guides": ("Guides", None),
    "guides-admin": ("For administrators", "guides"),
    "guides-start": ("Getting started", "guides"),
    "news": ("News", None),
    "news-local": ("Local news", "news"),
    "news-local-events": ("Events", "news-local"),
    "news-world": ("World news", "news"),
    "products": ("Products", None),
    "products-audio": ("Audio", "products"),
    "products-video": ("Video", "products"),
}
# What only the other workspace has, so that a leak between the two can be seen.
OTHERS_OWN: dict[str, tuple[str, str | None]] = {"partners": ("Partners", None)}
_FILLED = [name for name in CATEGORIES if name not in ("empty", "news-local-events")]
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


def plant(database: Database, *, seed: int, count: int, hasher: PasswordHasher) -> None:
    """Fill an empty database. `count` is the number of items of the home workspace beside `welcome`."""
    with database.write():
        database.run("INSERT INTO meta VALUES ('seed', ?)", (seed,))
        for email, (account, name, workspace, permissions) in ACCOUNTS.items():
            password = hasher.hash(PASSWORD, f"salt-{account}".encode())
            database.run(
                "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)",
                (email, account, name, workspace, " ".join(permissions), password),
            )
        with database.unindexed():
            for workspace, author, number in ((HOME, "u-demo", count), (OTHER, "u-other", min(count, 20))):
                _plant_workspace(database, workspace, author, Draws(f"{seed}/{workspace}"), number)
        texts.put_all(database)


def _plant_workspace(database: Database, workspace: str, author: str, chance: Draws, count: int) -> None:
    tree = CATEGORIES if workspace == HOME else {**CATEGORIES, **OTHERS_OWN}
    database.many(
        "INSERT INTO categories VALUES (?, ?, ?, ?)",
        [(workspace, name, title, parent) for name, (title, parent) in tree.items()],
    )
    base = 0 if workspace == HOME else 1_000_000_000
    histories, last = _histories(base, author, chance, count), EPOCH
    counts: Counter[tuple[str, str]] = Counter()
    # Few at a time: a world of 100,000 items would be half a gigabyte of objects, and those in hand stay in the cache.
    while batch := list(itertools.islice(histories, _BATCH)):
        database.many(_INSERT_ITEM, (_item_row(workspace, *history) for history in batch))
        versions = itertools.chain.from_iterable(rows for _, _, rows in batch)
        database.many(_INSERT_VERSION, ((workspace, *row) for row in versions))
        last = max(last, *(rows[-1][4] for _, _, rows in batch))
        counts.update((item.status, item.category or "") for _, item, _ in batch)
    database.many(
        "INSERT INTO counts VALUES (?, ?, ?, ?)", ((workspace, *what, n) for what, n in counts.items())
    )
    database.run("INSERT INTO workspaces VALUES (?, ?, 0, -1)", (workspace, last))


_BATCH = 100
_INSERT_ITEM = "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_VERSION = "INSERT INTO versions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)"

History = tuple[int, Item, list[tuple[Any, ...]]]
"""(key, what the item is in the end, the rows of all its versions)."""


def _histories(base: int, author: str, chance: Draws, count: int) -> Iterator[History]:
    """`welcome` first, then the numbered ones."""
    yield _history(base + 1, "welcome", author, chance, 0, ["published"], "Welcome", "news")
    for number in range(1, count + 1):
        changes = chance.one(_LIVES)
        title = f"{' '.join(chance.few(_WORDS, 3)).capitalize()} {number}"
        category = None if chance.share() < 0.1 else chance.one(_FILLED)
        item_id = f"item-{number:06d}"
        yield _history(base + number + 1, item_id, author, chance, number * 4, changes, title, category)


# What may have happened to a seeded item after its creation, by how often.
_LIVES = (
    [["published"]] * 9 + [["updated", "published"]] * 2 + [["published", "updated"]]
    + [[]] * 4 + [["updated"]] * 2 + [["archived"]] + [["published", "archived"]]
)  # fmt: skip


def _history(
    key: int, item_id: str, author: str, chance: Draws, minute: int, changes: list[str], title: str,
    category: str | None,
) -> History:  # fmt: skip
    stamp = EPOCH + minute * STEP
    text = stamps.text(stamp)
    item = Item(
        id=item_id, title=title, body=" ".join(chance.many(_WORDS, 24)), category=category,
        tags=sorted(chance.few(_WORDS, chance.below(3))), platforms=list(chance.one(_PLATFORMS)),
        metadata={"source": "seed"}, status="draft", version=1, created_at=text, updated_at=text,
        published_at=None, created_by=author, updated_by=author,
    )  # fmt: skip
    rows = [(key, 1, f"{item_id}-v1", "created", stamp, author, items.encode(item))]
    for version, action in enumerate(changes, 2):
        stamp += STEP
        item = _next(item, action, version, stamps.text(stamp))
        rows.append((key, version, f"{item_id}-v{version}", action, stamp, author, items.encode(item)))
    return key, item, rows


def _next(before: Item, action: str, version: int, stamp: str) -> Item:
    changes: dict[str, Any] = {"version": version, "updated_at": stamp}
    if action == "updated":
        changes["title"] = f"{before.title} (revised)"
    else:
        changes["status"] = action
        if action == "published":
            changes["published_at"] = stamp
    return items.changed(before, changes)


def _item_row(workspace: str, key: int, item: Item, versions: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    published = (
        None if item.published_at is None else next(row[4] for row in versions if row[3] == "published")
    )
    return (
        key, workspace, item.id, item.version, item.status, item.status != "archived", item.category, item.title,
        versions[0][4], versions[-1][4], published, items.haystack(item), versions[-1][-1],
    )  # fmt: skip
