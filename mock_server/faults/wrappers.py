"""Ready-made wrappers of steps, with which similar faults are rows of a table: `at(ContentService.require_category, skipped)`."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from mock_server.faults.fault import WrappedStep, Wrapper
from mock_server.store.item import ContentItem
from mock_server.store.items import Change
from mock_server.store.sqlite.database import Database

By = Callable[..., Any]


class Replacement(NamedTuple):
    """The arguments of `ItemStore.store`, which writes an item's next version."""

    workspace: str
    key: int
    before: ContentItem
    after: ContentItem
    stamp: int
    change: Change


def at(step: Callable[..., Any], by: By) -> Wrapper:
    return Wrapper(step, by)


def exclusive(by: By) -> By:
    """Mark a wrapper as one that determines the step's result, so that two of them exclude each other."""
    by.sets = True  # type: ignore[attr-defined]
    return by


def returns(value: Any) -> By:
    """A wrapper that returns this value and does not call the step."""

    @exclusive
    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        return value

    return by


skipped = returns(None)


def plus(number: Any) -> By:
    """A wrapper that adds this to the step's result."""

    @exclusive
    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        return step(*arguments, **named) + number

    return by


def given(**other: Any) -> By:
    """A wrapper that replaces keyword arguments of the step."""

    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        return step(*arguments, **{**named, **other})

    return by


def asking(**other: Any) -> By:
    """A wrapper that replaces fields of the step's query, a named tuple."""
    return lambda step, query: step(query._replace(**other))


def result(change: Callable[[Any], Any]) -> By:
    """A wrapper that changes the step's result."""

    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        return change(step(*arguments, **named))

    return by


def members(**make: Callable[..., Any]) -> By:
    """A wrapper that sets members of the document which the step returns, each from that document and the step's arguments."""

    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        made = step(*arguments, **named)
        return {**made, **{name: one(made, *arguments) for name, one in make.items()}}

    return by


def fields(**make: Callable[..., Any]) -> By:
    """A wrapper that sets fields of the struct which the step returns, each from that struct and the step's arguments."""

    def by(step: WrappedStep, *arguments: Any, **named: Any) -> Any:
        made = step(*arguments, **named)
        return msgspec.structs.replace(made, **{name: one(made, *arguments) for name, one in make.items()})

    return by


def when_gone(step: WrappedStep, statement: str, *values: Any) -> None:
    """Run a statement in a transaction of its own once the client of this request has gone."""
    database = step.part(Database)

    def done() -> None:
        with database.write():
            database.run(statement, values)

    step.when_gone(done)
    step.touch()
