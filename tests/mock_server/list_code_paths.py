"""The code paths that lead to a page (`mock_server.store.lists.pages`), each forced on every list."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from mock_server.store.lists import pages
from mock_server.store.lists.pages import RememberedLists

get = RememberedLists.get


def _remembered(lists: RememberedLists, *query: Any, at_first: bool) -> Any:
    return get(lists, *query, at_first=True)


def _walked(
    lists: RememberedLists, workspace: str, query: Any, make: Callable[[], Any], *, at_first: bool
) -> Any:
    return make() if at_first else None


PATHS: Mapping[str, tuple[tuple[Any, str, Any], ...]] = MappingProxyType(
    {
        "as it comes": (),
        "walked": ((RememberedLists, "get", _walked),),
        "remembered": ((RememberedLists, "get", _remembered),),
        "little room": ((RememberedLists, "get", _remembered), (pages, "MOST_LISTS", 3), (pages, "MOST_KEYS", 60)),
    }
)  # fmt: skip


def force(patch: pytest.MonkeyPatch, path: str) -> None:
    for target, name, value in PATHS[path]:
        patch.setattr(target, name, value)
