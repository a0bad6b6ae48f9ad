"""Several arrival plans side by side, each from its own start: what a scenario of the user's own is made of.

>>> from load.scenarios.arrival_plan import constant
>>> def part(name, rate): return ArrivalPlan(shape=constant(rate, seconds=1), mix={name: 1}, spacing="even", seed=1)
>>> both = ParallelPlan(parts=(PlanPart("reads", 0, part("read", 2)), PlanPart("writes", 0.5, part("write", 1))))
>>> [(arrival.due / 1e9, arrival.journey) for arrival in both.arrivals()]
[(0.25, 'read'), (0.75, 'read'), (1.0, 'write')]
>>> both.seconds, both.rate
(1.5, 2.0)
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from load.scenarios.arrival_plan import SECOND, Arrival, ArrivalPlan


class PlanPart(NamedTuple):
    """One of several arrival plans. `start` is seconds from the beginning of the run."""

    name: str
    start: float
    plan: ArrivalPlan

    def arrivals(self) -> Iterator[Arrival]:
        shift = round(self.start * SECOND)
        return (Arrival(arrival.due + shift, arrival.journey) for arrival in self.plan.arrivals())


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelPlan:
    """Several arrival plans side by side. `bursts` are those of no part: each part has its own among its arrivals."""

    parts: tuple[PlanPart, ...]
    bursts: tuple[tuple[float, str, int], ...] = ()

    @property
    def mix(self) -> Mapping[str, int]:
        """All names that the parts ask for."""
        return {name: 1 for part in self.parts for name, weight in part.plan.mix.items() if weight}

    @property
    def seconds(self) -> float:
        return max(part.start + part.plan.seconds for part in self.parts)

    @property
    def rate(self) -> float:
        """Arrivals a second on the average of the whole time."""
        return sum(part.plan.rate * part.plan.seconds for part in self.parts) / (self.seconds or 1.0)

    @property
    def peak(self) -> float:
        """At most so many a second: if all parts were at their peak at once."""
        return sum(part.plan.peak for part in self.parts)

    def arrivals(self) -> Iterator[Arrival]:
        """In the order of their due times."""
        return heapq.merge(*(part.arrivals() for part in self.parts))

    @property
    def words(self) -> str:
        return "; ".join(
            f"{part.name}{f' from {part.start:g} s' if part.start else ''}: {part.plan.words}"
            for part in self.parts
        )
