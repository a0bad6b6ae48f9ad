"""A journey: how to ask for one operation and what to learn from its answer.

`build` turns the world into a request (or says what it lacks), `learn` turns a good answer into knowledge: facts
for the checkers, items back to their state. Neither sends anything. The expected status is exact: any other
answer is an error, because this mix was built so that only one status is right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from contracts.history import digest
from load.journeys.data_pool import DataPool, Draft


class DecodedAnswer(NamedTuple):
    """What came: `value` is the decoded body (None where there is none), `at` the clock when it was complete, ns."""

    status: int
    headers: Mapping[str, str]
    value: Any
    at: int


Build = Callable[[DataPool], Draft]
Learn = Callable[[DataPool, Draft, DecodedAnswer], None]


class Unlearnable(Exception):
    """The answer has the right status and not the content that the operation promises: one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The way to ask for one operation and to learn from its answer. `name` is the operationId, or `operationId:variant` for
    another way to ask for the same operation."""

    name: str
    expects: int
    build: Build
    learn: Learn
    needs: tuple[str, ...] = ()
    """Operations without which it has nothing to ask with."""
    also: frozenset[int] = frozenset()
    """Statuses that are right too, where nobody knows the operation's meaning."""

    @property
    def operation(self) -> str:
        return self.name.partition(":")[0]


Facts = dict[str, Any]
"""What the checkers are told of a request and its answer (contracts.checkers), by name."""


def item_facts(body: Any) -> Facts:
    """Of an answer that shows one item. KeyError, TypeError or IndexError, here and below, where it lacks what it promises."""
    item = body["data"]
    return {"item": item["id"], "version": item["version"], "digest": digest(item)}


def write_facts(body: Any) -> Facts:
    return item_facts(body) | {"at": body["data"]["updatedAt"]}


def page_facts(body: Any) -> Facts:
    rows = body["data"]["data"]
    return {"items": [[row["id"], row["version"], row["updatedAt"], digest(row)] for row in rows]}


def version_facts(body: Any) -> Facts:
    rows = body["data"]
    return {"version": rows[0]["version"], "versions": [row["version"] for row in rows]}


def sync_facts(body: Any) -> Facts:
    window = body["data"]
    return {
        "stamp": window["syncTimestamp"],
        "items": [[row["id"], row["version"], row["updatedAt"]] for row in window["items"]],
        "deleted": [[row["id"], row["deletedAt"]] for row in window["deleted"]],
        "has_more": window["hasMore"],
    }


def bulk_facts(body: Any) -> Facts:
    failed = [[row["index"], row["code"], row["id"]] for row in body["data"]["failedOperations"]]
    return {"failed": failed, "succeeded": body["data"]["successfulOperations"]}


def nothing(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    """Learn nothing from the answer."""


def restock(data_pool: DataPool, draft: Draft, version: int, state: str | None = None) -> None:
    """Put the one leased item back with the version that its write has made."""
    (lease,) = draft.leases
    lease.item.version = version
    if state is None:
        lease.home.append(lease.item)
    else:
        data_pool.place(lease.item, state)
    draft.settle()
