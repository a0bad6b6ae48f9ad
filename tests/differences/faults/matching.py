"""Where a fault strikes: operations by their method and path, as somebody reads them off the API's manual.

>>> at("item", "GET", "/api/content/items/x"), at("item", "GET", "/content/items/bulk/x")
(True, False)
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.differences.proxy.message import Answer, Request
from tests.differences.row import Answers, Intercept

OPERATIONS: Mapping[str, tuple[str, str]] = {
    "list": ("GET", "/content/items"),
    "create": ("POST", "/content/items"),
    "bulk": ("POST", "/content/items/bulk"),
    "item": ("GET", "/content/items/[^/]+"),
    "update": ("PUT", "/content/items/[^/]+"),
    "versions": ("GET", "/content/items/[^/]+/versions"),
    "publish": ("POST", "/content/items/[^/]+/publish"),
    "archive": ("POST", "/content/items/[^/]+/archive"),
    "revert": ("POST", "/content/items/[^/]+/revert"),
    "tree": ("GET", "/content/categories"),
    "category": ("GET", "/content/categories/[^/]+/items"),
    "sync": ("GET", "/content/sync"),
    "login": ("POST", "/auth/login"),
    "refresh": ("POST", "/auth/refresh"),
    "verify": ("GET", "/auth/verify"),
    "logout": ("POST", "/auth/logout"),
    "metrics": ("POST", "/metrics"),
}
Change = Callable[[Request, Answer], Answer]


def at(names: str, method: str, path: str) -> bool:
    """Whether this is one of the operations named."""
    return any(
        method == OPERATIONS[name][0] and re.fullmatch(f"(/api)?{OPERATIONS[name][1]}", path)
        for name in names.split()
    )


def of(names: str, request: Request) -> bool:
    return at(names, request.method, request.path)


def good(names: str, change: Callable[[Any, Request], Any]) -> Callable[[], Intercept]:
    """Change the JSON of successful answers of these operations; `change` may alter its argument and return nothing."""

    def alter(request: Request, answer: Answer) -> Answer:
        if not of(names, request) or not answer.good or answer.json is None:
            return answer
        value = answer.json
        made = change(value, request)
        return answer.with_json(value if made is None else made)

    return lambda: Answers(alter)


def answered(names: str, change: Change) -> Callable[[], Intercept]:
    """Change answers of these operations, or all of them where none is named."""
    return lambda: Answers(lambda q, a: change(q, a) if not names or of(names, q) else a)


def items_of(value: Any) -> list[dict[str, Any]]:
    """Every item in an answer, wherever it stands."""
    if isinstance(value, list):
        return [item for part in value for item in items_of(part)]
    if not isinstance(value, dict):
        return []
    inner = [item for part in value.values() for item in items_of(part)]
    return [value, *inner] if {"title", "version", "status"} <= value.keys() else inner
