"""Requests whose client leaves before their end are none: nothing is done and nothing is answered."""

import asyncio
from typing import Any

import pytest

from .wire import Wire

WHOLE = b'{"title":"half"}'


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="before the body"),
        pytest.param([WHOLE[:5]], id="in its middle"),
        pytest.param([WHOLE], id="with all but white space"),
        pytest.param([WHOLE[:5], WHOLE[5:]], id="in pieces"),
    ],
)
def test_an_incomplete_request_is_not_handled(parts: list[bytes]) -> None:
    async def play() -> tuple[list[Any], int, int]:
        wire = Wire()
        token = (await wire.login())["accessToken"]
        incoming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        incoming.append({"type": "http.disconnect"})
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/content/items",
            "raw_path": b"/content/items",
            "query_string": b"",
            "headers": [
                (b"authorization", f"Bearer {token}".encode()),
                (b"content-type", b"application/json"),
            ],
            "client": None,
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return incoming.pop(0)

        async def send(event: Any) -> None:
            sent.append(event)

        before = wire.server.application.journal.total
        await wire.app(scope, receive, send)
        found = (await wire.call("GET", "/content/items?search=half", token=token)).json()["data"]
        return sent, found["pagination"]["total"], wire.server.application.journal.total - before

    sent, made, served = asyncio.run(play())
    assert (sent, made, served) == ([], 0, 1)  # the one is the search
