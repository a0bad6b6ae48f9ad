"""`SocketAdapter`, the ASGI callable for WebSocket scopes: the handshake, then frames until one side closes."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from contracts.spec.channel import Channel
from mock_server.clock import Clock
from mock_server.message import HttpResponse, joined
from mock_server.problem import Problem
from mock_server.realtime.cancellable_receive import CancellableReceive
from mock_server.realtime.frames import BAD_KEPT, BadFrames, FrameJudge, FrameReply
from mock_server.realtime.handshake import Handshake, without_upgrade
from mock_server.realtime.hub import Hub
from mock_server.realtime.socket import LiveSocket
from mock_server.servers.tcp_connection import under

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class SocketAdapter:
    def __init__(
        self, channel: Channel, paths: Iterable[str], handshake: Handshake, hub: Hub, clock: Clock
    ) -> None:
        self._handshake = handshake
        self._hub = hub
        self._clock = clock
        self._judge = FrameJudge(channel, hub.frames)
        self._refused = 0
        self.paths = frozenset(path.encode() for path in paths)

    def over_http(self, method: str, headers: Mapping[bytes, bytes]) -> HttpResponse:
        """The response to an HTTP request on the channel's path that is not a valid handshake."""
        if method == "OPTIONS":
            return HttpResponse(204, [(b"allow", b"GET, HEAD, OPTIONS")], b"")
        return without_upgrade(method, headers).response(self._request_id())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        try:
            if (scope.get("raw_path") or scope["path"].encode()) not in self.paths:
                raise Problem("ROUTE_NOT_FOUND", "There is nothing at this path.")
            claims = self._handshake.admit(scope["query_string"], joined(scope["headers"]))
        except Problem as problem:
            await self.refuse(scope, send, problem)
            return
        await send({"type": "websocket.accept", "subprotocol": self.subprotocol(scope)})
        if self._hub.is_full:
            await send({"type": "websocket.close", "code": 1013, "reason": "over capacity"})
            return
        wire = under(receive, scope)
        if wire is not None and wire.outside:
            receiver = CancellableReceive(receive, send)
            receive, send = receiver.receive, receiver.send
        # Without a TcpConnection an abort only removes the socket here, and the next write fails.
        socket = self._hub.join(claims, send, wire.abort if wire is not None else _nothing)
        bad: BadFrames = deque(maxlen=BAD_KEPT)
        try:
            while not socket.closed:
                event = await receive()
                if event["type"] == "websocket.disconnect":
                    break
                socket.heard = self._clock.now()
                reply = self._judge.judge(bad, event.get("text"), event.get("bytes"), socket.heard)
                await self.reply(socket, reply)
        finally:
            self._hub.leave(socket)

    def subprotocol(self, scope: Scope) -> str | None:
        """The accepted subprotocol: none, whatever the client offers, unless the token comes behind its name."""
        return self._handshake.subprotocol

    async def reply(self, socket: LiveSocket, reply: FrameReply) -> None:
        if reply.close is not None:
            await socket.close(*reply.close)
        elif reply.frame is not None:
            socket.offer(reply.frame)

    async def refuse(self, scope: Scope, send: Send, problem: Problem) -> None:
        """Refuse a handshake with an HTTP response, before any upgrade (R12)."""
        await _send_refusal(scope, send, self.refusal(problem))

    def refusal(self, problem: Problem) -> HttpResponse:
        return problem.response(self._request_id())

    def _request_id(self) -> str:
        self._refused += 1
        return f"w-{self._refused:016d}"


async def _send_refusal(scope: Scope, send: Send, response: HttpResponse) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # the server sends a 403
        return
    headers = [*response.headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "websocket.http.response.start", "status": response.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.body})


def _nothing() -> None:
    return None
