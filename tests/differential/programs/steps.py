"""Programs as values: steps that name what earlier steps made, so that any of them can be left out.

A program says `Made(3)`, the item that step 3 created, where a client would have an id. What a reference means is found out
when the program runs, and one whose step was left out means something that does not exist. So programs can be shrunk.

    >>> resolve({"id": Made(3), "tags": ["a"]}, lambda reference: f"<{reference.step}>")
    {'id': '<3>', 'tags': ['a']}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Made:
    """The id of the item that a step created."""

    step: int


Item = Made | str


@dataclass(frozen=True, slots=True)
class Number:
    """The present version of an item, `shift` off; never less than 1. `form` makes an entity tag of it."""

    item: Item
    shift: int = 0
    form: str = ""


@dataclass(frozen=True, slots=True)
class VersionId:
    """The id of a version of an item, counted among those that some answer has shown; -1 is the last of them."""

    item: Item
    place: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """The stamp that the answer to a step brought: of a sync its end, else of its first item."""

    step: int
    form: str = "same"


@dataclass(frozen=True, slots=True)
class Touched:
    """The stamp of the last change of an item."""

    item: Item
    form: str = "same"


Reference = Made | Number | VersionId | Stamp | Touched


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A content operation. `valid` False: it breaks openapi.yaml. Everything in it may hold references."""

    number: int
    caller: str
    operation: str
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """The clock goes on."""

    number: int
    microseconds: int

    def __str__(self) -> str:
        return f"wait {self.microseconds / 1_000_000:f} s"


Step = Ask | Wait
Program = tuple[Step, ...]


def resolve(value: Any, meaning: Callable[[Any], Any]) -> Any:
    """The value with each reference replaced by what it means."""
    if isinstance(value, Reference):
        return meaning(value)
    if isinstance(value, Mapping):
        return {name: resolve(one, meaning) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(one, meaning) for one in value]
    return value
