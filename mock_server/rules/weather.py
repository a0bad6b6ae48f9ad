"""The rules of the way of an answer to its client: lateness, outages, broken connections; each field has its right value as default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WeatherRules:
    """A number that ends in `_every` counts; 0 is never. `_ms` are milliseconds, `_us` microseconds."""

    # Weather: what happens to answers on their way

    weather_operation: str = ""
    """The operationId that the weather is limited to; empty: all."""
    delay_ms: int = 0
    """Every answer is this late."""
    jitter_ms: int = 0
    """Every answer is late by something between 0 and this."""
    tail_ms: int = 0
    """One answer in `tail_every` is this late, by chance."""
    tail_every: int = 0
    cold_ms: int = 0
    """The first `cold_requests` answers are this late."""
    cold_requests: int = 0
    growth_us: int = 0
    """Each answer is this many microseconds later than the one before it."""
    growth_most_ms: int = 0
    """Where that growth ends."""
    write_delay_ms: int = 0
    """Answers to everything but GET and HEAD are this late."""
    size_delay_us: int = 0
    """Each answer is this many microseconds late for every 100 bytes of its body."""
    stall_ms: int = 0
    """At each `stall_every`th request the whole process stands still for so long."""
    stall_every: int = 0
    outage_every: int = 0
    """Of each so many requests the last `outage_length` are 503, and not applied."""
    outage_length: int = 0
    outage_retry_after: bool = True
    """Such a 503 carries Retry-After."""
    failure_rate: float = 0.0
    """The share of requests that end in 500 and are not applied, by chance."""
    failure_after_rate: float = 0.0
    """The share of requests that end in 500 after they were applied, by chance."""
    refusal_rate: float = 0.0
    """The share of requests that end in 429 without a rate limit, by chance."""
    reset_before_rate: float = 0.0
    """The share of requests whose connection is reset before they are applied, by chance."""
    reset_after_rate: float = 0.0
    """The share of requests whose connection is reset after they were applied, by chance."""
    cut_rate: float = 0.0
    """The share of answers whose body ends half-way, by chance."""
    slow_body_bytes: int = 0
    """When not 0, bodies are sent at this many bytes a second."""
    first_byte_ms: int = 0
    """The time between an answer's head and its body."""
    closes_connection: bool = False
    """Every answer ends its connection."""
