"""The few HTTP calls that a storm makes of its target: log in, write, catch up.

Goes straight to the target, past the fault proxy: the outage is one of sockets, so that what is written
meanwhile is known for certain. An answer that the storm cannot go on with is an ApiError, one line, without
any secret in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import gevent
import msgspec

from load.http.connection import ANSWER, FIRST_ANSWER, ExchangeError, HttpConnection, HttpReply, Pool
from load.http.target import Target
from load.realtime.storm.client_tokens import IssuedTokens

PAGES = 1000
"""More pages of one sync than any test world has changes; a server that always says `hasMore` ends here."""


LONGEST_LINE = 4096


class ApiError(RuntimeError):
    """`reached` is False where nobody answered at all."""

    def __init__(self, message: str, *, reached: bool = True) -> None:
        super().__init__(message)
        self.reached = reached


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenVersion:
    """One committed version. `stamp` is the item's `updatedAt`."""

    item: str
    version: int
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """All that `GET /content/sync` tells since a stamp, pages put together."""

    versions: Mapping[str, int]
    stamp: str


class StormApi:
    def __init__(self, target: Target) -> None:
        self.target = target
        self.pool = Pool(target)
        self.token = ""
        self._answered = False
        self._credentials = {"email": "", "password": ""}

    def login(self, email: str, password: str) -> None:
        """Take a session for the calls of our own, and the credentials for those of the clients."""
        self._credentials = {"email": email, "password": password}
        self.again()

    def again(self) -> None:
        """Another session of our own, because the last one's token has ended."""
        self.token = ""
        self.token = self.session().access

    def session(self) -> IssuedTokens:
        """A new session, for one client."""
        return _pair("POST /auth/login", self._call("POST", "/auth/login", self._credentials, expect=200))

    def refresh(self, token: str) -> IssuedTokens:
        answer = self._call("POST", "/auth/refresh", None, expect=200, token=token)
        return _pair("POST /auth/refresh", answer)

    def create(self, title: str) -> WrittenVersion:
        return self._written("POST", "/content/items", {"title": title}, expect=201)

    def update(self, last: WrittenVersion, title: str) -> WrittenVersion:
        body = {"version": last.version, "title": title}
        return self._written("PUT", f"/content/items/{last.item}", body, expect=200)

    def archive(self, item: str) -> None:
        self._call("POST", f"/content/items/{item}/archive", {}, expect=200)

    def read(self, path: str, token: str) -> None:
        """What a screen shows; ApiError unless it is answered."""
        self._call("GET", path, None, expect=200, token=token)

    def sync(self, since: str, token: str | None = None) -> Synced:
        """Follow `hasMore` to its end, from a stamp to the server's newest one."""
        versions: dict[str, int] = {}
        for _ in range(PAGES):
            query = urlencode({"lastSyncTimestamp": since, "includeDeleted": "true"})
            page = self._data("GET", f"/content/sync?{query}", None, expect=200, token=token)
            try:
                versions.update({item["id"]: item["version"] for item in page["items"]})
                since = page["syncTimestamp"]
                if not page["hasMore"]:
                    return Synced(versions=versions, stamp=since)
            except (KeyError, TypeError):
                raise ApiError("GET /content/sync answered 200 with something that is not a sync") from None
        raise ApiError(f"GET /content/sync still says hasMore after {PAGES} pages")

    def handshake_status(self, query: str) -> int:
        """What the realtime endpoint answers to an upgrade with this query, 101 included."""
        head = (
            f"GET {self.target.prefix}/ws?{query} HTTP/1.1\r\nHost: {self.target.authority}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        connection = HttpConnection()
        try:
            self.pool.open(connection)
            # 101 is an interim answer to an HTTP parser, so the status line is read by hand.
            connection.socket.sendall(head.encode())
            with gevent.Timeout(ANSWER):
                return _status(connection.socket)
        except (ExchangeError, OSError, IndexError, ValueError, gevent.Timeout):
            return 0
        finally:
            connection.close()

    def close(self) -> None:
        self.pool.close()

    def _written(self, method: str, path: str, body: Any, *, expect: int) -> WrittenVersion:
        item = self._data(method, path, body, expect=expect)
        try:
            return WrittenVersion(item=item["id"], version=item["version"], stamp=item["updatedAt"])
        except (KeyError, TypeError):
            raise ApiError(f"{method} {path} answered {expect} without a content item") from None

    def _data(self, method: str, path: str, body: Any, *, expect: int, token: str | None = None) -> Any:
        answer = self._call(method, path, body, expect=expect, token=token)
        if not isinstance(answer, dict) or "data" not in answer:
            raise ApiError(f"{method} {path.split('?')[0]} answered {expect} without its `data`")
        return answer["data"]

    def _call(self, method: str, path: str, body: Any, *, expect: int, token: str | None = None) -> Any:
        content = b"" if body is None else msgspec.json.encode(body)
        head = f"{method} {self.target.prefix}{path} HTTP/1.1\r\nHost: {self.target.authority}\r\n"
        if token or self.token:
            head += f"Authorization: Bearer {token or self.token}\r\n"
        if body is not None:
            head += "Content-Type: application/json\r\n"
        if method != "GET":
            head += f"Content-Length: {len(content)}\r\n"
        reply = self._exchange(f"{head}\r\n".encode() + content)
        name = f"{method} {path.split('?')[0]}"
        if reply.status != expect:
            raise ApiError(f"{name} answered {reply.status} where {expect} was due{_code(reply.body)}")
        try:
            return msgspec.json.decode(reply.body)
        except msgspec.DecodeError:
            raise ApiError(f"{name} answered {reply.status} with a body that is not JSON") from None

    def _exchange(self, request: bytes) -> HttpReply:
        # A server may close an idle connection just as a request goes out on it (RFC 9112, 9.3.1). Reads are
        # then sent once more; a write cannot be, so it never goes out on a connection that has rested.
        is_read = request.startswith(b"GET ")
        connection = self.pool.idle() if is_read else None
        if connection is not None:
            try:
                return self._on(connection, request)
            except ExchangeError:
                pass
        try:
            connection = HttpConnection()
            self.pool.open(connection)
            return self._on(connection, request)
        except ExchangeError as error:
            message = f"{self.target.url} does not answer ({error.kind}); is the server running there?"
            raise ApiError(message, reached=False) from None

    def _on(self, connection: HttpConnection, request: bytes) -> HttpReply:
        reply = connection.exchange(request, seconds=ANSWER if self._answered else FIRST_ANSWER)
        self._answered = True
        self.pool.rest(connection)
        return reply


def _pair(name: str, answer: Any) -> IssuedTokens:
    """Without a lifetime a token lives as long as nobody says otherwise (RFC 6749, 5.1)."""
    try:
        tokens = answer["tokens"]
        life = float(tokens.get("expiresIn", "inf"))
        return IssuedTokens(str(tokens["accessToken"]), str(tokens.get("refreshToken", "")), life)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ApiError(f"{name} answered 200 without tokens.accessToken") from None


def _code(body: bytes) -> str:
    """` (CODE)` of a problem document, so that the line says why."""
    try:
        problem = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    return f" ({problem['code']})" if isinstance(problem, dict) and "code" in problem else ""


def _status(socket: Any) -> int:
    """The status line may come in any number of pieces."""
    line = b""
    while b"\r\n" not in line and len(line) < LONGEST_LINE:
        block = socket.recv(LONGEST_LINE)
        if not block:
            break
        line += block
    return int(line.split(b"\r\n", 1)[0].split(b" ")[1])
