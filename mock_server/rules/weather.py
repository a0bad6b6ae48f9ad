"""The rules of the way of an answer to its client: lateness, outages, broken connections.

Whether a fault strikes a request by chance is decided outside (`mock_server.faults.active_faults`); here stands only
what happens to a request that is struck.
"""

from __future__ import annotations


class WeatherRules:
    """`_ms` are milliseconds, `_us` microseconds; they pass on the real clock, not on the virtual one."""

    delay_ms: int = 0
    """The answer is this late."""
    jitter_ms: int = 0
    """The answer is late by something between 0 and this, by chance."""
    tail_ms: int = 0
    """The answer is this late, on top of all else."""
    cold_ms: int = 0
    """The first `cold_requests` answers are this late."""
    cold_requests: int = 0
    """How many those are."""
    growth_us: int = 0
    """Each answer is this many microseconds later than the one before it."""
    growth_most_ms: int = 1000
    """Where that growth ends."""
    write_delay_ms: int = 0
    """Answers to everything but GET and HEAD are this late."""
    size_delay_us: int = 0
    """The answer is this many microseconds late for every 100 bytes of its body."""
    stall_ms: int = 0
    """At each `stall_every`th request the whole process stands still for so long."""
    stall_every: int = 0
    """How often; 0 is never."""
    outage_every: int = 0
    """Of each so many requests the last `outage_length` are 503, and not applied."""
    outage_length: int = 0
    """How many those are."""
    outage_retry_after: bool = True
    """Such a 503 carries Retry-After."""
    fails_before: bool = False
    """The request ends in 500 and is not applied."""
    fails_after: bool = False
    """The request is applied and ends in 500."""
    refuses: bool = False
    """The request ends in 429 though nothing was exceeded."""
    resets_before: bool = False
    """The connection is reset and the request not applied."""
    resets_after: bool = False
    """The request is applied and the connection reset before its answer."""
    cuts_body: bool = False
    """The connection ends when half of the body is sent."""
    body_bytes_per_second: int = 0
    """When not 0, the body is sent at this speed."""
    first_byte_ms: int = 0
    """The time between an answer's head and its body."""
