"""The functions that make a row of a table of faults.

`check` and `on` are words separated by spaces: slugs of checks, operationIds (or the group names below).
"""

from collections.abc import Mapping
from dataclasses import replace

from contracts.content_writes import BULK, SINGLE_WRITES
from mock_server.faults.fault import Family, Fault, Transform, Wrapper

GROUPS: Mapping[str, str] = {
    "lists": "getContentItems getContentByCategory",
    "items": "getContentItem createContentItem updateContentItem publishContent revertContentVersion",
    "content": (
        "getContentItems getContentItem getContentByCategory getContentCategories getContentVersions syncContent"
    ),
    "writes": " ".join((*SINGLE_WRITES, BULK)),
    "tokens": "login refreshTokens",
    "auth": "login refreshTokens logout verifyToken",
}


def wrapped(
    family: Family,
    name: str,
    breaks: str,
    what: str,
    check: str,
    on: str,
    *wrappers: Wrapper,
    rate: float = 1.0,
    draws: bool = False,
) -> Fault:
    """A fault that wraps steps of the reference."""
    return Fault(
        name=name,
        family=family,
        breaks=breaks,
        what=what,
        check=tuple(check.split()),
        operations=_operations(on),
        wrappers=wrappers,
        rate=rate,
        draws=draws,
    )


def answer(family: Family, name: str, breaks: str, what: str, check: str, on: str, by: Transform) -> Fault:
    """A fault that transforms finished responses."""
    return replace(wrapped(family, name, breaks, what, check, on), transform=by)


def _operations(on: str) -> tuple[str, ...]:
    return tuple(one for word in on.split() for one in GROUPS.get(word, word).split())
