"""A model that knows some items only: right answers agree whatever else exists, wrong ones about known items do not."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.model import Caller, Model, Request, Response, Workspace, adopt
from tests.contracts.model.model_server import ModelServer

ADA = Caller(user="u-ada", workspace="w1")
TREE = [{"id": "a", "name": "A", "parentId": None, "itemCount": 0, "children": []}]


def ask(operation: str, item: str | None = None, body: Any = None, **query: Any) -> Request:
    path = {"category": query.pop("in_")} if "in_" in query else {"id": item} if item else {}
    return Request(operation=operation, caller=ADA, path=path, query=query, body=body)


def server(count: int = 8) -> ModelServer:
    """Items c-0 to c-7: every third is published, c-7 is archived."""
    oracle = ModelServer({"w1": adopt([], TREE)})
    for number in range(count):
        oracle, _ = oracle.answer(
            ask("createContentItem", body={"title": f"T{number % 3}", "category": "a", "platforms": ["web"]})
        )
        if number % 3 == 0:
            oracle, _ = oracle.answer(ask("publishContent", f"c-{number}", {}))
    oracle, _ = oracle.answer(ask("archiveContent", "c-7", {}))
    return oracle


def adopted(oracle: ModelServer, known: set[int], *, partial: bool = True, versions: bool = True) -> Model:
    rows = [oracle.answer(ask("getContentItem", f"c-{n}"))[1].body["data"] for n in sorted(known)]
    history = {row["id"]: oracle.answer(ask("getContentVersions", row["id"]))[1].body["data"] for row in rows}
    space: Workspace = adopt(rows, TREE, history if versions else None, partial=partial)
    return Model.of({"w1": space})


SINCE = "2026-01-01T00:00:00.004Z"
READS = [
    ask("getContentItems"),
    ask("getContentItems", limit=2),
    ask("getContentItems", limit=3, page=2, sortBy="title"),
    ask("getContentItems", limit=3, page=3, sortOrder="asc"),
    ask("getContentItems", status="archived"),
    ask("getContentByCategory", in_="a"),
    ask("getContentCategories"),
    ask("getContentVersions", "c-0"),
    ask("getContentItem", "c-6"),
    ask("syncContent", lastSyncTimestamp=SINCE, includeDeleted=True),
]


@settings(max_examples=40, derandomize=True)
@given(known=st.sets(st.integers(0, 7)), read=st.sampled_from(READS))
def test_right_answers_agree_whatever_is_known(known: set[int], read: Request) -> None:
    oracle = server()
    _, response = oracle.answer(read)
    _, wrong = adopted(oracle, known).step(read, response)
    assert not wrong, [str(w) for w in wrong]


def _drop(place: int) -> Callable[[Any], None]:
    return lambda body: body["data"]["data"].pop(place)


def _swap(body: Any) -> None:
    rows = body["data"]["data"]
    rows[0], rows[1] = rows[1], rows[0]


def _stale(body: Any) -> None:
    body["data"]["data"][0]["title"] = "stale"


def _fewer(body: Any) -> None:
    body["data"]["pagination"]["total"] = 2


def _uncounted(body: Any) -> None:
    body["data"][0]["itemCount"] = 1


def _pruned(body: Any) -> None:
    body["data"].clear()


def _lost(body: Any) -> None:
    body["data"]["items"].pop(1)


@pytest.mark.parametrize(
    ("read", "spoil"),
    [
        pytest.param(READS[0], _drop(0), id="first-left-out"),
        pytest.param(READS[0], _drop(3), id="middle-left-out"),
        pytest.param(READS[0], _drop(-1), id="last-left-out"),
        pytest.param(READS[0], _swap, id="order"),
        pytest.param(READS[0], _stale, id="content"),
        pytest.param(READS[0], _fewer, id="total"),
        pytest.param(READS[6], _uncounted, id="category-count"),
        pytest.param(READS[6], _pruned, id="category-pruned"),
        pytest.param(READS[9], _lost, id="sync-loses"),
    ],
)
def test_wrong_answers_about_known_items_do_not(read: Request, spoil: Callable[[Any], None]) -> None:
    oracle = server()
    _, response = oracle.answer(read)
    body = copy.deepcopy(response.body)
    spoil(body)
    spoilt = Response(status=200, headers=response.headers, body=body)
    _, wrong = adopted(oracle, set(range(8)) - {2}).step(read, spoilt)
    assert wrong, body


def test_what_is_not_known_is_not_judged() -> None:
    model = adopted(server(), {0})
    _, wrong = model.step(
        ask("getContentItem", "c-3"), Response(status=200, body={"data": {"title": "anything"}})
    )
    assert not wrong
    operations = [{"type": "archive", "id": "c-3"}]
    after, wrong = model.step(
        ask("bulkUpdateContent", body={"operations": operations}), Response(status=200, body={})
    )
    assert not wrong and "does not know" in after.undecided[0], "and says so"


def test_own_writes_are_judged_among_strangers() -> None:
    oracle = server()
    model = adopted(oracle, {0, 1})
    for request in (
        ask("createContentItem", body={"title": "own"}),
        ask("updateContentItem", "c-8", {"version": 1, "title": "own 2"}),
        ask("archiveContent", "c-0", {}),
        ask("getContentItems", limit=4),
        ask("syncContent", lastSyncTimestamp=SINCE, includeDeleted=True),
    ):
        oracle, response = oracle.answer(request)
        model, wrong = model.step(request, response)
        assert not wrong, (request, [str(w) for w in wrong])
    assert model.possible("w1")[0].ids() == {"c-0", "c-1", "c-8"}


def test_an_adopted_item_without_its_history_learns_it_from_answers() -> None:
    oracle = server()
    oracle, _ = oracle.answer(ask("updateContentItem", "c-0", {"version": 2, "title": "New"}))
    model = adopted(oracle, set(range(8)), partial=False, versions=False)
    for request in (
        ask("getContentItem", "c-0", version="1"),
        ask("revertContentVersion", "c-0", {"versionId": "c-0-v1"}),
        ask("getContentVersions", "c-0"),
        ask("getContentItems", search="t0"),
    ):
        oracle, response = oracle.answer(request)
        model, wrong = model.step(request, response)
        assert not wrong, (request, [str(w) for w in wrong])
    old = Request(operation="getContentItem", caller=ADA, path={"id": "c-0"}, query={"version": "1"})
    _, response = oracle.answer(old)
    changed = {"data": {**response.body["data"], "title": "rewritten"}}
    _, wrong = model.step(old, Response(status=200, headers=response.headers, body=changed))
    assert "title" in wrong[0].place, "what was learnt is held"
