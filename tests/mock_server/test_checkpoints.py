"""The thread that empties SQLite's log: it does so when there is something new, and stays out of everybody's way."""

import sqlite3
from pathlib import Path

import pytest

from mock_server.store.sqlite.checkpoints import Checkpoints
from mock_server.store.sqlite.database import Database


def pages_in_file(path: str) -> int:
    return Path(path).stat().st_size // 4096


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(str(tmp_path / "world.db"))


def write(database: Database, times: int) -> None:
    for _ in range(times):
        with database.write():
            database.run("INSERT INTO login_failures VALUES ('a', 1)")


def test_the_log_goes_into_the_file_when_there_is_something_new(database: Database) -> None:
    looks = 0

    def wait(seconds: float) -> bool:
        """The world between two looks: something is written before the first and the third."""
        nonlocal looks
        looks += 1
        if looks in (1, 3):
            write(database, 300)
        return looks > 4

    before = pages_in_file(database.path)
    checkpoints = Checkpoints(database, wait=wait)
    checkpoints.run()
    assert checkpoints.made == 2
    assert pages_in_file(database.path) > before
    with sqlite3.connect(f"file:{database.path}?immutable=1", uri=True) as alone:  # without the log
        assert alone.execute("SELECT COUNT(*) FROM login_failures").fetchone() == (600,)
    alone.close()
    database.close()


def test_a_reader_keeps_what_it_sees(database: Database) -> None:
    other = Database(database.path)
    looks = 0

    def wait(seconds: float) -> bool:
        nonlocal looks
        looks += 1
        write(database, 1)
        return looks > 1

    count = "SELECT COUNT(*) FROM login_failures"
    other.run("BEGIN")
    assert other.one(count) == (0,)
    checkpoints = Checkpoints(database, wait=wait)
    checkpoints.run()
    assert checkpoints.made == 1
    assert other.one(count) == (0,)
    other.run("COMMIT")
    assert other.one(count) == (2,)
    for one in (other, database):
        one.close()


def test_the_thread_starts_and_ends(database: Database) -> None:
    checkpoints = Checkpoints(database)
    checkpoints.start()
    checkpoints.stop()
    assert not checkpoints._thread.is_alive()
    database.close()


def test_memory_has_no_log() -> None:
    checkpoints = Checkpoints(Database())
    checkpoints.start()
    assert not checkpoints._thread.is_alive()
    checkpoints.stop()


def test_a_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    Database(str(path))
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
