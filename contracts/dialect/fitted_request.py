"""A request of ours, reduced to what the target's document allows: unknown parts are left out, and numbers are clamped to their maximum.

A load test needs this, because it has to send something. A check of the suite does not use it: it is not applicable instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from contracts.dialect.schema_members import all_readings, followed, members, only
from contracts.dialect.translation import Dialect
from contracts.schema import compile_schema
from contracts.spec import Operation, Spec


class FittedRequest(NamedTuple):
    """The parts of a request that a document can restrict."""

    query: tuple[tuple[str, Any], ...]
    headers: tuple[tuple[str, str], ...]
    body: Any


def fitted(
    dialect: Dialect,
    operation_id: str,
    query: Iterable[tuple[str, Any]],
    headers: Iterable[tuple[str, str]],
    body: Any,
) -> FittedRequest:
    """The request in the target's form. Raises UnpromisedError if its document has no such operation."""
    operation = dialect.operation(operation_id)
    if operation_id not in dialect.ours.operations:
        return FittedRequest(tuple(query), tuple(headers), body)
    dropped = dialect.unknown_headers(operation_id)
    return FittedRequest(
        query=tuple(_query(dialect, operation, query)),
        headers=tuple((name, value) for name, value in headers if name.lower() not in dropped),
        body=None if body is None else _closed(dialect, operation, dialect.body(operation_id, body)),
    )


def _query(
    dialect: Dialect, operation: Operation, query: Iterable[tuple[str, Any]]
) -> Iterator[tuple[str, Any]]:
    known = {p.name: p.schema for p in operation.parameters if p.location == "query"}
    for name, value in dialect.query(query):
        schema = known.get(name)
        if schema is None:
            continue
        text = str(value).lower() if isinstance(value, bool) else value
        validator = compile_schema(dialect.theirs, schema)
        if any(
            validator.is_valid(one)
            for one in all_readings(text if isinstance(text, list | tuple) else str(text))
        ):
            yield name, value
        elif "maximum" in (bounds := followed(dialect.theirs, schema)) and str(value).isdecimal():
            yield name, type(value)(min(int(value), bounds["maximum"]))


def _closed(dialect: Dialect, operation: Operation, body: Any) -> Any:
    """The body without members that the document does not allow."""
    if operation.body is None or not isinstance(body, Mapping):
        return body
    described = members(dialect.theirs, only(operation.body.media_types))
    return (
        {name: value for name, value in body.items() if name in described.named} if described.closed else body
    )


def is_closed(spec: Spec, operation: Operation) -> bool:
    """Whether the operation's body may have no member that the document does not name."""
    return operation.body is not None and members(spec, only(operation.body.media_types)).closed


def most_elements(dialect: Dialect | None, operation_id: str, member: str, otherwise: int) -> int:
    """The most elements that a list in the body may have: `otherwise`, or the target's maxItems if that is lower."""
    operation = None if dialect is None else dialect.theirs.operations.get(operation_id)
    if dialect is None or operation is None or operation.body is None:
        return otherwise
    described = members(dialect.theirs, only(operation.body.media_types)).named.get(member, {})
    return min(otherwise, int(followed(dialect.theirs, described).get("maxItems", otherwise)))
