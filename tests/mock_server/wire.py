"""Drives the ASGI application in this process, without a port and without waiting: requests and sockets as calls."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.build import Server, ServerOptions, build
from mock_server.clock import Clock
from mock_server.servers.asgi import AsgiApp

START = 1_790_000_000_000_000
"""The moment at which every test's clock stands, in microseconds."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Peer:
    """The client's end of one socket: what it was sent, and a way to send."""

    incoming: asyncio.Queue[dict[str, Any]]
    sent: list[dict[str, Any]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    aborted: bool = False
    blocked: asyncio.Event | None = None

    @property
    def status(self) -> int | None:
        """Of a refusal; None when the socket was accepted."""
        return next((e["status"] for e in self.sent if e["type"] == "websocket.http.response.start"), None)

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [json.loads(event["text"]) for event in self.sent if event["type"] == "websocket.send"]

    @property
    def close_code(self) -> int | None:
        return next((event["code"] for event in self.sent if event["type"] == "websocket.close"), None)

    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]


class Wire:
    """One server with a frozen clock. Use inside `asyncio.run`."""

    def __init__(self, **options: Any) -> None:
        clock = Clock(source=lambda: START)
        self.server: Server = build(
            ServerOptions(**{"items": 20, "check_answers": True, **options}), clock=clock
        )
        self.app = AsgiApp(self.server)

    async def settle(self) -> None:
        """Let every task that can run, run."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def tick(self, seconds: float = 0) -> None:
        self.server.clock.advance(round(seconds * 1_000_000))
        await self.server.hub.tick()
        await self.settle()

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        client: tuple[str, int] | None = None,
    ) -> Answer:
        fields = {"host": "127.0.0.1:8000", **(headers or {})}
        raw = b""
        if body is not None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            fields.setdefault("content-type", "application/json")
        if token is not None:
            fields["authorization"] = f"Bearer {token}"
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in fields.items()],
            "client": client,
        }
        events: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(event: Any) -> None:
            events.append(dict(event))

        await self.app(scope, receive, send)
        await self.settle()
        start = events[0]
        told = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], told, events[1]["body"])

    async def login(self, email: str = "demo@tchat.com") -> dict[str, str]:
        answer = await self.call("POST", "/auth/login", {"email": email, "password": "demo-password"})
        tokens: dict[str, str] = answer.json()["tokens"]
        return tokens

    async def connect(
        self, query: str = "", *, headers: Mapping[str, str] | None = None, path: str = "/api/ws"
    ) -> Peer:
        peer = Peer(asyncio.Queue())
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
            "subprotocols": [
                p.strip() for p in dict(headers or {}).get("sec-websocket-protocol", "").split(",") if p
            ],
            "extensions": {"websocket.http.response": {}},
        }

        class Transport:
            def abort(self) -> None:
                peer.aborted = True
                peer.incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

        class Protocol:
            transport = Transport()

            async def receive(self) -> dict[str, Any]:
                return await peer.incoming.get()

        async def send(event: Any) -> None:
            if peer.blocked is not None and event["type"] == "websocket.send":
                await peer.blocked.wait()
            peer.sent.append(dict(event))

        peer.incoming.put_nowait({"type": "websocket.connect"})
        peer.task = asyncio.create_task(self.app(scope, Protocol().receive, send))
        await self.settle()
        return peer

    async def say(self, peer: Peer, frame: Any) -> None:
        if isinstance(frame, bytes):
            event: dict[str, Any] = {"type": "websocket.receive", "bytes": frame, "text": None}
        else:
            event = {
                "type": "websocket.receive",
                "text": frame if isinstance(frame, str) else json.dumps(frame),
            }
        peer.incoming.put_nowait(event)
        await self.settle()
