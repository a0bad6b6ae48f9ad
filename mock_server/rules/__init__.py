"""Everything in the server's behaviour that a named fault may change, one field each, with its right value.

Domain code reads `ruling.rules.<field>`, where `ruling` is the one `Ruling` of the server; a fault is
`{"field": wrong value}` (see `mock_server.faults`). The rules know no fault and import nothing of ours, so
reading these files from top to bottom tells what can deviate and what is right.

    >>> ruling = Ruling(); ruling.on, ruling.rules.delay_ms
    (False, 0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from mock_server.rules.weather import WeatherRules


class Rules(WeatherRules):
    """All of them: the defaults are the contract. (No dataclass: one of 300 fields takes 30 ms to define, at each start.)"""

    def __init__(self, **wrong: Any) -> None:
        unknown = wrong.keys() - FIELDS.keys()
        if unknown:
            raise TypeError(f"there is no rule {', '.join(sorted(unknown))}")
        self.__dict__.update({**FIELDS, **wrong})

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("rules do not change; a fault makes others")


FIELDS: Mapping[str, Any] = MappingProxyType(
    {name: getattr(part, name) for part in Rules.__bases__ for name in part.__annotations__}
)
"""Name -> right value."""
CORRECT = Rules()


class Ruling:
    """The rules in force now. `on` is whether they may deviate: caches of judgements are by-passed then."""

    __slots__ = ("on", "on_gone", "rules")

    def __init__(self) -> None:
        self.rules: Rules = CORRECT
        self.on = False
        self.on_gone: Callable[[], None] | None = None
        """What the handler of a request wants done, should its client have gone when the answer is ready."""
