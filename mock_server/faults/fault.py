"""One named fault: what it breaks, which check must catch it, and the misbehaviour itself.

The misbehaviour is a tuple of wrappers, each of one step of the reference, or a transform of finished responses. A step is a
method of a component of the server, named as the function that it is; the component knows nothing of it.

    >>> class Shop:
    ...     def price(self, name: str) -> int:
    ...         return len(name)
    >>> def dearer(step: WrappedStep, name: str, *, by: int = 1) -> int:
    ...     return step(name) + by
    >>> Fault(name="dear", family="meaning", breaks="R1", what="Dear.", check=("shop.price",),
    ...       wrappers=(Wrapper(Shop.price, dearer),)).accepted
    {'by': 1, 'rate': 1.0, 'operation': ''}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, get_args

from mock_server.message import HttpResponse

Family = Literal["shape", "meaning", "http", "auth", "realtime", "delivery"]
FAMILIES: tuple[Family, ...] = get_args(Family)

Value = int | float | str
Transform = Callable[[HttpResponse], HttpResponse | None]
"""A changed copy of a response, or None where there is nothing to change in it."""
Part = TypeVar("Part")


class WrappedStep(Protocol):
    """A step as the wrapper of a fault is given it: called, it is the step of the reference (or of the fault switched on before)."""

    component: Any
    """The object whose method the step is. Where the server has but one of its class, `part` is the typed way to it."""
    memory: dict[str, Any]
    """What the fault remembers; empty at each setting of the faults."""

    def __call__(self, *arguments: Any, **named: Any) -> Any: ...

    def part(self, kind: type[Part]) -> Part:
        """The server's component of this class."""

    def count(self) -> int:
        """How often this fault has counted since it was switched on: 1, 2, 3, …"""

    def touch(self) -> None:
        """Say that the fault had a part in this response. Only for side effects: another argument or result is noticed."""

    def when_off(self, action: Callable[[], object]) -> None:
        """To be done when other faults are set."""

    def when_gone(self, action: Callable[[], None]) -> None:
        """To be done when the response is ready and its client has gone by then."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A wrapper of one step of the reference. `by(step, *arguments, **parameters)` in place of `step(*arguments)`.

    Keyword-only arguments of `by` are parameters of the fault, and their defaults the parameters' defaults.
    """

    step: Callable[..., Any]
    by: Callable[..., Any]

    @property
    def parameters(self) -> Mapping[str, Value]:
        return getattr(self.by, "__kwdefaults__", None) or {}

    @property
    def sets(self) -> str:
        """The step's name, if `by` gives it one value whatever it does: two faults that do so exclude each other."""
        return self.step.__qualname__ if getattr(self.by, "sets", False) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One named fault of the catalogue. `operations` are operationIds, none for all; `breaks` is a guide line S:n, a rule
    Rn/Fn/Wn or an RFC.

    `check` are slugs of contract checks or of load and reconnect verdicts; each of them must go red.
    """

    name: str
    family: Family
    breaks: str
    what: str
    check: tuple[str, ...]
    operations: tuple[str, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    transform: Transform | None = None
    rate: float = 1.0
    draws: bool = False
    """What it does to a request depends on chance."""

    @property
    def parameters(self) -> Mapping[str, Value]:
        """Its own parameters with their defaults."""
        found: dict[str, Value] = {}
        for wrapper in self.wrappers:
            found |= wrapper.parameters
        return found

    @property
    def sets(self) -> frozenset[str]:
        """What it gives one value whatever happens: another fault that does so, too, cannot be on with it."""
        return frozenset(filter(None, (wrapper.sets for wrapper in self.wrappers)))

    @property
    def accepted(self) -> Mapping[str, Value]:
        """All parameters with their defaults. What strikes requests can be limited to some of them."""
        if self.family == "realtime":
            return self.parameters
        return {**self.parameters, "rate": self.rate, "operation": ""}

    @property
    def chance(self) -> bool:
        """Whether it strikes by chance unless told otherwise. The draw is seeded, so a run replays."""
        return self.rate < 1 or self.draws
