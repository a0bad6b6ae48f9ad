"""One named fault: what it breaks, where it shows, by what means, and which check must catch it.

An entry is data. It deviates by `rules` (fields of `mock_server.rules.Rules` and their wrong values) or by a
`transform` of finished answers; nothing else in the server knows its name.

    >>> late = Fault(name="late", family="weather", breaks="F12", what="Late.", check=("load.p99",),
    ...              rules={"delay_ms": Given("ms")}, parameters={"ms": 250})
    >>> late.deviations({"ms": 10})
    {'delay_ms': 10}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from mock_server.message import HttpResponse

Family = Literal["shape", "meaning", "http", "auth", "realtime", "weather"]
FAMILIES: tuple[Family, ...] = get_args(Family)

Value = int | float | str
Transform = Callable[[HttpResponse], HttpResponse | None]
"""A changed copy of an answer, or None where there is nothing to change in it."""


@dataclass(frozen=True, slots=True)
class Given:
    """Stands for the value of a parameter."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`operations` are operationIds, none for all; `breaks` is a guide line S:n, a rule Rn/Fn/Wn or an RFC.

    `check` are slugs of contract checks or of load and reconnect verdicts; each of them must go red.
    """

    name: str
    family: Family
    breaks: str
    what: str
    check: tuple[str, ...]
    operations: tuple[str, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    transform: Transform | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
    rate: float = 1.0

    @property
    def accepted(self) -> Mapping[str, Value]:
        """All parameters with their defaults. What strikes requests can be limited to some of them."""
        if self.family == "realtime":
            return self.parameters
        return {**self.parameters, "rate": self.rate, "operation": ""}

    @property
    def chance(self) -> bool:
        """Whether it strikes by chance unless told otherwise. The draw is seeded, so a run replays."""
        return self.rate < 1 or "jitter_ms" in self.rules

    def deviations(self, parameters: Mapping[str, Value]) -> dict[str, Any]:
        """Field of Rules -> wrong value."""
        return {
            name: parameters[value.name] if isinstance(value, Given) else value
            for name, value in self.rules.items()
        }
