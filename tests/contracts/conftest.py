"""A server made of the model, and a second model that watches each of its answers."""

from collections.abc import Mapping
from typing import Any

import pytest

from contracts.model import Caller, Model, Request, Response, adopt
from tests.contracts.model.model_server import ModelServer

ADA = Caller(user="u-ada", workspace="w1")
TREE = [
    {
        "id": "news",
        "name": "News",
        "parentId": None,
        "itemCount": 0,
        "children": [
            {"id": "local", "name": "Local", "parentId": "news", "itemCount": 0, "children": []},
            {"id": "world", "name": "World", "parentId": "news", "itemCount": 0, "children": []},
        ],
    },
    {"id": "empty", "name": "Empty", "parentId": None, "itemCount": 0, "children": []},
]


class Play:
    """A server made of the model, and a second model that watches it."""

    def __init__(self) -> None:
        self.oracle = ModelServer({"w1": adopt([], TREE)})
        self.model = Model.of({"w1": adopt([], TREE)})

    def ask(
        self,
        operation: str,
        item: str | None = None,
        body: Any = None,
        *,
        caller: Caller = ADA,
        path: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Response:
        request = Request(
            operation=operation,
            caller=caller,
            path=path or ({} if item is None else {"id": item}),
            query=query,
            headers=headers or {},
            body=body,
        )
        self.oracle, response = self.oracle.answer(request)
        self.model, wrong = self.model.step(request, response)
        assert not wrong, (request, [str(w) for w in wrong])
        return response

    def create(self, title: str = "T", **body: Any) -> str:
        response = self.ask("createContentItem", body={"title": title, **body})
        identity: str = response.body["data"]["id"]
        return identity

    def listed(self, **query: Any) -> list[str]:
        return [row["id"] for row in self.ask("getContentItems", **query).body["data"]["data"]]


@pytest.fixture
def play() -> Play:
    return Play()
