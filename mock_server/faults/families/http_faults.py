"""Faults of HTTP: statuses, methods, origins, conditions, and failed writes that take effect."""

from functools import partial
from typing import Any

from mock_server.application import Application
from mock_server.content_service import ContentService
from mock_server.faults.families import entry
from mock_server.faults.families.idempotency_faults import KEYS
from mock_server.faults.families.validation_faults import VALIDATION
from mock_server.faults.fault import WrappedStep
from mock_server.faults.transform import added_header, status
from mock_server.faults.wrappers import at, result, returns, when_gone
from mock_server.handlers.content_reading import ContentReadHandlers, matches
from mock_server.handlers.content_writing import ContentWriteHandlers
from mock_server.http.cors import Cors
from mock_server.message import HttpResponse, ReceivedRequest, json_response
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.router import Route
from mock_server.store.item import ContentItem, WrittenItem
from mock_server.store.sqlite.database import Database

_fault = partial(entry.wrapped, "http")
_answer = partial(entry.answer, "http")
_UPDATE, _CREATE, _ITEM, _LIST = "updateContentItem", "createContentItem", "getContentItem", "getContentItems"


def _another_status(number: int, code: str, *, path: bytes = b"") -> Any:
    """A wrapper that replaces the status of a problem with this code if the path has these bytes; the document stays unchanged."""

    def by(step: WrappedStep, request: ReceivedRequest, problem: Problem) -> HttpResponse:
        response: HttpResponse = step(request, problem)
        if problem.code != code or path not in request.path:
            return response
        return HttpResponse(number, response.headers, response.body)

    return by


def _unread_quality(step: WrappedStep, request: ReceivedRequest) -> Any:
    for part in request.headers.get(b"accept-encoding", b"").split(b","):
        float(part.partition(b"q=")[2] or 1)
    return step(request)


def _without_head(step: WrappedStep, request: ReceivedRequest, route: Route, path: dict[str, str]) -> Any:
    if request.method == "HEAD":
        raise step.part(Application).method_not_allowed(request, route)
    return step(request, route, path)


def _bulk_as_id(step: WrappedStep, request: ReceivedRequest, route: Route, path: dict[str, str]) -> Any:
    try:
        return step(request, route, path)
    except Problem:
        other, path = step.part(Application).router.find(request.path.replace(b"/bulk", b"/bulk_"))
        if other is None or route.path != "/content/items/bulk" or request.method not in other.methods:
            raise
        return other.methods[request.method], path


def _not_allowed(step: WrappedStep, request: ReceivedRequest, route: Route) -> HttpResponse:
    raise step.part(Application).method_not_allowed(request, route)


def _without_slash(step: WrappedStep, request: ReceivedRequest) -> Any:
    try:
        return step(request)
    except Problem:
        route, path = step.part(Application).router.find(request.path.rstrip(b"/"))
        if route is None:
            raise
        return route, path


def _hidden(step: WrappedStep, request: ReceivedRequest) -> Any:
    if request.path == b"/debug/accounts":
        return None, json_response(200, {"accounts": ["demo@tchat.com"]})
    return step(request)


def _accept_refused(step: WrappedStep, context: RequestContext) -> Any:
    if context.request.headers.get(b"accept", b"*/*") not in (b"*/*", b"application/json"):
        return HttpResponse(406, [], b"")
    return step(context)


def _any_name(step: WrappedStep, request: ReceivedRequest) -> str:
    named = request.headers.get(b"x-request-id")
    return named.decode("latin-1") if named else step(request)


Fields = list[tuple[bytes, bytes]]


def _cors(name: str, value: bytes | None) -> Any:
    """A wrapper that replaces a CORS field, or removes it."""

    def by(step: WrappedStep, origin: bytes, request: ReceivedRequest, response: HttpResponse) -> Fields:
        found: Fields = step(origin, request, response)
        fields = [(key, old if key != name.encode() else value) for key, old in found]
        return [(key, new) for key, new in fields if new is not None]

    return by


def _only_vary_on_errors(
    step: WrappedStep, origin: bytes, request: ReceivedRequest, response: HttpResponse
) -> Fields:
    found: Fields = step(origin, request, response)
    return found[:1] if response.status >= 400 else found


STATUSES = (
    _answer("create-200", "R25", "A create is 200.", "shape.answers", _CREATE, status(201, 200)),
    _answer("metrics-200", "openapi", "Metrics are 200.", "shape.answers", "ingestMetrics", status(202, 200)),
    _answer("archive-204", "S:303", "Archive is 204 without a body.", "shape.answers", "archiveContent",
            status(200, 204)),
    _answer("login-201", "F3", "Login is 201, which iOS refuses.", "shape.answers", "login", status(200, 201)),
    _answer("refresh-201", "F3", "Refresh is 201, which iOS refuses.", "shape.answers", "refreshTokens",
            status(200, 201)),
    _answer("conflict-400", "S:272", "A version conflict is 400.", "items.conflict-on-stale-version", _UPDATE,
            status(409, 400, code="VERSION_CONFLICT")),
    _answer("conflict-412", "R20", "A version conflict is 412.", "items.conflict-on-stale-version", _UPDATE,
            status(409, 412, code="VERSION_CONFLICT")),
    _answer("invalid-422", "R20", "An invalid request is 422.", "shape.problems", "",
            status(400, 422, code="VALIDATION_FAILED")),
    _fault("accept-encoding-500", "RFC 9110 12.4.2", "A quality that is no number is 500.", "http.malformed-fields", "",
          at(Application.find_route, _unread_quality)),
    _answer("invalid-500", "R20", "An invalid request is 500.", "shape.no-server-errors", "",
            status(400, 500, code="VALIDATION_FAILED")),
    _answer("missing-item-200", "openapi", "An unknown item is 200 with the problem as body.",
            "items.not-found shape.answers", _ITEM, status(404, 200, code="CONTENT_NOT_FOUND")),
    _answer("missing-item-410", "R21", "An unknown item is 410.", "items.not-found shape.answers", _ITEM,
            status(404, 410, code="CONTENT_NOT_FOUND")),
    _answer("missing-item-400", "R20", "An unknown item is 400.", "items.not-found", "",
            status(404, 400, code="CONTENT_NOT_FOUND")),
    _answer("unauthorized-403", "RFC 9110 15.5.2", "A missing token is 403.", "tokens.required-everywhere", "",
            status(401, 403, code="TOKEN_MISSING")),
    _answer("forbidden-401", "R23", "A missing permission is 401.", "permissions.matrix", "",
            status(403, 401, code="FORBIDDEN")),
    _answer("redirects", "R37", "A list answers 302 to itself.", "shape.answers", _LIST, status(200, 302)),
    _answer("not-modified-200", "RFC 9110 13.1.2", "A matching If-None-Match is 200 without a body.",
            "http.not-modified", _ITEM, status(304, 200)),
    _fault("wrong-method-404", "RFC 9110 15.5.6", "A method that a path does not have is 404.", "shape.options http.method-not-allowed", "",
          at(Application.refused, _another_status(404, "METHOD_NOT_ALLOWED"))),
    _fault("wrong-method-501", "RFC 9110 15.5.6", "A method that a path does not have is 501.", "shape.options http.method-not-allowed", "",
          at(Application.refused, _another_status(501, "METHOD_NOT_ALLOWED"))),
    _fault("head-refused", "RFC 9110 9.3.2", "HEAD is 405.", "http.head", "", at(Application.find_operation, _without_head)),
    _fault("options-refused", "R37", "OPTIONS is 405.", "shape.options http.options", "", at(Application.options, _not_allowed)),
    _fault("allow-incomplete", "RFC 9110 10.2.1", "Allow leaves HEAD out.", "shape.options", "", at(Application.allow, result(lambda allow: allow.replace(b"HEAD, ", b"")))),
    _answer("gzip-claimed", "RFC 9110 8.4", "A list says that it is gzip, and is not.", "http.content-coding", _LIST,
            added_header(b"content-encoding", b"gzip", statuses=(200,))),
    _fault("accept-ranges-refused", "RFC 9110 12.5.1", "An Accept of several media ranges, or with a wildcard, is 406.",
          "http.accept-ignored-or-honoured", "", at(Application.admit, _accept_refused)),
    _fault("odd-path-400", "openapi", "A path outside the document with an escape in it is 400.", "fuzz.paths", "",
          at(Application.refused, _another_status(400, "ROUTE_NOT_FOUND", path=b"%"))),
    _fault("request-id-own", "openapi", "A problem has an id of its own, whatever the caller named the request.",
          "http.request-id", "", at(Application.request_id, lambda step, request: step.part(Application).own_id())),
    _fault("request-id-unchecked", "openapi", "A problem repeats any X-Request-Id, however long and whatever is in it.",
          "http.request-id", "", at(Application.request_id, _any_name)),
    _fault("cors-any-origin", "R9", "Whichever origin asks is let in with credentials.", "http.foreign-origin", "", at(Cors.is_listed, returns(True))),
    _fault("cors-wildcard", "R9", "A listed origin is told `*`, which no browser takes with credentials.", "http.own-origin", "",
          at(Cors.fields, _cors("access-control-allow-origin", b"*"))),
    _fault("cors-without-credentials", "R9", "A listed origin is let in without credentials.", "http.own-origin", "",
          at(Cors.fields, _cors("access-control-allow-credentials", None))),
    _fault("cors-errors-bare", "R9", "Refusals let no origin in, so that pages cannot read them.", "http.own-origin", "",
          at(Cors.fields, _only_vary_on_errors)),
    _fault("cors-without-vary", "R9", "What is answered to one origin may be kept for another: no Vary.", "http.own-origin", "",
          at(Cors.fields, _cors("vary", None))),
    _fault("cors-put-refused", "R9", "Preflights allow no PUT.", "http.own-origin", "", at(Cors.fields, _cors("access-control-allow-methods", b"GET, HEAD, POST"))),
    _fault("cors-token-refused", "R9", "Preflights do not allow the field Authorization.", "http.own-origin", "",
          at(Cors.fields, _cors("access-control-allow-headers", b"Content-Type, If-Match, If-None-Match, Idempotency-Key"))),
    _fault("cors-nothing-exposed", "R9", "Pages may not read ETag, Location and Retry-After.", "http.exposed-headers", "",
          at(Cors.fields, _cors("access-control-expose-headers", None))),
    _fault("cors-conditions-refused", "R9", "Preflights do not allow If-Match and Idempotency-Key.", "http.exposed-headers", "",
          at(Cors.fields, _cors("access-control-allow-headers", b"Authorization, Content-Type"))),
    _fault("slash-ignored", "R37", "A trailing slash is the same path.", "http.unknown-routes", "",
          at(Application.find_route, _without_slash)),
    _fault("bulk-is-an-id", "R26", "GET /content/items/bulk looks for an item of that id.", "http.bulk-is-no-id", "",
          at(Application.find_operation, _bulk_as_id)),
    _fault("hidden-path", "OWASP API9", "/debug/accounts answers, though no document has it.", "http.no-hidden-paths",
          "", at(Application.answer, _hidden)),
)  # fmt: skip


def _without_version_when_gone(step: WrappedStep, context: RequestContext) -> tuple[ContentItem, WrittenItem]:
    before, written = step(context)
    hide = "UPDATE versions SET item = -seq WHERE item = ? AND version = ?"
    when_gone(step, hide, context.found[0], written.item.version)
    return before, written


def _applied(code: str) -> Any:
    """A wrapper that applies an update which is refused with this code, to the present version."""

    def by(step: WrappedStep, context: RequestContext) -> Any:
        try:
            return step(context)
        except Problem as problem:
            if problem.code == code:
                with step.part(Database).write():
                    key, before = step.part(ContentWriteHandlers).reread(context)
                    step.part(ContentService).update(
                        context.workspace, context.actor, key, before, before.version, context.body
                    )
                step.touch()
            raise

    return by


def _refused_later(step: WrappedStep, context: RequestContext) -> None:
    step.memory["refused"] = None
    try:
        step(context)
    except Problem as problem:
        step.memory["refused"] = problem


def _refused_now(step: WrappedStep, context: RequestContext) -> HttpResponse:
    response: HttpResponse = step(context)
    refused: Problem | None = step.memory.pop("refused", None)
    if refused is not None:
        raise refused
    return response


def _left_behind(step: WrappedStep, context: RequestContext) -> Any:
    try:
        return step(context)
    except Problem:
        if context.operation.id == _CREATE:
            context.body = {"title": "left behind"}
            step.part(Application).perform(context)
            step.touch()
        raise


CONDITIONS = (
    _fault("if-match-ignored", "RFC 9110 13.1.1", "If-Match is ignored.", "http.if-match", _UPDATE,
          at(ContentWriteHandlers.is_match, returns(True))),
    _fault("if-match-weak", "RFC 9110 13.1.1", "If-Match compares weakly.", "http.if-match", _UPDATE,
          at(ContentWriteHandlers.is_match, lambda step, condition, version: matches(condition, version, weak=True))),
    _fault("if-none-match-ignored", "RFC 9110 13.1.2", "If-None-Match is ignored.", "http.not-modified", _ITEM,
          at(ContentReadHandlers.is_not_modified, returns(False))),
    _fault("etag-fixed", "RFC 9110 8.8.3", "Every version has the same ETag, so that a cache never learns.",
          "http.etag http.not-modified-follows", _ITEM, at(ContentReadHandlers.version_tagged, returns(1))),
    _fault("gone-client-without-version", "openapi", "An update whose client has gone before the answer is not in the versions.",
          "stateful.lost-answers", _UPDATE, at(ContentWriteHandlers.updated, _without_version_when_gone)),
    _fault("conflict-applies", "EvoMaster F114", "An update that is refused as a conflict is applied.",
          "items.failed-write-inert", _UPDATE, at(ContentWriteHandlers.updated, _applied("VERSION_CONFLICT"))),
    _fault("precondition-applies", "EvoMaster F114", "An update that is refused by If-Match is applied.",
          "http.if-match", _UPDATE, at(ContentWriteHandlers.updated, _applied("PRECONDITION_FAILED"))),
    _fault("forbidden-applies", "R23", "What a caller may not do is refused and done.", "permissions.refused-inert", "",
          at(Application.authorize, _refused_later), at(Application.perform, _refused_now)),
    _fault("invalid-create-applies", "RESTler LeakageRule", "An invalid create leaves an item behind.",
          "items.failed-write-inert", _CREATE, at(Application.body, _left_behind)),
)  # fmt: skip

HTTP = STATUSES + VALIDATION + CONDITIONS + KEYS
