"""The schema. Times are microseconds since the epoch; `doc` and `snapshot` are an item's JSON, ready to send.

`counts` holds how many items each (workspace, status, category) has, because counting them again for each
page costs more than the page (COUNT(*) over 6,000 rows: 144 us; this: 1.4 us). `changes` is the log that
feeds the sockets; it is written in the same transaction as the item.
"""

VERSION = 1

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

CREATE TABLE login_failures (email TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX login_failures_by_email ON login_failures (email, at);

CREATE TABLE workspaces (id TEXT PRIMARY KEY, stamp INTEGER NOT NULL, made INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE categories (
    workspace TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, parent TEXT,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    key INTEGER PRIMARY KEY, workspace TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    status TEXT NOT NULL, live INTEGER NOT NULL, category TEXT, title TEXT NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, published_at INTEGER, haystack BLOB NOT NULL, doc BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX items_by_id ON items (workspace, id);
CREATE INDEX items_by_updated ON items (workspace, live, updated_at, id);
CREATE INDEX items_by_created ON items (workspace, live, created_at, id);
CREATE INDEX items_by_title ON items (workspace, live, title, id);
CREATE INDEX items_by_published ON items (workspace, live, published_at, id);
CREATE INDEX items_by_version ON items (workspace, live, version, id);
CREATE INDEX items_by_category ON items (workspace, category, status, updated_at, id);
CREATE INDEX items_by_stamp ON items (workspace, updated_at);

CREATE TABLE counts (
    workspace TEXT NOT NULL, status TEXT NOT NULL, category TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (workspace, status, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
    item INTEGER NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL, change_type TEXT NOT NULL,
    created_at INTEGER NOT NULL, created_by TEXT NOT NULL, backup INTEGER NOT NULL DEFAULT 0, snapshot BLOB NOT NULL,
    PRIMARY KEY (item, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, stamp INTEGER NOT NULL, item TEXT NOT NULL,
    version INTEGER NOT NULL, action TEXT NOT NULL, title TEXT NOT NULL, notify INTEGER NOT NULL, actor TEXT NOT NULL
) STRICT;

CREATE TABLE idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, answered_at INTEGER NOT NULL,
    item TEXT NOT NULL, etag TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE metrics (account TEXT PRIMARY KEY, received INTEGER NOT NULL) STRICT, WITHOUT ROWID
"""
