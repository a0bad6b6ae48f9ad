"""A write is kept whole or not at all, and what is remembered of rows follows this process's commits and those of others."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mock_server.store.documents import Documents
from mock_server.store.items import ItemStore
from mock_server.store.sqlite.database import Database

from .inside import inside
from .list_code_paths import force


class FullDisk:
    """A connection whose COMMIT fails."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *values: Any) -> Any:
        if sql == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(sql, *values)


def fails_at_the_commit(database: Database, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(database, "_connection", FullDisk(database._connection))


def fails_in_its_middle(database: Database, patch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    patch.setattr(ItemStore, "log", breaks)


def is_taken_back_by_sqlite(database: Database, patch: pytest.MonkeyPatch) -> None:
    """As it does itself where the disk is full."""

    def breaks(*_: object) -> None:
        database._connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    patch.setattr(ItemStore, "log", breaks)


@pytest.mark.parametrize("file", [True, False], ids=["in a file", "in memory"])
@pytest.mark.parametrize("failure", [fails_at_the_commit, fails_in_its_middle, is_taken_back_by_sqlite])
def test_a_write_that_fails_is_answered_500_and_leaves_nothing(
    failure: Any,
    file: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = inside(items=3, db=str(tmp_path / "world.db") if file else ":memory:")
    lists = "/content/items?limit=100"
    before = api.get("/content/items/welcome").data, api.get(lists).data
    with monkeypatch.context() as patch:
        failure(api.server.database, patch)
        assert api.put("/content/items/welcome", {"version": 2, "title": "lost"}).status == 500
    assert "OperationalError" in capsys.readouterr().err
    assert (api.get("/content/items/welcome").data, api.get(lists).data) == before
    assert api.put("/content/items/welcome", {"version": 2, "title": "kept"}).status == 200
    assert api.get("/content/items/welcome").data["title"] == "kept"


def test_what_is_remembered_follows_another_process(tmp_path: Path) -> None:
    """Documents, sessions and stamps that are kept here change when somebody else has written to the file."""
    file = str(tmp_path / "world.db")
    here, there = inside(items=30, db=file), inside(items=30, db=file)
    target = "/content/items?sortBy=title&sortOrder=asc&limit=100"
    here.access("demo")
    there.pairs = here.pairs
    for turn in range(1, 4):
        assert here.get("/content/items/welcome").data["version"] == turn + 1
        body = {"version": turn + 1, "title": f"title {turn}"}
        assert there.put("/content/items/welcome", body).status == 200
        titles = [item["title"] for item in here.get(target).data["data"]]
        assert f"title {turn}" in titles and titles == sorted(titles)
    mine = here.put("/content/items/welcome", {"version": 5, "title": "mine"})
    assert mine.status == 200
    assert there.get("/content/items/welcome").told == here.get("/content/items/welcome").told
    assert there.call("POST", "/auth/logout").status == 200
    assert here.get("/content/items/welcome").status == 401


def test_a_list_is_of_one_state_though_another_process_commits_in_its_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "world.db")
    here, there = inside(items=30, db=file), inside(items=30, db=file)
    here.access("demo")
    there.pairs = here.pairs
    force(monkeypatch, "remembered")
    target = "/content/items?sortBy=title&sortOrder=asc&limit=100"
    original = Documents.of
    titles = iter(("aaa", "zzz", "mmm"))

    def interrupted(self: Documents, keys: Any) -> list[bytes]:
        title = next(titles, None)
        if title is not None:
            version = there.get("/content/items/welcome").data["version"]
            assert there.put("/content/items/welcome", {"version": version, "title": title}).status == 200
        return original(self, keys)

    monkeypatch.setattr(Documents, "of", interrupted)
    for _ in range(3):
        listed = here.get(target).data["data"]
        found = [item["title"] for item in listed]
        assert found == sorted(found) and len({item["id"] for item in listed}) == len(listed)
    monkeypatch.undo()
    assert here.get(target).told == there.get(target).told
