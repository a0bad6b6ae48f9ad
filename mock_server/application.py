"""The application: a function of (method, path, query, headers, body), and the order in which it judges.

404 route, 405, 401, 429, 403, 404 of what the path names, 413, 415, 400, then the handler.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from contracts.spec import Operation, Spec
from mock_server.auth.authentication import Authenticator, require
from mock_server.auth.rate_limiter import RateLimiter
from mock_server.control.journal import Journal
from mock_server.faults.active_faults import ActiveFaults
from mock_server.http.answer_check import SelfCheck
from mock_server.http.cors import Cors
from mock_server.http.gzip_coding import Gzip
from mock_server.http.validation import RequestValidator
from mock_server.message import HttpRequest, HttpResponse, json_response
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.router import Route, Router
from mock_server.rules import Ruling

Handler = Callable[[RequestContext], HttpResponse]
Locator = Callable[[RequestContext], Any]

NO_STORE = (b"cache-control", b"no-store")
PLAIN_ACCEPT = (b"*/*", b"application/json")
_NAME = re.compile(rb"[A-Za-z0-9_-]{1,64}")
_NOT_FOUND = {"id": "CONTENT_NOT_FOUND", "category": "CATEGORY_NOT_FOUND"}
_NOUN = {"id": "item", "category": "category"}


class Application:
    """`locators` finds what a path parameter names; `handlers` has one entry for each operation of the spec.

    `before` is called before each request: there the store looks what other processes have done.
    """

    def __init__(
        self,
        spec: Spec,
        *,
        handlers: Mapping[str, Handler],
        locators: Mapping[str, Locator],
        journal: Journal,
        before: Callable[[], None] = lambda: None,
        authenticator: Authenticator | None = None,
        limiter: RateLimiter | None = None,
        cors: Cors | None = None,
        gzip: Gzip | None = None,
        check_answers: bool = False,
        faults: ActiveFaults | None = None,
    ) -> None:
        missing = set(spec.operations) ^ set(handlers)
        if missing:
            raise LookupError(f"operations and handlers differ: {', '.join(sorted(missing))}")
        self.spec = spec
        self._router = Router(spec)
        self._handlers = handlers
        self._locators = locators
        self.faults = faults or ActiveFaults(Ruling(), seed=0)
        self._ruling = self.faults.ruling
        self._validators = {o.id: RequestValidator(spec, o, self._ruling) for o in spec}
        self._authenticator = authenticator
        self._limiter = limiter
        self._cors = cors or Cors((), self._ruling)
        self._gzip = gzip
        self._self_check = SelfCheck(spec) if check_answers else None
        self._before = before
        self._answered = 0
        self.journal = journal
        self.largest_body = max(validator.limit for validator in self._validators.values())

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer a request. Never raises: what goes wrong in here is a 500 and a traceback on stderr."""
        self._answered += 1
        self._before()
        if self.faults.on:
            return self._handle_with_faults(request)
        operation, response = self._answer(request)
        if self._self_check is not None and operation is not None:
            wrong = self._self_check.fault(operation, request, response)
            if wrong:
                print(f"answer breaks the spec: {wrong}", file=sys.stderr, flush=True)
                response = Problem("INTERNAL", wrong).response(self._request_id(request))
        self.journal.note(operation.id if operation else "", response.status)
        self._cors.apply(request, response)
        return self._coded(request, response)

    def rehearse(self, request: HttpRequest) -> HttpResponse:
        """The answer, without a line in the journal: for a fault that tells of a write before it is done."""
        return self._answer(request)[1]

    def _handle_with_faults(self, request: HttpRequest) -> HttpResponse:
        """As above, but the faults have a word before and after, and no self-check hides what they did."""
        route, _ = self._router.find(request.path)
        method = "GET" if request.method == "HEAD" else request.method
        meant = route.methods.get(method) if route is not None else None
        name = meant.id if meant is not None else ""
        interruption = self.faults.begin(self._answered, name)
        if interruption is not None:
            response = interruption.response(self._request_id(request))
        else:
            _, response = self._answer(request)
        self._cors.apply(request, response)
        response = self.faults.finish(request.method, response, self._request_id(request))
        self.journal.note(name, response.status, " ".join(self.faults.touched))
        return self._coded(request, response)

    def _coded(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if self._gzip is not None:
            self._gzip.apply(request, response)
        return response

    def _answer(self, request: HttpRequest) -> tuple[Operation | None, HttpResponse]:
        operation, rules = None, self._ruling.rules
        try:
            route, path = self._router.find(request.path)
            if route is None and rules.slash_ignored:
                route, path = self._router.find(request.path.rstrip(b"/"))
            if route is None:
                if rules.hidden_path and request.path == b"/debug/accounts":
                    return None, json_response(200, {"accounts": ["demo@tchat.com"]})
                raise Problem("ROUTE_NOT_FOUND", "There is nothing at this path.")
            if request.method == "OPTIONS" and rules.options_served:
                return None, HttpResponse(204, [(b"allow", self._allow(route))], b"")
            as_get = request.method == "HEAD" and rules.head_served
            operation = route.methods.get("GET" if as_get else request.method)
            if operation is None and rules.bulk_is_an_id and route.path == "/content/items/bulk":
                other, path = self._router.find(request.path.replace(b"/bulk", b"/bulk_"))
                operation = other.methods.get(request.method) if other is not None else None
            if operation is None:
                raise Problem(
                    "METHOD_NOT_ALLOWED",
                    f"This resource does not have the method {request.method[:20]}.",
                    headers=[(b"allow", self._allow(route))],
                )
            prefix = "/api" if request.path.startswith(b"/api/") else ""
            context = RequestContext(request, operation, prefix, path)
            if request.headers.get(b"accept", b"*/*") not in PLAIN_ACCEPT and not rules.accept_understood:
                return operation, HttpResponse(406, [], b"")
            response = self._admit(context)
        except Problem as problem:
            response = problem.response(self._request_id(request))
            if problem.code == "METHOD_NOT_ALLOWED":
                response.status = rules.wrong_method_status
            elif problem.code == "ROUTE_NOT_FOUND" and b"%" in request.path:
                response.status = rules.odd_path_status
        except Exception:  # the fault is ours, whatever it is
            traceback.print_exc(file=sys.stderr)
            told = traceback.format_exc() if rules.quote_fails else "The server failed."
            response = Problem("INTERNAL", told).response(self._request_id(request))
        if operation is not None and operation.tag == "Auth":
            response.headers.append(NO_STORE)
        return operation, response

    def _allow(self, route: Route) -> bytes:
        without = self._ruling.rules.allow_without.encode()
        if not without:
            return route.allow
        return b", ".join(method for method in route.allow.split(b", ") if method != without)

    def _admit(self, context: RequestContext) -> HttpResponse:
        operation, request, rules = context.operation, context.request, self._ruling.rules
        validator = self._validators[operation.id]
        refused: Problem | None = None
        if rules.body_before_token:
            validator.body(request)
        if operation.security and self._authenticator is not None:
            kind = "refresh" if operation.security[0] == "refreshToken" else "access"
            context.claims = self._authenticator.claims(request.headers.get(b"authorization"), kind)
            if self._limiter is not None:
                self._limiter.take(context.claims.sub)
            try:
                if rules.permission_checked:
                    require(operation.permission, context.claims)
            except Problem as problem:
                if not rules.forbidden_applies:
                    raise
                refused = problem
        if rules.body_before_item:
            validator.body(request)
        for name in context.path:
            # What has no form of an id is nobody's.
            context.found = self._locators[name](context)
            if context.found is None:
                raise Problem(
                    _NOT_FOUND.get(name, "ROUTE_NOT_FOUND"),
                    f"There is no {_NOUN.get(name, name)} with the id {context.path[name][:64]}.",
                )
        context.body = self._body(context, validator)
        context.query = validator.query(request.query)
        context.headers = validator.headers(request.headers)
        response = self._handlers[operation.id](context)
        if refused is not None:
            raise refused
        return response

    def _body(self, context: RequestContext, validator: RequestValidator) -> Any:
        try:
            return validator.body(context.request)
        except Problem:
            if context.operation.id == "createContentItem" and self._ruling.rules.invalid_create_applies:
                context.body = {"title": "left behind"}
                self._handlers["createContentItem"](context)
            raise

    def _request_id(self, request: HttpRequest) -> str:
        """The caller's own name for the request, where it is fit to be repeated."""
        named, rules = request.headers.get(b"x-request-id", b""), self._ruling.rules
        if named and (_NAME.fullmatch(named) or not rules.request_id_checked) and rules.request_id_repeated:
            return named.decode("latin-1")
        return f"r-{self._answered:016d}"
