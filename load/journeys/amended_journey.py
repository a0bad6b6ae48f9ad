"""Journeys with headers and body members of the user's own, from a scenario file.

>>> from random import Random
>>> from load.journeys.data_pool import AccountCredentials, DataPool
>>> from load.journeys.journey import nothing
>>> plain = Journey(name="createContentItem", expects=201, build=lambda pool: Draft(body={"title": "a"}), learn=nothing)
>>> titled = amended(plain, headers=(("X-Run", "7"),), rows=({"title": "b"}, {"title": "c"}))
>>> pool = DataPool(Random(1), name="w0", account=AccountCredentials("a@b.example", "secret"))
>>> [titled.build(pool).body["title"] for _ in range(3)]
['b', 'c', 'b']
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

from load.journeys.data_pool import DataPool, Draft
from load.journeys.journey import Journey


def amended(
    journey: Journey, *, headers: tuple[tuple[str, str], ...], rows: Sequence[Mapping[str, Any]] = ()
) -> Journey:
    """A journey with additional headers and body members. `rows` are used in turn; their members replace the journey's own."""
    if not headers and not rows:
        return journey
    turn = cycle(rows)

    def build(data_pool: DataPool) -> Draft:
        draft = journey.build(data_pool)
        draft.headers += headers
        if rows:
            draft.body = {**(draft.body or {}), **next(turn)}
        return draft

    return replace(journey, build=build)
