"""Arrival plans: the due time and the journey of each request, computed from a seed and always the same.

A plan has a shape (rates over time), a spacing (even or Poisson) and a mix (journeys with weights). `ArrivalPlan.arrivals()` may
be iterated any number of times, by any number of processes; `load.scenarios.shared_arrivals` gives each process its part.

    >>> plan = ArrivalPlan(shape=constant(2, seconds=2), mix={"read": 1}, spacing="even", seed=1)
    >>> [arrival.due / 1e9 for arrival in plan.arrivals()]
    [0.25, 0.75, 1.25, 1.75]
"""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from contracts.json_text import value_of
from contracts.network.printable import one_line

SECOND = 1_000_000_000
Spacing = Literal["even", "poisson"]


class PlanError(ValueError):
    """A plan is impossible; the message is one line for the user."""

    def __init__(self, line: str) -> None:
        super().__init__(one_line(line))


class Arrival(NamedTuple):
    """One planned request. `due` is nanoseconds from the start of the run, `journey` a name of load.journeys."""

    due: int
    journey: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a shape: `seconds` in which the rate changes linearly from `start` to `end` (arrivals per second)."""

    seconds: float
    start: float
    end: float

    @property
    def arrivals(self) -> float:
        return (self.start + self.end) / 2 * self.seconds


Shape = tuple[Stage, ...]


def constant(rate: float, *, seconds: float) -> Shape:
    return (Stage(seconds, rate, rate),)


def ramp(start: float, end: float, *, seconds: float) -> Shape:
    return (Stage(seconds, start, end),)


def steps(rates: Sequence[float], *, seconds: float) -> Shape:
    """Stages with each rate in turn, `seconds` long in total."""
    return tuple(Stage(seconds / len(rates), rate, rate) for rate in rates)


def spike(rate: float, peak: float, *, seconds: float, width: float) -> Shape:
    """Stages with a constant rate, and `peak` for `width` seconds in the middle."""
    side = (seconds - width) / 2
    if side <= 0:
        raise PlanError(f"a spike of {width:g} s does not fit into {seconds:g} s")
    return (Stage(side, rate, rate), Stage(width, peak, peak), Stage(side, rate, rate))


def offsets(shape: Shape, gaps: Iterator[float]) -> Iterator[int]:
    """The due times within stages, in ns. `gaps` are distances in arrivals: 1, 1, 1, … is even, Exp(1) is a Poisson process.

    The k-th arrival is due when the area under the rate curve reaches the sum of the first k gaps. On one stage that is `start
    * t + (end - start) / (2 * seconds) * t**2 = area`, solved in the form that does not cancel where the slope is small.
    """
    began = 0.0
    area = next(gaps)
    for stage in shape:
        slope = (stage.end - stage.start) / stage.seconds
        while area < stage.arrivals:
            root = math.sqrt(max(0.0, stage.start * stage.start + 2 * slope * area))
            yield round((began + 2 * area / (stage.start + root)) * SECOND)
            area += next(gaps)
        area -= stage.arrivals
        began += stage.seconds


def even() -> Iterator[float]:
    """Even gaps after a half one, so that a stage of n arrivals has exactly n, and none on its border."""
    yield 0.5
    while True:
        yield 1.0


def poisson(rng: random.Random) -> Iterator[float]:
    while True:
        yield rng.expovariate(1.0)


def deck(mix: Mapping[str, int], rng: random.Random) -> Iterator[str]:
    """An endless sequence of names in random order, in which every block of `sum(mix)` has each name exactly `mix[name]` times.

    Drawing without replacement makes the number of samples of each operation known beforehand, which a gate needs.
    """
    cards = [name for name, weight in mix.items() for _ in range(weight)]
    if not cards:
        raise PlanError("the mix is empty: no operation has a weight above 0")
    while True:
        rng.shuffle(cards)
        yield from cards


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalPlan:
    """The planned requests of a run. `bursts` are additional simultaneous arrivals: (seconds from the start, journey, number).
    `recorded` arrivals replace shape and mix."""

    shape: Shape
    mix: Mapping[str, int]
    seed: int
    spacing: Spacing = "poisson"
    bursts: tuple[tuple[float, str, int], ...] = ()
    recorded: tuple[Arrival, ...] = field(default=(), repr=False)

    @property
    def seconds(self) -> float:
        shaped = sum(stage.seconds for stage in self.shape)
        return max(shaped, self.recorded[-1].due / SECOND) if self.recorded else shaped

    @property
    def rate(self) -> float:
        """The mean rate in arrivals per second, without bursts."""
        shaped = math.fsum(stage.arrivals for stage in self.shape)
        return (len(self.recorded) if self.recorded else shaped) / (self.seconds or 1.0)

    @property
    def peak(self) -> float:
        """The highest rate in arrivals per second, without bursts."""
        return max((max(stage.start, stage.end) for stage in self.shape), default=0.0)

    def arrivals(self) -> Iterator[Arrival]:
        """The arrivals in the order of their due times."""
        if self.recorded:
            yield from self.recorded
            return
        # Two random streams, so that the spacing does not change the order of the operations.
        times, cards = random.Random(f"{self.seed} times"), random.Random(f"{self.seed} mix")
        names = deck(self.mix, cards)
        gaps = even() if self.spacing == "even" else poisson(times)
        bursts = sorted(self.bursts, reverse=True)
        for due in offsets(self.shape, gaps):
            while bursts and bursts[-1][0] * SECOND <= due:
                yield from _burst(*bursts.pop())
            yield Arrival(due, next(names))
        while bursts:
            yield from _burst(*bursts.pop())

    @property
    def words(self) -> str:
        """The plan in words: `poisson 300/s for 50 s, seed 1`."""
        if self.recorded:
            return f"replay of {len(self.recorded)} arrivals in {self.seconds:g} s"
        stages = ", then ".join(_stage_words(stage) for stage in self.shape)
        if len(self.shape) > MOST_WORDS:
            rates = [rate for stage in self.shape for rate in (stage.start, stage.end)]
            stages = f"{min(rates):g} to {max(rates):g}/s in {len(self.shape)} stages for {self.seconds:g} s"
        bursts = "".join(f", {count} {name} at {at:g} s" for at, name, count in sorted(self.bursts))
        return f"{self.spacing} {stages}{bursts}, seed {self.seed}"


MOST_WORDS = 6
"""Stages that are told one by one."""


def _stage_words(stage: Stage) -> str:
    rate = f"{stage.start:g}" if stage.start == stage.end else f"{stage.start:g} to {stage.end:g}"
    return f"{rate}/s for {stage.seconds:g} s"


def _burst(at: float, name: str, count: int) -> Iterator[Arrival]:
    return (Arrival(round(at * SECOND), name) for _ in range(count))


MOST_RATE, MOST_ARRIVALS, MOST_SECONDS = 100_000.0, 1e9, 366 * 86_400.0
"""The limits beyond which a plan is taken for a typing error."""


def refuse_absurd(peak: float, seconds: float, arrivals: float) -> None:
    """PlanError if a plan exceeds the limits, before any arrival is generated."""
    if peak > MOST_RATE or seconds > MOST_SECONDS or arrivals > MOST_ARRIVALS:
        raise PlanError(
            f"the plan has {_number(arrivals)} arrivals, {_number(peak)} a second for {_number(seconds)} s, and at most "
            f"{MOST_ARRIVALS:,.0f}, {MOST_RATE:,.0f} a second and {MOST_SECONDS:,.0f} s are taken; lower --rate or --duration"
        )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value < 1e15 else f"{value:g}"


def replay(lines: Iterable[bytes | str], *, name: str, journeys: frozenset[str]) -> tuple[Arrival, ...]:
    """The arrivals of NDJSON lines with `due` (ns) and `operation` or `journey`, such as a saved history.

    The earliest arrival is due at 0. PlanError names a wrong line.
    """
    found: list[Arrival] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row: Any = value_of(line)
            journey = row.get("facts", {}).get("journey") or row.get("journey") or row["operation"]
            due = int(row["due"])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise PlanError(
                f'{name}:{number}: not an arrival; expected {{"due": ns, "operation": id}}'
            ) from None
        if journey not in journeys:
            raise PlanError(f"{name}:{number}: there is no operation {journey!r}")
        found.append(Arrival(due, journey))
    if not found:
        raise PlanError(f"{name}: there is no arrival in it")
    found.sort()
    first = found[0].due
    return tuple(Arrival(arrival.due - first, arrival.journey) for arrival in found)
