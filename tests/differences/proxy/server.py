"""An honest reverse proxy for HTTP/1.1 and WebSocket: reads a message, hands it on, writes the answer again.

    with running("http://127.0.0.1:8000", Row(...)) as url: ...

What a row does between is its own affair; the proxy itself keeps to RFC 9110, 7.6, and knows nothing of the API.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.differences.proxy import frames, http_messages
from tests.differences.proxy.message import HOP_BY_HOP, Answer, Headers, Request
from tests.differences.row import Intercept, Row

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
# The control interface is no part of the API: a row has nothing to say about it.
STEERING = "/_control"


class Proxy:
    def __init__(self, upstream: str, row: Row) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._netloc = parts.netloc
        self._row = row
        self._between: Intercept = row.make()
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    async def serve(self, stop: asyncio.Event, ready: threading.Event) -> None:
        host = self._row.listens
        server = await asyncio.start_server(self._accept, host, 0, limit=http_messages.LIMIT)
        port = server.sockets[0].getsockname()[1]
        named = self._row.named or (f"[{host}]" if ":" in host else host)
        self.url = f"http://{named}:{port}{self._row.path}"
        ready.set()
        await stop.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        link = Link(self, (reader, writer))
        try:
            await link.run()
        except (http_messages.Gone, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            link.close()

    async def open(self) -> Streams:
        return await asyncio.open_connection(self._host, self._port, limit=http_messages.LIMIT)

    def onward(self, request: Request) -> Request:
        """As it is sent to the server: the connection's own fields left out, Host as the row wants it."""
        kept: Headers = end_to_end(request)
        if self._row.host == "upstream":
            kept = tuple((k, self._netloc if k.lower() == "host" else v) for k, v in kept)
        kept = tuple(pair for pair in kept if pair[0].lower() != "content-length")
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            kept = (*kept, ("Content-Length", str(len(request.body))))
        return Request(method=request.method, target=request.target, headers=kept, body=request.body)


class Link:
    """One client's connection and the connection to the server that belongs to it."""

    def __init__(self, proxy: Proxy, client: Streams) -> None:
        self._proxy = proxy
        self._client = client
        self._server: Streams | None = None
        self._answered = 0

    def close(self) -> None:
        for streams in (self._client, self._server):
            if streams is not None:
                streams[1].close()

    async def run(self) -> None:
        row, reader, writer = self._proxy._row, *self._client
        while (request := await http_messages.read_request(reader)) is not None:
            if request.upgrades:
                await self._upgrade(request)
                return
            between = self._proxy._between
            if request.path.startswith(STEERING):
                answer = await self._forward(request)
            else:
                answer = await between.handle(request, self._forward)
            manner = row.manner
            self._answered += 1
            last = manner.to_the_end or self._answered == manner.closes_after or _closes(request)
            await http_messages.write_answer(writer, request, _ready(request, answer, row), manner, last=last)
            if last:
                return

    async def _forward(self, request: Request) -> Answer:
        """Ask the server, over a connection that is kept; once more where it had been closed while idle."""
        onward = self._proxy.onward(request)
        reused = self._server is not None
        for _ in range(2):
            if self._server is None:
                self._server = await self._proxy.open()
            reader, writer = self._server
            try:
                await http_messages.write_request(writer, onward)
                answer = await http_messages.read_answer(reader, request.method)
            except http_messages.Gone:
                writer.close()
                self._server = None
                if not reused:
                    raise
                reused = False
                continue
            if "close" in answer.header("connection").lower() or self._proxy._row.fresh:
                writer.close()
                self._server = None
            return answer
        raise http_messages.Gone

    async def _upgrade(self, request: Request) -> None:
        """A WebSocket handshake: the server decides, then the bytes flow."""
        row, between = self._proxy._row, self._proxy._between
        request = between.opening(request)
        server = self._server = await self._proxy.open()
        onward = self._proxy.onward(request)
        fields = [("Connection", "Upgrade"), ("Upgrade", request.header("upgrade"))]
        if row.channel != "tunnel":
            onward = onward.with_header("Sec-WebSocket-Extensions", None)
        await http_messages.write_request(
            server[1],
            Request(
                method=request.method, target=onward.target, headers=(*onward.headers, *fields), body=b""
            ),
        )
        answer = await http_messages.read_answer(server[0], request.method)
        if answer.status != 101:
            answer = between.refusal(request, answer)
            await http_messages.write_answer(
                self._client[1], request, _ready(request, answer, row), row.manner, last=True
            )
            return
        kept = (*end_to_end(answer), ("Connection", "Upgrade"), ("Upgrade", "websocket"))
        accepted = Answer(status=101, reason="Switching Protocols", headers=kept, body=b"")
        await http_messages.write_answer(self._client[1], request, accepted, row.manner, last=False)
        if row.channel == "reframe":
            await frames.reframe(self._client, server)
        elif row.channel == "alter":
            await frames.both(
                frames.alter(self._client[0], server[1], between.up, masked=True),
                frames.alter(server[0], self._client[1], between.down, masked=False),
            )
        else:
            await frames.both(
                frames.tunnel(self._client[0], server[1]), frames.tunnel(server[0], self._client[1])
            )


def end_to_end(message: Request | Answer) -> Headers:
    """The fields to hand on: not the connection's own, nor those that it names."""
    named = {name.strip().lower() for name in message.header("connection").split(",")}
    return tuple((name, value) for name, value in message.headers if name.lower() not in HOP_BY_HOP | named)


def _ready(request: Request, answer: Answer, row: Row) -> Answer:
    """Without the framing of the way before; HEAD alone keeps the length that it tells of."""
    length = request.method == "HEAD" and row.manner.head_length
    kept = [pair for pair in end_to_end(answer) if length or pair[0].lower() != "content-length"]
    kept += [pair for pair in row.adds if not answer.header(pair[0])]
    return Answer(status=answer.status, reason=answer.reason, headers=tuple(kept), body=answer.body)


def _closes(request: Request) -> bool:
    return "close" in request.header("connection").lower()


@contextmanager
def running(upstream: str, row: Row) -> Iterator[str]:
    """The proxy's URL, until the block ends."""
    proxy, ready, stop = Proxy(upstream, row), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(proxy.serve(stop, ready)), daemon=True)
    thread.start()
    if not ready.wait(10):
        raise RuntimeError("the proxy did not start")
    try:
        yield proxy.url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        with contextlib.suppress(RuntimeError):
            loop.close()
