"""ASGI's WebSocket side: handshake, then frames in and out until one of the two ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from contracts.spec.channel import Channel
from mock_server.clock import Clock
from mock_server.message import HttpResponse, joined
from mock_server.problem import Problem
from mock_server.realtime.cancellable_receive import CancellableReceive
from mock_server.realtime.frames import FrameJudge
from mock_server.realtime.handshake import Handshake, without_upgrade
from mock_server.realtime.handshake_faults import refusal
from mock_server.realtime.hub import Hub
from mock_server.rules import Ruling
from mock_server.servers.tcp_connection import under

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class SocketAdapter:
    def __init__(
        self, channel: Channel, handshake: Handshake, hub: Hub, clock: Clock, ruling: Ruling
    ) -> None:
        self._channel = channel
        self._handshake = handshake
        self._hub = hub
        self._clock = clock
        self._ruling = ruling
        self._refused = 0
        self.paths = frozenset(path.encode() for path in channel.paths)

    def over_http(self, method: str, headers: Mapping[bytes, bytes]) -> HttpResponse:
        """The answer to a request on the channel's path that is no handshake, or a broken one."""
        if method == "OPTIONS":
            return HttpResponse(204, [(b"allow", b"GET, HEAD, OPTIONS")], b"")
        judged = method if self._ruling.rules.ws_other_methods_refused else "GET"
        return without_upgrade(judged, headers).response(self._request_id())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        try:
            if (scope.get("raw_path") or scope["path"].encode()) not in self.paths:
                raise Problem("ROUTE_NOT_FOUND", "There is nothing at this path.")
            claims = self._handshake.admit(scope["query_string"], joined(scope["headers"]))
        except Problem as problem:
            await self._refuse(scope, send, problem)
            return
        offered = scope.get("subprotocols", []) if self._ruling.rules.ws_subprotocol_chosen else []
        await send({"type": "websocket.accept", "subprotocol": next(iter(offered), None)})
        if self._hub.is_full:
            await send({"type": "websocket.close", "code": 1013, "reason": "over capacity"})
            return
        wire = under(receive, scope)
        if wire is not None and wire.outside:
            receiver = CancellableReceive(receive, send)
            receive, send = receiver.receive, receiver.send
        # Where a server hides its connections the socket is only forgotten here, and the next write to it fails.
        socket = self._hub.join(claims, send, wire.abort if wire is not None else _nothing)
        judge = FrameJudge(self._channel, self._ruling)
        try:
            while not socket.closed:
                event = await receive()
                if event["type"] == "websocket.disconnect":
                    break
                socket.heard = self._clock.now()
                reply = judge.judge(event.get("text"), event.get("bytes"), socket.heard)
                if reply.close is not None:
                    await socket.close(*reply.close)
                elif reply.frame is not None and reply.delay_ms:
                    self._hub.event_faults.hold(socket, reply.frame, reply.delay_ms)
                elif reply.frame is not None:
                    for _ in range(reply.times):
                        socket.offer(reply.frame)
        finally:
            self._hub.leave(socket)

    async def _refuse(self, scope: Scope, send: Send, problem: Problem) -> None:
        rules = self._ruling.rules
        if problem.status == 401 and not rules.ws_refuse_before_upgrade:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": rules.ws_close_session, "reason": problem.code})
            return
        response = problem.response(self._request_id())
        await _refuse(scope, send, refusal(response, rules) if self._ruling.on else response)

    def _request_id(self) -> str:
        self._refused += 1
        return f"w-{self._refused:016d}"


async def _refuse(scope: Scope, send: Send, response: HttpResponse) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # the server makes a 403 of it
        return
    headers = [*response.headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "websocket.http.response.start", "status": response.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.body})


def _nothing() -> None:
    return None
