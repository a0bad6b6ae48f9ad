"""`AsgiApp`, the adapter between ASGI and the application."""

from contracts.command.loopback import is_loopback
from mock_server.build import Server
from mock_server.message import HttpResponse, ReceivedRequest, joined
from mock_server.servers.http_adapter import HttpAdapter, Receive, Scope, Send, respond
from mock_server.store.sqlite.checkpoints import Checkpoints


class AsgiApp:
    """The ASGI app of a server: HTTP, WebSocket and lifespan."""

    def __init__(self, server: Server) -> None:
        self._http = HttpAdapter(server.front)
        self._control = HttpAdapter(server.control) if server.control is not None else None
        self._application = server.front
        server.faults.attach(self._http)
        self._sockets = server.sockets
        self._hub = server.hub
        self._checkpoints = Checkpoints(server.database)
        self.notice_commits = server.database.notice_commits

    def answer(self, request: ReceivedRequest) -> HttpResponse | None:
        """The response to a request, or None if it has to wait or needs its connection, so that it must go through ASGI."""
        if request.path in self._sockets.paths:
            return self._sockets.over_http(request.method, request.headers)
        if not self._http.may_answer_at_once() or request.path.startswith(b"/_control/"):
            return None
        return self._application.handle(request)

    def after(self, request: ReceivedRequest) -> None:
        """Send the events of a request's change, after it was answered."""
        if request.method != "GET":
            self._hub.pump()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.notice_commits()
        if scope["type"] == "http":
            if (scope.get("raw_path") or scope["path"].encode()) in self._sockets.paths:
                await respond(
                    self._sockets.over_http(scope["method"], joined(scope["headers"])),
                    send,
                    head=scope["method"] == "HEAD",
                )
                return
            if self._is_control(scope):
                assert self._control is not None
                await self._control(scope, receive, send)
                return
            await self._http(scope, receive, send)
            if scope["method"] != "GET":
                self._hub.pump()
        elif scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
        else:
            await self._lifespan(receive, send)

    def _is_control(self, scope: Scope) -> bool:
        """Whether a request is for the control interface, which other machines cannot see."""
        wanted = self._control is not None and scope["path"].startswith("/_control/")
        client = scope.get("client")  # none: an in-process transport
        return wanted and (client is None or is_loopback(client[0]))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                self._hub.start()
                self._checkpoints.start()
            else:
                await self._hub.stop()
                self._checkpoints.stop()
            await send({"type": f"{event['type']}.complete"})
            if event["type"] == "lifespan.shutdown":
                return
