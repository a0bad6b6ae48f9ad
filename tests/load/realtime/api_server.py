"""A small Tchat API with a realtime channel, and named defects: what the storm is aimed at in its own tests.

    python api_server.py [DEFECT]      prints its port, serves until SIGTERM

One workspace, one account, a list of versions. It is not the reference server: it knows just enough for a
storm, and it can do wrong in exactly the ways in which a storm must notice.
"""

import asyncio
import json
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn

TOKEN = "good-token"
DEFECTS = (
    "",
    "accepts-any-token",
    "mute-heartbeat",
    "echo-twice",
    "loses-in-sync",
    "sync-fails",
    "refuses-reconnect",
    "skips-a-socket",
    "old-version-again",
)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass
class DataPool:
    defect: str
    clock: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)
    sockets: list[Send] = field(default_factory=list)
    handshakes: int = 0
    shaken: int = 0
    """Sockets that have closed; after the first one every handshake is a reconnect."""

    def stamp(self) -> str:
        self.clock += 1
        return f"2026-11-22T08:00:00.{self.clock:06d}Z"

    async def write(self, item: str, version: int, title: str) -> dict[str, Any]:
        new = {"id": item, "version": version, "title": title, "updatedAt": self.stamp(), "status": "draft"}
        self.log.append(new)
        told = version - 1 if self.defect == "old-version-again" and version > 1 else version
        event = {"contentId": item, "version": told, "title": title, "action": "updated"}
        skipped = 1 if self.defect == "skips-a-socket" else 0
        for send in self.sockets[skipped:]:
            with suppress(OSError, RuntimeError):  # it has gone, and its own task is about to find out
                await frame(send, "content_updated", event)
        return new


async def frame(send: Send, kind: str, data: dict[str, Any]) -> None:
    await send({"type": "websocket.send", "text": json.dumps({"type": kind, "data": data})})


class Application:
    def __init__(self, defect: str) -> None:
        self.data_pool = DataPool(defect)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.realtime(scope, receive, send)
        elif scope["type"] == "http":
            body = b""
            more = True
            while more:
                message = await receive()
                body, more = body + message.get("body", b""), message.get("more_body", False)
            status, value = await self.answer(scope, json.loads(body) if body else {})
            kind = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": status, "headers": kind})
            await send({"type": "http.response.body", "body": json.dumps(value).encode()})

    async def answer(self, scope: dict[str, Any], body: dict[str, Any]) -> tuple[int, Any]:
        data_pool = self.data_pool
        method, path = scope["method"], scope["path"].removeprefix("/api")
        if path == "/auth/login":
            good = body["password"] == "demo-password"
            return (
                (200, {"tokens": {"accessToken": TOKEN}}) if good else (401, {"code": "INVALID_CREDENTIALS"})
            )
        if (b"authorization", f"Bearer {TOKEN}".encode()) not in scope["headers"]:
            return 401, {"code": "TOKEN_INVALID"}
        if (method, path) == ("POST", "/content/items"):
            return 201, {"data": await data_pool.write(f"c_{len(data_pool.log)}", 1, body["title"])}
        if path == "/content/sync":
            return self.sync(parse_qs(scope["query_string"].decode())["lastSyncTimestamp"][0])
        found = re.fullmatch(r"/content/items/(\w+)(/archive)?", path)
        assert found is not None, path
        last = max(item["version"] for item in data_pool.log if item["id"] == found[1])
        if found[2]:
            return 200, {"success": True}
        if body["version"] != last:
            return 409, {"code": "VERSION_CONFLICT"}
        return 200, {"data": await data_pool.write(found[1], last + 1, body["title"])}

    def sync(self, since: str) -> tuple[int, Any]:
        """Two changes a page, so that `hasMore` is followed or noticed."""
        data_pool = self.data_pool
        if data_pool.defect == "sync-fails":
            return 500, {"code": "INTERNAL"}
        changes = [item for item in data_pool.log if item["updatedAt"] > since]
        page, rest = changes[:2], changes[2:]
        if data_pool.defect == "loses-in-sync":
            page = [item for item in page if item["version"] < 3]
        stamp = changes[:2][-1]["updatedAt"] if changes else since
        return 200, {"data": {"items": page, "deleted": [], "syncTimestamp": stamp, "hasMore": bool(rest)}}

    async def realtime(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        data_pool = self.data_pool
        token = parse_qs(scope["query_string"].decode()).get("token", [""])[0]
        await receive()
        if token != TOKEN and data_pool.defect != "accepts-any-token":
            await refuse(send, 401)
            return
        if data_pool.defect == "refuses-reconnect" and data_pool.shaken and data_pool.handshakes % 2 == 0:
            data_pool.handshakes += 1
            await refuse(send, 503)
            return
        data_pool.handshakes += 1
        await send({"type": "websocket.accept"})
        data_pool.sockets.append(send)
        while (message := await receive())["type"] == "websocket.receive":
            given = json.loads(message["text"])
            if given["type"] == "heartbeat" and data_pool.defect != "mute-heartbeat":
                for _ in range(2 if data_pool.defect == "echo-twice" else 1):
                    echo = {"timestamp": 1, "echo": given["data"]["timestamp"]}
                    await frame(send, "heartbeat_response", echo)
        data_pool.sockets.remove(send)
        data_pool.shaken += 1


async def refuse(send: Send, status: int) -> None:
    await send({"type": "websocket.http.response.start", "status": status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"{}"})


async def serve(defect: str) -> None:
    config = uvicorn.Config(
        Application(defect), port=0, log_level="critical", ws="websockets-sansio", lifespan="off"
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    server.force_exit = True
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, setattr, server, "should_exit", True)
    await running


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1] if len(sys.argv) > 1 else ""))
