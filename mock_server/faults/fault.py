"""`Fault`, one named fault: the rule that it breaks, the check that must detect it, and the misbehaviour.

The misbehaviour consists of wrappers, each of one step of the reference, or of a transform of finished responses. A step is a method of a
component of the server, which does not know about faults.

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
"""A function that returns a changed copy of a response, or None if it has nothing to change."""
Part = TypeVar("Part")


class WrappedStep(Protocol):
    """The step that a wrapper gets as its first argument. Calling it calls the reference (or the fault that was switched on before)."""

    component: Any
    """The object whose method the step is. `part` returns components with their type, if the server has only one of the class."""
    memory: dict[str, Any]
    """The state of the fault; it is cleared whenever faults are set."""

    def __call__(self, *arguments: Any, **named: Any) -> Any: ...

    def part(self, kind: type[Part]) -> Part:
        """The server's component of this class."""

    def count(self) -> int:
        """The number of calls of this method since the fault was switched on: 1, 2, 3, …"""

    def touch(self) -> None:
        """Mark the response as touched by the fault. It is needed only for side effects, because changed arguments or results are noticed."""

    def when_off(self, action: Callable[[], object]) -> None:
        """Call `action` when other faults are set."""

    def when_gone(self, action: Callable[[], None]) -> None:
        """Call `action` if the client has disconnected when the response is ready."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A wrapper of one step: `by(step, *arguments, **parameters)` replaces `step(*arguments)`.

    Keyword-only arguments of `by` are parameters of the fault, with their defaults.
    """

    step: Callable[..., Any]
    by: Callable[..., Any]

    @property
    def parameters(self) -> Mapping[str, Value]:
        return getattr(self.by, "__kwdefaults__", None) or {}

    @property
    def sets(self) -> str:
        """The step's name if `by` determines its result, so that two such faults exclude each other; else empty."""
        return self.step.__qualname__ if getattr(self.by, "sets", False) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of the catalogue. `operations` are operationIds, or empty for all; `breaks` is a line of the guide (S:n), a rule (Rn, Fn,
    Wn) or an RFC. `check` are slugs of contract checks or of load and reconnect verdicts, each of which must fail.
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
    """Whether its effect on a request is random."""

    @property
    def parameters(self) -> Mapping[str, Value]:
        """The fault's own parameters with their defaults."""
        found: dict[str, Value] = {}
        for wrapper in self.wrappers:
            found |= wrapper.parameters
        return found

    @property
    def sets(self) -> frozenset[str]:
        """The steps whose results it determines. Another fault that determines one of them cannot be on at the same time."""
        return frozenset(filter(None, (wrapper.sets for wrapper in self.wrappers)))

    @property
    def accepted(self) -> Mapping[str, Value]:
        """All parameters with their defaults; a fault of requests also has `rate` and `operation`."""
        if self.family == "realtime":
            return self.parameters
        return {**self.parameters, "rate": self.rate, "operation": ""}

    @property
    def chance(self) -> bool:
        """Whether it is random by default. Chance depends on the seed, so a run can be repeated."""
        return self.rate < 1 or self.draws
