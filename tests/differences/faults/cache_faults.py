"""Faults of a cache between client and server: it keeps what is private, for too long, or under too short a key (RFC 9111).

Each row is one shared cache that is right but for one rule. It answers from what it keeps without asking the server, as a
CDN, a gateway or a framework's cache decorator does; writes pass through it and, where the rule is not about that, empty it.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from tests.differences.faults.matching import OPERATIONS, of
from tests.differences.harmless.transport import packed
from tests.differences.proxy.message import Answer, Forward, Request
from tests.differences.row import Intercept, Row

READS = "list item versions tree category sync verify"
LISTS = "list category"
Key = Callable[[Request], tuple[str, ...] | None]
"""What an answer is kept under; None: it is not kept and not served."""
ENDLESS = 3600.0


class Cache(Intercept):
    """A shared cache of the answers that `key` gives a key. `statuses` are those that it keeps, `seconds` how long.

    `emptied`: whether every request that is no read empties it, so that only the key can be wrong.
    """

    def __init__(
        self,
        key: Key,
        *,
        statuses: tuple[int, ...] = (200,),
        seconds: float = ENDLESS,
        emptied: bool = True,
    ) -> None:
        self._key, self._statuses, self._seconds, self._emptied = key, statuses, seconds, emptied
        self._kept: dict[tuple[str, ...], tuple[float, Answer]] = {}

    async def handle(self, request: Request, forward: Forward) -> Answer:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            answer = await forward(request)
            if self._emptied:
                self._kept.clear()
            return answer
        key = self._key(request)
        if key is None:
            return await forward(request)
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() <= kept[0]:
            return self._served(request, kept[1])
        answer = self._packed(request, await forward(request))
        if answer.status in self._statuses:
            self._kept[key] = (time.monotonic() + self._seconds, answer)
        return self._served(request, answer)

    def _packed(self, request: Request, answer: Answer) -> Answer:
        """The answer as it comes from the server."""
        return answer

    def _served(self, request: Request, answer: Answer) -> Answer:
        """The answer as it goes to the client."""
        return answer


class Packed(Cache):
    """In front of a server that packs its answers for those who accept gzip."""

    def _packed(self, request: Request, answer: Answer) -> Answer:
        return packed(request, answer)


class Revalidating(Cache):
    """Answers If-None-Match by itself from the tag that it has seen at this path, whoever asks."""

    def __init__(self) -> None:
        super().__init__(lambda request: None)
        self._tags: dict[str, Answer] = {}

    async def handle(self, request: Request, forward: Forward) -> Answer:
        seen, asked = self._tags.get(request.target), request.header("if-none-match")
        if seen is not None and asked and asked == seen.header("etag") and request.method == "GET":
            return replace(seen, status=304, reason="Not Modified", body=b"")
        answer = await forward(request)
        if request.method not in ("GET", "HEAD"):
            self._tags.clear()
        elif answer.status == 200 and answer.header("etag") and request.method == "GET":
            self._tags[request.target] = answer
        return answer


class Unpacked(Packed):
    """Keeps a packed answer and serves it without its Content-Encoding."""

    def _served(self, request: Request, answer: Answer) -> Answer:
        return (
            answer.with_header("Content-Encoding", None)
            if "gzip" not in request.header("accept-encoding")
            else answer
        )


def _by(names: str, *fields: str, whole: bool = True, methods: tuple[str, ...] = ("GET",)) -> Key:
    """Path (with its query, unless not `whole`) and these header fields, for reads of these operations."""

    def key(request: Request) -> tuple[str, ...] | None:
        if request.method not in methods or not of(names, replace(request, method="GET")):
            return None
        target = request.target if whole else request.path
        return (target, *(request.header(name) for name in fields))

    return key


def _signed_out_too(names: str) -> Callable[[], Intercept]:
    class SignedOut(Cache):
        async def handle(self, request: Request, forward: Forward) -> Answer:
            if not request.header("authorization") and of(names, request):
                kept = self._kept.get((request.target,))
                return kept[1] if kept else await forward(request)
            answer = await forward(request)
            if request.method not in ("GET", "HEAD", "OPTIONS"):
                self._kept.clear()
            elif of(names, request) and answer.status == 200:
                self._kept[request.target,] = (ENDLESS, answer)
            return answer

    return lambda: SignedOut(_by(names))


assert set(READS.split()) <= set(OPERATIONS)
ME = "authorization"
_ROWS: tuple[tuple[str, str, Callable[[], Intercept], str], ...] = (
    ("cache-items-by-path", "RFC 9111 3.5: an answer to a request with Authorization is not shared", lambda: Cache(_by("item versions")), "caches.owner-first"),
    ("cache-lists-by-path", "RFC 9111 3.5", lambda: Cache(_by(LISTS)), "caches.owner-first"),
    ("cache-tree-by-path", "RFC 9111 3.5", lambda: Cache(_by("tree")), "caches.owner-first"),
    ("cache-sync-by-path", "RFC 9111 3.5", lambda: Cache(_by("sync")), "caches.owner-first"),
    ("cache-verify-by-path", "RFC 9111 5.2.2.5: no-store", lambda: Cache(_by("verify")), "caches.owner-first"),
    ("cache-for-the-signed-out", "RFC 9111 3.5: who has no token gets 401", _signed_out_too(READS), "caches.signed-out"),
    ("cache-after-logout", "openapi: a token that is refused reads nothing", lambda: Cache(_by(READS, ME), emptied=False, seconds=5), "caches.after-logout"),
    ("cache-404-over-a-creation", "RFC 9111 4.4: a write makes what is kept of it invalid", lambda: Cache(_by("item versions", ME), statuses=(404,), emptied=False), "caches.missing-then-there"),
    ("cache-stale-items", "openapi: a change is visible to every read after its answer", lambda: Cache(_by("item", ME), emptied=False, seconds=2), "caches.fresh-after-writes"),
    ("cache-stale-lists", "openapi: a change is visible to every read after its answer", lambda: Cache(_by(LISTS, ME), emptied=False, seconds=2), "caches.fresh-after-writes"),
    ("cache-stale-trees", "openapi: a change is visible to every read after its answer", lambda: Cache(_by("tree", ME), emptied=False, seconds=2), "caches.fresh-trees"),
    ("cache-stale-versions", "openapi: a change is visible to every read after its answer", lambda: Cache(_by("versions", ME), emptied=False, seconds=2), "caches.fresh-after-writes"),
    ("cache-stale-sync", "openapi: a change is visible to every read after its answer", lambda: Cache(_by("sync", ME), emptied=False, seconds=2), "caches.fresh-after-writes"),
    ("cache-without-query", "RFC 9111 4: the key is the whole URI", lambda: Cache(_by(f"{LISTS} versions", ME, whole=False)), "caches.query-counts"),
    ("cache-coding-ignored", "RFC 9111 4.1: Vary: Accept-Encoding", lambda: Packed(_by(READS, ME)), "caches.coding-counts"),
    ("cache-unpacked", "RFC 9110 8.4: Content-Encoding says how it is packed", lambda: Unpacked(_by(READS, ME)), "caches.coding-counts"),
    ("cache-origin-ignored", "RFC 9111 4.1: Vary: Origin", lambda: Cache(_by(READS, ME, "accept-encoding")), "caches.origin-counts"),
    ("cache-head-for-get", "RFC 9110 9.3.2: HEAD has no body, GET has", lambda: Cache(_by(READS, ME, "accept-encoding", "origin", methods=("GET", "HEAD"))), "caches.head-and-get"),
    ("cache-304-across-accounts", "RFC 9111 4.3.2: a stored answer is validated for who may have it", Revalidating, "caches.conditional-by-owner"),
    ("cache-refusals-kept", "RFC 9111 3: a refusal belongs to its request", lambda: Cache(_by(READS), statuses=(401, 403)), "caches.refusals-pass"),
)  # fmt: skip
CACHES = tuple(
    Row(name=name, why=why, make=make, checks=tuple(checks.split())) for name, why, make, checks in _ROWS
)
