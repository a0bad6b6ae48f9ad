"""Context managers that keep the cyclic garbage collector from creating many small values without cycles, and from a run's timing.

Python's collector walks all living objects whenever their number has grown by a quarter: reading a history of 30,000 calls took five times
as long with it. Objects are still freed by their reference counts.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Disable the collector during the block, and restore its state afterwards; blocks may be nested."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def settle() -> None:
    """Freeze all present objects in advance, so that a block of `frozen` that begins soon has only the newer ones to freeze."""
    gc.collect()
    gc.freeze()


@contextmanager
def frozen() -> Iterator[None]:
    """Exclude all present objects from collections during the block. With Locust, the documents and the schemas loaded, a collection
    takes 50 ms, in which nothing is sent or received."""
    settle()
    try:
        yield
    finally:
        gc.unfreeze()
