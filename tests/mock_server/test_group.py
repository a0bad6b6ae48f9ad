"""Group commit: one commit for the writes of a turn, no answer before it, and none that says done of what is lost."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.message import HttpRequest, HttpResponse
from mock_server.servers import group_commit
from mock_server.servers.group_commit import GroupCommit
from mock_server.store.documents import Documents
from mock_server.store.items import ItemStore
from mock_server.store.lists import pages
from mock_server.store.sqlite.database import Database

from .inside import Inside, inside


class Stage:
    """A server whose answers come in groups; `log` holds its commits and its answers in order."""

    def __init__(self, api: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
        self.api = api
        self.log: list[str] = []
        self.answers: dict[str, HttpResponse] = {}
        self.group = GroupCommit(
            api.server.database, api.server.application.handle, lambda: self.log.append("told")
        )
        original = Database._commit

        def noted(database: Database) -> None:
            original(database)
            self.log.append("commit")

        monkeypatch.setattr(Database, "_commit", noted)

    def ask(self, name: str, method: str, path: str, body: Any = None) -> None:
        def send(response: HttpResponse) -> None:
            self.log.append(name)
            self.answers[name] = response

        headers = {b"authorization": f"Bearer {self.api.access('demo')}".encode()}
        if body is not None:
            headers[b"content-type"] = b"application/json"
        raw = b"" if body is None else json.dumps(body).encode()
        self.group.answer(HttpRequest(method, path.encode(), headers=headers, body=raw), send)

    def put(self, name: str, item: str, version: int, title: str) -> None:
        self.ask(name, "PUT", f"/content/items/{item}", {"version": version, "title": title})

    def statuses(self) -> dict[str, int]:
        return {name: answer.status for name, answer in self.answers.items()}

    def title(self, item: str) -> Any:
        return self.api.get(f"/content/items/{item}").data["title"]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    api = inside(items=5, db=str(tmp_path / "world.db"))
    api.access("demo")
    made = Stage(api, monkeypatch)
    made.log.clear()
    return made


def in_a_turn(*steps: Callable[[], None]) -> None:
    async def turn() -> None:
        for step in steps:
            step()
        await asyncio.sleep(0)

    asyncio.run(turn())


def test_writes_of_one_turn_share_a_commit_and_reads_wait_with_them(stage: Stage) -> None:
    in_a_turn(
        lambda: stage.ask("before", "GET", "/content/items/welcome"),
        lambda: stage.put("one", "welcome", 2, "a"),
        lambda: stage.ask("read", "GET", "/content/items/welcome"),
        lambda: stage.put("two", "welcome", 3, "b"),
        lambda: stage.put("late", "welcome", 3, "c"),
        lambda: stage.log.append("end of turn"),
    )
    assert stage.log == ["before", "end of turn", "commit", "one", "read", "two", "late", "told"]
    assert stage.statuses() == {"before": 200, "one": 200, "read": 200, "two": 200, "late": 409}
    assert json.loads(stage.answers["read"].body)["data"]["title"] == "a"
    assert stage.title("welcome") == "b"


def test_a_group_is_committed_when_it_is_full(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOST", 2)
    in_a_turn(
        lambda: stage.put("one", "welcome", 2, "a"),
        lambda: stage.put("two", "welcome", 3, "b"),
        lambda: stage.put("three", "welcome", 4, "c"),
    )
    assert stage.log == ["commit", "one", "two", "told", "commit", "three", "told"]


def test_a_refused_write_takes_back_itself_only(stage: Stage) -> None:
    create = {"title": "t", "category": "no-such-category"}
    in_a_turn(
        lambda: stage.put("one", "welcome", 2, "a"),
        lambda: stage.ask("refused", "POST", "/content/items", create),
        lambda: stage.put("two", "item-000001", 99, "never"),
    )
    assert stage.statuses() == {"one": 200, "refused": 409, "two": 409}
    assert stage.title("welcome") == "a"


def test_the_change_log_shows_nothing_that_is_not_committed(stage: Stage) -> None:
    server = stage.api.server
    seen: list[tuple[int, bool]] = []

    def look() -> None:
        newest = server.hub._log.after(server.hub.seen)
        # Another process opens the file: what the log shows is there for it as well.
        other = Database(server.database.path)
        row = other.one("SELECT MAX(seq) FROM versions")
        assert row is not None
        seen.append((len(newest), newest[-1].seq == row[0]))
        other.close()

    in_a_turn(lambda: stage.put("one", "welcome", 2, "a"), look)
    assert seen == [(1, True)]
    assert stage.statuses() == {"one": 200}


def broken_commit(database: Database) -> None:
    database._connection.execute("ROLLBACK")
    raise sqlite3.OperationalError("database or disk is full")


def test_when_the_commit_fails_nobody_is_told_done(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stage.title("welcome")
    with monkeypatch.context() as patch:
        patch.setattr(Database, "_commit", broken_commit)
        in_a_turn(
            lambda: stage.put("one", "welcome", 2, "a"),
            lambda: stage.ask("read", "GET", "/content/items/welcome"),
        )
    assert stage.statuses() == {"one": 500, "read": 500}
    assert capsys.readouterr().err.splitlines() == [
        "mock_server: 2 requests are not committed: database or disk is full"
    ]
    assert stage.title("welcome") == before
    in_a_turn(lambda: stage.put("again", "welcome", 2, "b"))
    assert stage.answers["again"].status == 200 and stage.title("welcome") == "b"


def test_when_sqlite_takes_everything_back_the_whole_group_is_lost(stage: Stage) -> None:
    """On a full disk SQLite rolls back by itself, in the middle of a later write."""
    database = stage.api.server.database
    before = stage.title("welcome")

    def full() -> None:
        def fail(request: HttpRequest) -> HttpResponse:
            with database.write():
                database._connection.execute("ROLLBACK")
                raise sqlite3.OperationalError("database or disk is full")

        own = GroupCommit(database, fail, lambda: None)
        with pytest.raises(sqlite3.OperationalError):
            own.answer(HttpRequest("PUT", b"/"), lambda response: None)

    in_a_turn(lambda: stage.put("one", "welcome", 2, "a"), full)
    assert stage.statuses() == {"one": 500}
    assert stage.title("welcome") == before


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
    monkeypatch.setattr(pages, "SHORT", 0)  # lists are remembered at once
    monkeypatch.setattr(pages, "WALK", 0)
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


def test_a_write_that_refuses_nothing_and_breaks_after_a_change_costs_the_group(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An update has no savepoint of its own: what only a bug or a broken disk can do to it is done to all of them."""
    before = stage.title("welcome")

    def breaks(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    listed = stage.api.get("/content/items?status=published").data["data"]
    item, version = next((row["id"], row["version"]) for row in listed if row["id"] != "welcome")

    def second() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(ItemStore, "_log", breaks)
            stage.put("two", item, version, "half")

    in_a_turn(
        lambda: stage.put("one", "welcome", 2, "a"), second, lambda: stage.put("three", "welcome", 2, "c")
    )
    assert stage.statuses()["one"] == stage.statuses()["two"] == 500
    assert stage.title("welcome") == before
    assert stage.api.get(f"/content/items/{item}").data["title"] != "half"
    assert "a write ended half done" in capsys.readouterr().err
    in_a_turn(lambda: stage.put("again", "welcome", 2, "b"))
    assert stage.answers["again"].status == 200 and stage.title("welcome") == "b"
