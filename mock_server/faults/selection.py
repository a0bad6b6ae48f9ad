"""`Selection`, the faults that a user has named as `NAME[:key=value,…]`, parsed with one-line errors.

>>> chosen = Selection.read(["list-total-off-by-one:rate=0.5"])
>>> chosen.faults[0].fault.name, chosen.faults[0].parameters["rate"], chosen.texts
('list-total-off-by-one', 0.5, ('list-total-off-by-one:rate=0.5',))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from mock_server.faults.catalogue import CATALOGUE
from mock_server.faults.fault import Fault, Value


class FaultError(ValueError):
    """A fault or one of its parameters is unknown or invalid. The message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selected fault with all its parameters, and the user's text."""

    fault: Fault
    parameters: Mapping[str, Value]
    text: str

    @property
    def rate(self) -> float:
        return float(self.parameters.get("rate", 1.0))

    @property
    def operations(self) -> frozenset[str]:
        """The operationIds to which the user limits the fault; empty for all."""
        return frozenset(filter(None, str(self.parameters.get("operation", "")).split("+")))


@dataclass(frozen=True, slots=True)
class Selection:
    """The selected faults, each at most once, of which no two determine the result of the same step."""

    faults: tuple[Chosen, ...] = ()

    @classmethod
    def read(cls, texts: Iterable[str], operations: Iterable[str] = ()) -> Selection:
        """The selection of a user's texts. `operations` are the operationIds that the parameter `operation` may name; empty for any.
        Raises FaultError."""
        known = frozenset(operations)
        chosen = tuple(_chosen(text, known) for text in texts)
        taken: dict[str, str] = {}
        for one in chosen:
            for key in sorted(one.fault.sets):
                other = taken.setdefault(key, one.fault.name)
                if other != one.fault.name:
                    raise FaultError(
                        f"faults {other} and {one.fault.name} exclude each other (both set {key})"
                    )
        names = [one.fault.name for one in chosen]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise FaultError(f"fault {twice} is given more than once")
        return cls(chosen)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(one.text for one in self.faults)


def _chosen(text: str, operations: frozenset[str]) -> Chosen:
    name, _, rest = text.partition(":")
    fault = CATALOGUE.get(name)
    if fault is None:
        raise FaultError(f"there is no fault {name!r}{_suggestion(name, CATALOGUE)}; `faults` lists them")
    parameters = dict(fault.accepted)
    for pair in rest.split(",") if rest else ():
        key, equals, value = pair.partition("=")
        if key not in parameters:
            takes = ", ".join(parameters) or "none"
            raise FaultError(
                f"fault {name} has no parameter {key!r}{_suggestion(key, parameters)}; it takes {takes}"
            )
        if not equals:
            raise FaultError(f"fault {name}: {key} needs a value ({key}={parameters[key]})")
        parameters[key] = _value(name, key, value, fault.accepted[key])
    unknown = [
        one for one in str(parameters.get("operation", "")).split("+") if one and operations and one not in operations
    ]  # fmt: skip
    if unknown:
        raise FaultError(
            f"fault {name}: there is no operation {unknown[0]!r}{_suggestion(unknown[0], operations)}"
        )
    return Chosen(fault, MappingProxyType(parameters), text)


def _value(fault: str, key: str, text: str, default: Value) -> Value:
    """A parameter's value, of the type of its default. Raises FaultError for a negative number, or a rate outside of (0, 1]."""
    if isinstance(default, str):
        return text
    kind = "a number" if isinstance(default, float) else "a whole number"
    try:
        value: Value = type(default)(text)
    except ValueError:
        raise FaultError(f"fault {fault}: {key}={text} is not {kind}") from None
    if key == "rate" and not 0 < float(value) <= 1:
        raise FaultError(f"fault {fault}: rate={text} is not more than 0 and at most 1")
    if float(value) < 0 or value != value:
        raise FaultError(f"fault {fault}: {key}={text} is negative or no number")
    return value


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""
