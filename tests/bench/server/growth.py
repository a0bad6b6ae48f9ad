"""What a larger world costs: the tail of reading from 200,000 items over that from 2,000, start time, and memory."""

import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from tests.bench.programs.reference_server import ITEMS, LIST, ReferenceServer, ours
from tests.bench.programs.wrk import Prepared
from tests.bench.result import Limit, Result, Row
from tests.bench.server.latency_connection import LatencyConnection
from tests.bench.server.listening_sockets import open_sockets
from tests.bench.setting import Setting

SMALL, LARGE = 2_000, 200_000
STARTED, START_SECONDS = 100_000, 3.0
SOCKETS, MEBIBYTES = 1_000, 150.0
FACTOR = 1.5
AFTER_WRITE = "search after a write"
PAIRS, SECONDS = 1_500, 4.0
"""How many pairs of requests a round has for each kind, and how long it may take for them."""


def growth(setting: Setting) -> Result:
    """p99 of reads at 200,000 items over 2,000, start with 100,000 items, memory with 1,000 sockets."""
    rows = [*_tails(setting), *_starts(setting), _memory(setting)]
    about = (
        f"p99 over HTTP, one request at a time, in turn to a server with {LARGE:,} items and one with {SMALL:,} on the same core;"
        f" ratio: the larger's over the smaller's. Start: until a request is answered, with a new world in memory."
    )  # fmt: skip
    return Result("Growth", about, rows)


def _tails(setting: Setting) -> list[Row]:
    small, large = (200, 2_000) if setting.quick else (SMALL, LARGE)
    with ExitStack() as stack:
        setting.say(f"growth: planting {small} and {large} items")
        servers = {
            count: stack.enter_context(ours(setting, items=count, name=f"ours-{count}"))
            for count in (small, large)
        }
        lines = {count: LatencyConnection(server.child.port) for count, server in servers.items()}
        requests = {count: kinds(server, count) for count, server in servers.items()}
        times: dict[str, dict[int, list[float]]] = {kind: {small: [], large: []} for kind in requests[small]}
        middles: dict[str, list[float]] = {kind: [] for kind in times}
        for turn in range(setting.rounds):
            for kind, found in times.items():
                setting.say(f"growth: {kind} (round {turn + 1} of {setting.rounds})")
                pairs = _pairs(
                    lines,
                    {count: requests[count][kind] for count in servers},
                    {count: _write(server) for count, server in servers.items()}
                    if kind == AFTER_WRITE
                    else {},
                    1.0 if setting.quick else SECONDS,
                )
                for count, taken in pairs.items():
                    found[count].append(p99(taken))
                middles[kind].append(statistics.median(pairs[large]))
        for line in lines.values():
            line.close()
    return [_tail(kind, times[kind][large], times[kind][small], middles[kind]) for kind in times]


def _tail(kind: str, large: Sequence[float], small: Sequence[float], middle: Sequence[float]) -> Row:
    ratio = statistics.median(mine / other for mine, other in zip(large, small, strict=True))
    note = f"p99 {statistics.median(small):.3g} ms with the few, p50 {statistics.median(middle):.3g} ms with the many"
    spread = (min(large), max(large)) if len(large) > 1 else None
    return Row(
        f"{kind}: p99",
        statistics.median(large),
        "ms",
        ratio,
        Limit("at most", FACTOR, "the few items"),
        spread,
        note,
    )


def _pairs(
    lines: Mapping[int, LatencyConnection], requests: Mapping[int, Sequence[bytes]], writes: Mapping[int, bytes], seconds: float
) -> dict[int, list[float]]:  # fmt: skip
    """Milliseconds; one request to each in turn, so that both see the same load of the machine, and a write before each. The first tenth
    warms up."""
    taken: dict[int, list[float]] = {count: [] for count in lines}
    until = time.perf_counter() + seconds
    for turn in range(PAIRS):
        for count, line in lines.items():
            if writes:
                line.time(writes[count])
            taken[count].append(line.time(requests[count][turn % len(requests[count])]) / 1e6)
        if time.perf_counter() > until:
            break
    return {count: found[len(found) // 10 :] for count, found in taken.items()}


def _write(server: ReferenceServer) -> bytes:
    headers = {"Authorization": f"Bearer {server.token}"}
    made = Prepared.of(server.url, "POST", "/api/content/items", headers, b'{"title":"An amber bridge"}')
    return made.before


def p99(values: Sequence[float]) -> float:
    """By nearest rank.

    >>> p99(range(1, 101))
    99
    """
    return sorted(values)[-(-len(values) * 99 // 100) - 1]


def kinds(server: ReferenceServer, count: int) -> dict[str, list[bytes]]:
    """Kind of read -> requests of it, the same for any number of items but for the ids and the stamp."""
    chance = random.Random(1)
    headers = {"Authorization": f"Bearer {server.token}"}
    with server.talk() as talk:
        recent = talk.ask("GET", "/api/content/items?limit=20").at("data", "data")[-1]["updatedAt"]

    def many(targets: Iterator[str]) -> list[bytes]:
        return [Prepared.of(server.url, "GET", f"/api/content{target}", headers).before for target in targets]

    turns = range(200)
    words = ("amber", "bridge canvas", "zephyr", "revised", "no such words")
    below = ("news", "guides", "products", "news-world")
    return {
        "GET": many(f"/items/item-{chance.randrange(1, count):06d}" for _ in turns),
        "list": many(f"{LIST.removeprefix('/api/content')}&page={chance.randrange(1, 6)}" for _ in turns),
        "search": (searches := many(f"/items?search={chance.choice(words).replace(' ', '%20')}&limit=20" for _ in turns)),
        "category": many(
            f"/categories/{chance.choice(below)}/items?includeSubcategories={chance.choice(('true', 'false'))}"
            f"&page={chance.randrange(1, 4)}"
            for _ in turns
        ),
        "date range": many(
            f"/categories/{chance.choice(below)}/items?startDate=2026-01-01&endDate=2026-01-0{chance.randrange(2, 6)}" for _ in turns
        ),
        "sync": many(f"/sync?lastSyncTimestamp={recent}&platforms=web,ios,android" for _ in turns),
        AFTER_WRITE: searches,
    }  # fmt: skip


def _starts(setting: Setting) -> list[Row]:
    """Seconds until a request is answered, in turn for many and few items."""
    many, few = (2_000, 200) if setting.quick else (STARTED, ITEMS)
    taken: dict[int, list[float]] = {many: [], few: []}
    used: dict[int, list[float]] = {many: [], few: []}
    for turn in range(setting.rounds):
        for count, found in taken.items():
            setting.say(f"growth: start with {count} items (round {turn + 1} of {setting.rounds})")
            with ours(setting, items=count, name="start") as server:
                found.append(server.child.seconds)
                used[count].append(server.child.processor())
    ratio = statistics.median(slow / fast for slow, fast in zip(taken[many], taken[few], strict=True))
    spread = (min(taken[many]), max(taken[many])) if setting.rounds > 1 else None
    note = f"{statistics.median(used[many]):.2g} s of processor time; {statistics.median(taken[few]):.2g} s with {few:,} items"
    return [
        Row(
            f"start with {many:,} items",
            statistics.median(taken[many]),
            "s",
            ratio,
            Limit("at most", START_SECONDS),
            spread,
            note,
        )
    ]


def _memory(setting: Setting) -> Row:
    sockets = 100 if setting.quick else SOCKETS
    setting.say(f"growth: memory with {ITEMS} items and {sockets} sockets")
    with ours(setting, name="memory") as server:
        server.items()
        before = server.child.resident()
        with open_sockets(setting, server, sockets):
            after = server.child.resident()
    note = f"{before / 2**20:.0f} MiB without a socket, after every item was read"
    limit = Limit("at most", MEBIBYTES)
    return Row(
        f"resident with {ITEMS:,} items and {sockets:,} sockets",
        after / 2**20,
        "MiB",
        None,
        limit,
        None,
        note,
    )
