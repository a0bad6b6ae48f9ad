"""One person's hands on a `Wire`: logs in, opens sockets, writes items, and hangs up at the end."""

from dataclasses import dataclass, field
from typing import Any

from tests.mock_server.wire import Answer, Peer, Wire

STAMP = 1_700_000_000_000
HEARTBEAT = {"type": "heartbeat", "data": {"timestamp": STAMP}}


@dataclass
class Visitor:
    """Tokens are by e-mail; a second session of one account has a number: `demo@tchat.com 2`."""

    wire: Wire
    pairs: dict[str, dict[str, str]] = field(default_factory=dict)
    peers: list[Peer] = field(default_factory=list)

    async def pair(self, user: str = "demo@tchat.com") -> dict[str, str]:
        if user not in self.pairs:
            self.pairs[user] = await self.wire.login(user.split()[0])
        return self.pairs[user]

    async def open(self, user: str = "demo@tchat.com") -> Peer:
        return await self.knock(f"token={(await self.pair(user))['accessToken']}")

    async def knock(self, query: str = "", **headers: str) -> Peer:
        peer = await self.wire.connect(query, headers={k.replace("_", "-"): v for k, v in headers.items()})
        self.peers.append(peer)
        return peer

    async def hang_up(self, *peers: Peer) -> None:
        for peer in peers or self.peers:
            peer.incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self.wire.settle()

    async def call(self, method: str, path: str, body: Any = None, user: str = "demo@tchat.com") -> Answer:
        token = (await self.pair(user))["accessToken"]
        return await self.wire.call(method, path, body, token=token)

    async def create(self, title: str = "A", user: str = "demo@tchat.com") -> str:
        """The new item's id."""
        answer = await self.call("POST", "/content/items", {"title": title}, user)
        item: str = answer.json()["data"]["id"]
        return item

    async def update(self, item: str, version: int) -> Answer:
        return await self.call("PUT", f"/content/items/{item}", {"version": version, "title": f"A{version}"})

    async def publish(self, item: str, *, notify: bool = False) -> Answer:
        return await self.call("POST", f"/content/items/{item}/publish", {"notify": notify})

    async def bulk(self, *operations: dict[str, Any]) -> Answer:
        return await self.call("POST", "/content/items/bulk", {"operations": list(operations)})

    async def story(self) -> None:
        """Five changes of one item, one of each kind."""
        item = await self.create()
        await self.update(item, 1)
        await self.publish(item, notify=True)
        await self.call("POST", f"/content/items/{item}/archive", {})
        await self.call("POST", f"/content/items/{item}/revert", {"versionId": f"{item}-v1"})
