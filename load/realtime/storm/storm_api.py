"""The HTTP calls of a storm: login, writes and sync.

They go to the target directly and not through the fault proxy, because the outage concerns sockets only, and the writes during
it must be known for certain. An unusable answer is an ApiError with one line and no secrets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from contracts.command.exit_code import ExitCode
from contracts.dialect import dialect_of
from contracts.model.unpromised import is_promised
from contracts.network import unreachable
from contracts.network.first_answer import doubt
from contracts.network.http_fields import unlike_json
from contracts.spec import Operation, Spec
from load.engine.in_flight import problem
from load.http.connection import ANSWER, FIRST_ANSWER, ExchangeError, HttpReply, Pool
from load.http.request_bytes import render
from load.http.target import Target
from load.http.wire_dialect import decoded, translated
from load.journeys.data_pool import Draft
from load.realtime.channel_endpoint import ChannelEndpoint
from load.realtime.storm.client_tokens import IssuedTokens

PAGES = 1000
"""The most pages of one sync, which ends a server that always says `hasMore`."""


class ApiError(RuntimeError):
    """A call that failed. `code` is FAIL if the target is wrong, UNREACHABLE if it did not answer, UNKNOWN if the cause cannot
    be known."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAIL) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenVersion:
    """One committed version. `stamp` is the item's `updatedAt`."""

    item: str
    version: int
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """The result of `GET /content/sync` since a stamp, all pages together."""

    versions: Mapping[str, int]
    stamp: str


class StormApi:
    """The HTTP calls of one storm."""

    def __init__(self, spec: Spec, target: Target) -> None:
        self.spec, self.dialect = spec, dialect_of(spec)
        self.target = target
        self.channel = ChannelEndpoint(spec, target)
        self.pool = Pool(target)
        self.token = ""
        self._answered = self._admitted = False
        self._credentials = {"email": "", "password": ""}

    def login(self, email: str, password: str) -> None:
        """Log in for the storm's own calls, and keep the credentials for the clients' sessions."""
        self._credentials = {"email": email, "password": password}
        self.again()

    def again(self) -> None:
        """Log in again for the storm's own calls, because the last token has expired."""
        self.token = ""
        self.token = self.session().access

    def session(self) -> IssuedTokens:
        """A new session, for one client."""
        answer = self._call("login", body=self._credentials)
        self._admitted = True
        return _pair("login", answer)

    def refresh(self, token: str) -> IssuedTokens:
        return _pair("refreshTokens", self._call("refreshTokens", token=token))

    def create(self, title: str) -> WrittenVersion:
        return self._written("createContentItem", body={"title": title})

    def update(self, last: WrittenVersion, title: str) -> WrittenVersion:
        body = {"version": last.version, "title": title}
        return self._written("updateContentItem", path={"id": last.item}, body=body)

    def archive(self, item: str) -> None:
        self._call("archiveContent", path={"id": item}, body={})

    def read(self, operation: str, token: str) -> None:
        """Read what a screen shows; ApiError if that fails."""
        self._call(operation, token=token)

    def sync(self, since: str, token: str | None = None) -> Synced:
        """Get all changes since a stamp, following `hasMore` to its end."""
        versions: dict[str, int] = {}
        for _ in range(PAGES):
            query = (("lastSyncTimestamp", since), ("includeDeleted", "true"))
            page = self._data("syncContent", query=query, token=token)
            try:
                versions.update({item["id"]: item["version"] for item in page["items"]})
                since = page["syncTimestamp"]
                if not (is_promised(page["hasMore"]) and page["hasMore"]):
                    return Synced(versions=versions, stamp=since)
            except (KeyError, TypeError):
                raise ApiError("syncContent answered with something that is not a sync") from None
        raise ApiError(f"syncContent still says hasMore after {PAGES} pages")

    def close(self) -> None:
        self.pool.close()

    def _written(self, operation: str, **asked: Any) -> WrittenVersion:
        item = self._data(operation, **asked)
        try:
            return WrittenVersion(item=item["id"], version=item["version"], stamp=item["updatedAt"])
        except (KeyError, TypeError):
            raise ApiError(f"{operation} answered without a content item") from None

    def _data(self, operation: str, **asked: Any) -> Any:
        answer = self._call(operation, **asked)
        if not isinstance(answer, dict) or "data" not in answer:
            raise ApiError(f"{operation} answered without its `data`")
        return answer["data"]

    def _call(
        self, operation_id: str, *, path: Mapping[str, str] | None = None, query: tuple[tuple[str, str], ...] = (),
        body: Any = None, token: str = "",
    ) -> Any:  # fmt: skip
        """The value of a successful answer, in the canonical contract."""
        operation = self.spec[operation_id]
        bearer = token or self.token
        draft = translated(self.dialect, operation, Draft(path=path or {}, query=query, body=body))
        if bearer:
            draft.headers += (("Authorization", f"Bearer {bearer}"),)
        reply = self._exchange(render(self.target, operation, draft))
        due, answer = operation.success.status, decoded(self.dialect, operation, reply)
        if reply.status != due:
            if unsure := self._doubt(operation, reply):
                raise ApiError(unsure, ExitCode.UNKNOWN)
            raise ApiError(
                f"{operation.label} answered {reply.status}{unlike_json(reply.headers, reply.status)} where {due} was due{problem(answer.value)}"
            )
        if answer.value is ...:
            raise ApiError(f"{operation.label} answered {reply.status} with a body that is not JSON")
        return answer.value

    def _doubt(self, operation: Operation, reply: HttpReply) -> str:
        """The doubt whether this is the API, after the first login only; later answers are the target's fault."""
        if operation.id != "login" or self._admitted:
            return ""
        place = f"{operation.method} {self.target.prefix}{operation.path}"
        return doubt(
            reply.status, place, email=self._credentials["email"], location=reply.headers.get("location", "")
        )

    def _exchange(self, request: bytes) -> HttpReply:
        try:
            reply = self.pool.exchange(request, seconds=ANSWER if self._answered else FIRST_ANSWER)
        except ExchangeError as error:
            if error.begun or (error.sent and self._answered):
                name = request.partition(b" HTTP/1.1")[0].partition(b"?")[0].decode("latin-1")
                raise ApiError(f"{name}: {error.detail}") from None
            raise ApiError(unreachable.line(self.target.url, error.detail), ExitCode.UNREACHABLE) from None
        self._answered = True
        return reply


def _pair(name: str, answer: Any) -> IssuedTokens:
    """The tokens of an answer. A token without `expiresIn` never expires here (RFC 6749, 5.1 leaves it open)."""
    try:
        tokens = answer["tokens"]
        life, refresh = tokens.get("expiresIn", "inf"), tokens.get("refreshToken", "")
        return IssuedTokens(
            str(tokens["accessToken"]),
            str(refresh) if is_promised(refresh) else "",
            float(life) if is_promised(life) else inf,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ApiError(f"{name} answered without tokens.accessToken") from None
