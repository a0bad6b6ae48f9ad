"""No cyclic garbage collection for a while, where a million small values are made that have no cycles.

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
