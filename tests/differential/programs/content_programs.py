"""Random programs of content operations: pure, so that a seed and a length say all.

>>> world = World(items=("welcome",), categories=("news",), focus=("news",))
>>> draw(7, 50, world) == draw(7, 50, world), len(draw(7, 50, world)) - len(CLOSING)
(True, 50)
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.differential.programs import drawn_values
from tests.differential.programs.steps import (
    Ask,
    Item,
    Made,
    Number,
    Program,
    Stamp,
    Step,
    Touched,
    VersionId,
    Wait,
)

# Weights. Home's owner may do everything, so most of what happens is done by them.
CALLERS = {"demo": 8, "editor": 2, "viewer": 1, "other": 2}
WORKSPACES = {"demo": "home", "editor": "home", "viewer": "home", "other": "other"}
OPERATIONS = {
    "getContentItems": 4,
    "getContentItem": 3,
    "getContentByCategory": 5,
    "getContentCategories": 1,
    "getContentVersions": 2,
    "syncContent": 2,
    "createContentItem": 3,
    "updateContentItem": 4,
    "publishContent": 2,
    "archiveContent": 2,
    "bulkUpdateContent": 1,
    "revertContentVersion": 3,
}
WAIT, INVALID, FOREIGN = 0.12, 0.05, 0.06
RECENT = 6
STATUSES = ("draft", "published", "archived")

# At the end everything is read once, so that no damage stays unseen.
CLOSING: tuple[tuple[str, dict[str, Any]], ...] = tuple(
    (caller, query)
    for caller in ("demo", "other")
    for query in (
        {"operation": "getContentItems", "query": {"limit": 100}},
        {"operation": "getContentItems", "query": {"limit": 100, "status": "archived"}},
        {"operation": "getContentCategories", "query": {"includeEmpty": True}},
        {"operation": "syncContent", "query": {
            "lastSyncTimestamp": "2000-01-01T00:00:00Z", "includeDeleted": True, "platforms": ["web", "ios", "android"]}},
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    """Ids that exist from the start, in every workspace. Most of what happens, happens in the categories of `focus`."""

    items: tuple[str, ...]
    categories: tuple[str, ...]
    focus: tuple[str, ...]


def draw(seed: int, length: int, world: World) -> Program:
    """A program of `length` steps, and CLOSING after it."""
    drawer = _Drawer(random.Random(seed), world)
    steps = [drawer.step(number) for number in range(length)]
    steps += [Ask(number=length + n, caller=caller, **query) for n, (caller, query) in enumerate(CLOSING)]
    return tuple(steps)


class _Drawer:
    """Draws step after step; remembers which ones may have made an item, given a stamp, or used a key."""

    def __init__(self, chance: random.Random, world: World) -> None:
        self._chance = chance
        self._world = world
        self._made: dict[str, list[int]] = {"home": [], "other": []}
        self._workspace = "home"
        self._asked: list[int] = []
        self._keyed: dict[str, Any] = {}

    def step(self, number: int) -> Step:
        if self._likely(WAIT):
            longest = self._chance.choice(drawn_values.WAITS)
            return Wait(number, longest if self._likely(0.7) else self._chance.randint(0, longest))
        caller = self._weighted(CALLERS)
        self._workspace = WORKSPACES[caller]
        operation = self._weighted(OPERATIONS)
        if self._likely(INVALID):
            step = self._invalid(number, caller, operation)
        else:
            step = Ask(number=number, caller=caller, operation=operation, **self._request(operation))
        if operation == "createContentItem" and step.valid and caller != "viewer":
            self._made[self._workspace].append(number)
        self._asked.append(number)
        return step

    def _request(self, operation: str) -> dict[str, Any]:
        return _DRAWERS[operation](self)

    def _invalid(self, number: int, caller: str, operation: str) -> Ask:
        part, value = self._chance.choice(drawn_values.SPOILT[operation])
        request = {**self._request(operation), part: value, "headers": {}}
        return Ask(number=number, caller=caller, operation=operation, valid=False, **request)

    # The operations

    def get_items(self) -> dict[str, Any]:
        return {"query": self._some(0.4, {
            "page": self._page, "limit": self._limit, "category": self._category_asked,
            "status": lambda: self._chance.choice(STATUSES), "search": lambda: self._chance.choice(drawn_values.SEARCHES),
            "sortBy": lambda: self._chance.choice(("updatedAt", "createdAt", "title", "title", "publishedAt", "publishedAt", "version")),
            "sortOrder": lambda: self._chance.choice(("asc", "desc")),
        })}  # fmt: skip

    def get_item(self) -> dict[str, Any]:
        item = self._item()
        return {
            "path": {"id": item},
            "query": self._some(0.3, {"version": lambda: self._chance.choice(("1", "2", "3", "9999999999"))}),
            "headers": self._some(0.4, {"if-none-match": lambda: self._condition(item)}),
        }

    def get_by_category(self) -> dict[str, Any]:
        query = {
            "page": self._page, "limit": self._limit, "includeSubcategories": lambda: self._likely(0.6),
            "status": lambda: self._chance.choice(STATUSES), "startDate": self._bound, "endDate": self._bound,
        }  # fmt: skip
        return {"path": {"category": self._category_asked()}, "query": self._some(0.35, query)}

    def get_categories(self) -> dict[str, Any]:
        return {"query": self._some(0.7, {"includeEmpty": lambda: self._likely(0.5)})}

    def get_versions(self) -> dict[str, Any]:
        limits = self._some(0.5, {"limit": lambda: self._chance.choice((1, 2, 100))})
        return {"path": {"id": self._item()}, "query": limits}

    def sync(self) -> dict[str, Any]:
        query = {
            "includeDeleted": lambda: self._likely(0.8),
            "platforms": lambda: self._chance.choice((["web"], ["ios"], ["ios", "android"], ["android"])),
        }
        return {"query": {"lastSyncTimestamp": self._since(), **self._some(0.6, query)}}

    def create(self) -> dict[str, Any]:
        body = {"title": self._title(), **self._content()}
        if not self._likely(0.4):
            return {"body": body}
        key = self._chance.choice(drawn_values.KEYS)
        if key in self._keyed and self._likely(0.5):
            # The same JSON value, its members in the opposite order.
            body = dict(reversed(self._keyed[key].items()))
        self._keyed[key] = body
        return {"body": body, "headers": {"idempotency-key": key}}

    def update(self) -> dict[str, Any]:
        item = self._item()
        body = {**(self._content() or {"title": self._title()}), "version": self._base(item)}
        return {
            "path": {"id": item},
            "body": body,
            "headers": self._some(0.25, {"if-match": lambda: self._condition(item)}),
        }

    def publish(self) -> dict[str, Any]:
        return {"path": {"id": self._item()}, "body": self._options("publish")}

    def archive(self) -> dict[str, Any]:
        return {"path": {"id": self._item()}, "body": self._options("archive")}

    def revert(self) -> dict[str, Any]:
        item = self._item()
        of = item if self._likely(0.85) else self._item()
        version = (
            VersionId(of, self._chance.choice((0, 0, 1, -1, -2))) if self._likely(0.9) else "no-such-version"
        )
        backup = self._some(0.5, {"createBackup": lambda: self._likely(0.5)})
        return {"path": {"id": item}, "body": {"versionId": version, **backup}}

    def bulk(self) -> dict[str, Any]:
        # Few items and many operations, so that later ones see what earlier ones did.
        items = [self._item() for _ in range(self._chance.randint(1, 3))]
        return {"body": {"operations": [self._operation(items) for _ in range(self._chance.randint(1, 6))]}}

    def _operation(self, items: list[Item]) -> dict[str, Any]:
        item, kind = (
            self._chance.choice(items),
            self._chance.choice(("update", "update", "publish", "archive")),
        )
        # An id that breaks the pattern of ids would make the whole document invalid.
        named = item if isinstance(item, Made) or item in self._world.items else "nope"
        operation = {"type": kind, "id": named}
        if kind == "update":
            data = self._content() or {"title": self._title()}
            return {**operation, "version": self._base(named, ahead=True), "data": data}
        return {**operation, "data": self._options(kind)} if self._likely(0.6) else operation

    # Parts of requests

    def _options(self, kind: str) -> dict[str, Any]:
        if kind == "archive":
            return self._some(0.4, {"reason": lambda: self._chance.choice(("r", "é" * 500))})
        return self._some(0.4, {
            "notify": lambda: self._likely(0.6), "platforms": lambda: list(self._chance.choice(drawn_values.PLATFORMS)),
        })  # fmt: skip

    def _content(self) -> dict[str, Any]:
        return self._some(0.4, {
            "title": self._title, "body": lambda: self._chance.choice(drawn_values.BODIES), "category": self._category,
            "tags": lambda: list(self._chance.choice(drawn_values.TAGS)), "platforms": lambda: list(self._chance.choice(drawn_values.PLATFORMS)),
            "metadata": lambda: dict(self._chance.choice(drawn_values.METADATA)),
        })  # fmt: skip

    def _title(self) -> str:
        return self._chance.choice(drawn_values.TITLES)

    def _item(self) -> Item:
        if self._likely(0.05):
            return self._chance.choice(drawn_values.NO_ITEM)
        home = (self._workspace == "home") != self._likely(FOREIGN)
        made = self._made["home" if home else "other"]
        if made and self._likely(0.75):
            return Made(self._chance.choice(made[-RECENT:] if self._likely(0.85) else made))
        return self._chance.choice(self._world.items)

    def _category(self) -> str | None:
        if self._likely(0.06):
            return drawn_values.FOREIGN_CATEGORY
        return self._chance.choice((self._category_asked(), self._category_asked(), None))

    def _category_asked(self) -> str:
        if self._likely(0.7):
            return self._chance.choice(self._world.focus)
        return self._chance.choice((*self._world.categories, drawn_values.FOREIGN_CATEGORY))

    def _base(self, item: Item, *, ahead: bool = False) -> Number:
        if self._likely(0.75):
            return Number(item, self._chance.choice((0, 0, 1)) if ahead else 0)
        return Number(item, self._chance.choice((-2, -1, 1)))

    def _condition(self, item: Item) -> Any:
        if self._likely(0.5):
            return self._chance.choice(drawn_values.CONDITIONS)
        return Number(
            item, self._chance.choice((0, 0, -1)), self._chance.choice(('"v{}"', 'W/"v{}"', '"x", "v{}"'))
        )

    def _page(self) -> int:
        return self._chance.choice((1, 2, 2, 3, 4, 1_000_000))

    def _limit(self) -> int:
        return self._chance.choice((1, 2, 3, 7, 20, 100))

    def _bound(self) -> Any:
        if self._likely(0.2):
            return self._chance.choice(drawn_values.DATES)
        form = self._chance.choice(("same", "same", "same", *drawn_values.FORMS))
        return (
            Touched(self._item(), form)
            if self._likely(0.7) or not self._asked
            else Stamp(self._earlier(), form)
        )

    def _since(self) -> Any:
        if self._likely(0.2) or not self._asked:
            return self._chance.choice(drawn_values.MOMENTS)
        form = self._chance.choice(
            ("same", "same", *(f for f in drawn_values.FORMS if f not in drawn_values.DAY_FORMS))
        )
        return Stamp(self._earlier(), form) if self._likely(0.8) else Touched(self._item(), form)

    def _earlier(self) -> int:
        return self._chance.choice(self._asked[-30:])

    # Chance

    def _likely(self, share: float) -> bool:
        return self._chance.random() < share

    def _weighted(self, weights: Mapping[str, int]) -> str:
        return self._chance.choices(list(weights), list(weights.values()))[0]

    def _some(self, share: float, members: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        return {name: draw() for name, draw in members.items() if self._likely(share)}


_DRAWERS: Mapping[str, Callable[[_Drawer], dict[str, Any]]] = {
    "getContentItems": _Drawer.get_items,
    "getContentItem": _Drawer.get_item,
    "getContentByCategory": _Drawer.get_by_category,
    "getContentCategories": _Drawer.get_categories,
    "getContentVersions": _Drawer.get_versions,
    "syncContent": _Drawer.sync,
    "createContentItem": _Drawer.create,
    "updateContentItem": _Drawer.update,
    "publishContent": _Drawer.publish,
    "archiveContent": _Drawer.archive,
    "bulkUpdateContent": _Drawer.bulk,
    "revertContentVersion": _Drawer.revert,
}
