"""The client's side of ASGI, in this process: requests, and sockets that hear frames and can stop reading for a while.

It drives the server's ASGI application directly, so nothing waits for a network and `settle` is the only pause.
"""

import asyncio
import json
from typing import Any

from contracts.model import Response
from mock_server.message import ReceivedRequest
from mock_server.servers.asgi import AsgiApp
from tests.differential.harness.http_client import read


async def settle() -> None:
    """Let every task run until it waits for something from outside."""
    for _ in range(10):
        await asyncio.sleep(0)


async def send(app: AsgiApp, request: ReceivedRequest) -> Response:
    """The answer by way of ASGI, which also tells the sockets what was committed."""
    scope = {
        "type": "http",
        "method": request.method,
        "path": request.path.decode(),
        "raw_path": request.path,
        "query_string": request.query,
        "headers": list(request.headers.items()),
        "client": None,
    }
    events: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def keep(event: Any) -> None:
        events.append(dict(event))

    await app(scope, receive, keep)
    return read(events[0]["status"], events[0]["headers"], b"".join(e.get("body", b"") for e in events[1:]))


class SocketClient:
    def __init__(self) -> None:
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: list[dict[str, Any]] = []
        self._reads = asyncio.Event()
        self._reads.set()
        self._task: asyncio.Task[None] | None = None

    async def open(self, app: AsgiApp, token: str) -> None:
        scope = {
            "type": "websocket",
            "path": "/api/ws",
            "raw_path": b"/api/ws",
            "query_string": f"token={token}".encode(),
            "headers": [],
            "extensions": {"websocket.http.response": {}},
        }

        async def send(event: Any) -> None:
            if event["type"] == "websocket.send":
                await self._reads.wait()
            self._sent.append(dict(event))

        self._incoming.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(app(scope, self._incoming.get, send))
        await settle()

    async def close(self) -> None:
        """Go away without a word, and wait until the server has noticed."""
        self._reads.set()
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})
        if self._task is not None:
            await self._task

    @property
    def reads(self) -> bool:
        return self._reads.is_set()

    def stop_reading(self) -> None:
        self._reads.clear()

    def read_on(self) -> None:
        self._reads.set()

    def heard(self) -> list[dict[str, Any]]:
        """The frames since the last time; an event that is no frame comes as a frame of its own ASGI type."""
        sent, self._sent = self._sent, []
        return [
            json.loads(event["text"]) if event["type"] == "websocket.send" else event
            for event in sent
            if event["type"] != "websocket.accept"
        ]
