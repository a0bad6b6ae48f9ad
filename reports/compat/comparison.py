"""The operations of two documents side by side, found again by what a client calls: method and path."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from reports.compat.difference import Difference, in_new, in_old
from reports.compat.operation import access_diff, request_diff, response_diff, security_diff
from reports.compat.operation.api_document import ApiDocument, ApiOperation, of_member
from reports.compat.schema.schema_diff import SchemaDiff, TooMuch
from reports.compat.schema.schema_equality import Equality


class Documented(Protocol):
    """A document that can be compared: `contracts.spec` or `document_source` has read it."""

    @property
    def document(self) -> Mapping[str, Any]: ...


def compare(old: Documented, new: Documented) -> tuple[Difference, ...]:
    """All differences, worst first, then in the order of the document; each is there once for each operation."""
    return Comparison(*(ApiDocument(each.document) for each in (old, new))).all()


class Comparison:
    """Two documents, and what was found out about their schemas on the way."""

    def __init__(self, was: ApiDocument, now: ApiDocument) -> None:
        self.was, self.now = was, now
        self.equality = Equality(was.document, now.document)
        self.credentials = security_diff.SecuritySchemes(was, now)

    def all(self) -> tuple[Difference, ...]:
        order = ["breaking", "unknown", "harmless"]
        return tuple(sorted(dict.fromkeys(self._all()), key=lambda change: order.index(change.severity)))

    def _all(self) -> Iterator[Difference]:
        yield from access_diff.document(self.was, self.now, self.equality)
        yield from self.credentials.changed(security_diff.used(iter(self.now.operations)))
        here = {operation.called: operation for operation in self.now.operations}
        before = {operation.called for operation in self.was.operations}
        moved: set[str] = set()
        for old in self.was.operations:
            new = here.get(old.called)
            if new is None:
                yield self._gone(old, before)
                moved.add(old.id)
            else:
                yield from self._same(old, new)
        for new in self.now.operations:
            if new.called not in before and new.id not in moved:
                yield in_new("operation.added", new.id, new.pointer, f"{new.label} is new")

    def _gone(self, old: ApiOperation, before: set[tuple[str, str]]) -> Difference:
        new = next((each for each in self.now.operations if each.id == old.id), None)
        if new is not None and new.called not in before:
            told = f"{old.label} is {new.label} now; who calls the old one gets 404 or 405"
            return in_new("operation.moved", old.id, new.pointer, told)
        return in_old("operation.removed", old.id, old.pointer, f"{old.label} is not there any more")

    def _same(self, old: ApiOperation, new: ApiOperation) -> Iterator[Difference]:
        if old.node.get("operationId") != new.node.get("operationId"):
            told = f"operationId is {new.id} and was {old.id}; no client sends it, but generated code is named by it"
            yield of_member("operation.renamed", old.id, "operationId", old.node, new.node, told)
        if new.node.get("deprecated") and not old.node.get("deprecated"):
            told = f"{new.label} is deprecated now"
            yield in_new("operation.deprecated", old.id, f"{new.pointer}/deprecated", told)
        asked = SchemaDiff(operation=old.id, direction="request", equality=self.equality)
        told_of = SchemaDiff(operation=old.id, direction="response", equality=self.equality)
        yield from self._bounded(old, new, lambda: access_diff.operation(old, new, self.equality))
        yield from security_diff.security(old, new, self.credentials)
        yield from self._bounded(old, new, lambda: request_diff.parameters(old, new, asked))
        yield from self._bounded(old, new, lambda: request_diff.body(old, new, asked))
        yield from self._bounded(old, new, lambda: response_diff.answers(old, new, told_of))

    def _bounded(
        self, old: ApiOperation, new: ApiOperation, found: Callable[[], Iterator[Difference]]
    ) -> Iterator[Difference]:
        """What takes too many steps is unknown, and what was found until then stands."""
        try:
            yield from found()
        except (TooMuch, RecursionError):
            told = f"{new.label} has schemas with more combinations than can be compared"
            yield in_new("operation.not-compared", old.id, new.pointer, told)
