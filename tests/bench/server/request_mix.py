"""The traffic of the soak: every kind of request that clients send, in the proportion in which they send it."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.programs.reference_server import ITEMS, LIST, ReferenceServer
from tests.bench.programs.wrk import Prepared

# Kind of request -> its share in percent.
MIX = {
    "item": 40, "list": 14, "category": 6, "categories": 3, "search": 3, "versions": 5, "sync": 6, "verify": 4,
    "update": 12, "create": 2, "publish": 2, "metrics": 2, "login": 1,
}  # fmt: skip
CATEGORIES, WORDS = ("news", "guides", "products"), ("amber", "zephyr", "river")

UPDATE = b'{"version":{version},"title":"A title that is as long as most of them"}'
CREATE = b'{"title":"Made by the soak","category":"news","tags":["soak"]}'
LOGIN = b'{"email":"demo@tchat.com","password":"demo-password"}'
METRICS = (
    b'{"metrics":[{"name":"api_call","value":12.5,"timestamp":1790000000000,"tags":{"kind":"read"}}],"session":{"sessionId":"soak",'
    b'"userAgent":"bench","platform":"web","viewport":{"width":1280,"height":720},'
    b'"connection":{"effectiveType":"4g","downlink":10,"rtt":50,"saveData":false}}}'
)


def mixed(server: ReferenceServer, chance: random.Random, count: int, seconds: float) -> Sequence[Prepared]:
    """`count` requests in the proportion of MIX, shuffled, each updated item once; to be sent for so many seconds from now."""
    make = kinds(server, server.items(ITEMS), chance, datetime.now(UTC) + timedelta(seconds=seconds))
    made = [make[kind](place) for kind, share in MIX.items() for place in range(count * share // 100)]
    chance.shuffle(made)
    return made


def kinds(
    server: ReferenceServer, items: list[dict[str, Any]], chance: random.Random, end: datetime
) -> dict[str, Callable[[int], Prepared]]:
    """Kind -> its n-th request."""
    headers = {"Authorization": f"Bearer {server.token}"}
    published = [item for item in items if item["status"] == "published"]
    chance.shuffle(items)

    def get(target: str) -> Prepared:
        return Prepared.of(server.url, "GET", f"/api/{target}", headers)

    def post(target: str, document: bytes) -> Prepared:
        return Prepared.of(server.url, "POST", f"/api/{target}", headers, document)

    def any_of(known: list[dict[str, Any]]) -> str:
        return f"content/items/{chance.choice(known)['id']}"

    def below(category: str) -> str:
        return f"content/categories/{category}/items?includeSubcategories=true"

    def recent() -> str:
        """The stamp of a client that is up to date when it asks: it gets the last changes, not all of the run."""
        return (end - timedelta(seconds=chance.random())).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def update(place: int) -> Prepared:
        item = items[place]
        target = f"/api/content/items/{item['id']}"
        return Prepared.of(server.url, "PUT", target, headers, UPDATE, item["version"])

    return {
        "item": lambda n: get(any_of(items)),
        "list": lambda n: get(f"{LIST.removeprefix('/api/')}&page={chance.randrange(1, 51)}"),
        "category": lambda n: get(below(chance.choice(CATEGORIES))),
        "categories": lambda n: get("content/categories"),
        "search": lambda n: get(f"content/items?search={chance.choice(WORDS)}"),
        "versions": lambda n: get(f"{any_of(items)}/versions"),
        "sync": lambda n: get(f"content/sync?lastSyncTimestamp={recent()}"),
        "verify": lambda n: get("auth/verify"),
        "update": update,
        "create": lambda n: post("content/items", CREATE),
        "publish": lambda n: post(f"{any_of(published)}/publish", b"{}"),
        "metrics": lambda n: post("metrics", METRICS),
        "login": lambda n: post("auth/login", LOGIN),
    }
