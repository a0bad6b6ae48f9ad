"""Everything in the server's behaviour that a named fault may change, one field each, with its right value.

Domain code reads `ruling.rules.<field>`, where `ruling` is the one `Ruling` of the server; a fault is
`{"field": wrong value}` (see `mock_server.faults`). The rules know no fault and import nothing of ours, so
reading these files from top to bottom tells what can deviate and what is right. A part is never made alone, so it gets none of
a dataclass's methods: making them for 300 fields takes 10 ms of each start.

    >>> ruling = Ruling(); ruling.on, ruling.rules.list_total_shift
    (False, 0)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_server.rules.access import AccessRules
from mock_server.rules.reading import ReadingRules
from mock_server.rules.realtime import RealtimeRules
from mock_server.rules.requests import RequestRules
from mock_server.rules.weather import WeatherRules
from mock_server.rules.writing import WritingRules


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Rules(RealtimeRules, AccessRules, RequestRules, ReadingRules, WritingRules, WeatherRules):
    """All of them: the defaults are the contract."""


CORRECT = Rules()


class Ruling:
    """The rules in force now. `on` is whether they may deviate: caches of judgements are by-passed then."""

    __slots__ = ("on", "on_gone", "rules")

    def __init__(self) -> None:
        self.rules: Rules = CORRECT
        self.on = False
        self.on_gone: Callable[[], None] | None = None
        """What the handler of a request wants done, should its client have gone when the answer is ready."""
