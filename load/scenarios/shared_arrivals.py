"""The part of a plan that one load process sends; it changes during the run when another process joins.

Arrival k belongs to process `k % of`. A change applies from a future moment of the plan, so that each arrival has exactly one
sender. Arrivals that were taken but not sent yet are assigned again.

    >>> plan = [Arrival(due, "read") for due in range(6)]
    >>> mine = SharedArrivals(plan, PlanShare(0, 0, 1))
    >>> next(mine).due, mine.sent(), next(mine).due
    (0, None, 1)
    >>> mine.change(PlanShare(since=3, index=1, of=2))
    >>> [arrival.due for arrival in mine]
    [1, 2, 3, 5]
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import tee
from typing import Any

from load.scenarios.arrival_plan import Arrival, PlanError


@dataclass(frozen=True, slots=True)
class PlanShare:
    """The share of process `index` among `of` processes, from `since` (ns of the plan) on."""

    since: int
    index: int
    of: int


NOTHING = PlanShare(0, -1, 1)


class SharedArrivals:
    """The iterator of one process's arrivals."""

    def __init__(self, arrivals: Iterable[Arrival], share: PlanShare) -> None:
        if not 0 <= share.index < share.of:
            raise PlanError(f"process {share.index} of {share.of} does not exist")
        self._shares = [share]
        source: Any = tee(enumerate(arrivals), 1)[0]
        self._rest = source
        self._mark = source.__copy__()

    def __iter__(self) -> Iterator[Arrival]:
        return self

    def __next__(self) -> Arrival:
        latest = self._shares[-1]
        for number, arrival in self._rest:
            share = latest if arrival.due >= latest.since else self._earlier(arrival.due)
            if number % share.of == share.index:
                found: Arrival = arrival
                return found
        raise StopIteration

    def sent(self) -> None:
        """Mark the last arrival as sent, so that a change does not assign it again."""
        self._mark = self._rest.__copy__()

    def change(self, share: PlanShare) -> None:
        self._shares.append(share)
        self._rest = self._mark.__copy__()

    def _earlier(self, due: int) -> PlanShare:
        return next((share for share in reversed(self._shares) if due >= share.since), NOTHING)
