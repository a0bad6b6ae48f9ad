"""What a recorder tells `Heat` of a latency."""

from __future__ import annotations

from contracts.run.histogram import Histogram


def bucket(nanoseconds: int) -> int:
    """Its bucket in a histogram."""
    return Histogram().record(nanoseconds)
