"""A function as an HTTP server on a free port of loopback, for as long as a block lasts; and the same request sent on.

with serving(lambda received: Reply(404)) as url: ...
"""

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.waiting import HANG


class Received(NamedTuple):
    """`torn`: the client left before its body was whole; `first`: nothing came before it on its connection."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    torn: bool = False
    first: bool = False


class Reply(NamedTuple):
    status: int
    headers: Iterable[tuple[str, str]] = ()
    body: bytes = b""


Respond = Callable[[Received], Reply | None]
"""None: the connection is closed without an answer."""


def forwarded(url: str, received: Received) -> Reply:
    """What a server answers to the same request."""
    target = urlsplit(url)
    upstream = http.client.HTTPConnection(target.hostname or "", target.port, timeout=HANG)
    skip = ("content-length", "connection", "host")
    headers = {name: value for name, value in received.headers.items() if name.lower() not in skip}
    with contextlib.closing(upstream):
        upstream.request(received.method, received.path, body=received.body or None, headers=headers)
        answer = upstream.getresponse()
        return Reply(answer.status, answer.getheaders(), answer.read())


@contextmanager
def serving(respond: Respond) -> Iterator[str]:
    """Its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536
        disable_nagle_algorithm = True
        first = True

        def log_message(self, *_: object) -> None:
            return

        def _pass(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length) if length else b""
            headers = dict(self.headers.items())
            first, self.first = self.first, False
            reply = respond(Received(self.command, self.path, headers, body, len(body) < length, first))
            if reply is None:
                self.close_connection = True
                return
            self.send_response_only(reply.status)
            whole = len(reply.body)
            for name, value in reply.headers:
                if name.lower() == "content-length" and self.command == "HEAD":
                    whole = int(value)
                elif name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            if reply.status not in (204, 304):
                self.send_header("Content-Length", str(whole))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):
                super().handle()

        def finish(self) -> None:
            with contextlib.suppress(ConnectionError):
                super().finish()

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_TRACE = do_QUERY = _pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(HANG)


@contextmanager
def connected(*serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A URL whose connections are served so, one after another, each by the next of these."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        for one in serve:
            peer, _ = listener.accept()
            with peer:
                one(peer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(HANG)
        listener.close()
