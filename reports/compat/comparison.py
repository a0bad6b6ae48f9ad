"""The comparison of two documents, operation by operation; an operation is matched by what a client calls: method and path."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from reports.compat.difference import Difference, in_new, in_old
from reports.compat.operation import access_diff, request_diff, response_diff, security_diff
from reports.compat.operation.api_document import ApiDocument, ApiOperation, of_member
from reports.compat.schema.schema_diff import SchemaDiff, TooManyCombinations
from reports.compat.schema.schema_equality import SchemaEquality


class ComparableDocument(Protocol):
    """A document that can be compared, read by `contracts.spec` or by `document_source`."""

    @property
    def document(self) -> Mapping[str, Any]: ...


def compare(old: ComparableDocument, new: ComparableDocument) -> tuple[Difference, ...]:
    """All differences, worst first, then in document order; a change that two operations share appears once for each."""
    found = Comparison(ApiDocument(old.document), ApiDocument(new.document)).differences()
    order = ["breaking", "unknown", "harmless"]
    return tuple(sorted(dict.fromkeys(found), key=lambda difference: order.index(difference.severity)))


class Comparison:
    """One comparison: two documents, and the results that its parts share, such as which schemas are equal."""

    def __init__(self, old: ApiDocument, new: ApiDocument) -> None:
        self.old, self.new = old, new
        self.equality = SchemaEquality(old.document, new.document)
        self.credentials = security_diff.SecuritySchemes(old, new)

    def differences(self) -> Iterator[Difference]:
        """All differences, in document order."""
        yield from access_diff.document(self.old, self.new, self.equality)
        yield from self.credentials.changed(security_diff.used(self.new.operations))
        new_by_route = {operation.route: operation for operation in self.new.operations}
        old_routes = {operation.route for operation in self.old.operations}
        moved: set[str] = set()
        for old in self.old.operations:
            new = new_by_route.get(old.route)
            if new is None:
                yield self._missing(old, old_routes)
                moved.add(old.id)
            else:
                yield from self._matched(old, new)
        for new in self.new.operations:
            if new.route not in old_routes and new.id not in moved:
                yield in_new("operation.added", new.id, new.pointer, f"{new.label} is new")

    def _missing(self, old: ApiOperation, old_routes: set[tuple[str, str]]) -> Difference:
        new = next((each for each in self.new.operations if each.id == old.id), None)
        if new is not None and new.route not in old_routes:
            message = f"{old.label} is {new.label} now; who calls the old one gets 404 or 405"
            return in_new("operation.moved", old.id, new.pointer, message)
        return in_old("operation.removed", old.id, old.pointer, f"{old.label} is not there any more")

    def _matched(self, old: ApiOperation, new: ApiOperation) -> Iterator[Difference]:
        if old.node.get("operationId") != new.node.get("operationId"):
            message = f"operationId is {new.id} and was {old.id}; no client sends it, but generated code is named by it"
            yield of_member("operation.renamed", old.id, "operationId", old.node, new.node, message)
        if new.node.get("deprecated") and not old.node.get("deprecated"):
            message = f"{new.label} is deprecated now"
            yield in_new("operation.deprecated", old.id, f"{new.pointer}/deprecated", message)
        sent = SchemaDiff(operation=old.id, direction="request", equality=self.equality)
        returned = SchemaDiff(operation=old.id, direction="response", equality=self.equality)
        yield from self._bounded(old, new, lambda: access_diff.operation(old, new, self.equality))
        yield from security_diff.security(old, new, self.credentials)
        yield from self._bounded(old, new, lambda: request_diff.parameters(old, new, sent))
        yield from self._bounded(old, new, lambda: request_diff.body(old, new, sent))
        yield from self._bounded(old, new, lambda: response_diff.answers(old, new, returned))

    def _bounded(
        self, old: ApiOperation, new: ApiOperation, found: Callable[[], Iterator[Difference]]
    ) -> Iterator[Difference]:
        """The differences of one comparison that may take too many steps; those found until then are kept."""
        try:
            yield from found()
        except (TooManyCombinations, RecursionError):
            message = f"{new.label} has schemas with more combinations than can be compared"
            yield in_new("operation.not-compared", old.id, new.pointer, message)
