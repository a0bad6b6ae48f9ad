"""The foreign server on the wire: its answers over HTTP, and its channel of events."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from tests.suite.foreign.foreign_server import ForeignServer
from tests.waiting import HANG


async def _http(server: ForeignServer, scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    status, value = server.answer(scope["method"], scope["path"], query, headers, body)
    kind = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": kind})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


async def _channel(server: ForeignServer, scope: Any, receive: Any, send: Any) -> None:
    await receive()
    token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[-1]
    known = server.access.get(token)
    if scope["path"] != "/ws" or known is None or known[0] in server.ended:
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "websocket.accept"})
    queue = server.sockets[id(scope)] = asyncio.Queue()
    sending = asyncio.create_task(_forward(queue, send))
    while (await receive())["type"] != "websocket.disconnect":
        pass
    del server.sockets[id(scope)]
    queue.put_nowait(None)
    await sending


async def _forward(queue: asyncio.Queue[str | None], send: Any) -> None:
    while (text := await queue.get()) is not None:
        await send({"type": "websocket.send", "text": text})


@contextmanager
def running(server: ForeignServer) -> Iterator[str]:
    """Its URL."""
    answers = {"http": _http, "websocket": _channel}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await answers[scope["type"]](server, scope, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    made = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=made.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        made.should_exit = True
        thread.join(HANG)
        listening.close()
