"""The code paths that lead to a page (`mock_server.store.lists.pages`), each forced on every list."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from mock_server.store.lists import pages
from mock_server.store.lists.listing import SqlLists
from mock_server.store.lists.pages import ListCache, Pages

get = ListCache.get


def _remembered(lists: ListCache, *query: Any, at_first: bool) -> Any:
    return get(lists, *query, at_first=True)


def _walked(lists: ListCache, query: Any, make: Callable[[Any], Any], renew: Any, *, at_first: bool) -> Any:
    return make(query) if at_first else None


PATHS: Mapping[str, tuple[tuple[Any, str, Any], ...]] = MappingProxyType(
    {
        "as it comes": (),
        "plain SQL, as while a fault is on": ((Pages, "_listed", lambda self, query: SqlLists(self._db).items(query)),),
        "walked": ((ListCache, "get", _walked),),
        "remembered": ((ListCache, "get", _remembered),),
        "renewed after any number of changes": ((ListCache, "get", _remembered), (pages, "LEAST", 1_000)),
        "never renewed": ((ListCache, "get", _remembered), (pages, "LEAST", -1), (pages, "SHARE", 1 << 40)),
        "little room": ((ListCache, "get", _remembered), (pages, "MOST_LISTS", 3), (pages, "MOST_KEYS", 60)),
    }
)  # fmt: skip


def force(patch: pytest.MonkeyPatch, path: str) -> None:
    for target, name, value in PATHS[path]:
        patch.setattr(target, name, value)
