"""WebSocket frames on their way through the proxy: as they are, or read and written again message by message.

`tunnel` moves bytes. `alter` moves frames and may replace a whole text message of either side. `reframe` is what a proxy
built on a library does: each side has a protocol state of its own, pings are answered here, fragments are joined.
"""

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

Text = Callable[[str], Iterable[tuple[float, str]]]
"""What becomes of a text message: messages in its place, each after so many seconds."""
TEXT = 1


@contextmanager
def ending(writer: asyncio.StreamWriter) -> Iterator[None]:
    """What comes to an end on one side does so on the other, in the same way: a half-close, or a cut."""
    try:
        yield
    except asyncio.IncompleteReadError:
        pass
    except ConnectionError:
        writer.transport.abort()
        return
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()


async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes one way until either side ends."""
    with ending(writer):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()


async def alter(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: Text, *, masked: bool
) -> None:
    """Frames one way; a text message in one frame goes through `text`, every other frame as it is."""
    later: set[asyncio.Task[None]] = set()
    with ending(writer):
        while True:
            raw, first, payload = await _frame(reader)
            made_of = _altered(text, payload) if first == 0x80 | TEXT else None
            if made_of is None:
                writer.write(raw)
            else:
                for delay, told in made_of:
                    made = _made(told.encode(), masked=masked)
                    if delay:
                        task = asyncio.create_task(_send(writer, made, delay))
                        later.add(task)
                        task.add_done_callback(later.discard)
                    else:
                        writer.write(made)
            await writer.drain()


def _altered(text: Text, payload: bytes) -> list[tuple[float, str]] | None:
    """None where the frame goes on as it is: nothing was altered, or it is no message that a row could mean."""
    try:
        was = payload.decode()
        made = list(text(was))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return None if made == [(0.0, was)] else made


async def _send(writer: asyncio.StreamWriter, data: bytes, delay: float) -> None:
    await asyncio.sleep(delay)
    with contextlib.suppress(ConnectionError, RuntimeError):  # asyncio's word for one that has ended its side
        writer.write(data)


async def _frame(reader: asyncio.StreamReader) -> tuple[bytes, int, bytes]:
    """One frame: its bytes, its first byte, its payload unmasked."""
    raw = await reader.readexactly(2)
    first, size = raw[0], raw[1] & 0x7F
    if size >= 126:
        more = await reader.readexactly(2 if size == 126 else 8)
        raw, size = raw + more, int.from_bytes(more, "big")
    key = b""
    if raw[1] & 0x80:
        key = await reader.readexactly(4)
        raw += key
    payload = await reader.readexactly(size)
    raw += payload
    if key:
        payload = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))
    return raw, first, payload


def _made(payload: bytes, *, masked: bool) -> bytes:
    size = len(payload)
    flag = 0x80 if masked else 0
    head = bytes([0x80 | TEXT])
    if size < 126:
        head += bytes([flag | size])
    elif size < 65536:
        head += bytes([flag | 126]) + struct.pack("!H", size)
    else:
        head += bytes([flag | 127]) + struct.pack("!Q", size)
    # A key of zeros masks nothing and is as good as any (RFC 6455, 5.3, asks for entropy against browsers' scripts).
    return head + (b"\0\0\0\0" if masked else b"") + payload


class Side:
    """One side of a reframing proxy."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kind: ConnectionType
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.protocol = Connection(kind)
        self.other: Side = self
        self._kept: list[bytes | str] = []

    async def run(self) -> None:
        """Until this side has ended; then the other one ends in the same way."""
        while chunk := await self._read():
            try:
                self.protocol.receive_data(chunk)
                for event in self.protocol.events():
                    await self._take(event)
            except RemoteProtocolError as error:
                await self.send(error.event_hint or CloseConnection(code=1002))
                await self.other.send(CloseConnection(code=1001))
                return
            if self.protocol.state in (ConnectionState.CLOSED, ConnectionState.LOCAL_CLOSING):
                return
        self.other.writer.transport.abort()

    async def _read(self) -> bytes:
        try:
            return await self.reader.read(65536)
        except ConnectionError:
            return b""

    async def _take(self, event: object) -> None:
        if isinstance(event, Ping):
            await self.send(event.response())
        elif isinstance(event, CloseConnection):
            await self.send(event.response())
            await self.other.send(CloseConnection(code=event.code if event.code != 1005 else 1000))
        elif isinstance(event, Message):
            self._kept.append(event.data)
            if event.message_finished:
                whole, self._kept = self._kept, []
                if isinstance(event, TextMessage):
                    await self.other.send(TextMessage(data="".join(map(str, whole))))
                else:
                    await self.other.send(BytesMessage(data=b"".join(map(bytes, whole))))  # type: ignore[arg-type]

    async def send(self, event: object) -> None:
        with contextlib.suppress(LocalProtocolError, ConnectionError):
            self.writer.write(self.protocol.send(event))  # type: ignore[arg-type]
            await self.writer.drain()


async def reframe(
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Both ways, until both have ended."""
    left, right = Side(*client, ConnectionType.SERVER), Side(*server, ConnectionType.CLIENT)
    left.other, right.other = right, left
    await both(left.run(), right.run())


async def both(*ways: Awaitable[None]) -> None:
    """Until both ways have ended, or a second after the first has."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait(tasks, timeout=1.0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
