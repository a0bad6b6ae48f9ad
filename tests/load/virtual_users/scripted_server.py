"""A server in memory: the reference model answers, tokens are real JWTs, and what goes wrong is scripted.

What it says about content is right by definition (`tests.contracts.model.model_server`). Sessions are as simple as they can be:
access tokens end, refresh tokens rotate, logout ends both. Everything that it did is in `log`.

>>> server = ScriptedServer(load(), now=0.0)
>>> login = ClientRequest(operation="login", body={"email": "a@b.example", "password": "x"})
>>> [arrival.reply.status for arrival in server.exchange([login], 0.0)]
[200]
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.model.workspace import Category, Workspace
from contracts.spec import Spec, load
from load.virtual_users.drivers.virtual_time import TimedReply
from load.virtual_users.experiments.decode import token
from load.virtual_users.guide.exchange import ClientReply, ClientRequest
from tests.contracts.model.model_server import Caller, ModelServer
from tests.contracts.model.model_server import Request as ModelRequest

__all__ = ["ClientRequest", "Logged", "RequestFate", "ScriptedServer", "load"]

WORKSPACE = "tchat"
CATEGORIES = (
    Category("news", "News", None),
    Category("local", "Local news", "news"),
    Category("shop", "Shop", None),
)


@dataclass(frozen=True, slots=True)
class RequestFate:
    """What becomes of one request: `answers` False loses the answer, `acts` False the request itself."""

    answers: bool = True
    acts: bool = True
    status: int | None = None
    delay: float = 0.02


NORMAL = RequestFate()


@dataclass(frozen=True, slots=True)
class Logged:
    at: float
    request: ClientRequest
    status: int
    """0 where the request never arrived."""


class ScriptedServer:
    """`fate` is asked for each request; `claims` go into every access token, as raw UTF-8."""

    def __init__(
        self,
        spec: Spec,
        *,
        now: float,
        fate: Callable[[ClientRequest, float], RequestFate] = lambda request, now: NORMAL,
        life: float = 900.0,
        claims: dict[str, Any] | None = None,
        skew: float = 0.0,
    ) -> None:
        self.spec, self.fate, self.life, self.skew = spec, fate, life, skew
        self.log: list[Logged] = []
        self.oracle = ModelServer({WORKSPACE: Workspace(categories=CATEGORIES)})
        self.caller = Caller(user="u-1", workspace=WORKSPACE)
        self._claims = claims or {}
        self._access: dict[str, tuple[int, float]] = {}
        self._refresh: dict[str, int] = {}
        self._issued = 0
        self._sessions = 0

    def exchange(self, batch: Sequence[ClientRequest], now: float) -> list[TimedReply]:
        return [self._one(request, now) for request in batch]

    def ask(self, operation: str, *, path: Any = None, query: Any = None, body: Any = None) -> Any:
        """Past sessions and faults of delivery: the body of the model's answer."""
        return self._content(
            ClientRequest(operation=operation, path=path or {}, query=query or {}, body=body)
        ).body

    def count(self, operation: str) -> int:
        return sum(logged.request.operation == operation for logged in self.log)

    def _one(self, request: ClientRequest, now: float) -> TimedReply:
        fate = self.fate(request, now)
        if not fate.acts:
            self.log.append(Logged(now, request, 0))
            return TimedReply(fate.delay, None)
        reply = (
            ClientReply(status=fate.status, body={}) if fate.status else self._act(request, now + self.skew)
        )
        self.log.append(Logged(now, request, reply.status))
        return TimedReply(fate.delay, reply if fate.answers else None)

    def _act(self, request: ClientRequest, now: float) -> ClientReply:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.operation == "login":
            self._sessions += 1
            user = {"id": self.caller.user, "email": "a@b.example", "name": "Ada"}
            return ClientReply(
                status=200, body={"user": user, "tokens": self._issue(self._sessions, now), "permissions": []}
            )
        if request.operation == "refreshTokens":
            session = self._refresh.pop(bearer, None)
            if session is None:
                return ClientReply(status=401, body={"code": "TOKEN_INVALID"})
            return ClientReply(status=200, body={"tokens": self._issue(session, now)})
        session, ends = self._access.get(bearer, (0, 0.0))
        if not session or now >= ends:
            return ClientReply(status=401, body={"code": "TOKEN_EXPIRED"})
        if request.operation == "logout":
            self._access = {t: v for t, v in self._access.items() if v[0] != session}
            self._refresh = {t: v for t, v in self._refresh.items() if v != session}
            return ClientReply(status=200, body={"success": True})
        if request.operation == "ingestMetrics":
            return ClientReply(status=202, body={"accepted": len(request.body["metrics"])})
        if request.operation == "verifyToken":
            return ClientReply(status=200, body={"valid": True})
        return self._content(request)

    def _content(self, request: ClientRequest) -> ClientReply:
        asked = ModelRequest(
            operation=request.operation,
            caller=self.caller,
            path=request.path,
            query=request.query,
            headers=request.headers,
            body=request.body,
        )
        self.oracle, answer = self.oracle.answer(asked)
        return ClientReply(status=answer.status, body=answer.body, headers=dict(answer.headers))

    def _issue(self, session: int, now: float) -> dict[str, Any]:
        self._issued += 1
        access = token(
            {**self._claims, "sid": f"s{session}", "jti": self._issued, "exp": int(now + self.life)}
        )
        refresh = f"r-{session}-{self._issued}"
        self._access[access] = (session, float(int(now + self.life)))
        self._refresh[refresh] = session
        return {
            "accessToken": access,
            "refreshToken": refresh,
            "expiresIn": int(self.life),
            "tokenType": "Bearer",
        }


def filled(server: ScriptedServer, titles: Iterable[str], category: str = "news") -> list[dict[str, Any]]:
    """Items to begin with, published every second one."""
    items = []
    for index, title in enumerate(titles):
        item = server.ask("createContentItem", body={"title": title, "category": category})["data"]
        if index % 2:
            item = server.ask("publishContent", path={"id": item["id"]}, body={})["data"]
        items.append(item)
    return items
