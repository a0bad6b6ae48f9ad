"""Collection of the registered checks as pytest tests: one test for each check, or for each of its values, with the slug as its id.

The tests run in the order of the families, so that cheap checks fail first.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from contracts.suite.plugin.registry import CHECKS, FAMILIES, Check, load


class CheckItem(pytest.Function):
    """A test that runs one check, for one of its values if it has several."""

    check: Check
    subject: str

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """The place and name that pytest shows. `check` precedes the slug, because `pytest -v` writes the dots of a name that stands alone
        as `::`, which nobody could paste as a node id."""
        path, line, name = super().reportinfo()
        return path, line, f"check {name}"

    @property
    def id(self) -> Any:
        """The test's node id as pytest 9.2 reads it back from its cache; --lf finds no failed test whose own id has the value in its name."""
        return type(super().id).parse(self.nodeid)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The exception in one line, which the plugin replaces: pytest's own text took two thirds of the time of a check that fails at
        once."""
        return f"{excinfo.typename}: {excinfo.value}"


def items_of(collector: pytest.Collector, name: str, obj: object) -> list[pytest.Item] | None:
    """The tests of a function that is decorated as a check; None for anything else, which pytest then collects itself."""
    check = getattr(obj, "__check__", None)
    if not isinstance(check, Check) or name.startswith("_"):
        return None
    # A check that another file imports is collected only in its own file.
    if check.function.__code__.co_filename != str(collector.path):
        return []
    if check.shares > 1:
        return [_item(collector, check, None, share) for share in range(check.shares)]
    values = [None] if check.over is None else check.over
    return [_item(collector, check, value) for value in values]


def _item(
    collector: pytest.Collector, check: Check, value: str | None, share: int | None = None
) -> CheckItem:
    function: Callable[..., Any] = check.function
    name = check.id if value is None else f"{check.id}[{value}]"
    if value is not None:
        function = partial(function, value=value)
    if share is not None:
        function, name = partial(function, share=share), f"{name}({share})"
    item: CheckItem = CheckItem.from_parent(collector, name=name, callobj=function)
    for mark in check.marks:
        item.add_marker(mark)
    item.check = check
    item.subject = subject_of(check, value)
    return item


def subject_of(check: Check, value: str | None) -> str:
    """The operationId that reports show beside the check; empty if the check covers several operations."""
    return value or (check.operations[0] if len(check.operations) == 1 else "")


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests sorted by family, in file order within one. `shape.*` checks come last, because they judge the whole run's answers."""
    ranks = {name: rank for rank, name in enumerate(FAMILIES)}
    ours = [item for item in items if isinstance(item, CheckItem)]
    ours.sort(key=lambda item: (item.check.id.startswith("shape."), ranks[item.check.family]))
    return [*(item for item in items if not isinstance(item, CheckItem)), *ours]


def every_test() -> list[tuple[Check, str]]:
    """(check, subject) of every test of an unrestricted run, without pytest's collection."""
    return [
        (check, subject_of(check, value))
        for check in load().values()
        for value in ([None] if check.over is None else check.over)
    ]


def named(name: str) -> tuple[Check, str] | None:
    """The check and the subject of a test's name; None for a test that is not a check."""
    slug, _, value = name.partition("(")[0].partition("[")
    check = CHECKS.get(slug)
    return None if check is None else (check, subject_of(check, value.removesuffix("]") or None))


def is_whole(config: pytest.Config) -> bool:
    """Whether the run is unrestricted (no -k, -m, --lf, --deselect, file or test). Only then is missing coverage a finding."""
    option = config.option
    if option.markexpr or option.keyword or getattr(option, "lf", False) or option.deselect:
        return False
    return all("::" not in str(argument) and ".py" not in str(argument) for argument in config.args)
