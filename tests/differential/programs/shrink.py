"""The shortest program that still disagrees, by leaving out steps: delta debugging (Zeller and Hildebrandt, 2002).

>>> shrunk(range(1, 40), lambda steps: 7 in steps and 31 in steps)
(7, 31)
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def shrunk(steps: Iterable[T], fails: Callable[[tuple[T, ...]], bool]) -> tuple[T, ...]:
    """Steps that fail and of which none can be left out. `fails` must be true of all of them, and always the same."""
    kept = tuple(steps)
    size = len(kept)
    while size:
        shorter = _without_pieces(kept, size, fails)
        # What could not go at first may go now, so the last round is repeated until nothing goes.
        size = size if size == 1 and shorter != kept else size // 2
        kept = shorter
    return kept


def _without_pieces(kept: tuple[T, ...], size: int, fails: Callable[[tuple[T, ...]], bool]) -> tuple[T, ...]:
    # From the end: what comes last hangs on what came before it, not the other way round.
    place = len(kept)
    while place > 0:
        start = max(0, place - size)
        shorter = kept[:start] + kept[place:]
        if shorter and fails(shorter):
            kept = shorter
        place = start
    return kept
