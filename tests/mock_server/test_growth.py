"""A list costs the same whatever the number of items, told without a clock: by how SQLite goes about it.

The number of instructions that SQLite's machine executes for an answer is the same on every computer, and the plan of
each statement says whether an index serves it.
"""

import functools
import sqlite3
from typing import Any

import pytest

from mock_server import stamps
from mock_server.store.documents import Documents
from mock_server.store.lists import pages
from mock_server.store.lists.counts import ItemCounts
from mock_server.store.lists.listing import ListQuery
from mock_server.store.sqlite.database import Database
from mock_server.store.workspaces import Stamps
from tests.mock_server.brute_force_lists import CATEGORY

from .inside import Inside, inside
from .list_code_paths import force

SMALL, LARGE = 1_000, 8_000
MOST = 1.5

SORTS = ("updatedAt", "createdAt", "title", "publishedAt", "version")
FROM, TO = "startDate=2026-01-01T06:00:00Z", "endDate=2026-01-02T18:00:00Z"
LISTS = [
    *(f"/content/items?sortBy={name}&sortOrder={order}" for name in SORTS for order in ("asc", "desc")),
    *(f"/content/items?status={status}&sortBy={name}" for name in SORTS for status in ("draft", "published", "archived")),
    *(f"/content/items?category=news&sortBy={name}&page=2" for name in SORTS),
    "/content/items?category=guides&status=draft&sortBy=title",
    "/content/items?page=40",
    "/content/items?status=published&sortBy=title&page=20",
    "/content/items?page=1000000",
    "/content/items?category=empty",
    "/content/items?search=amber",
    "/content/items?search=amber&sortBy=title&page=20",
    "/content/items?search=AMBER+bridge&status=draft",
    "/content/items?search=welcome",
    "/content/items?search=nothing+at+all",
    "/content/items?search=a",
    "/content/items?search=%25&sortBy=version",
    f"{CATEGORY}news/items",
    f"{CATEGORY}news/items?includeSubcategories=true&page=3",
    f"{CATEGORY}news/items?status=archived&includeSubcategories=true",
    f"{CATEGORY}empty/items",
    f"{CATEGORY}news/items?{FROM}&{TO}",
    f"{CATEGORY}news/items?includeSubcategories=true&{FROM}",
    f"{CATEGORY}news/items?includeSubcategories=true&status=draft&{FROM}&endDate=2030-01-01",
    "/content/categories",
    "/content/items/item-000050",
    "/content/items/item-000050?version=1",
    "/content/items/item-000050/versions",
    "/content/sync?lastSyncTimestamp={late}&platforms=web,ios,android",
    "/content/sync?lastSyncTimestamp={late}&platforms=web&includeDeleted=true",
    "/content/sync?lastSyncTimestamp=2026-01-01T01:00:00Z&platforms=web,ios,android&includeDeleted=true",
]  # fmt: skip


class Meter:
    """Counts the instructions that SQLite executes, a hundred at a time."""

    def __init__(self, api: Inside) -> None:
        self._api = api
        self._connection = api.server.database._connection
        self.count = 0

    def tick(self) -> bool:
        self.count += 100
        return False

    def steps(self, target: str) -> int:
        """How many an answer takes."""
        row = self._api.server.database.one("SELECT max(updated_at) - 1200000000 FROM items")
        assert row is not None
        self.count = 0
        self._connection.set_progress_handler(self.tick, 100)
        assert self._api.get(target.format(late=stamps.text(row[0]))).status == 200
        self._connection.set_progress_handler(None, 0)
        return self.count


def metered(size: int) -> Meter:
    api = inside(items=size, check_answers=False)
    api.access("demo")
    return Meter(api)


world = functools.cache(metered)


@pytest.mark.parametrize("target", LISTS)
def test_an_answer_costs_the_same_in_a_larger_world(target: str) -> None:
    for size in (SMALL, LARGE):
        for _ in range(2):  # a list is remembered when it is asked for again
            world(size).steps(target)
    small, large = (world(size).steps(target) for size in (SMALL, LARGE))
    assert large <= MOST * small + 1_000


@pytest.mark.parametrize("target", LISTS)
def test_an_answer_after_writes_costs_the_same_in_a_larger_world(target: str) -> None:
    taken = []
    for size in (SMALL, LARGE):
        world(size).steps(target), world(size).steps(target)
        for _ in range(3):
            world(size)._api.create("an amber bridge")
        taken.append(world(size).steps(target))
    assert taken[1] <= MOST * taken[0] + 1_000


@pytest.mark.parametrize("name", SORTS)
def test_the_first_page_is_cheap_after_each_write(name: str) -> None:
    api = world(LARGE)._api
    world(LARGE).steps(f"/content/items?sortBy={name}")  # the first list in an order makes its index
    for number in range(3):
        api.create(f"new {number}")
        assert world(LARGE).steps(f"/content/items?sortBy={name}") < 3_000


def test_the_measure_tells_what_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, "walked")
    assert metered(SMALL).steps("/content/items?status=draft&sortBy=publishedAt") > 3 * SMALL


# Plans


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """Every statement that is executed from now on."""
    found: list[tuple[str, tuple[Any, ...]]] = []
    for name in ("one", "all"):
        original = getattr(Database, name)

        def noted(
            self: Database, sql: str, values: tuple[Any, ...] = (), *more: Any, original: Any = original
        ) -> Any:
            found.append((sql, tuple(values)))
            return original(self, sql, values, *more)

        monkeypatch.setattr(Database, name, noted)
    return found


# What needs no index: a handful of rows.
SMALL_TABLES = ("(subquery", "below", "b", "CONSTANT ROW", "sqlite_schema")


@pytest.mark.parametrize("target", LISTS)
def test_an_index_serves_every_statement(target: str, asked: list[tuple[str, tuple[Any, ...]]]) -> None:
    api = inside(items=300)
    api.access("demo")
    asked.clear()
    assert api.get(target.format(late="2026-01-01T12:00:00Z")).status == 200
    statements = list(asked)
    assert statements
    complaints = []
    for sql, values in statements:
        for row in api.server.database.all(f"EXPLAIN QUERY PLAN {sql}", values):
            scanned = row[3].startswith("SCAN ") and not row[3][5:].startswith(SMALL_TABLES)
            # A term is looked for in every item, and what has it is sorted.
            if (scanned or row[3] == "USE TEMP B-TREE FOR ORDER BY") and "instr(haystack" not in sql:
                complaints.append((row[3], sql))
    assert complaints == []


def test_no_list_becomes_slow_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite refuses a walk along an index that is not there."""
    monkeypatch.setattr(Database, "ensure_index", lambda database, index: None)
    api = inside(items=30)
    store = api.server.database
    lists = pages.Pages(store, Documents(store), ItemCounts(store), Stamps(store))
    with pytest.raises(sqlite3.OperationalError, match="no such index: items_by_title"):
        lists.items(ListQuery("tchat", page=1, limit=20, sort_by="title", sort_order="asc"))
