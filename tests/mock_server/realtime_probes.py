"""What one client of the WebSocket channel does, and what of it counts: the probes that show a fault of the realtime family.

A probe is a coroutine function of a `Visitor`; what it returns can be compared, on an honest server and on a spoilt one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

from mock_server import stamps
from mock_server.faults.families.realtime import premature_event_faults
from tests.mock_server.visitor import HEARTBEAT, STAMP, Visitor
from tests.mock_server.wire import Peer, Wire

Probe = Callable[[Visitor], Awaitable[Any]]
EDITOR = "editor@tchat.com"
REFUSED, OPEN = 401, 101


def knock(query: str = "", *, wait: int = 0, ended: bool = False, **headers: str) -> Probe:
    """The status of a handshake, and the code of the close that follows an upgrade at once."""

    async def probe(visitor: Visitor) -> Any:
        pair = await visitor.pair()
        if ended:
            await visitor.call("POST", "/auth/logout")
        visitor.wire.server.clock.advance(wait * 1_000_000)
        words = {"access": pair["accessToken"], "refresh": pair["refreshToken"]}
        filled = {name: value.format(**words) for name, value in headers.items()}
        peer = await visitor.knock(query.format(**words), **filled)
        return peer.status or peer.close_code or OPEN

    return probe


async def subprotocol(visitor: Visitor) -> Any:
    token = (await visitor.pair())["accessToken"]
    peer = await visitor.knock(f"token={token}", sec_websocket_protocol="chat, v2")
    return peer.sent[0]["subprotocol"]


async def post(visitor: Visitor) -> Any:
    return (await visitor.wire.call("POST", "/ws")).status


async def bad_at_intervals(visitor: Visitor) -> Any:
    """Close codes after three bad frames, 31 seconds apart."""
    peer = await visitor.open()
    for _ in range(3):
        await visitor.wire.say(peer, "{")
        await visitor.wire.tick(31)
    return [peer.close_code] if peer.close_code else []


async def repeated(visitor: Visitor) -> Any:
    """How much of an unknown type its error repeats."""
    peer = await visitor.open()
    await visitor.wire.say(peer, {"type": "q" * 200})
    return peer.frames[0]["data"]["message"].count("q")


async def challenge(visitor: Visitor) -> Any:
    peer = await visitor.knock()
    return b"www-authenticate" in dict(peer.sent[0]["headers"])


def said(*frames: Any, then: float = 0) -> Probe:
    """The types of what comes back, `then` seconds later, with the close code as the last."""

    async def probe(visitor: Visitor) -> Any:
        peer = await visitor.open()
        for frame in frames:
            await visitor.wire.say(peer, frame)
        if then:
            await visitor.wire.tick(then)
        return [*peer.types(), *([peer.close_code] if peer.close_code else [])]

    return probe


async def echo(visitor: Visitor) -> Any:
    peer = await visitor.open()
    await visitor.wire.say(peer, HEARTBEAT)
    return peer.frames[0]["data"]["echo"]


async def form(visitor: Visitor) -> Any:
    """The members that carry the messages of the server's frames."""
    peer = await visitor.open()
    await visitor.wire.say(peer, HEARTBEAT)
    return [sorted(event.keys() - {"type"}) for event in peer.sent if event["type"] == "websocket.send"]


async def heartbeat_digits(visitor: Visitor) -> Any:
    peer = await visitor.open()
    await visitor.wire.say(peer, HEARTBEAT)
    await visitor.wire.tick(30)
    return [len(str(frame["data"]["timestamp"])) for frame in peer.frames]


def later(*waits: float, talking: bool = False) -> Probe:
    """How many heartbeats came, and how the socket has ended."""

    async def probe(visitor: Visitor) -> Any:
        peer = await visitor.open()
        for seconds in waits:
            await visitor.wire.tick(seconds)
            if talking:
                await visitor.wire.say(peer, {"type": "heartbeat_response", "data": {"timestamp": 1}})
        return len(heard(peer, "heartbeat")), "aborted" if peer.aborted else peer.close_code

    return probe


def heard(peer: Peer, kind: str) -> list[dict[str, Any]]:
    return [frame for frame in peer.frames if frame["type"] == kind]


def told(member: str, *, wait: float = 0) -> Probe:
    """One member of each event of five changes; None where it is missing."""

    async def probe(visitor: Visitor) -> Any:
        peer = await visitor.open()
        await visitor.story()
        if wait:
            await visitor.wire.tick(wait)
        return [frame.get("data", {}).get(member) for frame in peer.frames]

    return probe


async def types(visitor: Visitor) -> Any:
    peer = await visitor.open()
    await visitor.story()
    return peer.types()


async def still_there(visitor: Visitor) -> Any:
    peer = await visitor.open()
    await visitor.story()
    await visitor.wire.tick(30)
    return len(heard(peer, "content_updated")), len(heard(peer, "heartbeat")), peer.aborted


async def members(visitor: Visitor) -> Any:
    peer = await visitor.open()
    await visitor.create()
    return sorted(peer.frames[0]), sorted(peer.frames[0].get("data", ""))


async def read_at_event(visitor: Visitor) -> Any:
    """The version that a client reads at once when it hears of version 2."""
    item = await visitor.create()
    peer = await visitor.open()

    async def read() -> Any:
        while not peer.frames:
            await asyncio.sleep(0)
        return (await visitor.call("GET", f"/content/items/{item}")).json()["data"]["version"]

    reading = asyncio.create_task(read())
    # The head start of the event lasts until it has been used.
    with patch.object(premature_event_faults, "sleep", lambda seconds: reading):
        await visitor.update(item, 1)
    found = await reading
    return found, [frame["data"]["version"] for frame in peer.frames]


async def refused_write(visitor: Visitor) -> Any:
    item = await visitor.create()
    peer = await visitor.open()
    assert (await visitor.update(item, 9)).status == 409
    return [frame["data"]["version"] for frame in peer.frames]


async def repeats(visitor: Visitor) -> Any:
    item = await visitor.create()
    await visitor.publish(item)
    peer = await visitor.open()
    await visitor.publish(item, notify=True)
    await visitor.call("POST", f"/content/items/{item}/archive", {})
    await visitor.call("POST", f"/content/items/{item}/archive", {})
    return [(frame["data"]["action"], frame["data"]["version"]) for frame in peer.frames]


async def bulk(visitor: Visitor) -> Any:
    item = await visitor.create()
    peer = await visitor.open()
    await visitor.bulk(
        {"type": "update", "id": item, "version": 1, "data": {"title": "B"}},
        {"type": "publish", "id": item},
        {"type": "archive", "id": item},
    )
    await visitor.create("C")
    return [frame["data"]["version"] for frame in peer.frames]


def reaches(user: str) -> Probe:
    """The types of what somebody else's socket gets of a change."""

    async def probe(visitor: Visitor) -> Any:
        peer = await visitor.open(user)
        await visitor.create()
        return peer.types()

    return probe


async def presence(visitor: Visitor) -> Any:
    peer = await visitor.open()
    other = await visitor.open(EDITOR)
    await visitor.hang_up(other)
    return [frame["data"]["status"] for frame in peer.frames]


async def overflow(visitor: Visitor) -> Any:
    """Types of what a socket gets that was stalled while 1,100 changes were made, each once."""
    item = await visitor.create()
    peer = await visitor.open()
    await visitor.wire.call("POST", "/_control/sockets/all/stall")
    for start in range(1, 1101, 100):
        await visitor.bulk(
            *({"type": "update", "id": item, "version": n, "data": {"title": f"{n}"}} for n in range(start, start + 100))
        )  # fmt: skip
    await visitor.wire.call("POST", "/_control/sockets/all/release")
    return sorted(set(peer.types()))


async def pushed_stamp(visitor: Visitor) -> Any:
    peer = await visitor.open()
    event = {"type": "sync_required", "workspace": "tchat", "lastSyncTimestamp": stamps.text(STAMP * 1000)}
    await visitor.wire.call("POST", "/_control/events", event)
    return peer.frames[0]["data"]["lastSyncTimestamp"]


async def logout(visitor: Visitor) -> Any:
    """Close codes of a socket of the session that ends, and of another session of the same user."""
    same, other = await visitor.open(), await visitor.open("demo@tchat.com 2")
    await visitor.call("POST", "/auth/logout")
    await visitor.wire.tick(0.1)
    return same.close_code, other.close_code


async def restart(visitor: Visitor) -> Any:
    peer = await visitor.open()
    await visitor.wire.call("POST", "/_control/sockets/all/restart")
    return peer.close_code


async def seen(wire: Wire, probe: Probe) -> Any:
    visitor = Visitor(wire)
    found = await probe(visitor)
    await visitor.hang_up()
    return found
