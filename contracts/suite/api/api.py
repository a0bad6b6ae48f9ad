"""`Api`, the operations of the API as methods of one account, with which checks are written.

    def total_counts_all(api: Api) -> None:
        word = api.word()
        api.create(title=word)
        equal(api.page(search=word).total, 1, "pagination.total")

Each method expects success and raises ContractViolation otherwise; `call` accepts any answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from contracts.dialect.document_needs import permissions_are_ours, promises
from contracts.dialect.token_lives import TokenLives, token_lives
from contracts.model.messages import ALL, Caller
from contracts.network.content_coding import WBITS, DecodedTooLong, NotDecoded, decoded
from contracts.spec import Operation
from contracts.suite.api.answered_lists import (
    Item,
    Page,
    SyncWindow,
    most_on_a_page,
    named_list,
    page_of,
    pages_of_list,
    present_stamp,
    promised,
    sync_chain,
    tells_apart,
)
from contracts.suite.api.suite_world import World
from contracts.suite.client.abandoned_request import AbandonMode, abandon
from contracts.suite.client.answer_reader import MOST_BODY
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation, Unchecked, read_aside
from contracts.suite.world.accounts import AccountSession

T = TypeVar("T")
BUSY = "others kept changing the workspace while it was read"
ALL_PLATFORMS = ["web", "ios", "android"]


class Api:
    """The API as one account (`role`) sees it, with the account's cached session or with a session of its own."""

    def __init__(
        self,
        world: World,
        slug: str,
        role: str = "owner",
        session: AccountSession | None = None,
        races: list[Any] | None = None,
    ) -> None:
        self.world = world
        self.target = world.target
        self.accounts = world.accounts
        self.slug = slug
        self.races: list[Any] = [] if races is None else races
        """The races of the check (contracts.suite.programs.race.Race), in order, shared by all its accounts."""
        self.role = role
        self._session = session
        self._connection: Connection | None = None
        self.rng: random.Random = world.rng(slug)

    @property
    def spec(self) -> Mapping[str, Operation]:
        return self.target.spec.operations

    def permission(self, operation: Operation) -> str | None:
        """The permission that an operation needs, by our contract's name."""
        if (dialect := self.target.dialect) is not None and permissions_are_ours(self.target.spec):
            ours = dialect.ours.operations.get(operation.id)
            return ours.permission if ours and 403 in operation.answers else None
        return operation.permission if dialect is None else dialect.permission(operation)

    def success(self, operation: str) -> int:
        """The status of an operation's success in our contract."""
        return self.canonical_status(operation, self.spec[operation].success.status)

    def canonical_status(self, operation: str, status: int) -> int:
        """The status of our contract for one of the target's."""
        dialect = self.target.dialect
        return status if dialect is None else dialect.statuses.get((operation, status), status)

    def their_status(self, operation: str, status: int) -> int:
        """The target's status for one of our contract."""
        dialect = self.target.dialect
        return status if dialect is None else dialect.their_status(operation, status)

    @property
    def lives(self) -> TokenLives:
        """The lifetimes of the target's tokens."""
        return token_lives(self.target.spec)

    @property
    def session(self) -> AccountSession:
        return self._session or self.accounts.session(self.role)

    def caller(self, workspace: str) -> Caller:
        """This account for the model; it may do everything where the document does not say what permissions are for."""
        stated = self.accounts.stated_permissions(self.role)
        return Caller(
            user=self.session.user, workspace=workspace, permissions=ALL if stated is None else stated
        )

    def as_(self, role: str) -> Api:
        """The API as another account sees it."""
        return Api(self.world, self.slug, role, races=self.races)

    def fresh(self, role: str | None = None, **device: str) -> Api:
        """The API with a new session, which a check may end."""
        chosen = role or self.role
        return Api(self.world, self.slug, chosen, self.accounts.login(chosen, **device), self.races)

    def on_own_connection(self) -> Api:
        """The API with a separate connection, for a thread."""
        other = Api(self.world, self.slug, self.role, self.session, self.races)
        other._connection = self.target.new_connection()
        return other

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def word(self) -> str:
        return self.world.word(self.slug)

    def has(self, need: str) -> bool:
        """Whether the target has this capability (`contracts.suite.api.capabilities.NEEDS`)."""
        return self.world.capabilities.has(need)

    def promises(self, need: str) -> bool:
        """Whether the target's document promises this (`contracts.dialect.document_needs`), for a part of a check whose other parts
        apply to every target."""
        return self.target.dialect is None or promises(self.target.spec, need)

    def call(self, operation: str, **parts: Any) -> HttpAnswer:
        """Call an operation as this account. `token` replaces its token; None sends none."""
        token = parts.pop("token", ...)
        if token is ...:
            token = None if operation == "login" else self.session.access
            if operation == "refreshTokens":
                token = self.session.refresh
        return self.target.call(operation, token=token, connection=self._connection, **parts)

    def abandon(self, operation: str, how: AbandonMode, **parts: Any) -> None:
        """Call an operation as this account without reading the answer (`contracts.suite.client.abandoned_request`)."""
        request = self.target.build(operation, self.target.base, token=self.session.access, **parts)
        self.target.recorder.record(abandon(self.target.new_connection(), request, how, operation))

    def raw(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> HttpAnswer:
        """Send any request under the base path, with nothing added to it, but as the target's document writes its path and query."""
        url = f"{self.target.base}{self.target.spelled(path)}"
        request = HttpRequest(method=method, url=url, headers=dict(headers or {}), body=body)
        return self.target.send(request, connection=self._connection)

    def unpacked(self, path: str, accepts: str) -> HttpAnswer:
        """GET a path with this Accept-Encoding; the answer's body is decompressed, so that it can be judged like any other."""
        fields = self.bearer(**({"Accept-Encoding": accepts} if accepts else {}))
        url = f"{self.target.base}{self.target.spelled(path)}"
        request = HttpRequest(method="GET", url=url, headers=fields)
        exchange = self.target.connection.send(request, "getContentItems")
        try:
            if exchange.body and exchange.field("content-encoding") in WBITS:
                body = decoded(exchange.body, exchange.field("content-encoding"), MOST_BODY)
                exchange = replace(exchange, body=body)
        except (NotDecoded, DecodedTooLong) as error:
            raise ContractViolation("a body as Content-Encoding says", str(error), [exchange]) from None
        finally:
            self.target.recorder.record(exchange)
        return HttpAnswer(exchange)

    def bearer(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session.access}", **more}

    # Content

    def create(self, **fields: Any) -> Item:
        fields.setdefault("title", self.word())
        item: Item = self.call("createContentItem", body=fields).must(201).data
        return item

    def get(self, id: str, version: int | None = None) -> Item:
        query = None if version is None else {"version": str(version)}
        item: Item = self.call("getContentItem", path={"id": id}, query=query).must(200).data
        return item

    def update(self, item: Item, **fields: Any) -> Item:
        """Update an item from its version, or from `version=`."""
        fields.setdefault("version", item["version"])
        if len(fields) == 1:
            fields["title"] = item["title"]
        found: Item = self.call("updateContentItem", path={"id": item["id"]}, body=fields).must(200).data
        return found

    def publish(self, id: str, **options: Any) -> Item:
        item: Item = self.call("publishContent", path={"id": id}, body=options).must(200).data
        return item

    def archive(self, id: str, **options: Any) -> HttpAnswer:
        return self.call("archiveContent", path={"id": id}, body=options).must(200)

    def revert(self, id: str, version_id: str, **options: Any) -> Item:
        body = {"versionId": version_id, **options}
        item: Item = self.call("revertContentVersion", path={"id": id}, body=body).must(200).data
        return item

    def versions(self, id: str, limit: int | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            self.call("getContentVersions", path={"id": id}, query={"limit": limit}).must(200).data
        )
        return found

    def bulk(self, *operations: Mapping[str, Any]) -> HttpAnswer:
        return self.call("bulkUpdateContent", body={"operations": list(operations)}).must(200)

    def page(self, **query: Any) -> Page:
        return self.category_page("", **query)

    def category_page(self, category: str, /, **query: Any) -> Page:
        operation = "getContentByCategory" if category else "getContentItems"
        path = {"path": {"category": category}} if category else {}
        cursor = self.target.cursor(operation)
        if cursor is not None and query.get("page") == 1:
            del query["page"]
        return page_of(self.call(operation, query=query, **path), cursor)

    def walk(self, limit: int = 100, category_path: str = "", **query: Any) -> list[Item]:
        """The items of all pages, or the `first` ones. `limit` is reduced to the document's maximum. Raises TooMany for a list that is longer
        than what a check reads; a search for words of our own has no such list."""
        return [item for page in self.pages(limit, category_path, **query) for item in page.items]

    def pages(self, limit: int, category: str = "", /, first: int | None = None, **query: Any) -> list[Page]:
        """The pages of a list, by their numbers or by the target's cursor."""
        operation = "getContentByCategory" if category else "getContentItems"
        cursor, dialect = self.target.cursor(operation), self.target.dialect
        limit = min(limit, most_on_a_page(self.spec.get(operation), dialect.parameters if dialect else {}))

        def read(number: int, after: str) -> Page:
            place = {cursor.parameter: after} if cursor and after else {"page": number}
            return self.category_page(category, **query, limit=limit, **place)

        return pages_of_list(read, limit, named_list(category, query), first=first, ours="search" in query)

    def categories(self, *, include_empty: bool = True) -> list[dict[str, Any]]:
        query = {"includeEmpty": include_empty}
        found: list[dict[str, Any]] = self.call("getContentCategories", query=query).must(200).data
        return found

    def sync(
        self, since: str, *, deleted: bool | None = True, platforms: Sequence[str] | None = ALL_PLATFORMS
    ) -> SyncWindow:
        query: dict[str, Any] = {
            "lastSyncTimestamp": since,
            "includeDeleted": deleted,
            "platforms": platforms,
        }
        if platforms == ALL_PLATFORMS:
            query = {**query, "platforms": None, **self.every_platform()}
        answer = self.call("syncContent", query=query).must(200)
        data = answer.data
        more = promised(data["hasMore"], False)
        return SyncWindow(data["items"], data["deleted"], data["syncTimestamp"], more, answer)

    def every_platform(self) -> dict[str, Any]:
        """The query parameters of a sync of all platforms; none if the target's document has no platforms."""
        asked = self.spec["syncContent"].parameters if "syncContent" in self.spec else ()
        known = any(parameter.name == "platforms" for parameter in asked)
        return {"platforms": ALL_PLATFORMS} if known else {}

    def sync_all(self, since: str, *, cut: bool = False, **options: Any) -> list[SyncWindow]:
        """The chain of sync windows until `hasMore` is false. Raises TooMany if it is longer than what a check reads, unless it may be `cut`
        off there."""
        return sync_chain(lambda stamp: self.sync(stamp, **options), since, cut=cut)

    def now(self) -> str:
        """The server's present time stamp."""
        return present_stamp(self.sync_all, self.page, self.role, self.world.stamps)

    def quiet(self, look: Callable[[], T]) -> T:
        """The result of `look` from a moment in which nobody changed the workspace. Raises Unchecked after four attempts."""
        for _ in range(4):
            before = self.now()
            known = ([], []) if tells_apart(self, before) else self._changes(before)  # its first second again
            found = look()
            if self._changes(before) == known:
                return found
        raise Unchecked(BUSY)

    def _changes(self, since: str) -> tuple[Any, ...]:
        with read_aside():
            return self.sync(since)[:2]
