"""The journeys for a target with a document of its own: ours that the document allows, and one for each further operation, made
from its examples.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from contracts.dialect import Dialect, most_elements
from contracts.dialect.document_needs import NEEDS_OF_DOCUMENT, promises
from contracts.dialect.example_request import example_request
from contracts.spec import Operation
from load.journeys.data_pool import DataPool, Draft
from load.journeys.journey import Journey, nothing
from load.journeys.writing import BULK_LARGE, BULK_SMALL, LARGE, bulk

NOT_MODIFIED = 304
READS = frozenset({"GET", "HEAD"})


class ForeignJourneys(NamedTuple):
    """The journeys that fit a foreign document. `left_out` maps a journey, or an operation without one, to the reason."""

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
        elif operation.method not in READS and example_request(dialect.theirs, operation).of_item:
            left_out[operation.id] = "it may change an item, whose versions could not be judged then"
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
    if journey.expects == NOT_MODIFIED and not promises(dialect.theirs, "version tags"):
        return NEEDS_OF_DOCUMENT["version tags"][1]
    if not dialect.promises(journey.operation, journey.expects):
        return f"the document has no {journey.expects} of {journey.operation}"
    return ""


def _by_example(dialect: Dialect, operation: Operation) -> Journey:
    """A journey from an operation's examples. Its right answer is unknown, so every documented status below 500 is accepted."""
    asked = example_request(dialect.theirs, operation)

    def build(data_pool: DataPool) -> Draft:
        path = (
            {**asked.path, "id": data_pool.any_id()} if asked.of_item and data_pool.readable else asked.path
        )
        return Draft(
            path=path, query=asked.query, headers=asked.headers, body=asked.body, session=data_pool.caller()
        )

    return Journey(
        name=operation.id,
        expects=operation.success.status,
        build=build,
        learn=nothing,
        also=frozenset(status for status in operation.answers if status < 500),
    )
