"""One client's connection through the proxy: two ends, and a stream of bytes in each direction.

Without a toxic, bytes go directly from one transport to the other; only a shaped or held stream has a queue and a task. The close of
one end is passed on after all bytes that came before it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Protocol, cast

from load.proxy.toxic import Stream, Toxic

QUEUE_BYTES = 256 * 1024
"""The bytes that one direction buffers before it stops reading, like a router's buffer."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Surroundings(Protocol):
    """The proxy, as far as a link needs it."""

    @property
    def toxics(self) -> dict[str, Toxic]: ...

    def left(self, link: Link) -> None: ...


@dataclass(slots=True)
class End:
    """One end of a link: a transport, and the bytes that must still be written to it."""

    transport: asyncio.Transport | None = None
    queue: deque[tuple[float, bytes]] = field(default_factory=deque)
    queued: int = 0
    passed: int = 0
    finishing: bool = False
    """Whether the other end has closed, so that this one must close when its queue is empty."""
    finished: bool = False
    """Whether this end has been closed because of that."""
    lost: bool = False
    """Whether this end is lost in both directions."""
    full: bool = False
    """Whether the transport's own buffer is above its high-water mark."""
    task: asyncio.Task[None] | None = None


class Link:
    """One connection through the proxy. `number` counts connections from 1 and, with the seed, determines all random choices."""

    def __init__(self, number: int, seed: int, around: Surroundings) -> None:
        self.number = number
        self.seed = seed
        self.around = around
        self.random = Random(f"{seed}/{number}")
        self.client = End()
        self.server = End()
        self.rolls: dict[str, bool] = {}
        self.held: set[str] = set()
        self.answered = False
        self.ended = False
        self.loop = asyncio.get_running_loop()
        self.timers: list[asyncio.TimerHandle] = []

    def touches(self, toxic: Toxic) -> bool:
        """Whether a toxic applies to this connection by its toxicity; the same for the whole connection."""
        if toxic.name not in self.rolls:
            roll = Random(f"{self.seed}/{self.number}/{toxic.name}").random()
            self.rolls[toxic.name] = roll < toxic.toxicity
        return self.rolls[toxic.name]

    def active(self, stream: Stream) -> list[Toxic]:
        return [t for t in self.around.toxics.values() if t.stream == stream and self.touches(t)]

    def meet(self, toxic: Toxic, *, newborn: bool) -> None:
        """Apply a toxic that was added, or that is active when the link begins."""
        if self.ended or not self.touches(toxic):
            return
        kind = toxic.kind
        if kind.holds == "all" or (kind.holds == "old" and not newborn):
            self._hold(toxic.name)
        if kind.kills:
            self._kill(toxic)
        if kind.ends and (self.answered or not kind.once_answered):
            self._light(toxic)

    def _light(self, toxic: Toxic) -> None:
        """Start the timer of a toxic that ends connections."""
        delay = toxic.attributes.get("timeout", 0) / 1000
        if not (toxic.kind.ends == "close" and delay == 0):
            end = self.reset if toxic.kind.ends == "reset" else self.close
            self.timers.append(self.loop.call_later(delay, self._end_by, toxic.name, end))

    def _end_by(self, name: str, end: object) -> None:
        # The toxic may have been removed while its fuse burnt.
        if name in self.around.toxics and callable(end):
            end()

    def part(self, toxic: Toxic) -> None:
        """End the effect of a removed toxic."""
        if toxic.name not in self.held:
            return
        self.held.discard(toxic.name)
        if toxic.kind.holds == "old":
            self.reset()
        elif not self.held:
            for end in (self.client, self.server):
                self._resume(end)
                self._work(end)

    def _hold(self, name: str) -> None:
        self.held.add(name)
        for end in (self.client, self.server):
            if end.transport is not None and not end.transport.is_closing():
                end.transport.pause_reading()

    def _resume(self, end: End) -> None:
        sink = self.other(end)
        if self.held or sink.full or sink.queued > QUEUE_BYTES // 2:
            return
        if end.transport is not None and not end.transport.is_closing():
            end.transport.resume_reading()

    def _kill(self, toxic: Toxic) -> None:
        if toxic.attributes["farewell"] and self.client.transport is not None:
            self.client.transport.write(bytes.fromhex(toxic.attributes["farewell"]))
        if toxic.attributes["reset"]:
            self.reset()
        else:
            self.close()

    def connected(self, end: End, transport: asyncio.Transport) -> None:
        end.transport = transport
        if self.ended:
            transport.abort()
        elif self.held:
            transport.pause_reading()
        self._work(end)

    def other(self, end: End) -> End:
        return self.server if end is self.client else self.client

    def take(self, source: End, data: bytes) -> None:
        """Handle bytes that were received at one end."""
        if source is self.server and not self.answered:
            self.answered = True
            for toxic in self.around.toxics.values():
                if toxic.kind.once_answered and self.touches(toxic):
                    self._light(toxic)
        sink = self.other(source)
        stream: Stream = "upstream" if source is self.client else "downstream"
        if sink.task is None and not sink.queue and sink.transport is not None and not self.active(stream):
            sink.passed += len(data)
            sink.transport.write(data)
            return
        sink.queue.append((self.loop.time(), data))
        sink.queued += len(data)
        if sink.queued > QUEUE_BYTES and source.transport is not None:
            source.transport.pause_reading()
        self._work(sink)

    def congested(self, sink: End) -> None:
        """Pause reading for an end whose buffer is full, or resume it."""
        sink.full = True
        source = self.other(sink).transport
        if source is not None and not source.is_closing():
            source.pause_reading()

    def relieved(self, sink: End) -> None:
        sink.full = False
        self._resume(self.other(sink))

    def finished(self, source: End, *, lost: bool) -> None:
        """Handle an end that has closed its half, or is `lost` in both directions."""
        source.lost = lost
        sink = self.other(source)
        if lost and sink.finished:
            self.close()
        if not sink.finishing:
            sink.finishing = True
            self._work(sink)

    def _work(self, sink: End) -> None:
        if sink.task is None and sink.transport is not None and (sink.queue or sink.finishing):
            sink.task = self.loop.create_task(self._drain(sink))

    async def _drain(self, sink: End) -> None:
        stream: Stream = "upstream" if sink is self.server else "downstream"
        try:
            while sink.queue and not self.ended and not self.held:
                arrived, data = sink.queue.popleft()
                await self._shape(sink, stream, 0, data, arrived)
                sink.queued -= len(data)
                self._resume(self.other(sink))
            if sink.finishing and not sink.queue and not self.held and not self.ended:
                delays = [t.attributes["delay"] for t in self.active(stream) if t.kind.name == "slow_close"]
                await asyncio.sleep(sum(delays) / 1000)
                self._pass_end(sink)
        finally:
            sink.task = None

    def _pass_end(self, sink: End) -> None:
        """Close the half of the connection that leads to `sink`."""
        sink.finished = True
        source = self.other(sink)
        if source.lost or source.finished or sink.lost:
            self.close()
        elif sink.transport is not None and not sink.transport.is_closing():
            sink.transport.write_eof()

    async def _shape(self, sink: End, stream: Stream, at: int, data: bytes, arrived: float) -> None:
        """Pass bytes through the stream's toxics from index `at` on, then write them."""
        toxics = self.active(stream)
        if at >= len(toxics):
            self._write(sink, data)
            return
        toxic = toxics[at]
        if toxic.kind.discards:
            return
        if toxic.kind.name == "limit_data":
            allowed = max(0, toxic.attributes["bytes"] - sink.passed)
            await self._shape(sink, stream, at + 1, data[:allowed], arrived)
            if len(data) >= allowed:
                self.close()
            return
        for wait, piece in toxic.kind.shape(toxic, data, self.loop.time() - arrived, self.random):
            if wait:
                await asyncio.sleep(wait)
            await self._shape(sink, stream, at + 1, piece, arrived)

    def _write(self, sink: End, data: bytes) -> None:
        if sink.transport is not None and not sink.transport.is_closing() and data:
            sink.passed += len(data)
            sink.transport.write(data)

    def close(self) -> None:
        """Close both ends by FIN, after the bytes that were already written."""
        self._finish(reset=False)

    def reset(self) -> None:
        """Close both ends by RST, at once."""
        self._finish(reset=True)

    def _finish(self, *, reset: bool) -> None:
        if self.ended:
            return
        self.ended = True
        for timer in self.timers:
            timer.cancel()
        for end in (self.client, self.server):
            if end.transport is None:
                continue
            if reset:
                sock = end.transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                end.transport.abort()
            else:
                end.transport.close()
        self.around.left(self)


class Side(asyncio.Protocol):
    """The asyncio protocol of one end."""

    def __init__(self, link: Link, end: End) -> None:
        self.link = link
        self.end = end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's, so this cannot be asserted.
        self.link.connected(self.end, cast("asyncio.Transport", transport))

    def data_received(self, data: bytes) -> None:
        self.link.take(self.end, data)

    def pause_writing(self) -> None:
        self.link.congested(self.end)

    def resume_writing(self) -> None:
        self.link.relieved(self.end)

    def eof_received(self) -> bool:
        self.link.finished(self.end, lost=False)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self.link.finished(self.end, lost=True)
