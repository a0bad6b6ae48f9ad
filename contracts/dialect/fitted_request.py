"""A request of ours where the target's document does not allow it: reduced to what is allowed, or refused as unpromised.

A load test has to send something, so unknown parts are left out and numbers are clamped to their maximum (`fitted`). A check of the suite
is not applicable instead (`refuse_unpromised`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, NamedTuple

from contracts.dialect.schema_members import (
    all_readings,
    only,
    renamed,
    request_members,
    response_members,
)
from contracts.dialect.translation import Dialect
from contracts.dialect.values.query_translation import JOINED, SIGNED, SORTED
from contracts.dialect.values.value_forms import (
    absent_in_their_form,
    numbers_as_texts,
    texts_as_numbers,
    with_versions_moved,
    words_in_our_form,
)
from contracts.model.unpromised import UnpromisedError
from contracts.schema import compile_ranged, compile_schema, rule
from contracts.spec import Body, Operation, Spec
from contracts.spec.parameter_values import written
from contracts.spec.source.references import followed


class FittedRequest(NamedTuple):
    """The parts of a request that a document can restrict."""

    query: tuple[tuple[str, Any], ...]
    headers: tuple[tuple[str, str], ...]
    body: Any


PLACE = "category"
"""The member by which an item is found elsewhere than in the answer to its writing."""


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
    known = {p.name: p for p in operation.parameters if p.location == "query"}
    for name, value in dialect.queries.sent(query, operation):
        if name not in known:
            continue
        if name == "page" and 404 in operation.answers:
            # A later page may be past the end, which is 404 of some frameworks (Django).
            value = type(value)(dialect.first_page)
        schema = known[name].schema
        if "array" in known[name].types and isinstance(value, str):
            value = [value] if dialect.parameters.get(name) in JOINED else value.split(",")
        text = str(value).lower() if isinstance(value, bool) else value
        validator = compile_schema(dialect.theirs, schema)
        if any(
            validator.is_valid(one)
            for one in all_readings(text if isinstance(text, list | tuple) else str(text))
        ):
            yield from written(known[name], value) if isinstance(value, list) else [(name, value)]
        elif "maximum" in (bounds := followed(dialect.theirs.document, schema)) and str(value).isdecimal():
            yield name, type(value)(min(int(value), bounds["maximum"]))


def _closed(dialect: Dialect, operation: Operation, body: Any) -> Any:
    """The body without members that the document does not allow."""
    if operation.body is None or not isinstance(body, Mapping):
        return body
    described = request_members(dialect.theirs, operation)
    return (
        {name: value for name, value in body.items() if name in described.named} if described.closed else body
    )


def without_refused(dialect: Dialect | None, operation_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A body of ours without the optional members whose values the target's document refuses, such as a null for no category."""
    operation = None if dialect is None else dialect.theirs.operations.get(operation_id)
    if dialect is None or operation is None or operation.body is None:
        return dict(body)
    sent = dialect.body(operation_id, body)
    errors = compile_ranged(dialect.theirs, only(operation.body.media_types)).iter_errors(sent)
    refused = {error.instance_path[0] for error in errors if error.instance_path}
    refused -= request_members(dialect.theirs, operation).required
    return {
        name: value for name, value in body.items() if dialect.their_members.get(name, name) not in refused
    }


def is_closed(spec: Spec, operation: Operation) -> bool:
    """Whether the operation's body may have no member that the document does not name."""
    return operation.body is not None and request_members(spec, operation).closed


def most_elements(dialect: Dialect | None, operation_id: str, member: str, otherwise: int) -> int:
    """The most elements that a list in the body may have: `otherwise`, or the target's maxItems if that is lower."""
    operation = None if dialect is None else dialect.theirs.operations.get(operation_id)
    if dialect is None or operation is None or operation.body is None:
        return otherwise
    described = request_members(dialect.theirs, operation).named.get(member, {})
    return min(otherwise, int(followed(dialect.theirs.document, described).get("maxItems", otherwise)))


def with_their_ids(dialect: Dialect | None, operation_id: str, body: Any) -> Any:
    """A body with ids in the target's form: numbers where it counts them."""
    operations = () if dialect is None else (dialect.ours.operations, dialect.theirs.operations)
    if dialect is None or any(operation_id not in known for known in operations):
        return body
    ours, theirs = (
        request_members(spec, spec.operations[operation_id]) for spec in (dialect.ours, dialect.theirs)
    )
    return texts_as_numbers(body, ours, theirs, dialect.members)


def canonical_body(dialect: Dialect, operation_id: str, body: bytes) -> bytes:
    """A JSON body that was sent, with our names, words, ids and versions."""
    ours, theirs = (
        request_members(spec, spec.operations.get(operation_id)) for spec in (dialect.ours, dialect.theirs)
    )
    try:
        value = words_in_our_form(json.loads(body), ours, theirs, dialect.members)
    except (ValueError, RecursionError):
        return body
    value = with_versions_moved(renamed(value, dialect.members), "version", 1 - dialect.first_version)
    return json.dumps(numbers_as_texts(value, ours)).encode()


def refuse_unpromised(
    dialect: Dialect, operation_id: str, query: Any, body: Any, headers: Mapping[str, Any] | None
) -> None:
    """Raise UnpromisedError if the documents disagree on this request: one allows and the other refuses it, or the target's lacks a
    part of it. `body` is in our form; `...` stands for none."""
    theirs, ours = dialect.operation(operation_id), dialect.ours.operations.get(operation_id)
    if ours is None:
        return
    if isinstance(query, Mapping):
        for name, value in query.items():
            if value is not None:
                _refuse_parameter(dialect, ours, theirs, name, value)
    for header in (*ours.state_headers, *(p for p in ours.parameters if p.location == "header")):
        sent = {name.lower() for name, value in (headers or {}).items() if value is not None}
        known = dialect.known_headers(theirs)
        if header.name.lower() in sent - known:
            raise UnpromisedError(f"the document has no {header.name} in {operation_id}")
    if body is ... or not ours.body or not theirs.body:
        return
    try:
        asked, made = (
            (json.loads(body),) * 2 if isinstance(body, bytes) else (body, dialect.body(operation_id, body))
        )
    except (ValueError, RecursionError):
        return  # not JSON, which no document allows
    gone = _lost_members(dialect, theirs, asked, made)
    if gone:
        raise UnpromisedError(f"the document has no member {min(gone)} in {operation_id}")
    # A member that was left out for the target must not be the one that makes the body invalid.
    of_ours = broken(dialect.ours, ours.body, _with_our_ids(asked, dialect.foreign_ids))
    of_theirs = broken(dialect.theirs, theirs.body, made)
    if bool(of_ours) != bool(of_theirs):
        verb = "allows" if of_ours else "refuses"
        raise UnpromisedError(
            f"the document {verb} this body of {operation_id}, unlike ours ({of_ours or of_theirs})"
        )


def broken(spec: Spec, body: Body, value: Any) -> str:
    """The place and the keyword of the first rule that a JSON body breaks, such as `tags/*: type`; empty if it is valid."""
    validator = compile_ranged(spec, only(body.media_types))
    try:
        error = None if validator.is_valid(value) else next(iter(validator.iter_errors(value)))
    except ValueError:  # a lone surrogate, which no schema allows
        return "a lone surrogate"
    if error is None:
        return ""
    place = "/".join("*" if isinstance(part, int) else str(part) for part in error.instance_path)
    return f"{place or 'the whole'}: {rule(error)}"


def _with_our_ids(value: Any, foreign: Set[str]) -> Any:
    """The value with an id as our document allows it in place of each that the target gave and ours would not allow."""
    if not foreign:
        return value
    if isinstance(value, Mapping):
        return {name: _with_our_ids(member, foreign) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_our_ids(member, foreign) for member in value]
    return "id" if isinstance(value, str) and value in foreign else value


def _lost_members(dialect: Dialect, theirs: Operation, asked: Any, made: Any) -> set[str]:
    """The members that the target's request does not have and its answer has, and a category, by which other operations find the item: a check
    would look in vain for what it asked."""
    if not (isinstance(asked, Mapping) and isinstance(made, Mapping)):
        return set()
    answer = response_members(dialect.theirs, theirs, theirs.success.status)
    shown = {*answer.named, *answer.of("data").named}
    lost = set(asked) - set(renamed(made, dialect.members))
    placed = {PLACE} if asked.get(PLACE) is not None else set()
    return lost & {*placed, *(dialect.members.get(name, name) for name in shown)}


def _refuse_parameter(dialect: Dialect, ours: Operation, theirs: Operation, name: str, value: Any) -> None:
    mine = next((p for p in ours.parameters if (p.location, p.name) == ("query", name)), None)
    if mine is None:
        return
    named = dialect.queries.name(name, theirs)
    other = next((p for p in theirs.parameters if (p.location, p.name) == ("query", named)), None)
    if other is None:
        raise UnpromisedError(f"the document has no parameter {name} of {ours.id}")
    if not isinstance(value, list | tuple):
        value = str(value).lower() if isinstance(value, bool) else str(value)
    theirs_value = dialect.queries.value(name, value)
    meant = dialect.parameters.get(named)
    if meant == SORTED or (meant == SIGNED and "array" in other.types):
        theirs_value = [theirs_value]
    if meant == SIGNED and name == "sortOrder" and value in ("asc", "desc"):
        return  # it is the sign of the key
    mine_valid, other_valid = (
        any(compile_ranged(spec, parameter.schema).is_valid(one) for one in all_readings(text))
        for spec, parameter, text in (
            (dialect.ours, mine, value),
            (dialect.theirs, other, absent_in_their_form(theirs_value, dialect.theirs, other.schema)),
        )
    )
    if mine_valid != other_valid:
        verb = "refuses" if mine_valid else "allows"
        raise UnpromisedError(f"the document {verb} {name}={value} of {ours.id}, unlike ours")
