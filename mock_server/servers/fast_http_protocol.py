"""uvicorn's HTTP protocol, with a short way: a plain request that is here whole is answered where its last byte was read.

A request whose fields have come before is not even parsed (`mock_server.servers.header_cache`).

The long way, ASGI, is a task, an event, three messages and two writes for each request: more than the answer itself costs. It stays
for what needs to wait or to know the connection: handshakes, the control interface, faults, `Expect`, a request behind one
that is not answered yet, and a client that does not read its answers. Writes that come together are committed together
(`mock_server.servers.group_commit`).
"""

from __future__ import annotations

from asyncio import TimerHandle
from functools import partial
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mock_server.message import HttpRequest, HttpResponse, joined
from mock_server.realtime.handshake import is_complete
from mock_server.servers.asgi import AsgiApp
from mock_server.servers.header_cache import HeaderCache

HEADS = HeaderCache()


class FastHttpProtocol(HttpToolsProtocol):
    """One connection. `self.config.app` is the AsgiApp."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._app: AsgiApp = self.config.app  # type: ignore[assignment]
        self._body: bytearray | None = None
        """What has come of the body of a request that is to be answered at once; None: there is none under way."""
        self._block: bytes | None = None
        """What the parser has been given since it was between two requests, while that is one piece."""
        self._between = True
        self._closing = False
        self._busy = False
        self._answered_at = 0.0
        self._idle_check: TimerHandle | None = None

    def _should_upgrade_to_ws(self) -> bool:
        """Only a complete handshake is for the WebSocket library. It would refuse the others itself, but as plain text and without
        the 426 of RFC 6455, 4.4."""
        return super()._should_upgrade_to_ws() and is_complete(joined(self.headers))

    def data_received(self, data: bytes) -> None:
        self._block = None
        if self._between and self._may_answer_at_once():
            request = HEADS.read(data)
            if request is not None and self._app.is_plain(request.path):
                self._unset_keepalive_if_required()
                self._answer(request, last=False)
                return
            self._block = data
        super().data_received(data)

    def _may_answer_at_once(self) -> bool:
        return not self.flow.write_paused and (
            self.cycle is None or (self.cycle.response_complete and not self.pipeline)
        )

    # Called by the parser

    def on_message_begin(self) -> None:
        self._between = False
        self._busy = True
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade() or self.expect_100_continue or not self._may_answer_at_once():
            self._take_long_way()
        else:
            self._body = bytearray()

    def on_body(self, body: bytes) -> None:
        if self._body is None:
            super().on_body(body)
            return
        if (
            len(self._body) <= self._app.largest_body
        ):  # of one that is too long so much is kept that this can be seen
            self._body += body

    def on_message_complete(self) -> None:
        block, self._block, self._between = self._block, None, True
        if self._body is None:
            super().on_message_complete()
            return
        body, self._body = bytes(self._body), None
        path, _, query = self.url.partition(b"?")
        if path[:1] != b"/" or b"#" in self.url:  # the absolute form (RFC 9112, 3.2.2), or worse
            parsed = httptools.parse_url(self.url)
            path, query = parsed.path, parsed.query or b""
        if not self._app.is_plain(path):
            self._take_long_way()
            super().on_body(body)
            super().on_message_complete()
            return
        fields = dict(self.headers)
        request = HttpRequest(
            method=self.parser.get_method().decode("ascii"),
            path=path,
            query=query,
            headers=fields if len(fields) == len(self.headers) else joined(self.headers),
            body=body,
            too_large=len(body) > self._app.largest_body,
        )
        # Asked of the parser now: it may be at the next request when the answer leaves.
        last = self.parser.get_http_version() == "1.0" or not self.parser.should_keep_alive()
        if block is not None and not last:
            HEADS.learn(block, request.headers, body)
        self._app.look()  # this one may have come behind another
        self._answer(request, last=last)

    def _answer(self, request: HttpRequest, *, last: bool) -> None:
        self._busy = True
        self._app.answer(request, partial(self._send, request.method == "HEAD", last))

    def _take_long_way(self) -> None:
        url, headers, expected = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.headers, self.expect_100_continue = url, headers, expected
        self.scope["headers"] = headers
        super().on_headers_complete()

    def _send(self, head: bool, last: bool, response: HttpResponse) -> None:
        """One write. The fields are our own and right; what a client sent stands in none of them unchecked."""
        if self.transport.is_closing():
            return
        last = last or self._closing
        out = [STATUS_LINE[response.status], _rendered(self.server_state.default_headers)]
        for name, value in response.headers:
            out += (name, b": ", value, b"\r\n")
        if response.status not in (204, 304):
            out.append(b"content-length: %d\r\n" % len(response.body))
        out.append(b"connection: close\r\n\r\n" if last else b"\r\n")
        if not head:
            out.append(response.body)
        self.transport.write(b"".join(out))
        if last:
            self.transport.close()
        self.server_state.total_requests += 1
        self._busy = False
        self._answered_at = self.loop.time()
        if self._idle_check is None:
            self._check_idle()

    def _check_idle(self) -> None:
        """End a connection that nothing has come over for a while. One timer a connection: uvicorn's own is one a request."""
        if self.transport.is_closing():
            return
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left <= 0 and not self._busy and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()
        else:
            self._idle_check = self.loop.call_later(
                left if left > 0 else self.timeout_keep_alive, self._check_idle
            )

    def handle_websocket_upgrade(self) -> None:
        self._stop_idle_check()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_idle_check()
        super().connection_lost(exc)

    def _stop_idle_check(self) -> None:
        if self._idle_check is not None:
            self._idle_check.cancel()

    # Called by the server

    def shutdown(self) -> None:
        """A request that has begun to arrive is still answered."""
        self._app.settle()
        if self._body is None:
            super().shutdown()
        else:
            self._closing = True


def _rendered(fields: list[tuple[bytes, bytes]]) -> bytes:
    """The server's own fields as text. uvicorn makes the list anew each second, for `Date`."""
    known = _DEFAULTS.get(id(fields))
    if known is None or known[0] is not fields:
        known = fields, b"".join(b"%b: %b\r\n" % field for field in fields)
        _DEFAULTS.clear()
        _DEFAULTS[id(fields)] = known
    return known[1]


_DEFAULTS: dict[int, tuple[list[tuple[bytes, bytes]], bytes]] = {}
