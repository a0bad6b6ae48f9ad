"""The trigram index of `search`: which items may hold a text, so that few of them have to be looked into.

It is a prefilter and no more: whoever asks tests each candidate exactly, so what the index holds too much does no
harm (texts that were changed since, U+FFFE and U+FFFF taken for U+FFFD) and only what it lacked would. It is not kept
up by the writes, which it would slow down, but by the searches, and beside them (`work_off`): an item that changed after
`workspaces.indexed` is a candidate of every search until it is put in. What it is told is folded already and it folds nothing itself
(FTS5 would fold more than A to Z).

    >>> matching("amber"), matching('a"b')
    ('"amb" AND "mbe" AND "ber"', '"a""b"')
"""

from __future__ import annotations

import sqlite3

from mock_server.store.sqlite.database import Database

LATE = 128
"""How many items may wait for the index: each search looks into all of them."""
SLICE = 1000
"""How many one search puts in at most (5 us each)."""
AT_ONCE = 50_000
"""Items that a new world may have for its start to index them."""
_SIDE = 3
_MOST_TRIGRAMS = 16
"""Of one text: more would hardly leave out another item, and an expression has a greatest depth."""
_MOST_WORDS = 64
"""Trigrams that begin with a text of one or two characters; where there are more of them, so is the text everywhere."""
_LAST = "\U0010ffff" * 2
# As FTS5's tokenizer reads them.
_READ_AS = {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}

_NOTHING = '""'
"""The FTS5 expression that nothing matches."""
_SINCE = "FROM items WHERE workspace = ? AND live IN (0, 1) AND updated_at > ?"
# A haystack ends with two bytes that are no letters, so that a trigram begins with each of its letters.
_PUT = "INSERT INTO texts (rowid, text) SELECT key, CAST(haystack AS TEXT)"


class Texts:
    def __init__(self, database: Database) -> None:
        self._db = database

    def holding(self, term: bytes) -> str | None:
        """The FTS5 expression that every indexed item with this folded text matches; None: they may be all."""
        text = term.decode()
        if len(text) >= _SIDE:
            return matching(text)
        start = text.translate(_READ_AS)
        rows = self._db.all(
            "SELECT term FROM trigrams WHERE term >= ? AND term <= ? LIMIT ?",
            (start, start + _LAST, _MOST_WORDS + 1),
        )
        return None if len(rows) > _MOST_WORDS else " OR ".join(_quoted(row[0]) for row in rows) or _NOTHING

    def catch_up(self, workspace: str) -> bool:
        """Put in some of what waits, if that is a lot, and say whether it was. A write of its own."""
        row = self._db.one(
            f"SELECT COUNT(*) FROM (SELECT 1 {_SINCE} LIMIT ?)",
            (workspace, indexed(self._db, workspace), LATE + 1),
        )
        if row is None or row[0] <= LATE or self._db.in_transaction:
            return False
        with self._db.write():
            self._put_slice(workspace)
        return True

    def work_off(self) -> bool:
        """The same for the first workspace where a lot waits. Where it cannot be done now, the next search tries, and tells why."""
        try:
            return any(self.catch_up(row[0]) for row in self._db.all("SELECT id FROM workspaces"))
        except sqlite3.OperationalError:
            return False

    def _put_slice(self, workspace: str) -> None:
        since = indexed(self._db, workspace)
        # The slice ends with a stamp and not with a number of rows: a fault may give two items the same one.
        row = self._db.one(
            f"SELECT max(updated_at) FROM (SELECT updated_at {_SINCE} ORDER BY updated_at LIMIT ?)",
            (workspace, since, SLICE),
        )
        if row is None or row[0] is None:
            return
        self._db.run(f"{_PUT} {_SINCE} AND updated_at <= ? ORDER BY key", (workspace, since, row[0]))
        self._db.run("UPDATE workspaces SET indexed = ? WHERE id = ?", (row[0], workspace))


def indexed(database: Database, workspace: str) -> int:
    """The stamp up to which the index holds all items of a workspace; -1: none of them."""
    row = database.one("SELECT indexed FROM workspaces WHERE id = ?", (workspace,))
    return -1 if row is None else int(row[0])


def put_all(database: Database) -> None:
    """Index every item there is; of very many none, for a start is not to wait for that: they are worked off beside the requests."""
    row = database.one("SELECT COUNT(*) FROM items")
    if row is not None and row[0] > AT_ONCE:
        return
    database.run(f"{_PUT} FROM items ORDER BY key")
    database.run("UPDATE workspaces SET indexed = stamp")


def forget(database: Database) -> None:
    """Empty the index: it is made anew from the items. For writes that do not tell by their stamp that they were."""
    if database.run("UPDATE workspaces SET indexed = -1 WHERE indexed >= 0"):
        database.run("INSERT INTO texts (texts) VALUES ('delete-all')")


def matching(text: str) -> str:
    """FTS5 for "has each trigram of this text", which every text that holds this one has."""
    trigrams = dict.fromkeys(text[n : n + _SIDE] for n in range(len(text) - _SIDE + 1))
    return " AND ".join(_quoted(trigram) for trigram in list(trigrams)[:_MOST_TRIGRAMS])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
