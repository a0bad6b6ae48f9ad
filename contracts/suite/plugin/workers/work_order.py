"""Which checks run side by side and which alone, in what order, and in how many processes. Pure.

>>> workers_for(23_000, 0.05, cores=2, most=16), workers_for(100, 0.05, cores=2, most=16), workers_for(20, 0.001, cores=2, most=16)
(16, 2, 1)
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.harm import harm_of
from contracts.suite.plugin.registry import FAMILIES, Check

NEAR = 0.001
"""Seconds that a request costs this machine, on both sides where the server is here too. A round trip below it leaves a core little rest."""
ENOUGH = 4.0
"""Seconds: a selection that one process is through with sooner is not worth another."""
HEAVY = 250
"""Requests of a check that begins early, so that no process is left alone with it at the end."""

REQUESTS: Mapping[str, int] = {
    "smoke": 2, "semantics": 15, "auth": 10, "realtime": 40, "races": 120, "conformance": 60, "fuzz": 600,
    "conformance.fuzzing-negative": 250, "conformance.coverage-negative": 120, "sync.has-more": 1000, "keywords.exact": 60,
    "fuzz.paths": 300, "fuzz.ids": 40, "stateful.model": 900, "stateful.lost-answers": 1200, "stateful.links": 2000,
}  # fmt: skip
"""What a check costs, in requests: of a whole family, and of those that differ much from it. Time that a check computes or waits counts
as the requests that could be sent meanwhile."""

ALONE = frozenset(
    [
        "items.pages-of-everything",
        "items.order-across-pages",
        "items.pages-disjoint",
        "items.pagination-agrees",
        "items.defaults",
        "items.filter-status",
        "items.failed-write-inert",
        "categories.include-empty",
        "categories.counts",
        "categories.counts-follow-writes",
        "categories.items",
        "categories.subcategories",
        "categories.paging",
        "sync.deleted",
        "sync.full-state",
        "sync.nothing-new",
        "caches.owner-first",
        "caches.fresh-trees",
        "caches.coding-counts",
        "http.content-coding",
        "http.head",
        "http.get-changes-nothing",
        "auth.login-throttled",
        "auth.login-refused-alike",
        "auth.login-same-time",
        "auth.login-success-clears",
        "auth.refresh-reuse-revokes-family",
        "realtime.user-status",
        "oauth.refresh-rules",
    ]
)
"""Checks that read the whole workspace (`Api.quiet`), fail logins of the account, or count its sockets: like those that need "alone", they
run while no other check uses the same target. Any other check that fails beside others is run once more, alone."""


def cost(check: Check) -> int:
    return REQUESTS.get(check.id, REQUESTS[check.family])


def workers_for(requests: float, round_trip: float, *, cores: int, most: int) -> int:
    """As many as take the work within ENOUGH, and no more than keep this machine's cores busy while answers are on the way."""
    wanted = math.ceil(requests * max(round_trip, NEAR) / ENOUGH)
    return max(1, min(wanted, math.ceil(cores * (0.5 + max(round_trip, NEAR) / NEAR)), most))


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Places in the list of checks. `alone` begins when all of `together` have ended, and runs in one process."""

    together: Sequence[int]
    alone: Sequence[int]


def arranged(checks: Sequence[Check], *, shared: bool, by_value: bool) -> WorkOrder:
    """`shared`: all processes have one target, so what looks at the whole workspace or moves the clock runs alone. `by_value`: the time may
    not be enough, so each family's best check comes first, and then those that tell of the worst harm."""
    places = list(range(len(checks)))
    places.sort(key=_by_value(checks) if by_value else lambda place: _early(checks[place]))
    alone = [p for p in places if _looks_back(checks[p]) or (shared and _alone(checks[p]))]
    return WorkOrder(
        [p for p in places if p not in set(alone)], sorted(alone, key=lambda p: _looks_back(checks[p]))
    )


def _alone(check: Check) -> bool:
    return "alone" in check.needs or check.id in ALONE


def _early(check: Check) -> int:
    """Smoke tells within a second whether anything works; then what takes long."""
    if check.family == "smoke":
        return 0
    return 1 if cost(check) >= HEAVY else 2


def _looks_back(check: Check) -> bool:
    """It tells what all other checks have seen."""
    return check.id.startswith("shape.")


def _by_value(checks: Sequence[Check]) -> Callable[[int], tuple[int, int, int]]:
    def value(place: int) -> tuple[int, int, int]:
        check = checks[place]
        return harm_of(check.id, check.source).rank, cost(check), place

    firsts = {
        min((p for p, c in enumerate(checks) if c.family == name), key=value, default=-1) for name in FAMILIES
    }
    return lambda place: (-1, cost(checks[place]), place) if place in firsts else value(place)
