"""A journey: how to ask for one operation and what to learn from its answer.

`build` turns the world into a request (or says what it lacks), `learn` turns a good answer into knowledge: facts
for the checkers, items back to their state. Neither sends anything. The expected status is exact: any other
answer is an error, because this mix was built so that only one status is right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.history import digest
from load.journeys.data_pool import DataPool, Draft


@dataclass(frozen=True, slots=True)
class DecodedAnswer:
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


def show(draft: Draft, item: Mapping[str, Any]) -> None:
    """Facts of an answer that shows one item."""
    draft.facts |= {"item": item["id"], "version": item["version"], "digest": digest(item)}


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
