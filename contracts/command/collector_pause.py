"""Cyclic garbage collection kept from where it costs: from a million small values that have no cycles, and from a run's timing.

Python's collector walks everything that lives each time a quarter more has come: reading a history of 30,000 calls took five
times as long with it as without. What is made inside lives on or is freed by its reference count, as ever.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leaves the collector as it was, however the block ends; blocks may stand inside each other."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def settle() -> None:
    """Freeze what exists now, for a block of `frozen` that begins soon: it has but the rest to do then."""
    gc.collect()
    gc.freeze()


@contextmanager
def frozen() -> Iterator[None]:
    """What exists now lives as long as the block, and collections inside need not walk it: with Locust, the documents and the
    schemas loaded that takes 50 ms of a core, in which nothing is sent and nothing is read."""
    settle()
    try:
        yield
    finally:
        gc.unfreeze()
