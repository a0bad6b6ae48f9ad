"""The initial data of a server: two workspaces, five accounts, a category tree, and items.

The same seed and number of items make the same rows, byte for byte; no clock is read.
"""

from collections import Counter

from mock_server import stamps
from mock_server.auth.passwords import PasswordHasher
from mock_server.seed.histories import ITEM_COLUMNS, VERSION_COLUMNS, Histories
from mock_server.store.sqlite.database import Database

EPOCH = stamps.parse("2026-01-01T00:00:00Z")
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
# id -> (name, parent); `empty` has no items, so that includeEmpty makes a difference.
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
# A category that only the other workspace has, so that a leak between the two is visible.
OTHERS_OWN: dict[str, tuple[str, str | None]] = {"partners": ("Partners", None)}
_FILLED = [name for name in CATEGORIES if name not in ("empty", "news-local-events")]


def seed_database(database: Database, *, seed: int, count: int, hasher: PasswordHasher) -> None:
    """Fill an empty database. `count` is the number of items of the home workspace, besides `welcome`."""
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
                _seed_workspace(database, seed, workspace, author, number)


def _seed_workspace(database: Database, seed: int, workspace: str, author: str, count: int) -> None:
    tree = CATEGORIES if workspace == HOME else {**CATEGORIES, **OTHERS_OWN}
    database.many(
        "INSERT INTO categories VALUES (?, ?, ?, ?)",
        [(workspace, name, title, parent) for name, (title, parent) in tree.items()],
    )
    first = 1 if workspace == HOME else 1_000_000_001
    histories = Histories(f"{seed}/{workspace}", author, first=first, since=EPOCH, filled=_FILLED)
    last, counts = EPOCH, Counter[tuple[str, str]]()
    for block in histories.drawn(count):
        database.fill("items", {"workspace": workspace}, ITEM_COLUMNS, block.items)
        database.fill(
            "versions", {"workspace": workspace, "created_by": author}, VERSION_COLUMNS, block.versions
        )
        counts.update((row[_STATUS], row[_CATEGORY] or "") for row in block.items)
        last = max(last, *(row[_UPDATED] for row in block.items))
    database.many(
        "INSERT INTO counts VALUES (?, ?, ?, ?)", ((workspace, *what, n) for what, n in counts.items())
    )
    database.run("INSERT INTO workspaces VALUES (?, ?, 0)", (workspace, last))


_STATUS, _CATEGORY, _UPDATED = map(ITEM_COLUMNS.index, ("status", "category", "updated_at"))
