"""The schemas of a body by media type, as documents of other people write them."""

from collections.abc import Mapping
from typing import Any

JSON = "application/json"
ANY = ("*/*", "application/*")


def media_types(raw: Mapping[str, Any], *, sent: bool) -> dict[str, Any]:
    """The schemas of a request body or response (its `content`) by media type, without parameters, JSON first. Where any media type may
    be `sent`, that is JSON.

    >>> media_types({"content": {"text/csv": {}, "Application/JSON; charset=utf-8": {"schema": True}}}, sent=False)
    {'application/json': True, 'text/csv': {}}
    """
    found: dict[str, Any] = {}
    for name, content in raw.get("content", {}).items():
        media = name.partition(";")[0].strip().lower()
        found.setdefault(JSON if sent and media in ANY else media, content.get("schema", {}))
    return dict(sorted(found.items(), key=lambda entry: entry[0] != JSON))
