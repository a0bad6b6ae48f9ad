"""The work order of a parallel run: which checks run together and which alone, in what order, and in how many processes.

>>> workers_for(23_000, 0.05, cores=2, most=16), workers_for(100, 0.05, cores=2, most=16), workers_for(20, 0.001, cores=2, most=16)
(16, 2, 1)
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.harm import harm_of
from contracts.suite.api.capabilities import TOLD_BY
from contracts.suite.plugin.registry import FAMILIES, Check

NEAR = 0.001
"""Seconds of processor time that a request costs on this machine, for client and server together. With a shorter round trip, one process
keeps a core busy."""
ENOUGH = 4.0
"""Seconds of work that one process may have before another is worth starting."""
HEAVY = 250
"""Checks with at least this many requests begin early, lest one process work on one of them alone at the end."""

REQUESTS: Mapping[str, int] = {
    "smoke": 2, "semantics": 15, "auth": 10, "realtime": 40, "races": 120, "conformance": 60, "fuzz": 600,
    "conformance.fuzzing-negative": 250, "conformance.coverage-negative": 120, "sync.has-more": 1000, "keywords.exact": 60,
    "fuzz.paths": 300, "fuzz.ids": 40, "stateful.model": 900, "stateful.lost-answers": 1200, "stateful.links": 2000,
}  # fmt: skip
"""The cost of a check in requests, by family, and by check where it differs much. Time that a check computes or waits counts as the
requests that could be sent meanwhile."""

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
"""Checks that read the whole workspace (`Api.quiet`), send wrong passwords for the account, or count its sockets. Like those that need
"alone", they run while no other check uses the same target. Any other check that fails in parallel is run once more, alone."""


def cost(check: Check) -> int:
    return REQUESTS.get(check.id, REQUESTS[check.family])


def workers_for(requests: float, round_trip: float, *, cores: int, most: int) -> int:
    """The number of workers that finish within ENOUGH seconds, but no more than keep the cores busy while answers are on the way."""
    wanted = math.ceil(requests * max(round_trip, NEAR) / ENOUGH)
    return max(1, min(wanted, math.ceil(cores * (0.5 + max(round_trip, NEAR) / NEAR)), most))


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Indices into the list of checks. `alone` begins when all of `together` have ended, and runs in one process."""

    together: Sequence[int]
    alone: Sequence[int]


def arranged(checks: Sequence[Check], *, shared: bool, by_value: bool) -> WorkOrder:
    """The order of the checks.

    If `shared`, all processes use one target, so checks that read the whole workspace or move the clock run alone. If `by_value`, time
    may run out, so the best check of each family comes first, and then those whose failure does the worst harm.
    """
    places = list(range(len(checks)))
    places.sort(key=_by_value(checks) if by_value else lambda place: _early(checks[place]))
    apart = [bool({"alone", "expiry"} & {*check.needs}) or check.id in ALONE for check in checks]
    alone = [p for p in places if _looks_back(checks[p]) or (shared and apart[p])]
    return WorkOrder(
        [p for p in places if p not in set(alone)], sorted(alone, key=lambda p: _looks_back(checks[p]))
    )


def _early(check: Check) -> int:
    """The rank of a check: smoke checks first, which show within a second whether anything works, and what tells why many others cannot be
    checked; then the long ones."""
    if check.family == "smoke" or check.id in TOLD_BY:
        return 0
    return 1 if cost(check) >= HEAVY else 2


def _looks_back(check: Check) -> bool:
    """Whether the check reports what all other checks have seen."""
    return check.id.startswith("shape.")


def _by_value(checks: Sequence[Check]) -> Callable[[int], tuple[int, int, int]]:
    def value(place: int) -> tuple[int, int, int]:
        check = checks[place]
        return harm_of(check.id, check.source).rank, cost(check), place

    firsts = {
        min((p for p, c in enumerate(checks) if c.family == name), key=value, default=-1) for name in FAMILIES
    }
    return lambda place: (-1, cost(checks[place]), place) if place in firsts else value(place)
