"""Faults of delivery: late, missing or incomplete responses, in real time. Times are in milliseconds."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from mock_server.faults.delivery import DeliveryPlan, Moment, Planning
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep, Wrapper
from mock_server.faults.wrappers import at, exclusive
from mock_server.problem import Problem

_fault = partial(entry.wrapped, "delivery")


def _planned(by: Callable[..., DeliveryPlan]) -> Wrapper:
    return at(Planning.plan, by)


def _interrupted(by: Callable[..., Problem | None]) -> Wrapper:
    return at(Planning.interruption, by)


def _as_planned(**changes: Any) -> Wrapper:
    """A wrapper that sets these values of every delivery plan."""

    def by(step: WrappedStep, moment: Moment) -> DeliveryPlan:
        plan: DeliveryPlan = step(moment)
        return replace(plan, **changes)

    return _planned(by)


def _later(step: WrappedStep, moment: Moment, milliseconds: float) -> DeliveryPlan:
    plan: DeliveryPlan = step(moment)
    return replace(plan, delay=plan.delay + milliseconds / 1000)


def _late(step: WrappedStep, moment: Moment, *, ms: int = 250) -> DeliveryPlan:
    return _later(step, moment, ms)


def _late_by_chance(step: WrappedStep, moment: Moment, *, ms: int = 500) -> DeliveryPlan:
    return _later(step, moment, ms * moment.chance)


def _very_late(step: WrappedStep, moment: Moment, *, ms: int = 1000) -> DeliveryPlan:
    return _later(step, moment, ms)


def _late_at_first(step: WrappedStep, moment: Moment, *, ms: int = 500, requests: int = 50) -> DeliveryPlan:
    return _later(step, moment, ms if moment.age < requests else 0)


def _ever_later(step: WrappedStep, moment: Moment, *, us: int = 100, most: int = 2000) -> DeliveryPlan:
    return _later(step, moment, min(us * moment.age / 1000, most))


def _late_after_writes(step: WrappedStep, moment: Moment, *, ms: int = 400) -> DeliveryPlan:
    return _later(step, moment, 0 if moment.method in ("GET", "HEAD") else ms)


def _late_by_size(step: WrappedStep, moment: Moment, *, us: int = 5000) -> DeliveryPlan:
    return _later(step, moment, us * moment.size / 100_000)


def _standing_still(step: WrappedStep, moment: Moment, *, ms: int = 1000, every: int = 500) -> DeliveryPlan:
    plan: DeliveryPlan = step(moment)
    return replace(plan, stall=ms / 1000) if every and moment.age % every == every - 1 else plan


def _trickling(step: WrappedStep, moment: Moment, *, bytes_per_second: int = 4000) -> DeliveryPlan:
    plan: DeliveryPlan = step(moment)
    return replace(plan, bytes_per_second=bytes_per_second if moment.size else 0)


def _body_late(step: WrappedStep, moment: Moment, *, ms: int = 500) -> DeliveryPlan:
    plan: DeliveryPlan = step(moment)
    return replace(plan, first_byte=ms / 1000)


def _body_cut(step: WrappedStep, moment: Moment) -> DeliveryPlan:
    plan: DeliveryPlan = step(moment)
    return replace(plan, cut=moment.size > 1)


def _outage(*headers: tuple[bytes, bytes]) -> Callable[..., Problem | None]:
    @exclusive
    def by(step: WrappedStep, moment: Moment, *, every: int = 200, length: int = 20) -> Problem | None:
        if every and moment.age % every >= every - length:
            return Problem("UNAVAILABLE", "The server is not available. Try again.", headers=headers)
        found: Problem | None = step(moment)
        return found

    return by


def _failing(step: WrappedStep, moment: Moment) -> Problem:
    return Problem("INTERNAL", "The server failed.")


def _refusing(step: WrappedStep, moment: Moment) -> Problem:
    policy = [(b"ratelimit", b'"default";r=0;t=1'), (b"ratelimit-policy", b'"default";q=1;w=1')]
    return Problem(
        "RATE_LIMITED", "Too many requests. Try again in 1 second.", headers=[(b"retry-after", b"1"), *policy]
    )


DELIVERY = (
    _fault("latency", "F12", "Every answer is late.", "objective", "", _planned(_late)),
    _fault("latency-jitter", "F12", "Answers are late by something up to `ms`.", "objective", "", _planned(_late_by_chance), draws=True),
    _fault("latency-tail", "F12", "One answer in a hundred (see rate) is very late; the mean hides it.", "objective", "",
           _planned(_very_late), rate=0.01),
    _fault("latency-cold", "F12", "The first answers are late.", "objective", "", _planned(_late_at_first)),
    _fault("latency-growth", "F12", "Each answer is a little later than the one before.", "objective", "", _planned(_ever_later)),
    _fault("latency-writes", "F12", "Writes are late.", "objective", "", _planned(_late_after_writes)),
    _fault("latency-by-size", "F12", "Large answers are late, by `us` for every 100 bytes.", "objective", "", _planned(_late_by_size)),
    _fault("stall", "F12", "At each Nth request the whole process stands still.", "objective", "", _planned(_standing_still)),
    _fault("outage", "openapi", "Bursts of 503: the last `length` of each `every` requests.", "objective", "",
           _interrupted(_outage((b"retry-after", b"1")))),
    _fault("outage-without-retry-after", "RFC 9110 15.6.4", "Bursts of 503 without Retry-After.", "objective shape.answers", "",
           _interrupted(_outage())),
    _fault("error-500", "openapi", "Some requests end in 500 and are not applied.", "objective shape.no-server-errors", "",
           _interrupted(_failing), rate=0.02),
    _fault("error-500-after", "openapi", "Some requests are applied and end in 500.", "objective shape.no-server-errors", "",
           _as_planned(fails=True), rate=0.02),
    _fault("error-429", "R32", "Some requests are 429 though nothing was exceeded.", "objective", "", _interrupted(_refusing), rate=0.05),
    _fault("reset-before", "S:499", "Some connections are reset before the request is applied.", "objective", "",
           _interrupted(_failing), _as_planned(reset=True), rate=0.02),
    _fault("reset-after", "CF-3", "Some connections are reset after the request is applied, so retries duplicate.", "objective", "",
           _as_planned(reset=True), rate=0.02),
    _fault("body-cut", "RFC 9110 8.6", "Some bodies end half-way.", "objective", "", _planned(_body_cut), rate=0.02),
    _fault("body-slow", "F12", "Bodies trickle.", "objective", "", _planned(_trickling)),
    _fault("body-late", "F12", "The body comes long after the head.", "objective", "", _planned(_body_late)),
)  # fmt: skip
