"""The ways that lead to a page (`mock_server.store.lists.pages`), each forced on worlds far too small to need it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest

from mock_server.store.lists import order, pages, texts
from mock_server.store.sqlite.database import Database

FAR: dict[str, Any] = {"SHORT": -1, "WALK": 0, "WALK_FOUND": 0, "WALK_RANGE": -1, "FEW": 0}
Patch = tuple[Any, str, Any]


def _pages(**values: Any) -> list[Patch]:
    return [(pages, name, value) for name, value in values.items()]


_brief = Database.brief


def _soon(database: Database, sql: str, values: tuple[Any, ...], steps: int) -> Any:
    return _brief(database, sql, values, 1)


WAYS: Mapping[str, list[Patch]] = MappingProxyType(
    {
        "as it comes": [],
        "walked": _pages(SHORT=10**6, WALK_FOUND=10**6, WALK_RANGE=10**6, FEW=0),
        "sorted": _pages(FEW=10**6),
        "remembered": _pages(**FAR),
        "made anew": [*_pages(**FAR), (order, "MOST_MOVES", 0), (order, "MOST_CHANGES", 0)],
        "little room": [*_pages(**FAR), (pages, "Orders", partial(order.Orders, lists=3, keys=60))],
        "walked for a time": _pages(SHORT=0, FEW=0),
        "broken off": [*_pages(SHORT=10**6, WALK=10**6, FEW=0, WALK_FOUND=10**6), (Database, "brief", _soon)],
        "index behind": [*_pages(WALK_FOUND=0, FEW=0), (texts, "LATE", 10**6)],
        "index in small slices": [*_pages(FEW=0), (texts, "LATE", 0), (texts, "SLICE", 3)],
    }
)


def force(patch: pytest.MonkeyPatch, way: str) -> None:
    for target, name, value in WAYS[way]:
        patch.setattr(target, name, value)
