"""One proxy: a listener, an upstream, its active toxics and its links.

The listener is closed while a toxic `shuts` it, so that a connect gets RST. Its port is kept meanwhile, and is the same when the
listener opens again.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Mapping
from typing import Any

from contracts.command.loopback import addresses
from load.proxy.link import Link, Side
from load.proxy.toxic import Toxic, ToxicError, toxic

BACKLOG = 4096


class Proxy:
    def __init__(self, name: str, listen: tuple[str, int], upstream: tuple[str, int], *, seed: int) -> None:
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self.seed = seed
        self.toxics: dict[str, Toxic] = {}
        self.links: set[Link] = set()
        self.accepted = 0
        self.unreachable = 0
        self.server: asyncio.Server | None = None
        self.place: socket.socket | None = None
        """Has the port and never listens. A port that nobody has is given away: to any connection that leaves this machine,
        and so to a client that knocks on it again and again, who would then be connected with itself."""
        self.connecting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        if self.place is None:
            self.place = self._bound()
            self.listen = self.place.getsockname()[:2]
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(self._accept, sock=self._bound(), backlog=BACKLOG)

    def _bound(self) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # It lets the port be taken again at once after a `down`, and two of our own sockets have it; elsewhere than on Linux
        # the latter needs the second one.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform != "linux":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            made.bind(self.listen)
        except OSError:
            made.close()
            raise
        return made

    async def stop(self) -> None:
        await self._shut()
        if self.place is not None:
            self.place.close()
        for link in list(self.links):
            link.reset()

    async def add(self, fault: Toxic) -> None:
        """Add a toxic; ToxicError if one with that name exists."""
        if fault.name in self.toxics:
            raise ToxicError(f"there is a toxic {fault.name!r} already")
        self.toxics[fault.name] = fault
        if fault.kind.shuts:
            await self._shut()
        for link in list(self.links):
            link.meet(fault, newborn=False)

    async def remove(self, name: str) -> None:
        """Remove a toxic; ToxicError if none has that name."""
        fault = self.toxic(name)
        del self.toxics[name]
        for link in list(self.links):
            link.part(fault)
        await self._open()

    def toxic(self, name: str) -> Toxic:
        """The toxic with a name; ToxicError if there is none."""
        if name not in self.toxics:
            raise ToxicError(f"there is no toxic {name!r} on proxy {self.name}")
        return self.toxics[name]

    async def update(self, name: str, attributes: Mapping[str, Any], toxicity: float | None) -> Toxic:
        """Change a toxic's attributes in place, as Toxiproxy's POST on a toxic does."""
        old = self.toxic(name)
        new = toxic(
            old.kind.name,
            {**old.attributes, **attributes},
            stream=old.stream,
            name=name,
            toxicity=old.toxicity if toxicity is None else toxicity,
        )
        self.toxics[name] = new
        return new

    async def enable(self, enabled: bool) -> None:
        """Toxiproxy's `enabled`; off is the toxic `down` without any attribute."""
        if enabled and "down_switch" in self.toxics:
            await self.remove("down_switch")
        elif not enabled and "down_switch" not in self.toxics:
            await self.add(toxic("down", {}, name="down_switch"))

    def describe(self) -> dict[str, Any]:
        """Toxiproxy's JSON of a proxy, with our counters."""
        return {
            "name": self.name,
            "listen": "{}:{}".format(*self.listen),
            "upstream": "{}:{}".format(*self.upstream),
            "enabled": "down_switch" not in self.toxics,
            "toxics": [fault.describe() for fault in self.toxics.values() if fault.name != "down_switch"],
            "connections": {
                "accepted": self.accepted,
                "live": len(self.links),
                "upstream_unreachable": self.unreachable,
            },
        }

    def left(self, link: Link) -> None:
        self.links.discard(link)

    async def _open(self) -> None:
        if self.server is None and not any(fault.kind.shuts for fault in self.toxics.values()):
            await self.start()

    async def _shut(self) -> None:
        if self.server is not None:
            # Not wait_closed(): since 3.12 it waits for the connections too, and those may stay.
            self.server.close()
            self.server = None
            await asyncio.sleep(0)

    def _accept(self) -> Side:
        self.accepted += 1
        link = Link(self.accepted, self.seed, self)
        self.links.add(link)
        for fault in self.toxics.values():
            link.meet(fault, newborn=True)
        task = asyncio.get_running_loop().create_task(self._connect(link))
        self.connecting.add(task)
        task.add_done_callback(self.connecting.discard)
        return Side(link, link.client)

    async def _connect(self, link: Link) -> None:
        loop = asyncio.get_running_loop()
        host, port = self.upstream
        with contextlib.suppress(OSError):  # of the name
            for address in addresses(host):
                with contextlib.suppress(OSError):
                    await loop.create_connection(lambda: Side(link, link.server), address, port)
                    return
        self.unreachable += 1
        link.reset()
