"""Lists hold what they must, whatever way leads to a page, whoever wrote in between: everything against brute force."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from mock_server.seed.world import CATEGORIES
from mock_server.store import documents, workspaces
from mock_server.store import item as items
from mock_server.store.lists import pages, renewed_keys
from mock_server.store.lists.counts import ItemCounts
from mock_server.store.lists.pages import ListCache
from mock_server.store.session_store import Lifetimes
from tests.mock_server.brute_force_lists import CATEGORY, compare, everything

from . import inside as stages
from .inside import Inside
from .list_code_paths import PATHS, force

SORTS = ("updatedAt", "createdAt", "title", "publishedAt", "version")
STATUSES = ("draft", "published", "archived")
TERMS = ("amber", "AMBER", "a", "er", "revised", "zephyr quartz", "12", "%", "nowhere", "Ä", "ä")
TITLES = ("Ämber", "ämber", "amber zephyr", "100 % sure", "same", "same", "Same", "zz")


ENDLESS = Lifetimes(access=10**10, refresh_idle=10**10, session=10**10)


def inside(**options: Any) -> Inside:
    """Tokens outlive every program."""
    return stages.inside(lifetimes=ENDLESS, **options)


def some_write(api: Inside, chance: random.Random) -> None:
    """One of the writes that there are, on one of few items, so that many items change more than once."""
    kind = chance.choice(("create", "put", "put", "put", "publish", "archive", "revert", "bulk"))
    item = chance.choice(("welcome", *(f"item-{n:06d}" for n in range(1, 25))))
    fields = {
        "title": chance.choice(TITLES),
        "body": chance.choice(("", "amber", "nothing", "Zephyr Quartz")),
        "category": chance.choice((None, "empty", "news", "news-local-events", "guides")),
    }
    fields = dict(chance.sample(sorted(fields.items()), chance.randint(1, 3)))
    if kind == "create":
        api.post("/content/items", {"title": "new", **fields})
    elif kind == "put":
        api.put(f"/content/items/{item}", {"version": api.item(item)["version"], **fields})
    elif kind == "bulk":
        kinds = [chance.choice(("publish", "archive")) for _ in range(3)]
        api.bulk(*({"type": kind, "id": f"item-{chance.randint(1, 24):06d}"} for kind in kinds))
    else:
        api.post(f"/content/items/{item}/{kind}", {"versionId": f"{item}-v1"} if kind == "revert" else {})


# name -> (values, how often it is asked for)
PAGING: dict[str, tuple[Sequence[Any], float]] = {
    "page": ((1, 1, 2, 3, 9), 0.5),
    "limit": ((1, 3, 7, 100), 0.8),
    "status": (STATUSES, 0.4),
}
OF_ITEMS: dict[str, tuple[Sequence[Any], float]] = {
    "sortBy": (SORTS, 0.7),
    "sortOrder": (("asc", "desc"), 0.5),
    "category": (sorted(CATEGORIES), 0.2),
    "search": (TERMS, 0.4),
}
OF_CATEGORIES: dict[str, tuple[Sequence[Any], float]] = {"includeSubcategories": (("true", "false"), 1.0)}


def some_list(api: Inside, chance: random.Random) -> str:
    """One of the lists that there are."""
    path, names, dates = "/content/items", OF_ITEMS, {}
    if chance.random() < 0.4:
        path, names = f"{CATEGORY}{chance.choice(sorted(CATEGORIES))}/items", OF_CATEGORIES
        stamps = sorted(chance.choice(everything(api))["updatedAt"] for _ in range(2))
        dates = dict(zip(("startDate", "endDate"), stamps, strict=True))
    query = {
        name: chance.choice(values)
        for name, (values, share) in {**PAGING, **names}.items()
        if chance.random() < share
    }
    return (
        f"{path}?{urlencode(query | {name: date for name, date in dates.items() if chance.random() < 0.5})}"
    )


def play(writer: Inside, reader: Inside, seed: int, *, steps: int = 150) -> Iterator[str]:
    """What differs, in a random program of writes and lists."""
    chance = random.Random(seed)
    for _ in range(steps):
        if chance.random() < 0.4:
            some_write(writer, chance)
            writer.wait(chance.choice((0, 0, 0.000001, 60)))
        else:
            found = compare(reader, some_list(reader, chance))
            if found is not None:
                yield found


@pytest.fixture(params=PATHS)
def code_path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    force(monkeypatch, request.param)
    return str(request.param)


@pytest.mark.usefixtures("code_path")
@pytest.mark.parametrize("seed", range(2))
def test_every_list_is_what_it_must_be(seed: int) -> None:
    api = inside(items=40)
    assert next(play(api, api, seed), None) is None


@pytest.mark.usefixtures("code_path")
def test_what_another_process_writes_is_in_the_next_list(tmp_path: Path) -> None:
    writer, reader = (inside(items=40, db=str(tmp_path / "world.db")) for _ in range(2))
    assert next(play(writer, reader, 7), None) is None
    assert next(play(reader, writer, 8), None) is None


# What is remembered follows each kind of write

TOTALS = (
    "/content/items?search=ember&limit=1",
    "/content/items?search=em&status=archived",
    "/content/items?sortBy=title&limit=1",
    "/content/items?status=draft&sortBy=version&limit=1",
    f"{CATEGORY}empty/items?startDate=2026-01-01T00:00:00.000000Z",
)
WRITES = [
    pytest.param(lambda api: api.create("Ember", category="empty"), id="create"),
    pytest.param(lambda api: api.put("/content/items/one", {"version": 1, "body": "ember"}), id="update of a text"),
    pytest.param(lambda api: api.put("/content/items/one", {"version": 1, "title": "A", "category": "empty"}), id="update of a place"),
    pytest.param(lambda api: api.post("/content/items/one/publish", {}), id="publish"),
    pytest.param(lambda api: api.post("/content/items/one/archive", {}), id="archive"),
    pytest.param(lambda api: api.post("/content/items/gone/revert", {"versionId": "gone-v1"}), id="revert"),
    pytest.param(lambda api: api.bulk({"type": "archive", "id": "one"}, {"type": "publish", "id": "two"}), id="bulk"),
    pytest.param(lambda api: api.bulk({"type": "publish", "id": "gone"}, {"type": "publish", "id": "two"}), id="bulk with a failure"),
]  # fmt: skip


def staged(**options: Any) -> Inside:
    """A world with three known items: `one` and `two` are drafts, `gone` is archived."""
    api = inside(**{"items": 30, **options})
    for name in ("one", "two", "gone"):
        made = api.create(f"{name} ember", category="empty")["id"]
        api.server.database.run(
            "UPDATE items SET id = ?, doc = CAST(replace(doc, ?, ?) AS BLOB) WHERE id = ?",
            (name, made, name, made),
        )
        api.server.database.run(
            "UPDATE versions SET snapshot = CAST(replace(snapshot, ?, ?) AS BLOB)", (made, name)
        )
    api.post("/content/items/gone/archive", {})
    return api


@pytest.mark.usefixtures("code_path")
@pytest.mark.parametrize("write", WRITES)
def test_a_total_is_never_stale(write: Any) -> None:
    api = staged()
    before = [api.get(target).data["pagination"]["total"] for target in TOTALS]
    write(api)
    assert [found for target in TOTALS if (found := compare(api, target))] == []
    write(api)
    assert [found for target in TOTALS if (found := compare(api, target))] == []
    assert before[0] > 2, "the lists are not empty"


# Faults come and go, worlds are replaced

TAMPERING = (
    "updated-at-kept", "history-rewritten", "archive-without-version", "revert-backward",
    "revert-drops-later", "version-not-raised", "publish-stamp-moves", "write-lost:every=2", "create-published",
)  # fmt: skip


@pytest.mark.usefixtures("code_path")
@pytest.mark.parametrize("fault", TAMPERING)
def test_what_a_fault_left_behind_is_listed_as_it_is(fault: str) -> None:
    api, chance = inside(items=40), random.Random(fault)
    for faults in ([], [fault], []):
        # Lists are remembered, the fault writes, and nobody reads meanwhile.
        api.server.faults.set(faults)
        if faults:
            for _ in range(30):
                some_write(api, chance)
        else:
            assert next(play(api, api, chance.randrange(9), steps=60), None) is None


@pytest.mark.usefixtures("code_path")
@pytest.mark.parametrize("db", [":memory:", "world.db"])
def test_another_world_is_not_taken_for_the_one_before(db: str, tmp_path: Path) -> None:
    api = inside(items=40, db=db if db == ":memory:" else str(tmp_path / db))
    lists = [some_list(api, random.Random(n)) for n in range(40)]
    api.access("demo")  # the session is in the copy
    copy = api.server.database.copy()

    def differences() -> list[str]:
        return [found for target in lists if (found := compare(api, target))]

    assert differences() == []
    chance = random.Random(0)
    for _ in range(20):
        some_write(api, chance)
    assert differences() == []
    api.server.database.load(copy)
    copy.close()
    assert differences() == []
    for _ in range(20):
        some_write(api, chance)
    assert differences() == []
    api.server.world.reset(2, 35)
    api.pairs.clear()
    assert differences() == []


# The tests find what is wrong

DEFECTS = [
    pytest.param(workspaces.Stamps, "last", lambda *_: 1, id="no stamp"),
    pytest.param(documents.Documents, "put", lambda *_: None, id="documents that stay what they were"),
    pytest.param(pages, "_DIRECTIONS", {"asc": "ASC", "desc": "ASC"}, id="one direction"),
    pytest.param(items, "searchable", lambda text: text.encode(), id="a search that folds nothing"),
    pytest.param(ItemCounts, "move", lambda *_: None, id="totals that no write moves"),
    pytest.param(pages, "renewed_keys", lambda database, query, keys, *_: keys, id="lists that no write renews"),
    pytest.param(renewed_keys, "_without", lambda keys, changed: keys[:], id="items twice in a renewed list"),
    pytest.param(renewed_keys, "_place", lambda *_: 0, id="changed items in front of a list"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "name", "defect"), DEFECTS)
def test_a_defect_is_found(target: Any, name: str, defect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, name, defect)
    for forced in PATHS:
        with pytest.MonkeyPatch.context() as patch:
            force(patch, forced)
            api = inside(items=40)
            if any(any(play(api, api, seed)) for seed in range(3)):
                return
    pytest.fail("no list was wrong")


def test_no_more_is_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, "little room")
    api = inside(items=40)
    kept: list[ListCache] = []
    original = ListCache.get

    def noted(lists: ListCache, *query: Any, **named: Any) -> Any:
        kept.append(lists)
        return original(lists, *query, **named)

    monkeypatch.setattr(ListCache, "get", noted)
    assert next(play(api, api, 1, steps=300), None) is None
    assert 0 < len(kept[0]._kept) <= pages.MOST_LISTS
    assert 0 < kept[0]._size() <= pages.MOST_KEYS
