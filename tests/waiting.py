"""Waiting for another process to come so far; the only sleep of these tests."""

from __future__ import annotations

import time
from collections.abc import Callable

HANG = 180.0
"""Seconds until a test gives up: a limit against hanging, never a measure of anything. A machine under load takes long."""


def until(condition: Callable[[], object], seconds: float = HANG) -> None:
    """Returns as soon as it holds; AssertionError where it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not come to pass within {seconds:g} s"
        time.sleep(0.02)
