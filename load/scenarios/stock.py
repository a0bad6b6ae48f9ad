"""The stock of items and sessions that a plan needs before its first arrival, computed from its busiest second."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from load.scenarios.arrival_plan import Arrival, ArrivalPlan
from load.scenarios.parallel_plan import ParallelPlan
from load.scenarios.shared_arrivals import PlanShare, SharedArrivals


@dataclass(frozen=True, slots=True)
class Stock:
    """The items and sessions that one process needs before its first arrival."""

    working: int
    drafts: int
    published: int
    revertable: int
    guests: int


BUFFER = 3
"""The seconds of unanswered requests for which the stock lasts."""

EXACT = 200_000
"""The most arrivals that are counted one by one; for longer plans, whose counting would take seconds, the peak is estimated."""


def stock(plan: ArrivalPlan | ParallelPlan, index: int, of: int) -> Stock:
    """The stock for the busiest second of a process's share."""
    if plan.rate * plan.seconds <= EXACT:
        return stock_of(busiest(SharedArrivals(plan.arrivals(), PlanShare(0, index, of))))
    parts = [part.plan for part in plan.parts] if isinstance(plan, ParallelPlan) else [plan]
    peak: Counter[str] = Counter()
    for part in parts:
        cards = sum(part.mix.values()) or 1
        for name, weight in part.mix.items():
            mean = part.peak * weight / cards / of
            peak[name] += math.ceil(mean + 5 * math.sqrt(mean))  # 5 standard deviations of a Poisson process
        for _, name, count in part.bursts:
            peak[name] += math.ceil(count / of)
    return stock_of(peak)


def busiest(arrivals: Iterator[Arrival]) -> Counter[str]:
    """Journey -> the most arrivals in one second."""
    need: Counter[str] = Counter()
    peak: Counter[str] = Counter()
    second = 0
    for arrival in arrivals:
        if arrival.due // 1_000_000_000 != second:
            peak |= need
            need.clear()
            second = arrival.due // 1_000_000_000
        need[arrival.journey] += 1
    return peak | need


def stock_of(peak: Counter[str]) -> Stock:
    """The stock for a number of arrivals of each journey per second."""

    def most(*names: str, each: int = 1) -> int:
        return math.ceil(sum(peak[name] for name in names) * each * BUFFER)

    held = most("updateContentItem", "getContentItem:unchanged") + most("bulkUpdateContent", each=3)
    held += most("bulkUpdateContent:large", each=40)
    writes = bool(held or most("publishContent", "archiveContent", "updateContentItem:conflict"))
    return Stock(
        working=held + 4 * writes,
        drafts=most("publishContent", "archiveContent") + 2 * writes,
        published=0,
        revertable=most("revertContentVersion", "updateContentItem:conflict")
        + 2 * bool(peak["revertContentVersion"] or peak["updateContentItem:conflict"]),
        guests=most("logout", "refreshTokens") + 4 * bool(peak["logout"] or peak["refreshTokens"]),
    )
