"""The schema of the database. Times are microseconds since the epoch; `doc` and `snapshot` are an item's JSON as it is sent.

`counts` has the number of items of each (workspace, status, category), because counting takes longer than reading a page (COUNT(*) over
6,000 rows: 144 us; this: 1.4 us). `versions` has a row for each effective change, numbered in commit order and written in the same
transaction as the item. It is the history of an item, and the log from which events are sent. Rows are appended, and only its index grows
in the middle, because a tree of whole snapshots would be rebalanced with each write.
"""

VERSION = 7

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    email TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, workspace TEXT NOT NULL,
    permissions TEXT NOT NULL, password BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, platform TEXT, device TEXT, created_at INTEGER NOT NULL,
    revoked_at INTEGER, number INTEGER NOT NULL UNIQUE, issued INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_end ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE refreshes (
    jti TEXT PRIMARY KEY, session TEXT NOT NULL, used_at INTEGER, successor INTEGER, successor_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE authorization_codes (
    number INTEGER PRIMARY KEY, code TEXT UNIQUE, client TEXT NOT NULL, redirect_uri TEXT NOT NULL, challenge TEXT NOT NULL,
    account TEXT NOT NULL, issued_at INTEGER NOT NULL, session TEXT UNIQUE
) STRICT;

CREATE TABLE login_failures (email TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX login_failures_by_email ON login_failures (email, at);

CREATE TABLE workspaces (
    id TEXT PRIMARY KEY, stamp INTEGER NOT NULL, made INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE categories (
    workspace TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, parent TEXT,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    key INTEGER PRIMARY KEY, workspace TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    status TEXT NOT NULL, live INTEGER NOT NULL, category TEXT, title TEXT NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, published_at INTEGER, haystack BLOB NOT NULL, doc BLOB NOT NULL
) STRICT;

CREATE TABLE counts (
    workspace TEXT NOT NULL, status TEXT NOT NULL, category TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (workspace, status, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
    seq INTEGER PRIMARY KEY, workspace TEXT NOT NULL, item INTEGER NOT NULL, version INTEGER NOT NULL,
    change_type TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL, notify INTEGER NOT NULL DEFAULT 0,
    backup INTEGER NOT NULL DEFAULT 0, snapshot BLOB NOT NULL
) STRICT;

CREATE TABLE idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, answered_at INTEGER NOT NULL,
    item TEXT NOT NULL, etag TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE metrics (account TEXT PRIMARY KEY, received INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""

SORTED = ("updated_at", "created_at", "title", "published_at", "version")
"""The columns by which a list may be sorted."""

# name -> statement. Each list scans the index of its order. The index ends with the columns of the filters, so that rows which a filter
# excludes need not be read.
INDEXES: dict[str, str] = {
    "versions_by_item": "CREATE UNIQUE INDEX versions_by_item ON versions (item, version)",
    "items_by_id": "CREATE UNIQUE INDEX items_by_id ON items (workspace, id)",
} | {
    f"items_by_{column}": f"CREATE INDEX items_by_{column} ON items (workspace, live, {column}, id, status, category)"
    for column in SORTED
}
AT_ONCE = ("versions_by_item", "items_by_id", "items_by_updated_at")
"""The indexes that are created after the initial rows, which takes half the time of updating them with each row. The others are created for
the first list that needs them (1 us an item), so that they slow down neither the start nor writes before."""
