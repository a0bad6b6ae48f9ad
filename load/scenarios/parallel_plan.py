"""Several arrival plans at the same time, each with its own start, as scenario files have them.

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
    """One of several arrival plans; it starts `start` seconds after the run."""

    name: str
    start: float
    plan: ArrivalPlan

    def arrivals(self) -> Iterator[Arrival]:
        shift = round(self.start * SECOND)
        return (Arrival(arrival.due + shift, arrival.journey) for arrival in self.plan.arrivals())


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelPlan:
    """Several arrival plans as one. It has no bursts of its own; those of the parts are among their arrivals."""

    parts: tuple[PlanPart, ...]
    bursts: tuple[tuple[float, str, int], ...] = ()

    @property
    def mix(self) -> Mapping[str, int]:
        """The names of all journeys of the parts, each with weight 1."""
        return {name: 1 for part in self.parts for name, weight in part.plan.mix.items() if weight}

    @property
    def seconds(self) -> float:
        return max(part.start + part.plan.seconds for part in self.parts)

    @property
    def rate(self) -> float:
        """The mean rate of the whole run in arrivals per second."""
        return sum(part.plan.rate * part.plan.seconds for part in self.parts) / (self.seconds or 1.0)

    @property
    def peak(self) -> float:
        """The sum of the parts' peaks, an upper bound in arrivals per second."""
        return sum(part.plan.peak for part in self.parts)

    def arrivals(self) -> Iterator[Arrival]:
        """The arrivals of all parts in the order of their due times."""
        return heapq.merge(*(part.arrivals() for part in self.parts))

    @property
    def words(self) -> str:
        return "; ".join(
            f"{part.name}{f' from {part.start:g} s' if part.start else ''}: {part.plan.words}"
            for part in self.parts
        )
