"""The thin adapter between ASGI and the application."""

from contracts.command.loopback import is_loopback
from mock_server.build import Server
from mock_server.message import HttpResponse, ReceivedRequest, joined
from mock_server.servers.http_adapter import HttpAdapter, Receive, Scope, Send, respond
from mock_server.store.sqlite.checkpoints import Checkpoints


class AsgiApp:
    """Everything the server answers, by scope type."""

    def __init__(self, server: Server) -> None:
        self._http = HttpAdapter(server.front)
        self._control = HttpAdapter(server.control) if server.control is not None else None
        self._application = server.front
        server.faults.attach(self._http)
        self._sockets = server.sockets
        self._hub = server.hub
        self._checkpoints = Checkpoints(server.database)
        self.look = server.database.look

    def answer(self, request: ReceivedRequest) -> HttpResponse | None:
        """The answer to a request that needs neither to wait nor to know its connection; None: it does."""
        if request.path in self._sockets.paths:
            return self._sockets.over_http(request.method, request.headers)
        if not self._http.may_answer_at_once() or request.path.startswith(b"/_control/"):
            return None
        return self._application.handle(request)

    def after(self, request: ReceivedRequest) -> None:
        """Tell the sockets what a request has changed, once it is answered."""
        if request.method != "GET":
            self._hub.pump()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.look()
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
        """Whoever is not on this machine finds no control interface at all."""
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
