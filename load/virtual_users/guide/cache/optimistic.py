"""The guide's optimistic updates and their rollback, as RTK and Immer do them (S:209-240, S:258-284).

`undo` writes the old values of the patched members into the data that is cached by then. A refetch between patch and
rollback is therefore overwritten with old data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from load.virtual_users.guide.cache.query_cache import QueryCache
from load.virtual_users.guide.exchange import Ask

FIRST_PAGE = Ask("getContentItems", {"page": 1})
"""The only key that a create patches (S:212)."""

Undo = Callable[[], None]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Patched:
    """One optimistic update that can be undone. `missed`: no cached answer had the key, so the user sees nothing until the
    server answers."""

    keys: tuple[str, ...]
    undo: Undo

    @property
    def missed(self) -> bool:
        return not self.keys


def create(cache: QueryCache, arg: Mapping[str, Any], stamp: str, now_ms: int, *, shown: bool) -> Patched:
    """Put a draft on top of the first page. `shown`: of every cached first page, not only of the key `{page: 1}`."""
    item = {
        "id": f"temp-{now_ms}",
        **arg,
        "status": "draft",
        "createdAt": stamp,
        "updatedAt": stamp,
        "version": 1,
    }
    pages = _first_pages(cache) if shown else [FIRST_PAGE]
    before = {page.key: list(rows) for page in pages if (rows := _rows(cache, page)) is not None}
    for page in pages:
        if page.key in before:
            _put_rows(cache, page, [item, *before[page.key]])

    def undo() -> None:
        # Immer's inverse of an unshift writes the old rows back by index and removes the row after them.
        for page in pages:
            if page.key in before:
                later = (_rows(cache, page) or [])[len(before[page.key]) + 1 :]
                _put_rows(cache, page, [*before[page.key], *later])
            cache.patched(page)

    return Patched(tuple(before), undo)


def created(cache: QueryCache, item: Mapping[str, Any], *, shown: bool) -> None:
    """Replace the first temporary row by the created item, even if the row is another create's (S:227-235)."""
    for page in _first_pages(cache) if shown else [FIRST_PAGE]:
        rows = list(_rows(cache, page) or [])
        for index, row in enumerate(rows):
            if str(row["id"]).startswith("temp-"):
                rows[index] = item
                _put_rows(cache, page, rows)
                break


def update(cache: QueryCache, arg: Mapping[str, Any], stamp: str) -> Patched:
    """Patch one item: `Object.assign` on the query `{id}` (S:261-262). A query with a `version` is another key and stays."""
    ask = Ask("getContentItem", {"id": arg["id"]})
    changes = {name: value for name, value in arg.items() if name != "id"} | {"updatedAt": stamp}
    entry = cache.entries.get(ask.key)
    before: dict[str, Any] = {}
    if entry is not None and isinstance(entry.data, Mapping):
        before = {name: entry.data.get(name, _ABSENT) for name in changes}
        entry.data = {**entry.data, **changes}

    def undo() -> None:
        later = cache.entries.get(ask.key)
        if before and later is not None and isinstance(later.data, Mapping):
            back = {**later.data, **before}
            later.data = {name: value for name, value in back.items() if value is not _ABSENT}
        cache.patched(ask)

    return Patched((ask.key,) if before else (), undo)


def _first_pages(cache: QueryCache) -> list[Ask]:
    return [
        entry.ask
        for entry in cache.entries.values()
        if entry.ask.operation == "getContentItems" and entry.ask.arg.get("page", 1) == 1
    ]


def _rows(cache: QueryCache, page: Ask) -> list[Any] | None:
    entry = cache.entries.get(page.key)
    data = entry.data if entry is not None else None
    return data["data"] if isinstance(data, Mapping) else None


def _put_rows(cache: QueryCache, page: Ask, rows: list[Any]) -> None:
    entry = cache.entries.get(page.key)
    if entry is not None and isinstance(entry.data, Mapping):
        entry.data = {**entry.data, "data": rows}
        cache.patched(page)
