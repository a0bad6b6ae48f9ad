"""The world a server starts with: two workspaces, four accounts, a category tree, and items to read.

The same seed and number of items make the same rows, byte for byte; nothing in here reads a clock.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from mock_server import stamps
from mock_server.passwords import PasswordHasher
from mock_server.store import item as items
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
_WORDS = [
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
]
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
        for workspace, author, number in ((HOME, "u-demo", count), (OTHER, "u-other", min(count, 20))):
            _plant_workspace(database, workspace, author, random.Random(f"{seed}/{workspace}"), number)
        database.run(
            "INSERT INTO counts SELECT workspace, status, COALESCE(category, ''), COUNT(*) FROM items"
            " GROUP BY workspace, status, category"
        )


def _plant_workspace(
    database: Database, workspace: str, author: str, chance: random.Random, count: int
) -> None:
    tree = CATEGORIES if workspace == HOME else {**CATEGORIES, **OTHERS_OWN}
    database.many(
        "INSERT INTO categories VALUES (?, ?, ?, ?)",
        [(workspace, name, title, parent) for name, (title, parent) in tree.items()],
    )
    key_base = 0 if workspace == HOME else 1_000_000_000
    histories = list(_histories(author, chance, count))
    database.many(
        "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (_item_row(key_base + key, workspace, history[-1][1]) for key, history in histories),
    )
    database.many(
        "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
        (
            (key_base + key, item.version, f"{item.id}-v{item.version}", action,
             stamps.parse(item.updated_at), author, items.encode(item))
            for key, history in histories for action, item in history
        ),
    )  # fmt: skip
    last = max((stamps.parse(history[-1][1].updated_at) for _, history in histories), default=EPOCH)
    database.run("INSERT INTO workspaces VALUES (?, ?, 0)", (workspace, last))


History = list[tuple[str, Item]]


def _histories(author: str, chance: random.Random, count: int) -> Iterator[tuple[int, History]]:
    """(key, all versions of an item): `welcome` first, then the numbered ones."""
    yield 1, _history("welcome", author, chance, 0, ["created", "published"], "Welcome", "news")
    for number in range(1, count + 1):
        actions = ["created", *chance.choice(_LIVES)]
        title = f"{' '.join(chance.sample(_WORDS, 3)).capitalize()} {number}"
        category = None if chance.random() < 0.1 else chance.choice(_FILLED)
        item_id = f"item-{number:06d}"
        yield number + 1, _history(item_id, author, chance, number * 4, actions, title, category)


# What may have happened to a seeded item after its creation, by how often.
_LIVES = (
    [["published"]] * 9 + [["updated", "published"]] * 2 + [["published", "updated"]]
    + [[]] * 4 + [["updated"]] * 2 + [["archived"]] + [["published", "archived"]]
)  # fmt: skip


def _history(
    item_id: str, author: str, chance: random.Random, minute: int, actions: list[str], title: str, category: str | None
) -> History:  # fmt: skip
    made: History = []
    for version, action in enumerate(actions, 1):
        stamp = stamps.text(EPOCH + (minute + version - 1) * STEP)
        before = made[-1][1] if made else None
        if before is None:
            item = Item(
                id=item_id, title=title, body=" ".join(chance.choices(_WORDS, k=24)), category=category,
                tags=sorted(chance.sample(_WORDS, chance.randrange(3))), platforms=list(chance.choice(_PLATFORMS)),
                metadata={"source": "seed"}, status="draft", version=1, created_at=stamp, updated_at=stamp,
                published_at=None, created_by=author, updated_by=author,
            )  # fmt: skip
        else:
            item = _next(before, action, version, stamp)
        made.append((action, item))
    return made


def _next(before: Item, action: str, version: int, stamp: str) -> Item:
    changes: dict[str, Any] = {"version": version, "updated_at": stamp}
    if action == "updated":
        changes["title"] = f"{before.title} (revised)"
    else:
        changes["status"] = action
        if action == "published":
            changes["published_at"] = stamp
    return items.changed(before, changes)


def _item_row(key: int, workspace: str, item: Item) -> tuple[Any, ...]:
    return (
        key, workspace, item.id, item.version, item.status, int(item.status != "archived"), item.category,
        item.title, stamps.parse(item.created_at), stamps.parse(item.updated_at), items.micros(item.published_at),
        items.haystack(item), items.encode(item),
    )  # fmt: skip
