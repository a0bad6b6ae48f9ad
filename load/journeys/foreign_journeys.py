"""The journeys of a target that keeps a document of its own: those of ours that it allows, and one from the examples of each operation
that only it has. What is left out is told with its reason.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from contracts.dialect import Dialect, most_elements
from contracts.dialect.schema_examples import example
from contracts.dialect.schema_members import followed, members
from contracts.spec import Operation
from load.journeys.data_pool import DataPool, Draft
from load.journeys.journey import Journey, nothing
from load.journeys.writing import BULK_LARGE, BULK_SMALL, LARGE, bulk

ITEMS = "/content/items/{id}"
BOUNDARY = "tchat-load"
JSON = "application/json"


class ForeignJourneys(NamedTuple):
    """The journeys that fit a foreign document. `left_out` are reasons by the name of a journey or, of an operation that has
    none, its id."""

    journeys: Mapping[str, Journey]
    left_out: Mapping[str, str]


def foreign_journeys(dialect: Dialect, ours: Mapping[str, Journey]) -> ForeignJourneys:
    journeys: dict[str, Journey] = {}
    left_out: dict[str, str] = {}
    for name, journey in _sized(dialect, ours).items():
        reason = _impossible(dialect, journey)
        if reason:
            left_out[name] = reason
        else:
            journeys[name] = journey
    for operation in dialect.unmodelled:
        if operation.method == "DELETE":
            left_out[operation.id] = "what it deletes cannot be put back"
        else:
            journeys[operation.id] = _by_example(dialect, operation)
    return ForeignJourneys(MappingProxyType(journeys), MappingProxyType(left_out))


def _sized(dialect: Dialect, ours: Mapping[str, Journey]) -> Mapping[str, Journey]:
    most = most_elements(dialect, "bulkUpdateContent", "operations", BULK_LARGE)
    return {**ours, "bulkUpdateContent": bulk(min(BULK_SMALL, most)), LARGE: bulk(most, LARGE)}


def _impossible(dialect: Dialect, journey: Journey) -> str:
    for operation in (journey.operation, *journey.needs):
        if operation not in dialect.theirs.operations:
            return f"the document has no operation {operation}"
    if not dialect.promises(journey.operation, journey.expects):
        return f"the document has no {journey.expects} of {journey.operation}"
    return ""


def _by_example(dialect: Dialect, operation: Operation) -> Journey:
    """Nobody knows what the answer should be, so that each documented one is taken, but for those of a server in trouble."""
    spec = dialect.theirs
    parameters = [p for p in operation.parameters if p.required]
    query = tuple((p.name, _text(example(spec, p.schema))) for p in parameters if p.location == "query")
    headers = tuple((p.name, _text(example(spec, p.schema))) for p in parameters if p.location == "header")
    path = {p.name: _text(example(spec, p.schema)) or "1" for p in parameters if p.location == "path"}
    media, content = _content(dialect, operation)

    def build(data_pool: DataPool) -> Draft:
        of_item = operation.path.startswith(ITEMS) and data_pool.readable
        found = {**path, "id": data_pool.any_id()} if of_item else path
        typed = (("Content-Type", media),) if isinstance(content, bytes) else ()
        return Draft(
            path=found, query=query, headers=headers + typed, body=content, session=data_pool.caller()
        )

    return Journey(
        name=operation.id,
        expects=operation.success.status,
        build=build,
        learn=nothing,
        also=frozenset(status for status in operation.answers if status < 500),
    )


def _content(dialect: Dialect, operation: Operation) -> tuple[str, Any]:
    """Media type and body: a value to be encoded as JSON, bytes of any other type, None."""
    if operation.body is None or not operation.body.media_types:
        return "", None
    types = operation.body.media_types
    media = JSON if JSON in types else next(iter(types))
    shown = next(iter(operation.body.examples.values()), None)
    value = example(dialect.theirs, types[media]) if shown is None else shown
    if media == JSON:
        return media, value
    fields = value.items() if isinstance(value, Mapping) else ()
    if media == "multipart/form-data":
        files = {
            name
            for name, part in members(dialect.theirs, types[media]).named.items()
            if _is_file(dialect, part)
        }
        return f"{media}; boundary={BOUNDARY}", "".join(_parts(fields, files)).encode()
    if media == "application/x-www-form-urlencoded":
        return media, "&".join(f"{quote(name)}={quote(_text(member))}" for name, member in fields).encode()
    return media, _text(value).encode()


def _is_file(dialect: Dialect, schema: Any) -> bool:
    said = followed(dialect.theirs, schema)
    return isinstance(said, Mapping) and (said.get("format") == "binary" or "contentMediaType" in said)


def _parts(fields: Any, files: Container[str]) -> Iterator[str]:
    """RFC 7578."""
    for name, value in fields:
        file = f'; filename="{name}"' if name in files else ""
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{_text(value)}\r\n'
    yield f"--{BOUNDARY}--\r\n"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
