"""What random programs are made of: texts at the borders of case, wildcards and code points, bounds, spoilt requests.

Few of each, so that equal keys, repeated searches and second uses are common and not a rarity.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

SECOND = 1_000_000
DAY = 24 * 3600 * SECOND

TITLES = (
    "alpha", "Alpha", "ALPHA beta", "beta", "alpha%beta", "al_ha", "100%", "_", "%", "a\\b", "'", '"', "Ärger", "ärger",
    "A\u0308rger", "e\u0301", "é", "ſtraße", "İstanbul", "istanbul", "日本", "𝒳yz", "😀", "\uffff", "\ue000", " sp ", "\t", "L" * 200,
    "😀" * 200, "null", "0", "K", "\u212a",
)  # fmt: skip
BODIES = ("", "text", "Some %_ TEXT", "alpha", "line\nline", "𝒳", "e\u0301", "'\"\\", "x" * 5000)
SEARCHES = (
    "alpha", "ALPHA", "a", "%", "_", "l_h", "a%b", "\\", "'", '"', "Ä", "ä", "é", "e\u0301", "\u0301", "ß", "ſ", "İ", "i", "日", "𝒳",
    "😀", "\ud7ff", "text", "TEXT", " ", "  ", "*", "line\nline", "alpha text", "K", "k", "\u212a", "L" * 200, "seed", "draft",
)  # fmt: skip
TAGS: tuple[list[str], ...] = ([], ["a"], ["b", "a"], ["A", "a"], ["é", "e\u0301"], ["z", "ä", "m"])
PLATFORMS: tuple[list[str], ...] = ([], ["web"], ["ios"], ["android", "web"], ["web", "ios", "android"])
METADATA: tuple[dict[str, str], ...] = ({}, {"a": "1"}, {"b": "2"}, {"a": "2", "b": ""}, {"é": "%_"})
KEYS = ("k1", "K1", "~!")
FOREIGN_CATEGORY = "nowhere"
NO_ITEM = ("nope", "temp-1", "welcome2", "WELCOME", "%", "é", "x" * 65)
DATES = (
    "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:08:00.000000Z", "2026-01-01t00:04:00z", "2025-12-31T23:59:60Z",
    "2026-01-01T05:45:00+05:45", "2025-12-31T19:00:00.0000009-05:00", "2030-01-01T00:00:00Z", "9999-12-31", "0000-01-01",
    "2028-02-29", "2026-12-31",
)  # fmt: skip
MOMENTS = tuple(date for date in DATES if "T" in date.upper())
CONDITIONS = ("*", '"v1"', 'W/"v2"', '"v1", "v3"', 'W/"v1",W/"v4"', '"V1"', '"v01"', '""')

# Beside the moment itself, a clock stands still for a few steps at a time, jumps over nights, and to both sides of 24 hours.
WAITS = (
    0,
    1,
    1,
    2,
    999,
    1000,
    SECOND,
    3 * SECOND,
    600 * SECOND,
    900 * SECOND,
    6 * 3600 * SECOND,
    DAY - SECOND,
    DAY + SECOND,
)
STARTS = (
    "2026-12-31T23:59:59.999990+00:00",
    "2028-02-28T23:59:59.999999+00:00",
    "2026-09-21T14:13:20+00:00",
    # Before the last seeded change: stamps must go on from there all the same.
    "2025-12-31T23:59:00+00:00",
)


def start(seed: int) -> int:
    """Where the clock of a program stands at first, in microseconds since 1970."""
    moment = datetime.fromisoformat(STARTS[seed % len(STARTS)]) - datetime.fromtimestamp(0, UTC)
    return moment // timedelta(microseconds=1)


def _moved(stamp: str, microseconds: int) -> str:
    moment = datetime.fromisoformat(stamp) + timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _elsewhere(stamp: str, hours: float) -> str:
    return datetime.fromisoformat(stamp).astimezone(timezone(timedelta(hours=hours))).isoformat()


# The same moment, its neighbours and its day, as RFC 3339 can write them.
FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "same": lambda stamp: stamp,
        "lower": lambda stamp: stamp.lower(),
        "finer": lambda stamp: stamp.replace("Z", "999Z"),
        "zone": lambda stamp: stamp.replace("Z", "-00:00"),
        "kathmandu": lambda stamp: _elsewhere(stamp, 5.75),
        "before": lambda stamp: _moved(stamp, -1),
        "after": lambda stamp: _moved(stamp, 1),
        "day": lambda stamp: stamp[:10],
        "yesterday": lambda stamp: _moved(stamp, -DAY)[:10],
    }
)
DAY_FORMS = ("day", "yesterday")

# What is put in place of a valid request's query or body; each breaks openapi.yaml.
SPOILT: Mapping[str, tuple[tuple[str, Any], ...]] = MappingProxyType(
    {
        "getContentItems": (
            ("query", {"page": 0}), ("query", {"limit": 101}), ("query", {"sortBy": "id"}), ("query", {"status": "deleted"}),
            ("query", {"search": ""}), ("query", {"page": "1.5"}), ("query", {"category": "%"}), ("query", {"search": "x" * 201}),
        ),
        "getContentItem": (("query", {"version": "0"}), ("query", {"version": "x"}), ("query", {"version": "1" * 11})),
        "getContentByCategory": (
            ("query", {"limit": 0}), ("query", {"startDate": "2026-02-30"}), ("query", {"endDate": "yesterday"}),
            ("query", {"includeSubcategories": "1"}),
        ),
        "getContentCategories": (("query", {"includeEmpty": "yes"}),),
        "getContentVersions": (("query", {"limit": 0}), ("query", {"limit": 101})),
        "syncContent": (
            ("query", {}), ("query", {"lastSyncTimestamp": "2026-01-01"}), ("query", {"lastSyncTimestamp": "0"}),
            ("query", {"lastSyncTimestamp": "2026-01-01T00:00:00Z", "platforms": ["pc"]}),
        ),
        "createContentItem": (
            ("body", {"title": ""}), ("body", {"body": "no title"}), ("body", {"tags": []}), ("body", {}), ("body", {"title": "x" * 201}), ("body", {"title": "x", "status": "published"}),
            ("body", {"title": "x", "id": "mine"}), ("body", {"title": "x", "tags": ["a", "a"]}), ("body", {"title": 1}),
        ),
        "updateContentItem": (
            ("body", {"version": 1}), ("body", {"title": "x"}), ("body", {"version": 0, "title": "x"}),
            ("body", {"version": "1", "title": "x"}), ("body", {"version": 1, "title": "x", "status": "published"}),
        ),
        "publishContent": (("body", {"platforms": ["pc"]}), ("body", {"notify": "yes"}), ("body", [])),
        "archiveContent": (("body", {"reason": ""}), ("body", {"why": "x"})),
        "revertContentVersion": (("body", {}), ("body", {"versionId": ""}), ("body", {"versionId": "x", "createBackup": 1})),
        "bulkUpdateContent": (
            ("body", {"operations": []}), ("body", {"operations": [{"type": "delete", "id": "welcome"}]}),
            ("body", {"operations": [{"type": "publish", "id": "welcome"}, {"type": "update", "id": "welcome", "version": 1, "data": {}}]}),
        ),
    }
)  # fmt: skip
