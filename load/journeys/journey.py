"""A journey: the way to request one operation and to learn from its answer.

`build` makes a request from the data pool, `learn` takes facts for the checkers from a good answer and updates the pool; neither
sends anything. Any status but the expected one is an error, because the mix is built so that only one status is right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from contracts.history import digest
from contracts.model.unpromised import is_promised
from load.journeys.data_pool import DataPool, Draft


class DecodedAnswer(NamedTuple):
    """A decoded answer: `value` is its body (None without one), `at` the time of its last byte in ns."""

    status: int
    headers: Mapping[str, str]
    value: Any
    at: int


Build = Callable[[DataPool], Draft]
Learn = Callable[[DataPool, Draft, DecodedAnswer], None]


class Unlearnable(Exception):
    """The answer has the right status but lacks documented content; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The way to request one operation. `name` is the operationId, or `operationId:variant` for a variant."""

    name: str
    expects: int
    build: Build
    learn: Learn
    needs: tuple[str, ...] = ()
    """Other operations that it depends on."""
    also: frozenset[int] = frozenset()
    """Further accepted statuses, for operations whose meaning is unknown."""

    @property
    def operation(self) -> str:
        return self.name.partition(":")[0]


Facts = dict[str, Any]
"""The facts of a call for the checkers (contracts.checkers), by name."""


def asked_facts(path: Mapping[str, str], body: Any) -> Facts:
    """The facts of a request: its item, the version that an update is based on, the operations of a bulk request."""
    facts: Facts = {"item": path["id"]} if "id" in path else {}
    if isinstance(body, Mapping) and "version" in body:
        facts["base"] = body["version"]
    if isinstance(body, Mapping) and "operations" in body:
        facts["ops"] = [[one["type"], one["id"], one.get("version")] for one in body["operations"]]
    return facts


def item_facts(body: Any) -> Facts:
    """The facts of an answer with one item. Here and below, KeyError, TypeError or IndexError if documented members are missing."""
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
    rows = body["data"]["failedOperations"]
    # A code that the document does not promise is judged by nobody; the count is.
    codes = [row["code"] if is_promised(row["code"]) else None for row in rows]
    failed = [[row["index"], code, row["id"]] for row, code in zip(rows, codes, strict=True)]
    return {"failed": failed, "succeeded": body["data"]["successfulOperations"]}


def nothing(data_pool: DataPool, draft: Draft, answer: DecodedAnswer) -> None:
    """Learn nothing from the answer."""


def restock(data_pool: DataPool, draft: Draft, version: int, state: str | None = None) -> None:
    """Put the only leased item back, with the version that its write made."""
    (lease,) = draft.leases
    lease.item.version = version
    if state is None:
        lease.home.append(lease.item)
    else:
        data_pool.place(lease.item, state)
    draft.settle()
