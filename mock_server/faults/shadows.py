"""`Shadows`, which replaces steps of a server's components by the wrappers of faults, and restores them.

A step is replaced by `setattr` on the component, which shadows the method of its class, and restored by `delattr`. So without faults a call is
not slower, and components need not support faults. (A class with `__slots__` cannot be shadowed, and a bound method that was stored
before bypasses its shadow.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mock_server.faults.fault import Wrapper

Part = TypeVar("Part")


@dataclass(slots=True, eq=False)
class Running:
    """The state of one fault that is on. `strikes` says whether it affects the present call."""

    strikes: Callable[[], bool]
    touch: Callable[[], None]
    when_gone: Callable[[Callable[[], None]], None]
    when_off: Callable[[Callable[[], object]], None]
    parameters: dict[str, Any] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    counted: int = 0


class CalledStep:
    """One call of a step; see `mock_server.faults.fault.WrappedStep`."""

    __slots__ = ("_calls", "_inner", "_running", "_shadows", "component")

    def __init__(self, inner: Callable[..., Any], component: Any, running: Running, shadows: Shadows) -> None:
        self._inner = inner
        self.component = component
        self._running = running
        self._shadows = shadows
        self._calls: list[tuple[tuple[Any, ...], dict[str, Any], Any]] = []

    @property
    def memory(self) -> dict[str, Any]:
        return self._running.memory

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        try:
            result = self._inner(*arguments, **named)
        except Exception as error:
            self._calls.append((arguments, named, error))
            raise
        self._calls.append((arguments, named, result))
        return result

    def part(self, kind: type[Part]) -> Part:
        return self._shadows.part(kind)

    def count(self) -> int:
        self._running.counted += 1
        return self._running.counted

    def touch(self) -> None:
        self._running.touch()

    def when_off(self, action: Callable[[], object]) -> None:
        self._running.when_off(action)

    def when_gone(self, action: Callable[[], None]) -> None:
        self._running.when_gone(action)

    def passed_through(self, arguments: tuple[Any, ...], named: dict[str, Any], outcome: object) -> bool:
        """Whether the wrapper called the step exactly once, with its own arguments, and has the step's outcome."""
        if len(self._calls) != 1:
            return False
        given, given_named, found = self._calls[0]
        return given == arguments and given_named == named and (found is outcome or bool(found == outcome))


class Shadows:
    """The components of one server, and their shadowed steps."""

    def __init__(self) -> None:
        self._components: list[Any] = []
        self._covered: list[tuple[Any, str]] = []

    def attach(self, *roots: Any) -> None:
        """Add components, and all that they consist of, whose methods can be shadowed."""
        known, waiting = {id(one) for one in self._components}, list(roots)
        while waiting:
            one = waiting.pop()
            if id(one) not in known:
                known.add(id(one))
                self._components.append(one)
                waiting += _made_of(one)

    def part(self, kind: type[Part]) -> Part:
        return next(one for one in self._components if isinstance(one, kind))

    def owners(self, step: Callable[..., Any]) -> list[Any]:
        return [one for one in self._components if getattr(type(one), step.__name__, None) is step]

    def cover(self, wrapper: Wrapper, running: Running) -> None:
        """Shadow a step with a wrapper, which also wraps an earlier shadow."""
        name = wrapper.step.__name__
        for component in self.owners(wrapper.step):
            if name not in vars(component):
                self._covered.append((component, name))
            setattr(component, name, self._shadow(getattr(component, name), component, wrapper, running))

    def uncover(self) -> None:
        covered, self._covered = self._covered, []
        for component, name in covered:
            delattr(component, name)

    def _shadow(
        self, inner: Callable[..., Any], component: Any, wrapper: Wrapper, running: Running
    ) -> Callable[..., Any]:
        by = wrapper.by
        parameters = {name: running.parameters[name] for name in wrapper.parameters}

        def shadow(*arguments: Any, **named: Any) -> Any:
            if not running.strikes():
                return inner(*arguments, **named)
            step = CalledStep(inner, component, running, self)
            try:
                result = by(step, *arguments, **named, **parameters)
            except Exception as error:
                if not step.passed_through(arguments, named, error):
                    running.touch()
                raise
            if not step.passed_through(arguments, named, result):
                running.touch()
            return result

        return shadow


def _made_of(component: Any) -> list[Any]:
    """The components in a component's attributes: directly, in a mapping, or as owners of bound methods."""
    found = []
    for value in getattr(component, "__dict__", {}).values():
        held = list(value.values()) if isinstance(value, Mapping) else [value]
        for one in held:
            owner = getattr(one, "__self__", one)
            if type(owner).__module__.startswith(_OURS) and hasattr(owner, "__dict__"):
                found.append(owner)
    return found


_OURS = "mock_server."
