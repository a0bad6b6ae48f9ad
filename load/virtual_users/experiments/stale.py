"""CF-6: the cached answers that the guide's tags leave stale after each of the six mutations (R35), found by comparison.

A web client shows one query of each kind, then makes one mutation and refetches all that its tags invalidate. A shown answer
that then differs from the server's is stale. The same comparison before the mutation finds queries that somebody else
changes; they are left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from load.virtual_users.experiments.experiment_bench import (
    BenchError,
    ClientHandle,
    ExperimentBench,
    ExperimentResult,
)
from load.virtual_users.guide.exchange import Ask
from load.virtual_users.guide.persona import make

LONG_AGO = "2000-01-01T00:00:00Z"
FLEETING = frozenset({"syncTimestamp"})
"""Members that differ between two answers about the same state."""


@dataclass(frozen=True, slots=True)
class StaleScenario:
    """An item in category `old` with two versions, the id of its first one, and a category to move to."""

    item: Mapping[str, Any]
    first: str
    old: str
    new: str


_NOBODY = StaleScenario(item={"id": "nobody", "title": "nobody"}, first="", old="a", new="b")


def _edit(world: StaleScenario) -> dict[str, Any]:
    return {"id": world.item["id"], "version": world.item["version"], "category": world.new}


MUTATIONS: tuple[tuple[str, str, Callable[[StaleScenario], dict[str, Any]]], ...] = (
    ("createContentItem", "published", lambda w: {"title": "CF-6 new", "category": w.new}),
    ("updateContentItem", "published", _edit),
    ("publishContent", "draft", lambda w: {"id": w.item["id"]}),
    ("archiveContent", "published", lambda w: {"id": w.item["id"]}),
    ("bulkUpdateContent", "published", lambda w: {"operations": [{"type": "archive", "id": w.item["id"]}]}),
    ("revertContentVersion", "archived", lambda w: {"contentId": w.item["id"], "versionId": w.first}),
)
"""Mutation, the state of the item before, and its argument. A revert is of an archived item: the guide's recovery."""


def screen(world: StaleScenario) -> dict[str, Ask]:
    """One query of each kind, by a name for people."""
    item = str(world.item["id"])
    return {
        "item list": Ask("getContentItems", {"page": 1, "limit": 20}),
        "item list by title": Ask(
            "getContentItems", {"page": 1, "limit": 100, "search": world.item["title"]}
        ),
        "item": Ask("getContentItem", {"id": item}),
        "item at version 1": Ask("getContentItem", {"id": item, "version": "1"}),
        "list of its category": Ask("getContentByCategory", {"category": world.old, "page": 1, "limit": 20}),
        "list of another category": Ask(
            "getContentByCategory", {"category": world.new, "page": 1, "limit": 20}
        ),
        "drafts of another category": Ask("getContentByCategory", {"category": world.new, "status": "draft"}),
        "category tree": Ask("getContentCategories", {"includeEmpty": True}),
        "versions": Ask("getContentVersions", {"contentId": item}),
        "sync": Ask("syncContent", {"lastSyncTimestamp": LONG_AGO, "includeDeleted": True}),
    }


def stale(bench: ExperimentBench) -> ExperimentResult:
    """Find the stale queries after each mutation."""
    looking = bench.plain()
    left_out: set[str] = set()
    found: dict[str, list[str]] = {}
    for operation, state, build in MUTATIONS:
        found[operation], disturbed = _after(bench, looking, operation, state, build)
        left_out.update(disturbed)
    if left_out == set(screen(_NOBODY)):
        raise BenchError("every answer changes by itself: somebody else writes into this workspace")
    detail = "; ".join(f"{operation}: {', '.join(names) or 'nothing'}" for operation, names in found.items())
    if left_out:
        detail += f" (left out, because somebody else changes them: {', '.join(sorted(left_out))})"
    guilty = sum(bool(names) for names in found.values())
    shows = bool(guilty)
    return ExperimentResult.of(
        "CF-6",
        detail if shows else f"nothing is stale after any mutation ({detail})",
        found,
        shows=shows,
        title="Shown answers stay stale after a mutation",
        detail=f"Compared with the server after everything that the tags invalidate was refetched. {detail}. "
        "Invalidate ContentVersion, ContentCategory and both category lists too (as S:407-448 half does).",
        source="S:204-207, S:253-256, S:294-298, S:309-312, S:325, S:375-378",
        number=f"{guilty} of {len(found)} mutations, {sum(map(len, found.values()))} stale answers",
    )


def _after(
    bench: ExperimentBench,
    looking: ClientHandle,
    operation: str,
    state: str,
    build: Callable[[StaleScenario], dict[str, Any]],
) -> tuple[list[str], list[str]]:
    """(the stale queries, the queries that could not be judged)."""
    world = _prepared(looking, f"{bench.mark} CF-6 {operation}", state)
    asks = screen(world)
    showing = bench.handle(make("web"))
    showing.show(*asks.values())
    disturbed = _different(showing, looking, asks)
    settled = showing.write(operation, **build(world))
    if not settled.outcome.ok:
        raise BenchError(f"{operation} ended with {settled.status or settled.why}")
    names = [name for name in _different(showing, looking, asks) if name not in disturbed]
    made = settled.outcome.data["id"] if operation == "createContentItem" else ""
    for item in filter(None, (made, world.item["id"])):
        looking.write("archiveContent", id=item)
    return names, disturbed


def _different(showing: ClientHandle, looking: ClientHandle, asks: Mapping[str, Ask]) -> list[str]:
    """The queries whose cached answer differs from the server's current one."""
    entries = showing.client.cache.entries
    return [
        name
        for name, ask in asks.items()
        if (entry := entries.get(ask.key)) is not None and lasting(entry.data) != lasting(looking.read(ask))
    ]


def lasting(answer: Any) -> Any:
    """An answer without the members that differ between two answers about the same state."""
    if isinstance(answer, Mapping):
        return {name: value for name, value in answer.items() if name not in FLEETING}
    return answer


def _prepared(looking: ClientHandle, title: str, state: str) -> StaleScenario:
    tree = looking.read(Ask("getContentCategories", {"includeEmpty": True}))
    if len(tree) < 2:
        raise BenchError("it takes two root categories to move an item from one to the other")
    old, new = tree[0]["id"], tree[1]["id"]
    item = looking.must("createContentItem", title=title, category=old)
    if state != "draft":
        item = looking.must("publishContent", id=item["id"])
    if state == "archived":
        looking.must("archiveContent", id=item["id"])
        item = looking.read(Ask("getContentItem", {"id": item["id"]}))
    versions = looking.read(Ask("getContentVersions", {"contentId": item["id"]}))
    return StaleScenario(item=item, first=str(versions[-1]["id"]), old=old, new=new)
