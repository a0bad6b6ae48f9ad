"""A socket that is closed from this side stops listening before it says so, and its application stays until it has."""

import asyncio
from typing import Any

import pytest

from mock_server.realtime.cancellable_receive import CancellableReceive


class Server:
    """Like Granian it cannot send a close frame while somebody waits to receive."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.waiting = 0
        self.sent: list[Any] = []

    async def receive(self) -> dict[str, Any]:
        self.waiting += 1
        try:
            return await self.events.get()
        finally:
            self.waiting -= 1

    async def send(self, event: Any) -> None:
        if event["type"] == "websocket.close":
            assert not self.waiting
        self.sent.append(event["type"])


async def settled() -> None:
    """Long enough for a task that was made to make another and wait for it."""
    for _ in range(3):
        await asyncio.sleep(0)


def test_closing_interrupts_receiving() -> None:
    async def run() -> None:
        server = Server()
        ear = CancellableReceive(server.receive, server.send)
        server.events.put_nowait({"type": "websocket.receive", "text": "a"})
        assert (await ear.receive())["text"] == "a"
        listening = asyncio.create_task(ear.receive())
        await settled()
        await ear.send({"type": "websocket.send", "text": "b"})
        assert server.waiting == 1
        await ear.send({"type": "websocket.close", "code": 4401})
        assert (await listening)["type"] == "websocket.disconnect"
        assert server.sent == ["websocket.send", "websocket.close"]
        assert (await ear.receive())["type"] == "websocket.disconnect"

    asyncio.run(run())


def test_being_cancelled_from_outside_is_passed_on() -> None:
    async def run() -> None:
        ear = CancellableReceive(Server().receive, Server().send)
        listening = asyncio.create_task(ear.receive())
        await settled()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening

    asyncio.run(run())


def test_a_failing_close_leaves_nobody_waiting() -> None:
    async def run() -> None:
        async def gone(event: Any) -> None:
            raise OSError

        ear = CancellableReceive(Server().receive, gone)
        listening = asyncio.create_task(ear.receive())
        await settled()
        with pytest.raises(OSError):
            await ear.send({"type": "websocket.close", "code": 1000})
        assert (await asyncio.wait_for(listening, 5))["type"] == "websocket.disconnect"

    asyncio.run(run())
