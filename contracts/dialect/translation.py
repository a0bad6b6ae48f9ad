"""`Dialect`, the translation of requests from our contract to the target's document, and of responses back to ours.

>>> from contracts.spec import canonical
>>> Dialect(ours=canonical(), theirs=canonical(), statuses={}, codes={}, permissions={}, members={}).identical
True
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from contracts.dialect.example_request import example
from contracts.dialect.schema_members import (
    FREE,
    NOTHING,
    Members,
    has_version_tags,
    inverse,
    renamed,
    request_members,
    required_of_error,
    response_members,
)
from contracts.dialect.values.absent_members import (
    in_place_of_absent,
    not_null,
    of_outer_members,
    with_own_defaults,
)
from contracts.dialect.values.error_bodies import as_problem
from contracts.dialect.values.paged_lists import nested, paged, with_page_headers, without_empty_page
from contracts.dialect.values.query_translation import QueryTranslation
from contracts.dialect.values.value_forms import (
    SCALARS,
    event_in_our_form,
    in_our_form,
    moved,
    of_set,
    texts_as_numbers,
    with_versions_moved,
    word_in_our_form,
)
from contracts.model.unpromised import UnpromisedError, unpromised
from contracts.schema import PROBLEM
from contracts.spec import Operation, Spec

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class CanonicalAnswer(NamedTuple):
    """A response in the form of our contract. `value` is the parsed body, or `...` if it is not JSON."""

    status: int
    headers: Mapping[str, Any]
    value: Any


@dataclass(frozen=True)
class Dialect:
    """The translation between our contract and the target's document. The tables map the target's names to ours; the keys of
    `statuses` are (operationId, status)."""

    ours: Spec
    theirs: Spec
    statuses: Mapping[tuple[str, int], int]
    codes: Mapping[str, str]
    permissions: Mapping[str, str]
    members: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    needed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Permission of ours -> the target's permissions that its operations need; empty if the target's document names none."""
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(Our name of a query parameter, the target's value) -> ours, of those that list their values."""
    first_version: int = 1
    """The version of a new item."""
    first_page: int = 1
    """The number of the first page of a list."""

    @cached_property
    def identical(self) -> bool:
        """Whether the target has our own document, so that there is nothing to translate."""
        return self.ours is self.theirs or self.ours.digest == self.theirs.digest

    @cached_property
    def their_members(self) -> Mapping[str, str]:
        return inverse(self.members)

    @cached_property
    def foreign_ids(self) -> set[str]:
        """The ids in the target's answers that our document would not allow; they are no fault of a request that has them."""
        return set()

    @cached_property
    def their_codes(self) -> Mapping[str, str]:
        return inverse(self.codes)

    @cached_property
    def their_permissions(self) -> Mapping[str, str]:
        return inverse(self.permissions)

    def permission(self, operation: Operation) -> str | None:
        """Our name for the permission that an operation of the target needs."""
        named, mine = operation.permission, self.ours.operations.get(operation.id)
        if named is None or mine is None or mine.permission is None:
            return named if named is None else self.permissions.get(named, named)
        return mine.permission

    def held(self, words: Sequence[Any]) -> list[Any]:
        """The permissions of a session in our words: those of which it may call every operation, and the target's others."""
        given = {word for word in words if isinstance(word, str)}
        others = [self.permissions.get(word, word) if isinstance(word, str) else word for word in words]
        return [
            *(name for name, wanted in self.needed.items() if wanted <= given),
            *(word for word in others if not isinstance(word, str) or word not in self.needed),
        ]

    @cached_property
    def unmodelled(self) -> tuple[Operation, ...]:
        """Operations that only the target's document has: their responses are judged by the document alone, not by any law."""
        return tuple(operation for operation in self.theirs if operation.id not in self.ours.operations)

    @cached_property
    def missing(self) -> frozenset[str]:
        """The ids of our operations that the target's document does not have."""
        return frozenset(self.ours.operations) - frozenset(self.theirs.operations)

    # What is promised

    def operation(self, operation_id: str) -> Operation:
        """The target's operation. Raises UnpromisedError if its document has none."""
        found = self.theirs.operations.get(operation_id)
        if found is None:
            raise UnpromisedError(f"the document has no operation {operation_id}")
        return found

    def promises(self, operation_id: str, status: int) -> bool:
        """Whether the target's document has a response of the operation with this status of ours. True for an unknown operation."""
        operation = self.theirs.operations.get(operation_id)
        if operation is None:
            return True
        known = (self.statuses.get((operation_id, s), s) for s in operation.answers)
        return status in known or operation.response_to(status) is not None

    def promises_code(self, operation_id: str, status: int, *codes: str) -> bool:
        """Whether the document lists the error codes of this response and has a word for these of ours (default: for all that ours lists),
        so that a code can be right or wrong: one `NOT_FOUND` may stand for several of ours."""
        operation, mine = (spec.operations.get(operation_id) for spec in (self.theirs, self.ours))
        found = operation.response_to(self.their_status(operation_id, status)) if operation else None
        known = mine.response_to(status) if mine else None
        meant = {self.codes.get(code, code) for code in found.codes} if found else set()
        return bool(meant) and meant.issuperset(codes or (known.codes if known else ()))

    def their_status(self, operation_id: str, status: int) -> int:
        """The target's status for a status of ours."""
        statuses = (s for (o, s), ours in self.statuses.items() if (o, ours) == (operation_id, status))
        return next(statuses, status)

    def unknown_headers(self, operation_id: str) -> frozenset[str]:
        """The lower-case names of request headers that only our document gives a meaning."""
        ours, theirs = (spec.operations.get(operation_id) for spec in (self.ours, self.theirs))
        if ours is None or theirs is None:
            return frozenset()
        return frozenset(header.name.lower() for header in ours.state_headers) - self.known_headers(theirs)

    def known_headers(self, theirs: Operation) -> set[str]:
        """The lower-case names of the request headers of an operation; what answers 304 knows If-None-Match (RFC 9110, 13.1.2)."""
        named = {p.name.lower() for p in (*theirs.state_headers, *theirs.parameters)}
        return named | ({"if-none-match"} if 304 in theirs.answers else set())

    # Requests

    @cached_property
    def queries(self) -> QueryTranslation:
        return QueryTranslation(self.parameters, self.values, self.first_version, self.first_page)

    def body(self, operation_id: str, value: Any) -> Any:
        """A JSON body in the target's form: with the members that only it requires, and without those that only our document has. In
        responses the latter are unpromised."""
        operation = self.operation(operation_id)
        mine = self.ours.operations.get(operation_id)
        known = request_members(self.ours, mine) if mine and mine.body else None
        if mine is None or not isinstance(value, Mapping) or (operation.body is None and known is None):
            return value  # an operation that only the target has is called by its own names
        described = request_members(self.theirs, operation)
        value = with_own_defaults(operation_id, value, described, self.their_members)
        found = texts_as_numbers(
            renamed(value, self.their_members), known or NOTHING, described, self.members
        )
        version = self.their_members.get("version", "version")
        found = with_versions_moved(found, version, self.first_version - 1)
        for name in list(found):
            meant = known is not None and self.members.get(name, name) in known.named
            if meant and name not in described.named and (described.named or operation.body is None):
                del found[name]
        for name in described.required - found.keys():
            # If our document requires it too, the check left it out on purpose.
            if known is None or self.members.get(name, name) not in known.required:
                found[name] = example(self.theirs, described.named.get(name, {}))
        return found

    # Answers

    def without_unpromised_cause(self, operation_id: str, status: int, value: Any) -> Any:
        """An error whose code and details are marked unpromised if the document does not promise them."""
        if not isinstance(value, Mapping):
            return value
        found = {"details": unpromised(f"details of {operation_id}"), **value}
        if not self.promises_code(operation_id, status):
            found["code"] = unpromised(f"codes of {operation_id}")
        return found

    def answer(
        self, operation_id: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> CanonicalAnswer:
        """The response in our form. Members and headers that the target's document does not promise are `Unpromised` in it."""
        try:
            value: Any = json.loads(body) if body else ...
        except (ValueError, RecursionError):
            value = ...
        lower: dict[str, Any] = {name.lower(): text for name, text in headers.items()}
        ours, theirs = (spec.operations.get(operation_id) for spec in (self.ours, self.theirs))
        canonical = self.statuses.get((operation_id, status), status)
        mine = ours.response_to(canonical) if ours else None
        other = theirs.response_to(status) if theirs else None
        if mine and other:
            promised = {header.name.lower() for header in other.headers} | lower.keys()
            for header in mine.headers:
                name = header.name.lower()
                opaque = name == "etag" and not has_version_tags(self.ours, self.theirs)
                if opaque or name not in promised:
                    what = "the form of " if opaque and name in promised else ""
                    lower[name] = unpromised(f"{what}{header.name} of {operation_id}")
        if canonical >= 400:
            lower["content-type"] = PROBLEM
            known_codes = ours.answers[canonical].codes if ours and canonical in ours.answers else ()
            silent = ours is not None and not self.promises_code(ours.id, canonical)
            found = as_problem(value, self.members, self.codes, known_codes if silent else ())
            needed = required_of_error(response_members(self.theirs, theirs, status))
            known = {self.members.get(name, name) for name in needed}
            if isinstance(found, dict) and "details" not in known and found.get("details") is None:
                found = {**found, "details": unpromised(f"details of an error of {operation_id}")}
            return CanonicalAnswer(canonical, lower, found)
        if mine is not None and other is not None and mine.media_types:
            both = response_members(self.ours, ours, canonical), response_members(self.theirs, theirs, status)
            value = self._walked({} if value is ... and not body else value, *both, operation_id)
            value = with_page_headers(value, both[0], {h.name.lower() for h in other.headers}, lower)
        return CanonicalAnswer(canonical, lower, value)

    def event(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data of an event of the channel in our form."""
        return event_in_our_form(data, self.members, 1 - self.first_version)

    def _walked(self, value: Any, ours: Members, theirs: Members, where: str) -> Any:
        """The value with our names; `ours` and `theirs` are the members that our document and the target's name at this place."""
        if isinstance(value, SCALARS):
            return value
        if ours.named:
            value, theirs = paged(value, ours, theirs, self.first_page)
        if isinstance(value, list):
            return nested([self._walked(part, ours.elements, theirs.elements, where) for part in value])
        if isinstance(value, str) and "id" in ours.required and not theirs.named:
            # A bare id where ours has an object that begins with it.
            return {name: unpromised(f"{name} of {where}") for name in ours.required} | {"id": value}
        if not isinstance(value, dict) or not ours.named:
            return value
        mapped: dict[str, Any] = {}
        for name, member in value.items():
            canonical = name if name in ours.named else self.members.get(name, name)
            member = in_our_form(member, ours, canonical)
            if canonical != "code":  # which has a table of its own
                member = word_in_our_form(member, ours, canonical, theirs, name)
            if canonical in ours.named and canonical in ("version", "page"):
                member = moved(member, 1 - (self.first_page if canonical == "page" else self.first_version))
            if canonical == "id" and isinstance(member, str) and not ID.fullmatch(member):
                self.foreign_ids.add(member)
            if canonical in ours.named:
                member = not_null(member, ours, theirs, (canonical, name), where)
                both = ours.of(canonical), theirs.of(name)
                mapped[canonical] = of_set(self._member(canonical, member, *both, where), theirs, name)
            elif name not in theirs.named:
                mapped[name] = member  # neither document knows it
        for name in ours.required - mapped.keys():
            their_name = self.their_members.get(name, name)
            if their_name in theirs.named and their_name not in theirs.required:
                mapped[name] = in_place_of_absent(ours, name, where)
            elif their_name not in theirs.named:
                higher = {n: part for n, part in value.items() if n in theirs.named and n not in ours.named}
                mapped[name] = of_outer_members(renamed(higher, self.members), ours, name, where)
        return without_empty_page(mapped)

    def _member(self, name: str, value: Any, ours: Members, theirs: Members, where: str) -> Any:
        if name == "permissions" and isinstance(value, list):
            return self.held(value)
        if name == "code" and isinstance(value, str):
            return self.codes.get(value, value) if theirs.listed else unpromised(f"codes of {where}")
        return value if name in FREE else self._walked(value, ours, theirs, where)
