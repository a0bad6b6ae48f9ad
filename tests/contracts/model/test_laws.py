"""What the model notices: spoilt answers, and choices of the server that break a law."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.model import Caller, Model, Request, Response, adopt
from tests.contracts.model.model_server import ModelServer

ADA = Caller(user="u-ada", workspace="w1")
EVE = Caller(user="u-eve", workspace="w2")
TREE = [
    {"id": "a", "name": "A", "parentId": None, "children": [{"id": "b", "name": "B", "parentId": "a", "children": []}]}
]  # fmt: skip


def ask(
    operation: str, item: str | None = None, body: Any = None, caller: Caller = ADA, **query: Any
) -> Request:
    return Request(
        operation=operation, caller=caller, path={"id": item} if item else {}, query=query, body=body
    )


def item(number: int, tick: int, *, version: int = 1, **members: Any) -> dict[str, Any]:
    stamp = f"2026-01-01T00:00:00.{tick:06}Z"
    return {
        "id": f"c-{number}", "title": "T", "body": "", "category": None, "tags": [],
        "platforms": ["web", "ios", "android"], "metadata": {}, "status": "draft", "version": version,
        "createdAt": stamp, "updatedAt": stamp, "publishedAt": None, "createdBy": "u-ada", "updatedBy": "u-ada",
    } | members  # fmt: skip


def created(number: int, tick: int, **members: Any) -> Response:
    data = item(number, tick, **members)
    return Response(
        status=201,
        headers={"etag": '"v1"', "location": f"/api/content/items/{data['id']}"},
        body={"data": data},
    )


CREATE = ask("createContentItem", body={"title": "T"})


def play(*exchanges: tuple[Request, Response | None]) -> list[str]:
    """The disagreements of the last exchange; those before it must agree."""
    model = Model.of({"w1": adopt([], TREE), "w2": adopt([], TREE)})
    wrong: tuple[Any, ...] = ()
    for request, response in exchanges:
        assert not wrong, [str(w) for w in wrong]
        model, wrong = model.step(request, response)
    return [str(w) for w in wrong]


def window(stamp: int, *rows: dict[str, Any], more: bool = False) -> Response:
    data = {
        "items": list(rows),
        "deleted": [],
        "syncTimestamp": f"2026-01-01T00:00:00.{stamp:06}Z",
        "hasMore": more,
    }
    return Response(status=200, headers={"cache-control": "private, no-cache"}, body={"data": data})


SYNC = ask("syncContent", lastSyncTimestamp="2000-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("exchanges", "told"),
    [
        pytest.param([(CREATE, created(0, 5)), (CREATE, created(1, 6))], None, id="lawful"),
        pytest.param([(CREATE, created(0, 5)), (CREATE, created(0, 6))], "ids are fresh", id="id-again"),
        pytest.param([(CREATE, created(0, 5)), (ask("createContentItem", body={"title": "T"}, caller=EVE), created(0, 6, createdBy="u-eve", updatedBy="u-eve"))], "no other workspace", id="id-of-another-workspace"),
        pytest.param([(CREATE, created(0, 5, id="temp-1"))], "ids of items", id="temp-id"),
        pytest.param([(CREATE, created(0, 5, id="bulk"))], "ids of items", id="bulk-id"),
        pytest.param([(CREATE, created(0, 5, id="urn:c:1"))], None, id="id-of-another-pattern"),
        pytest.param([(CREATE, created(0, 5)), (CREATE, created(1, 5))], "stamps order the changes", id="same-stamp"),
        pytest.param([(CREATE, created(0, 5)), (CREATE, created(1, 4))], "stamps order the changes", id="stamp-goes-back"),
        pytest.param([(CREATE, created(0, 5, updatedAt="2026-01-01T00:00:00.000006Z"))], "updatedAt", id="two-stamps-of-one-change"),
        pytest.param([(CREATE, created(0, 5, updatedAt="2026-01-01T00:00:00Z", createdAt="2026-01-01T00:00:00Z"))], "law: stamps", id="stamp-form"),
        pytest.param([(CREATE, created(0, 5, createdBy="u-eve"))], "createdBy", id="author"),
        pytest.param([(CREATE, created(0, 5, version=2))], "version", id="first-version"),
        pytest.param([(CREATE, Response(status=201, headers={"etag": '"v1"', "location": "/content/items/c-9"}, body={"data": item(0, 5)}))], "/body/data/id", id="location-of-another"),
        pytest.param([(CREATE, Response(status=201, headers={"etag": 'W/"v1"', "location": "/content/items/c-0"}, body={"data": item(0, 5)}))], "/headers/etag", id="weak-etag"),
        pytest.param([(CREATE, created(0, 5)), (SYNC, window(7, item(0, 5))), (CREATE, created(1, 8))], None, id="sync-then-change"),
        pytest.param([(CREATE, created(0, 5)), (SYNC, window(7, item(0, 5))), (CREATE, created(1, 7))], "after 2026", id="change-hides-behind-a-sync"),
        pytest.param([(CREATE, created(0, 5)), (SYNC, window(4, item(0, 5)))], "sync reaches the present", id="sync-in-the-past"),
        pytest.param([(SYNC, window(9)), (SYNC, window(8))], "sync reaches the present", id="clock-goes-back"),
        pytest.param([(CREATE, created(0, 5)), (CREATE, created(1, 6)), (SYNC, window(5, item(0, 5), more=True))], None, id="short-window"),
        pytest.param([(CREATE, created(0, 5)), (CREATE, created(1, 6)), (SYNC, window(6, item(0, 5), more=True))], "syncTimestamp", id="short-window-with-a-late-stamp"),
        pytest.param([(CREATE, created(0, 5)), (CREATE, created(1, 6)), (SYNC, window(6, item(0, 5)))], "/body/data", id="lost-entry"),
        pytest.param([(CREATE, created(0, 5)), (CREATE, created(1, 6)), (SYNC, window(6, item(1, 6), item(0, 5)))], "/body/data/items/0", id="unordered-sync"),
        pytest.param([(CREATE, created(0, 5)), (ask("getContentItem", "c-0"), Response(status=404, body={"status": 404, "code": "CONTENT_NOT_FOUND"}))], "expected 200", id="lost-item"),
        pytest.param([(CREATE, Response(status=503, body={})), (ask("getContentItem", "c-0"), Response(status=404, body={"status": 404, "code": "CONTENT_NOT_FOUND"}))], None, id="held-off"),
    ],
)  # fmt: skip
def test_laws(exchanges: list[tuple[Request, Response]], told: str | None) -> None:
    wrong = play(*exchanges)
    if told is None:
        assert wrong == []
    else:
        assert told in wrong[0]


TITLES = st.sampled_from(["a", "B", "aB", "%"])
CATEGORY = st.sampled_from(["a", "b", None, "nowhere"])
IDS = st.sampled_from([f"c-{n}" for n in range(4)])
VERSIONS = st.integers(1, 4)
CHANGES = st.fixed_dictionaries(
    {"title": TITLES}, optional={"category": CATEGORY, "platforms": st.sampled_from([[], ["ios"]])}
)
OPERATIONS = st.one_of(
    st.fixed_dictionaries({"type": st.just("update"), "id": IDS, "version": VERSIONS, "data": CHANGES}),
    st.fixed_dictionaries({"type": st.sampled_from(["publish", "archive"]), "id": IDS}),
)  # fmt: skip
WRITES = st.one_of(
    st.builds(ask, st.just("createContentItem"), body=CHANGES),
    st.builds(
        ask,
        st.just("updateContentItem"),
        IDS,
        st.builds(lambda change, version: {**change, "version": version}, CHANGES, VERSIONS),
    ),
    st.builds(ask, st.sampled_from(["publishContent", "archiveContent"]), IDS, st.just({})),
    st.builds(
        ask,
        st.just("revertContentVersion"),
        IDS,
        st.builds(lambda i, v: {"versionId": f"{i}-v{v}"}, IDS, VERSIONS),
    ),
    st.builds(
        ask,
        st.just("bulkUpdateContent"),
        body=st.builds(lambda o: {"operations": o}, st.lists(OPERATIONS, min_size=1, max_size=4)),
    ),
)
READS = st.one_of(
    st.builds(lambda query: ask("getContentItems", **query), st.fixed_dictionaries({}, optional={
        "sortBy": st.sampled_from(["updatedAt", "createdAt", "title", "publishedAt", "version"]),
        "sortOrder": st.sampled_from(["asc", "desc"]), "status": st.sampled_from(["draft", "published", "archived"]),
        "search": st.sampled_from(["b", "B", "%"]), "limit": st.integers(1, 3), "page": st.integers(1, 2), "category": st.sampled_from(["a", "b"]),
    })),
    st.builds(ask, st.sampled_from(["getContentItem", "getContentVersions"]), IDS),
    st.builds(lambda empty: ask("getContentCategories", includeEmpty=empty), st.booleans()),
    st.builds(lambda deleted: ask("syncContent", lastSyncTimestamp="2026-01-01T00:00:00.002Z", includeDeleted=deleted), st.booleans()),
)  # fmt: skip
PROGRAMS = st.lists(st.one_of(WRITES, WRITES, READS), max_size=14)


@settings(max_examples=150, derandomize=True)
@given(program=PROGRAMS)
def test_the_model_agrees_with_itself_as_a_server(program: list[Request]) -> None:
    oracle = ModelServer({"w1": adopt([], TREE)})
    model = Model.of({"w1": adopt([], TREE)})
    for request in program:
        oracle, response = oracle.answer(request)
        model, wrong = model.step(request, response)
        assert not wrong, (request, [str(w) for w in wrong])
        assert len(model.possible("w1")) == 1
    assert not model.undecided


@settings(max_examples=150, derandomize=True)
@given(program=st.lists(WRITES, min_size=3, max_size=10), read=READS, data=st.data())
def test_any_spoilt_read_is_noticed(program: list[Request], read: Request, data: st.DataObject) -> None:
    oracle = ModelServer({"w1": adopt([], TREE)})
    model = Model.of({"w1": adopt([], TREE)})
    # Once read in whole, nothing is left for the server to choose but the present.
    for request in (CREATE, *program, read):
        oracle, response = oracle.answer(request)
        model, _ = model.step(request, response)
    oracle, response = oracle.answer(read)
    spoilt = data.draw(st.sampled_from(list(spoil(response))))
    _, wrong = model.step(read, spoilt)
    assert wrong, f"{spoilt} passed for {response}"


def spoil(response: Response) -> Iterator[Response]:
    """Each leaf changed, each member left out, each row left out or doubled; the status; but not what may differ."""
    yield Response(status=response.status + 1, headers=response.headers, body=response.body)
    for path, value in _places(response.body):
        if path and path[-1] in ("message", "requestId", "syncTimestamp"):
            continue
        for change in _changes(value):
            body = copy.deepcopy(response.body)
            target = body
            for step in path[:-1]:
                target = target[step]
            if path:
                target[path[-1]] = change
                yield Response(status=response.status, headers=response.headers, body=body)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, value
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _places(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _places(member, (*path, index))


def _changes(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str):
        yield value + "x"
        yield None
    elif value is None:
        yield "x"
    elif isinstance(value, list):
        yield [*value, value[0] if value else "x"]
        if value:
            yield value[:-1]
    elif isinstance(value, dict):
        yield {**value, "extra": 1}
        if value:
            yield dict(list(value.items())[1:])
