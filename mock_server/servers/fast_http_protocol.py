"""`FastHttpProtocol`, a protocol for uvicorn that answers plain requests without ASGI and leaves everything else to uvicorn's own protocol.

ASGI needs a task, an event, three messages and two writes for each request, which takes longer than the answer itself (2.2x for GET, 1.9x
for a list page, 1.4x for a durable PUT). A connection changes to uvicorn's protocol for good with the first request that is not plain: a
handshake, the control interface, an active fault, `Expect`, chunks, a large body, a header in pieces, HTTP/1.0, `Connection: close`, or
bytes that are not HTTP.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from mock_server.message import HttpResponse
from mock_server.servers.asgi import AsgiApp
from mock_server.servers.header_cache import HeaderCache, NotPlainError

CACHE = HeaderCache()
_STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus
}


class FastHttpProtocol(asyncio.Protocol):
    """The protocol of one connection, made by uvicorn (its option `http`). `config.app` is the AsgiApp."""

    _transport: asyncio.Transport

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._app: AsgiApp = config.app  # type: ignore[assignment]
        self._config = config
        self._state = server_state
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._waiting = b""
        """The bytes of a request whose body is incomplete."""
        self._closing = False
        self._answered_at = 0.0
        self._idle_check: asyncio.TimerHandle | None = None
        self._own: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")
        """uvicorn's default fields, and their bytes. uvicorn makes a new list each second, because of `Date`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._state.connections.add(self)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def data_received(self, data: bytes) -> None:
        data = self._waiting + data
        try:
            while data:
                self._waiting = data
                read = CACHE.read(data)
                if read is None:
                    return
                request, size = read
                response = self._app.answer(request)
                if response is None:
                    raise NotPlainError
                data = self._waiting = data[size:]
                self._send(response, head=request.method == "HEAD")
                self._app.after(request)
                if data:
                    self._app.notice_commits()  # the next request may have been sent after another process's answer
        except NotPlainError:
            self._hand_over()

    def pause_writing(self) -> None:
        """Read no more requests, because the client does not read its answers."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def shutdown(self) -> None:
        """Close the connection because uvicorn stops. A request that is arriving is still answered."""
        if self._waiting:
            self._closing = True
        else:
            self._transport.close()

    def _hand_over(self) -> None:
        self._leave()
        protocol = HttpToolsProtocol(self._config, self._state, self._app_state, self._loop)
        protocol.connection_made(self._transport)
        self._transport.set_protocol(protocol)
        protocol.data_received(self._waiting)
        if self._closing:
            protocol.shutdown()

    def _leave(self) -> None:
        self._state.connections.discard(self)
        if self._idle_check is not None:
            self._idle_check.cancel()

    def _send(self, response: HttpResponse, *, head: bool) -> None:
        """Send a response in one write. The fields are made by the server, and none has unchecked data of the client."""
        if self._own[0] is not self._state.default_headers:
            own = self._state.default_headers
            self._own = own, b"".join(b"%b: %b\r\n" % field for field in own)
        out = [_STATUS_LINES[response.status], self._own[1]]
        for name, value in response.headers:
            out += (name, b": ", value, b"\r\n")
        if response.status not in (204, 304):
            out.append(b"content-length: %d\r\n" % len(response.body))
        out.append(b"connection: close\r\n\r\n" if self._closing else b"\r\n")
        if not head:
            out.append(response.body)
        self._transport.write(b"".join(out))
        self._state.total_requests += 1
        if self._closing:
            self._transport.close()
        self._answered_at = self._loop.time()
        if self._idle_check is None:
            self._end_if_idle()

    def _end_if_idle(self) -> None:
        """Close an idle connection. There is one timer for each connection, while uvicorn uses one for each request."""
        if self._transport.is_closing():
            return
        left = self._answered_at + self._config.timeout_keep_alive - self._loop.time()
        if left > 0 or self._waiting:
            self._idle_check = self._loop.call_later(max(left, 1.0), self._end_if_idle)
        else:
            self._transport.close()
