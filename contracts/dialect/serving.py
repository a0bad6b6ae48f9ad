"""The same translation from the other side: a server that keeps our contract inside and the target's document outside.

The mock serves somebody's document with it. What only the document knows (a field of its own) is not stored; what it refuses and our
contract would take is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contracts.dialect.example_request import example
from contracts.dialect.schema_members import FREE, members, only
from contracts.dialect.translation import Dialect
from contracts.schema import PROBLEM
from contracts.spec import DocumentedResponse, Operation

INSTEAD = ("TOKEN_INVALID", "VALIDATION_FAILED")
"""What is told in place of a cause that the target's document does not have."""


@dataclass(frozen=True)
class ServingDialect:
    """The dialect of a server: our contract inside, the target's document outside. Around a `Dialect`, whose tables are read the
    other way round."""

    dialect: Dialect

    @cached_property
    def _statuses(self) -> Mapping[tuple[str, int], int]:
        return {(name, ours): theirs for (name, theirs), ours in self.dialect.statuses.items()}

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        return {ours: theirs for theirs, ours in self.dialect.codes.items()}

    @cached_property
    def _permissions(self) -> Mapping[str, str]:
        return {ours: theirs for theirs, ours in self.dialect.permissions.items()}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {ours: theirs for theirs, ours in self.dialect.members.items()}

    def dropped_headers(self, operation: Operation) -> frozenset[str]:
        """Request headers that only our document gives a meaning."""
        ours = self.dialect.ours.operations.get(operation.id)
        if ours is None:
            return frozenset()
        known = {p.name.lower() for p in (*operation.state_headers, *operation.parameters)}
        return frozenset(header.name.lower() for header in ours.state_headers) - known

    def accepts(self, operation: Operation, value: Any) -> bool:
        """Whether the target's document allows this JSON body."""
        return operation.body is None or self.dialect.valid(
            self.dialect.theirs, operation.body.media_types, value
        )

    def accepts_inside(self, operation: Operation, value: Any) -> bool:
        """Whether our own document allows this JSON body."""
        ours = self.dialect.ours.operations[operation.id]
        return ours.body is None or self.dialect.valid(self.dialect.ours, ours.body.media_types, value)

    def body(self, operation: Operation, value: Any) -> Any:
        """A JSON body in our words, without what only the target's document knows."""
        ours = self.dialect.ours.operations.get(operation.id)
        if not isinstance(value, Mapping) or ours is None or ours.body is None or operation.body is None:
            return value
        known = members(self.dialect.ours, only(ours.body.media_types)).named
        theirs = members(self.dialect.theirs, only(operation.body.media_types)).named
        renamed = self.dialect.renamed(value, self.dialect.members)
        return {
            name: member
            for name, member in renamed.items()
            if name in known or self._names.get(name, name) not in theirs
        }

    def status(self, operation: Operation, status: int) -> int:
        return self._statuses.get((operation.id, status), status)

    def headers(self, operation: Operation, status: int) -> frozenset[str]:
        """Names of the headers, in lower case, that our document has in this answer and the target's has not."""
        ours = self.dialect.ours.operations.get(operation.id)
        mine = ours.response_to(status) if ours else None
        other = operation.response_to(self.status(operation, status))
        if mine is None or other is None:
            return frozenset()
        return frozenset(h.name.lower() for h in mine.headers) - {h.name.lower() for h in other.headers}

    def answer(self, operation: Operation, status: int, value: Any) -> tuple[str, Any]:
        """The media type and the JSON value of an answer in the target's form."""
        answer = operation.response_to(self.status(operation, status))
        if answer is None or not answer.media_types:
            return (PROBLEM if status >= 400 else "application/json"), value
        media = PROBLEM if PROBLEM in answer.media_types else next(iter(answer.media_types))
        schema = answer.media_types[media]
        if status < 400:
            return media, self._fitted(value, schema)
        return media, self._error(value, schema, answer)

    def _error(self, value: Any, schema: Any, answer: DocumentedResponse) -> Any:
        if not isinstance(value, Mapping):
            return value
        told = {**value, "code": self._codes.get(value.get("code", ""), value.get("code"))}
        if answer.codes and told["code"] not in answer.codes:
            told["code"] = next((code for code in INSTEAD if code in answer.codes), answer.codes[0])
        if isinstance(told.get("status"), int):
            told["status"] = answer.status
        if isinstance(told.get("type"), str) and told["code"] != value.get("code"):
            word = str(value["code"]).lower().replace("_", "-")
            told["type"] = told["type"].replace(word, str(told["code"]).lower().replace("_", "-"))
        said = members(self.dialect.theirs, schema)
        if "error" in said.named and "code" not in said.named:
            return {"error": self._fitted(told, said.named["error"])}
        return self._fitted(told, schema)

    def _fitted(self, value: Any, schema: Any) -> Any:
        """With the target's names, and only the members that its document names."""
        said = members(self.dialect.theirs, schema)
        if isinstance(value, list):
            return [self._fitted(part, said.items) for part in value]
        if not isinstance(value, Mapping) or not said.named:
            return value
        found: dict[str, Any] = {}
        for name, member in value.items():
            theirs = name if name in said.named else self._names.get(name, name)
            if theirs in said.named:
                found[theirs] = self._member(name, member, said.named[theirs])
        return found

    def _member(self, name: str, value: Any, schema: Any) -> Any:
        if name == "permissions" and isinstance(value, list):
            return [self._permissions.get(word, word) for word in value]
        if name == "code" and isinstance(value, str):
            return self._codes.get(value, value)
        return value if name in FREE else self._fitted(value, schema)

    def example(self, operation: Operation) -> tuple[int, str, Any]:
        """Status, media type and value of a success, from the examples of an operation that our contract does not know."""
        answer = operation.success
        if not answer.media_types:
            return answer.status, "", None
        media, schema = next(iter(answer.media_types.items()))
        return answer.status, media, example(self.dialect.theirs, schema)
