"""The registry of all checks: the stable slug of each, its law in one sentence, the source of the law, and what it needs (`require`).

A decorator is the only way to define a check, so the table of checks (`python -m contracts.suite.plugin.registry`) is complete.
The registry does not import pytest; `collection` turns each entry into a test.

    >>> declare = family("semantics")
    >>> len(FAMILIES)
    7
"""

import importlib
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from contracts.dialect.document_needs import NEEDS_OF_DOCUMENT, missing
from contracts.model.unpromised import UnpromisedError
from contracts.suite.api.capabilities import NEEDS
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import Unchecked

FAMILIES: Mapping[str, str] = {
    "smoke": "does it answer at all, in the right shape",
    "semantics": "the meaning of the content operations and of HTTP",
    "auth": "sessions, tokens, permissions, isolation",
    "realtime": "the WebSocket channel",
    "races": "concurrent writers and readers, judged as histories",
    "conformance": "Schemathesis over every operation, phase by phase",
    "fuzz": "volume: own mutators with an exact oracle, stateful programs",
}
"""The families of checks, in the order in which they run: the fast ones first."""

FOLDER = Path(__file__).resolve().parents[1] / "checks"
"""The folder with all checks."""
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
SOURCE = re.compile(r"(S:\d+(-\d+)?|R\d+|F\d+|W\d|RFC \d+( [\d.]+)?|openapi|asyncapi|OWASP API\d+)")

RULE = re.compile(r"\b[RFW]\d+\b")
"""A rule that `contracts/rules.md` defines."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of the suite as data.

    `operations` are operationIds, `needs` are capabilities of the target, `requires` are promises of its document. `over` lists the
    values (mostly operationIds) for each of which there is one test, named in brackets. A check of many random programs is split into
    `shares`: each is a test, and together they make one result.
    """

    id: str
    family: str
    law: str
    source: str
    operations: tuple[str, ...]
    needs: tuple[str, ...]
    requires: tuple[str, ...]
    marks: tuple[str, ...]
    over: tuple[str, ...] | None
    function: Callable[..., Any]
    shares: int


CHECKS: dict[str, Check] = {}


def family(
    name: str,
    *,
    operations: Iterable[str] = (),
    needs: Iterable[str] = ("write",),
    requires: Iterable[str] = (),
) -> Callable[..., Callable[[F], F]]:
    """The decorator for the checks of one family: `check("items.total", "S:102", operations=…, needs=…)`.

    The arguments given here are the defaults of all checks in the file. The law is the first paragraph of the function's docstring.
    Raises ValueError for an unknown family, and the decorator does for a bad slug, source or need.
    """
    if name not in FAMILIES:
        raise ValueError(f"{name!r} is no family of checks; there are {', '.join(FAMILIES)}")

    def check(
        slug: str,
        source: str,
        *,
        operations: Iterable[str] = tuple(operations),
        needs: Iterable[str] = tuple(needs),
        requires: Iterable[str] = tuple(requires),
        marks: Iterable[str] = (),
        over: Iterable[str] | None = None,
        shares: int = 1,
    ) -> Callable[[F], F]:
        def register(function: F) -> F:
            entry = Check(
                id=slug,
                family=name,
                law=_law(function),
                source=source,
                operations=tuple(operations),
                needs=tuple(needs),
                requires=tuple(requires),
                marks=(name, *marks),
                over=None if over is None else tuple(over),
                function=function,
                shares=shares,
            )
            _refuse_bad(entry)
            CHECKS[slug] = entry
            function.__check__ = entry  # type: ignore[attr-defined]
            return function

        return register

    return check


def _law(function: Callable[..., Any]) -> str:
    """The law on one line. Under `python -OO`, which has no docstrings, it is the name of the function."""
    sentence = function.__doc__ or (function.__name__ if sys.flags.optimize > 1 else "")
    return " ".join(sentence.split("\n\n")[0].split())


def _refuse_bad(check: Check) -> None:
    known = CHECKS.get(check.id)
    # The same function may be registered twice: pytest imports a test file under a name of its own.
    if known and known.function.__code__.co_filename != check.function.__code__.co_filename:
        raise ValueError(f"the check {check.id!r} exists twice")
    if not check.law:
        raise ValueError(f"{check.id} has no docstring to say its law")
    if not SLUG.fullmatch(check.id):
        raise ValueError(f"{check.id!r} is not a slug like items.pages-disjoint")
    if not all(SOURCE.fullmatch(part) for part in check.source.split(", ")):
        raise ValueError(f"{check.id}: {check.source!r} names no source like S:102, R17 or RFC 9110 9.3.2")
    unknown = (set(check.needs) - set(NEEDS)) | (set(check.requires) - set(NEEDS_OF_DOCUMENT))
    if unknown:
        raise ValueError(f"{check.id} needs {', '.join(sorted(unknown))}, which nobody can offer")


def load() -> dict[str, Check]:
    """All checks, sorted by family, file and line, regardless of which files were imported before."""
    for file in sorted(FOLDER.glob("test_*.py")):
        importlib.import_module(f"contracts.suite.checks.{file.stem}")
    ranks = list(FAMILIES)

    def place(check: Check) -> tuple[int, str, int]:
        code = check.function.__code__
        return ranks.index(check.family), Path(code.co_filename).name, code.co_firstlineno

    return {check.id: check for check in sorted(CHECKS.values(), key=place)}


def require(world: World, check: Check) -> None:
    """Raise UnpromisedError if the check is not applicable to the document, or Unchecked if the target lacks a capability that its document does
    not deny."""
    if world.target.dialect is not None:
        for operation in check.operations:
            world.target.dialect.operation(operation)
        reason = missing(world.target.spec, check.requires)
        if reason:
            raise UnpromisedError(reason)
    for need in check.needs:
        reason = world.capabilities.denied(need)
        if reason:
            raise UnpromisedError(reason)
        reason = world.capabilities.missing(need)
        if reason:
            raise Unchecked(reason)


def table() -> str:
    """The Markdown table of all checks that stands in `contracts/checks.md`."""
    rows = ["| check | law | source |", "| --- | --- | --- |"]
    for name in FAMILIES:
        rows += [
            f"| `{check.id}` | {check.law.replace('|', chr(92) + '|')} | {linked(check.source)} |"
            for check in load().values()
            if check.family == name
        ]
    return "\n".join(rows)


def linked(source: str) -> str:
    """A source with a link for each rule.

    >>> linked("S:272, R17")
    'S:272, [R17](rules.md#r17)'
    """
    return RULE.sub(lambda found: f"[{found[0]}](rules.md#{found[0].lower()})", source)


if __name__ == "__main__":
    from contracts.suite.plugin import registry

    print(registry.table())
