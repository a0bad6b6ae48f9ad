"""The translation in a server: it keeps our contract and serves another document.

The mock server serves foreign documents with it. A field that only the other document has is not stored; a request that the document
refuses is refused although our contract would accept it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.dialect.example_request import example
from contracts.dialect.fitted_request import broken
from contracts.dialect.schema_members import (
    ERROR_WRAPPERS,
    FREE,
    Members,
    renamed,
    request_members,
    response_members,
)
from contracts.dialect.translation import Dialect
from contracts.dialect.values.paged_lists import in_their_envelope, page_headers
from contracts.dialect.values.value_forms import (
    moved,
    with_versions_moved,
    word_in_their_form,
    words_in_our_form,
)
from contracts.model.unpromised import flat
from contracts.schema import PROBLEM
from contracts.spec import DocumentedResponse, Operation

INSTEAD = ("TOKEN_INVALID", "VALIDATION_FAILED")
"""The codes that replace one that the target's document does not have."""

REFUSED_BODY, IN_ITS_PLACE = (400, 409, 413, 415, 422), (422, 400)
"""Our statuses of refused bodies, and those that stand for one that the target's document does not have."""


@dataclass(frozen=True)
class ServingDialect:
    """The dialect of a server: it translates the target's requests to ours and our responses to the target's form."""

    dialect: Dialect

    def accepts(self, operation: Operation, value: Any) -> bool:
        """Whether the target's document allows this JSON body."""
        return operation.body is None or not broken(self.dialect.theirs, operation.body, value)

    def accepts_inside(self, operation: Operation, value: Any) -> bool:
        """Whether our own document allows this JSON body."""
        ours = self.dialect.ours.operations[operation.id]
        return ours.body is None or not broken(self.dialect.ours, ours.body, value)

    def body(self, operation: Operation, value: Any) -> Any:
        """A JSON body with our names, words and versions, without members that only the target's document has."""
        ours = self.dialect.ours.operations.get(operation.id)
        if not isinstance(value, Mapping) or ours is None or ours.body is None or operation.body is None:
            return value
        known = request_members(self.dialect.ours, ours)
        theirs = request_members(self.dialect.theirs, operation)
        spelled = words_in_our_form(value, known, theirs, self.dialect.members)
        asked = renamed(spelled, self.dialect.members)
        asked = with_versions_moved(asked, "version", 1 - self.dialect.first_version)
        return {
            name: member
            for name, member in asked.items()
            if name in known.named or self.dialect.their_members.get(name, name) not in theirs.named
        }

    def dropped_response_headers(self, operation: Operation, status: int) -> frozenset[str]:
        """The lower-case names of headers that our document has in this response and the target's has not."""
        ours = self.dialect.ours.operations.get(operation.id)
        mine = ours.response_to(status) if ours else None
        other = operation.response_to(self.status(operation, status))
        if mine is None or other is None:
            return frozenset()
        return frozenset(h.name.lower() for h in mine.headers) - {h.name.lower() for h in other.headers}

    def status(self, operation: Operation, status: int) -> int:
        """The target's status for one of ours; that of a wrong body where its document knows none for a wrong password, an unknown category,
        a body of another media type, or one that is too large."""
        theirs = self.dialect.their_status(operation.id, status)
        wrong_password = (theirs, operation.id) == (401, "login")
        if operation.response_to(theirs) or not (theirs in REFUSED_BODY or wrong_password):
            return theirs
        return next((other for other in IN_ITS_PLACE if other in operation.answers), theirs)

    def answer(self, operation: Operation, status: int, value: Any) -> tuple[str, Any]:
        """The media type and the JSON value of a response in the target's form."""
        their_status = self.status(operation, status)
        answer = operation.response_to(their_status)
        if answer is None or not answer.media_types:
            return (PROBLEM if status >= 400 else "application/json"), value
        media = PROBLEM if PROBLEM in answer.media_types else next(iter(answer.media_types))
        described = response_members(self.dialect.theirs, operation, their_status, media)
        if status < 400:
            return _sent(media), self._fitted(in_their_envelope(value, described), described)
        return _sent(media), self._error(value, described, answer)

    def page_headers(self, operation: Operation, value: Any) -> Mapping[str, str]:
        """The headers in which the target's document tells of the page of this list."""
        promised = {header.name.lower() for header in operation.success.headers}
        return page_headers(value, promised, self.dialect.first_page)

    def _error(self, value: Any, described: Members, answer: DocumentedResponse) -> Any:
        if not isinstance(value, Mapping):
            return value
        error = {**value, "code": self.dialect.their_codes.get(value.get("code", ""), value.get("code"))}
        if answer.codes and error["code"] not in answer.codes:
            error["code"] = next((code for code in INSTEAD if code in answer.codes), answer.codes[0])
        if isinstance(error.get("status"), int):
            error["status"] = answer.status
        if isinstance(error.get("type"), str) and error["code"] != value.get("code"):
            slug = str(value["code"]).lower().replace("_", "-")
            error["type"] = error["type"].replace(slug, str(error["code"]).lower().replace("_", "-"))
        for wrapper in () if "code" in described.named else ERROR_WRAPPERS:
            inside = described.of(wrapper)
            if inside.named:
                return self._with_required({wrapper: self._error_object(error, inside)}, described)
            if inside.elements.named:
                rows = [self._error_object(error, inside.elements)]
                return self._with_required({wrapper: rows}, described)
        return self._error_object(error, described)

    def _error_object(self, error: Mapping[str, Any], known: Members) -> Any:
        """The object with the code, with each text and number in the type that the document allows."""
        found = self._fitted(error, known)
        for name, value in found.items() if known.named else ():
            if isinstance(value, str | int) and not known.allows(name, value):
                text = str(value)
                schema = known.named[name]
                found[name] = text if known.allows(name, text) else example(self.dialect.theirs, schema)
        return found

    def _with_required(self, value: dict[str, Any], known: Members) -> dict[str, Any]:
        """The object with an example of each member that only the target's document requires."""
        for name in sorted(known.required - value.keys()):
            value[name] = example(self.dialect.theirs, known.named.get(name, {}))
        return value

    def _fitted(self, value: Any, known: Members) -> Any:
        """The value with the target's names, all members that its document requires, and only those that it names."""
        if isinstance(value, list):
            named = known.elements.named
            rows = flat(value) if "parentId" in named and "children" not in named else value
            return [self._fitted(part, known.elements) for part in rows]
        if not isinstance(value, Mapping) or not known.named:
            return value
        found: dict[str, Any] = {}
        for name, member in value.items():
            theirs = name if name in known.named else self.dialect.their_members.get(name, name)
            if theirs in known.named:
                spelled = member if name in FREE else word_in_their_form(member, known, theirs)
                found[theirs] = self._member(name, spelled, known.of(theirs))
        return self._with_required(found, known)

    def _member(self, name: str, value: Any, known: Members) -> Any:
        if name == "permissions" and isinstance(value, list):
            return [self.dialect.their_permissions.get(word, word) for word in value]
        if name == "code" and isinstance(value, str):
            return self.dialect.their_codes.get(value, value)
        if name in ("version", "currentVersion"):
            return moved(value, self.dialect.first_version - 1)
        if name == "page":
            return moved(value, self.dialect.first_page - 1)
        return value if name in FREE else self._fitted(value, known)

    def example(self, operation: Operation) -> tuple[int, str, Any]:
        """Status, media type and value of a success, made from the examples of an operation that our contract does not have."""
        answer = operation.success
        if not answer.media_types:
            return answer.status, "", None
        media, schema = next(iter(answer.media_types.items()))
        return answer.status, _sent(media), example(self.dialect.theirs, schema)


def _sent(media: str) -> str:
    """A media type as a server sends it: of a range (`*/*`) JSON."""
    return "application/json" if "*" in media else media
