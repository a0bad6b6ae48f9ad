"""Faults of validation: invalid requests are accepted, valid ones are refused, or the order of judgement is wrong."""

import traceback
from functools import partial
from typing import Any

from mock_server.application import Application
from mock_server.content_service import ContentService
from mock_server.faults.families import entry
from mock_server.faults.fault import WrappedStep, Wrapper
from mock_server.faults.wrappers import at, skipped
from mock_server.handlers.content_reading import ContentReadHandlers
from mock_server.http.validation import Error, ParameterSet, RequestValidator, invalid, violation
from mock_server.message import ReceivedRequest
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.store.lists.listing import COLUMNS, ListPage, ListQuery, SqlLists

_fault = partial(entry.wrapped, "http")
_UPDATE, _CREATE, _LIST = "updateContentItem", "createContentItem", "getContentItems"


def unchecked(*keywords: str) -> tuple[Wrapper, Wrapper]:
    """Wrappers that ignore violations of these JSON Schema keywords, in bodies and parameters."""

    def by(step: WrappedStep, errors: list[Error]) -> None:
        counted = [error for error in errors if error["rule"] not in keywords]
        if counted:
            step(counted)

    return at(RequestValidator.refuse, by), at(ParameterSet.refuse, by)


# What the reference does not expect, since no valid request leads to it


def _any_limit(step: WrappedStep, page: int, limit: int, total: int) -> Any:
    return step(max(1, page), max(1, limit), total)


def _any_pages(step: WrappedStep, page: ListPage, number: int, limit: int) -> dict[str, Any]:
    return {**step(page, number, max(1, limit)), "limit": max(1, limit)}


def _known_order(step: WrappedStep, query: ListQuery) -> Any:
    return step(query if query.sort_by in COLUMNS else query._replace(sort_by="updatedAt"))


def _moment_of_anything(step: WrappedStep, text: str, **named: Any) -> Any:
    try:
        return step(text, **named)
    except ValueError:
        return 0


def _untitled(step: WrappedStep, document: dict[str, Any]) -> dict[str, Any]:
    return {"title": "", **step(document)}


CONSTRAINTS = (
    _fault("za-04-number-constraint", "openapi", "A number beyond its limits is accepted.", "items.limit-bounds",
           "getContentItems getContentByCategory getContentVersions updateContentItem",
           *unchecked("maximum", "minimum", "exclusiveMinimum"), at(SqlLists.window, _any_limit),
           at(ContentReadHandlers.pagination, _any_pages)),
    _fault("za-05-text-constraint", "openapi", "A text beyond its limits is accepted.", "items.length-in-code-points",
           "createContentItem updateContentItem", *unchecked("maxLength", "minLength", "pattern")),
    _fault("za-06-required-constraint", "openapi", "A body without a required member is accepted.",
           "conformance.coverage-negative", _CREATE, *unchecked("required"), at(ContentService.stored, _untitled)),
)  # fmt: skip


# What is refused though it is valid


def _with_title_limit(step: WrappedStep, request: ReceivedRequest) -> Any:
    value = step(request)
    if isinstance(value, dict) and len(value.get("title", "")) > 100:
        raise invalid([violation("body", "/title", "maxLength", "the title is too long")])
    return value


def _ascii_only(step: WrappedStep, request: ReceivedRequest) -> Any:
    value = step(request)
    if value is not None and not request.body.isascii():
        raise invalid([violation("body", "", "ascii", "the body is not ASCII")])
    return value


def _last_of_each(step: WrappedStep, pairs: list[tuple[str, str]], where: str) -> Any:
    return step(list(dict(pairs).items()), where)


def _known_names(step: WrappedStep, pairs: list[tuple[str, str]], where: str) -> Any:
    unknown = [name for name, _ in pairs if name not in step.component.parameters]
    if unknown:
        raise invalid([violation(where, name, "unknown", "there is no such parameter") for name in unknown])
    return step(pairs, where)


def _without_parameters(step: WrappedStep, header: bytes) -> None:
    step(header)
    if header.partition(b";")[2]:
        raise Problem("UNSUPPORTED_MEDIA_TYPE", "The body must be application/json.")


# What fails


def _failing(step: WrappedStep, body: bytes) -> Any:
    try:
        return step(body)
    except Problem:
        raise RuntimeError("the body is not JSON") from None


def _failing_on_quotes(step: WrappedStep, query: ListQuery) -> Any:
    if query.search is not None and '"' in query.search:
        raise RuntimeError("unterminated string in the search expression")
    return step(query)


def _body_first(step: WrappedStep, context: RequestContext) -> Any:
    step.part(Application).body(context)
    return step(context)


VALIDATION = (
    _fault("unknown-members-taken", "openapi", "Unknown members of a body are ignored.", "http.closed-bodies", "",
           *unchecked("additionalProperties")),
    _fault("enum-unchecked", "F13", "An unknown sortBy or status is taken for the default.", "conformance.coverage-negative", _LIST,
           *unchecked("enum"), at(SqlLists.items, _known_order)),
    _fault("format-unchecked", "openapi", "`format` is a remark, not an assertion.", "sync.parameters", "",
           *unchecked("format"), at(ContentReadHandlers.moment, _moment_of_anything)),
    _fault("min-items-unchecked", "openapi", "Empty arrays pass where one element is needed.", "conformance.coverage-negative",
           "ingestMetrics syncContent bulkUpdateContent", *unchecked("minItems")),
    _fault("title-limit-short", "openapi", "Titles over 100 characters are 400, though valid.", "items.length-in-code-points",
           "createContentItem updateContentItem", at(RequestValidator.body, _with_title_limit)),
    _fault("ascii-only", "openapi", "Bodies that are not ASCII are 400, though valid.", "items.unicode-survives", "",
           at(RequestValidator.body, _ascii_only)),
    _fault("duplicates-taken", "R39", "A query name may occur twice.", "items.query-unknown-ignored", "",
           at(ParameterSet.read, _last_of_each)),
    _fault("unknown-query-refused", "R39", "An unknown query name is 400.", "items.query-unknown-ignored", "",
           at(ParameterSet.read, _known_names)),
    _fault("media-type-unchecked", "R17", "A body of any media type is taken.", "http.media-type", "",
           at(RequestValidator.require_media_type, skipped)),
    _fault("media-type-parameters-refused", "openapi", "`application/json; charset=utf-8` is 415.", "http.media-type", "",
           at(RequestValidator.require_media_type, _without_parameters)),
    _fault("body-limit-unchecked", "openapi", "Bodies of any size are taken.", "http.too-large", "",
           at(RequestValidator.require_size, skipped)),
    _fault("bad-json-500", "R20", "A body that is not JSON is 500.", "shape.no-server-errors", "",
           at(RequestValidator.decoded, _failing)),
    _fault("quote-500", "EvoMaster F309", "A quotation mark in `search` is 500 and shows a stack.",
           "shape.no-server-errors items.search-no-wildcards", _LIST, at(SqlLists.items, _failing_on_quotes),
           at(Application.failure_detail, lambda step: traceback.format_exc())),
    _fault("body-before-item", "R17", "A bad body is told before an unknown id.", "items.not-found-before-body", "",
           at(Application.locate, _body_first)),
    _fault("body-before-token", "R17", "A bad body is told before a missing token.", "http.token-before-body", "",
           at(Application.authenticate, _body_first)),
)  # fmt: skip
