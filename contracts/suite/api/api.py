"""What a check holds in its hands: the API as one account sees it, in verbs.

    def total_counts_all(api: Api) -> None:
        word = api.word()
        api.create(title=word)
        equal(api.page(search=word).total, 1, "pagination.total")

Each verb expects success and raises ContractViolation otherwise; `call` expects nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from contracts.dialect.document_needs import permissions_are_ours, promises
from contracts.dialect.token_lives import TokenLives, token_lives
from contracts.network.content_coding import WBITS, DecodedTooLong, NotDecoded, decoded
from contracts.spec import Operation
from contracts.suite.api.answered_lists import Item, Page, SyncWindow, page_of, promised
from contracts.suite.api.suite_world import World
from contracts.suite.client.abandoned_request import AbandonMode, abandon
from contracts.suite.client.answer_reader import MOST_BODY
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import OBSERVED, ContractViolation, Unchecked
from contracts.suite.world.accounts import AccountSession

T = TypeVar("T")
MOST_ON_A_PAGE = 100
BUSY = "others kept changing the workspace while it was read"
EPOCH = "2000-01-01T00:00:00Z"
ALL_PLATFORMS = ["web", "ios", "android"]


class Api:
    """The API as one account sees it. Bound to an account (`role`), or to one session of it where a check must not share."""

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
        """Of the check, in the order of their beginning (contracts.suite.programs.race.Race); shared by all its accounts."""
        self.role = role
        self._session = session
        self._connection: Connection | None = None
        self.rng: random.Random = world.rng(slug)

    @property
    def spec(self) -> Mapping[str, Operation]:
        return self.target.spec.operations

    def permission(self, operation: Operation) -> str | None:
        """What the caller must hold, as our contract calls it."""
        dialect, named = self.target.dialect, operation.permission
        if dialect is not None and permissions_are_ours(self.target.spec):
            ours = dialect.ours.operations.get(operation.id)
            named = ours.permission if ours and 403 in operation.answers else None
        return named if dialect is None or named is None else dialect.permissions.get(named, named)

    def success(self, operation: str) -> int:
        """The status of a success, as our contract has it."""
        return self.canonical_status(operation, self.spec[operation].success.status)

    def canonical_status(self, operation: str, status: int) -> int:
        """A status of the target as our contract has it."""
        dialect = self.target.dialect
        return status if dialect is None else dialect.statuses.get((operation, status), status)

    def their_status(self, operation: str, status: int) -> int:
        """A status of ours as the target has it."""
        dialect = self.target.dialect
        return status if dialect is None else dialect.their_status(operation, status)

    @property
    def lives(self) -> TokenLives:
        """How long the target's tokens live."""
        return token_lives(self.target.spec)

    @property
    def session(self) -> AccountSession:
        return self._session or self.accounts.session(self.role)

    def as_(self, role: str) -> Api:
        """The same API as another account sees it."""
        return Api(self.world, self.slug, role, races=self.races)

    def fresh(self, role: str | None = None, **device: str) -> Api:
        """With a new session of its own, which may be ended without harm to others."""
        chosen = role or self.role
        return Api(self.world, self.slug, chosen, self.accounts.login(chosen, **device), self.races)

    def on_own_connection(self) -> Api:
        """For a thread of its own."""
        other = Api(self.world, self.slug, self.role, self.session, self.races)
        other._connection = self.target.new_connection()
        return other

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def word(self) -> str:
        return self.world.word(self.slug)

    def has(self, need: str) -> bool:
        """Whether the target can do this (`contracts.suite.api.capabilities.NEEDS`)."""
        return self.world.capabilities.has(need)

    def promises(self, need: str) -> bool:
        """Whether the target's document promises this (`contracts.dialect.document_needs`): for a part of a check, of which
        the rest holds of every target."""
        return self.target.dialect is None or promises(self.target.spec, need)

    def call(self, operation: str, **parts: Any) -> HttpAnswer:
        """One call as this account; `token=None` sends none, another string sends that one."""
        token = parts.pop("token", ...)
        if token is ...:
            token = None if operation == "login" else self.session.access
            if operation == "refreshTokens":
                token = self.session.refresh
        return self.target.call(operation, token=token, connection=self._connection, **parts)

    def abandon(self, operation: str, how: AbandonMode, **parts: Any) -> None:
        """One call as this account whose answer is lost (see `contracts.suite.client.abandoned_request`)."""
        spread = {"path": None, "query": None, "body": ..., "headers": None, **parts}
        request = self.target.build(operation, self.target.base, token=self.session.access, **spread)
        self.target.recorder.record(abandon(self.target.new_connection(), request, how, operation))

    def raw(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> HttpAnswer:
        """Any request under the base path, with nothing added to it."""
        request = HttpRequest(
            method=method, url=f"{self.target.base}{path}", headers=dict(headers or {}), body=body
        )
        return self.target.send(request, connection=self._connection)

    def unpacked(self, path: str, accepts: str) -> HttpAnswer:
        """What a client that accepts these codings reads, unpacked: what judges every answer reads the content and not its packing."""
        fields = self.bearer(**({"Accept-Encoding": accepts} if accepts else {}))
        request = HttpRequest(method="GET", url=f"{self.target.base}{path}", headers=fields)
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

    # Content verbs

    def create(self, **fields: Any) -> Item:
        fields.setdefault("title", self.word())
        item: Item = self.call("createContentItem", body=fields).must(201).data
        return item

    def get(self, id: str, version: int | None = None) -> Item:
        query = None if version is None else {"version": str(version)}
        item: Item = self.call("getContentItem", path={"id": id}, query=query).must(200).data
        return item

    def update(self, item: Item, **fields: Any) -> Item:
        """From the version in `item`, or from `version=`."""
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
        return page_of(self.call("getContentItems", query=query).must(200))

    def category_page(self, category: str, **query: Any) -> Page:
        return page_of(self.call("getContentByCategory", path={"category": category}, query=query).must(200))

    def walk(self, limit: int = 100, category_path: str = "", **query: Any) -> list[Item]:
        """All pages, one after another; of at most as many items as the document allows."""
        limit = min(limit, self._most("getContentByCategory" if category_path else "getContentItems"))
        found: list[Item] = []
        number = 1
        while True:
            asked = {**query, "limit": limit, "page": number}
            page = self.category_page(category_path, **asked) if category_path else self.page(**asked)
            if len(page.items) > limit:
                raise ContractViolation(
                    f"at most {limit} items", f"{len(page.items)}", [page.answer.exchange]
                )
            found += page.items
            if not page.more(limit):
                return found
            if number > 100_000 // limit:
                raise ContractViolation(
                    "an end of the pages", f"hasNext still true on page {number}", [page.answer.exchange]
                )
            number += 1

    def _most(self, operation: str) -> int:
        for parameter in self.spec[operation].parameters if operation in self.spec else ():
            if parameter.name == "limit" and "maximum" in parameter.schema:
                return int(parameter.schema["maximum"])
        return MOST_ON_A_PAGE

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
        """The query of a sync that leaves nothing out; a target whose document knows no platforms has none to name."""
        asked = self.spec["syncContent"].parameters if "syncContent" in self.spec else ()
        known = any(parameter.name == "platforms" for parameter in asked)
        return {"platforms": ALL_PLATFORMS} if known else {}

    def sync_all(self, since: str, **options: Any) -> list[SyncWindow]:
        """The chain of windows until `hasMore` is false."""
        windows = [self.sync(since, **options)]
        while windows[-1].more:
            if len(windows) > 1000:
                raise ContractViolation(
                    "an end of the windows", "hasMore after 1000 of them", [windows[-1].answer.exchange]
                )
            windows.append(self.sync(windows[-1].stamp, **options))
        return windows

    def now(self) -> str:
        """The server's present stamp."""
        return self.sync_all("9999-01-01T00:00:00Z")[-1].stamp

    def quiet(self, look: Callable[[], T]) -> T:
        """What `look` returns while nobody changes the workspace; Unchecked where others never stop."""
        for _ in range(4):
            before = self.now()
            found = look()
            read, window = OBSERVED.last_read, self.sync(before)
            OBSERVED.last_read = read
            if not window.items and not window.deleted:
                return found
        raise Unchecked(BUSY)


def flat(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All categories of a tree, parents first."""
    return [node for root in tree for node in (root, *flat(root["children"]))]
