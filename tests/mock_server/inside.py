"""Drives the application without ASGI: requests as calls, with a frozen clock and the tokens of named users."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.build import Server, ServerOptions, build
from mock_server.clock import Clock
from mock_server.message import HttpResponse, ReceivedRequest

START = 1_790_000_000_000_000
"""The moment at which every test's clock starts, in microseconds."""
PASSWORD = "demo-password"
USERS = {
    "demo": "demo@tchat.com",
    "editor": "editor@tchat.com",
    "viewer": "viewer@tchat.com",
    "other": "demo@other.example",
}
_ANY: Any = object()


@dataclass
class Answer:
    """`told` is all of it as a value that can be compared; request ids are left out."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def code(self) -> Any:
        return self.json.get("code")

    @property
    def told(self) -> tuple[int, dict[str, str], Any]:
        try:
            document = json.loads(self.body.decode())
        except ValueError:
            return self.status, self.headers, self.body
        if isinstance(document, dict) and str(document.get("requestId", "")).startswith("r-0"):
            del document["requestId"]  # the server's own numbers count requests; they are of no matter
        return self.status, self.headers, document

    @property
    def unmarked(self) -> tuple[int, dict[str, str], Any]:
        """The same without the names of the faults that touched it."""
        status, headers, body = self.told
        return status, {name: value for name, value in headers.items() if name != "x-fault-id"}, body


class Enough(Exception):
    """What was to be seen has been seen."""


@dataclass
class Inside:
    """One server. `pairs` are the tokens of the users who have logged in, `seen` the labelled answers."""

    server: Server
    pairs: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: dict[str, Answer] = field(default_factory=dict)
    expected: Mapping[str, Any] | None = None
    """What each label is expected to be; the first response that is another one stops the program by Enough."""

    @property
    def clock(self) -> Clock:
        return self.server.clock

    def wait(self, seconds: float) -> None:
        self.clock.advance(round(seconds * 1_000_000))

    def raw(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Exactly this request."""
        named = {name.lower().encode(): value.encode("latin-1") for name, value in (headers or {}).items()}
        request = ReceivedRequest(method, path.encode(), query.encode(), named, body)
        response: HttpResponse = self.server.application.handle(request)
        return Answer(
            response.status, {n.decode(): v.decode("latin-1") for n, v in response.headers}, response.body
        )

    def call(
        self,
        method: str,
        target: str,
        document: Any = _ANY,
        *,
        user: str | None = "demo",
        token: str | None = None,
        label: str = "",
        **headers: str,
    ) -> Answer:
        """A request as a good client sends it; `if_match="…"` becomes the field If-Match."""
        path, _, query = target.partition("?")
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is None and user is not None:
            token = self.access(user)
        if token is not None and "authorization" not in fields:
            fields["authorization"] = f"Bearer {token}"
        body = b""
        if document is not _ANY:
            body = json.dumps(document).encode()
            fields.setdefault("content-type", "application/json")
        answer = self.raw(method, path, query=query, headers=fields, body=body)
        if label:
            self.note(label, answer)
        return answer

    def note(self, label: str, answer: Answer) -> None:
        assert label not in self.seen, label
        self.seen[label] = answer
        if self.expected is not None and answer.unmarked != self.expected[label]:
            raise Enough

    def get(self, target: str, **more: Any) -> Answer:
        return self.call("GET", target, **more)

    def post(self, target: str, document: Any, **more: Any) -> Answer:
        return self.call("POST", target, document, **more)

    def put(self, target: str, document: Any, **more: Any) -> Answer:
        return self.call("PUT", target, document, **more)

    # Shorter still

    def login(self, user: str = "demo", *, label: str = "", **more: str) -> Answer:
        document = {"email": USERS.get(user, user), "password": PASSWORD, **more}
        return self.post("/auth/login", document, user=None, label=label)

    def access(self, user: str) -> str:
        if user not in self.pairs:
            self.pairs[user] = self.login(user).json["tokens"]
        return self.pairs[user]["accessToken"]

    def refresh(self, token: str, *, label: str = "") -> Answer:
        return self.call("POST", "/auth/refresh", token=token, label=label)

    def create(self, title: str = "One", *, user: str = "demo", label: str = "", **fields: Any) -> Any:
        """The new item."""
        return self.post("/content/items", {"title": title, **fields}, user=user, label=label).data

    def item(self, item: str, *, label: str = "", user: str = "demo") -> Any:
        return self.get(f"/content/items/{item}", label=label, user=user).data

    def bulk(self, *operations: dict[str, Any], user: str = "demo", label: str = "") -> Any:
        return self.post("/content/items/bulk", {"operations": list(operations)}, user=user, label=label).json


def inside(**options: Any) -> Inside:
    """A server with a small world, its clock frozen at START, checking its own answers unless faults are on."""
    clock = Clock(source=lambda: START)
    settings = {"items": 60, "password_cost": 1, "check_answers": not options.get("faults"), **options}
    return Inside(build(ServerOptions(**settings), clock=clock))
