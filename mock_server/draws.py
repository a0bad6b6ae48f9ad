"""Draws of a seeded world: the numbers of `random.Random`, without its checks of what it was given.

A world of 100,000 items draws three million times, and worlds that were seeded once must stay what they are: so the
methods of Python 3.11 to 3.13 are restated here (`Random` promises to keep only `random()`), and a test compares them.

    >>> draws = Draws("1/home"); draws.one("abc"), draws.few("abcdefghijklmnopqrstuvwxyz", 2)
    ('a', ['m', 'u'])
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_FEW, _MANY = 5, 22


class Draws:
    def __init__(self, seed: str) -> None:
        source = random.Random(seed)
        self.share = source.random
        """A number from 0 up to but not including 1."""
        self._bits = source.getrandbits

    def below(self, n: int) -> int:
        """`randrange(n)`."""
        length, bits = n.bit_length(), self._bits
        drawn = bits(length)
        while drawn >= n:
            drawn = bits(length)
        return drawn

    def one(self, values: Sequence[T]) -> T:
        """`choice`."""
        return values[self.below(len(values))]

    def many(self, values: Sequence[T], count: int) -> list[T]:
        """`choices`: the same value may come again."""
        n, share = float(len(values)), self.share
        return [values[int(share() * n)] for _ in range(count)]

    def few(self, values: Sequence[T], count: int) -> list[T]:
        """`sample`: each at most once. Of at most 5 out of at least 22: for others `Random` has another way."""
        assert count <= _FEW and len(values) >= _MANY
        n, bits = len(values), self._bits
        length = n.bit_length()
        drawn: list[int] = []
        while len(drawn) < count:
            place = bits(length)
            if place < n and place not in drawn:
                drawn.append(place)
        return [values[place] for place in drawn]
