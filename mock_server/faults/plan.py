"""What the weather does to one request: pure functions from rules and a request's number to a plan.

>>> plan(Rules(delay_ms=250), age=0, chance=0.0, method="GET", size=100).delay
0.25
>>> interruption(Rules(outage_every=10, outage_length=2), age=8).code
'UNAVAILABLE'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_server.problem import Problem
from mock_server.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an answer is delivered; times in seconds. `fails`: it is a 500 though the request was applied. `gone`: what is
    done in place of a delivery to nobody."""

    stall: float = 0.0
    delay: float = 0.0
    first_byte: float = 0.0
    bytes_per_second: int = 0
    reset: bool = False
    cut: bool = False
    fails: bool = False
    gone: Callable[[], None] | None = None


CALM = Plan()


def interruption(rules: Rules, *, age: int) -> Problem | None:
    """What is answered in place of handling the request; `age` counts requests since the faults were set."""
    if rules.outage_every and age % rules.outage_every >= rules.outage_every - rules.outage_length:
        headers = [(b"retry-after", b"1")] if rules.outage_retry_after else []
        return Problem("UNAVAILABLE", "The server is not available. Try again.", headers=headers)
    if rules.fails_before or rules.resets_before:
        return Problem("INTERNAL", "The server failed.")
    if rules.refuses:
        policy = [(b"ratelimit", b'"default";r=0;t=1'), (b"ratelimit-policy", b'"default";q=1;w=1')]
        headers = [(b"retry-after", b"1"), *policy]
        return Problem("RATE_LIMITED", "Too many requests. Try again in 1 second.", headers=headers)
    return None


def plan(rules: Rules, *, age: int, chance: float, method: str, size: int) -> Plan:
    """`chance` from [0, 1) is the request's own; `size` is the body's in bytes."""
    milliseconds = (
        rules.delay_ms
        + rules.tail_ms
        + rules.jitter_ms * chance
        + (rules.cold_ms if age < rules.cold_requests else 0)
        + min(rules.growth_us * age / 1000, rules.growth_most_ms)
        + (0 if method in ("GET", "HEAD") else rules.write_delay_ms)
        + rules.size_delay_us * size / 100_000
    )
    stalls = rules.stall_every > 0 and age % rules.stall_every == rules.stall_every - 1
    return Plan(
        stall=rules.stall_ms / 1000 if stalls else 0.0,
        delay=milliseconds / 1000,
        first_byte=rules.first_byte_ms / 1000,
        bytes_per_second=rules.body_bytes_per_second if size else 0,
        reset=rules.resets_before or rules.resets_after,
        cut=rules.cuts_body and size > 1,
        fails=rules.fails_after,
    )
