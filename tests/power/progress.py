"""One line on a terminal that says how far a long run is; nothing anywhere else."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def following(things: Iterable[T], whole: int, what: str) -> Iterator[T]:
    """The things, told as they come: `12/40  31 s  what  thing`."""
    began = time.perf_counter()
    shown = sys.stderr.isatty()
    for number, thing in enumerate(things, 1):
        if shown:
            text = f"{number}/{whole}  {time.perf_counter() - began:.0f} s  {what}  {thing}".replace(
                "\n", " "
            )
            print(f"\r\x1b[K{text[:110]}", end="" if number < whole else "\n", file=sys.stderr, flush=True)
        yield thing
