"""Ready-made wrappers of steps, so that a family of similar faults is a table: `at(ContentService.require_category, skipped)`."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from mock_server.faults.fault import WrappedStep, Wrapper
from mock_server.store.item import ContentItem
from mock_server.store.items import Change

By = Callable[..., Any]


class Replacement(NamedTuple):
    """The arguments of `ItemStore.store`: an item's next version as it is written."""

    workspace: str
    key: int
    before: ContentItem
    after: ContentItem
    stamp: int
    change: Change


def at(step: Callable[..., Any], by: By) -> Wrapper:
    return Wrapper(step, by)


def exclusive(by: By) -> By:
    """Two faults that wrap one step so exclude each other: each gives it a value of its own."""
    by.sets = True  # type: ignore[attr-defined]
    return by


def returns(value: Any) -> By:
    """The step is left out and has this result."""

    @exclusive
    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        return value

    return by


skipped = returns(None)


def plus(number: Any) -> By:
    """The step's result and this."""

    @exclusive
    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        return step(*arguments, **named) + number

    return by


def given(**other: Any) -> By:
    """The step is called with these values of its keyword arguments, whatever the caller gave."""

    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        return step(*arguments, **{**named, **other})

    return by


def asking(**other: Any) -> By:
    """The step gets its query, a named tuple, with these values."""
    return lambda step, query: step(query._replace(**other))


def result(change: Callable[[Any], Any]) -> By:
    """The step's result, changed."""

    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        return change(step(*arguments, **named))

    return by


def members(**make: Callable[..., Any]) -> By:
    """Members of the document that the step makes, each from that document and the step's arguments."""

    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        made = step(*arguments, **named)
        return {**made, **{name: one(made, *arguments) for name, one in make.items()}}

    return by


def fields(**make: Callable[..., Any]) -> By:
    """Fields of the struct that the step makes, each from that struct and the step's arguments."""

    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        made = step(*arguments, **named)
        return msgspec.structs.replace(made, **{name: one(made, *arguments) for name, one in make.items()})

    return by
