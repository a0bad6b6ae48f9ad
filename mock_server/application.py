"""The application, a function from (method, path, query, headers, body) to a response.

A request is judged in this order: 404 of the route, 405, 401, 429, 403, 404 of the item or category, 413, 415, 400, then the handler.
"""

import re
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from contracts.spec import Operation, Spec
from mock_server.auth.authentication import Authenticator, require
from mock_server.auth.rate_limiter import RateLimiter
from mock_server.control.journal import Journal
from mock_server.http.answer_check import AnswerCheck
from mock_server.http.cors import Cors
from mock_server.http.forms import validator
from mock_server.http.gzip_coding import Gzip
from mock_server.message import HttpResponse, ReceivedRequest
from mock_server.problem import Problem
from mock_server.request_context import RequestContext
from mock_server.router import Route, Router

Handler = Callable[[RequestContext], HttpResponse]
Locator = Callable[[RequestContext], Any]

NO_STORE = (b"cache-control", b"no-store")
_NAME = re.compile(rb"[A-Za-z0-9_-]{1,64}")
_CAPITAL = re.compile(r"([A-Z])")
_NOT_FOUND = {"id": "CONTENT_NOT_FOUND", "category": "CATEGORY_NOT_FOUND"}
_NOUN = {"id": "item", "category": "category"}


def handlers_of(spec: Spec, *groups: object) -> dict[str, Handler]:
    """operationId -> the method of a group that is called like the operation, in snake case: `getContentItem`, `get_content_item`."""
    names = {operation.id: _CAPITAL.sub(r"_\1", operation.id).lower() for operation in spec.endpoints}
    return {
        id: getattr(group, name) for id, name in names.items() for group in groups if hasattr(group, name)
    }


class Application:
    """The reference server as a function of a request.

    `locators` find the object that a path parameter names; `handlers` has an entry for each operation of the document. `before` is called
    before each request, so that the store notices commits of other processes.
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
    ) -> None:
        missing = {operation.id for operation in spec.endpoints} ^ set(handlers)
        if missing:
            raise LookupError(f"operations and handlers differ: {', '.join(sorted(missing))}")
        self.spec = spec
        self.router = Router(spec)
        self._handlers = handlers
        self._locators = locators
        self._validators = {operation.id: validator(spec, operation) for operation in spec.endpoints}
        self._authenticator = authenticator
        self._limiter = limiter
        self._cors = cors or Cors(())
        self._gzip = gzip
        self._answer_check = AnswerCheck(spec) if check_answers else None
        self._before = before
        self.answered = 0
        """The number of requests so far, including the present one."""
        self.journal = journal
        self.largest_body = max(validator.limit for validator in self._validators.values())

    def handle(self, request: ReceivedRequest) -> HttpResponse:
        """The response to a request. It never raises: an error of the server is a 500 and a traceback on stderr."""
        self.answered += 1
        self._before()
        operation, response = self.checked(request)
        self._cors.apply(request, response)
        return self.sent(request, operation.id if operation else "", response)

    def checked(self, request: ReceivedRequest) -> tuple[Operation | None, HttpResponse]:
        """The response, or a 500 if it breaks the document."""
        operation, response = self.answer(request)
        if self._answer_check is not None and operation is not None:
            wrong = self._answer_check.first_violation(operation, request, response)
            if wrong:
                print(f"answer breaks the spec: {wrong}", file=sys.stderr, flush=True)
                response = Problem("INTERNAL", wrong).response(self.request_id(request))
        return operation, response

    def sent(self, request: ReceivedRequest, operation: str, response: HttpResponse) -> HttpResponse:
        """The response as it is sent: recorded in the journal and perhaps compressed."""
        self.journal.note(operation, response.status)
        if self._gzip is not None:
            self._gzip.apply(request, response)
        return response

    def answer(self, request: ReceivedRequest) -> tuple[Operation | None, HttpResponse]:
        operation = None
        try:
            route, path = self.find_route(request)
            if request.method == "OPTIONS":
                return None, self.options(request, route)
            operation, path = self.find_operation(request, route, path)
            prefix = "/api" if request.path.startswith(b"/api/") else ""
            context = RequestContext(request, operation, prefix, path)
            response = self.admit(context)
            response.headers += context.fields
        except Problem as problem:
            response = self.refused(request, problem)
        except Exception:  # any bug of the server
            traceback.print_exc(file=sys.stderr)
            response = Problem("INTERNAL", self.failure_detail()).response(self.request_id(request))
        if operation is not None and operation.tag == "Auth":
            response.headers.append(NO_STORE)
        return operation, response

    # Routing

    def find_route(self, request: ReceivedRequest) -> tuple[Route, dict[str, str]]:
        """The route of the path, and its path parameters. Raises Problem(404)."""
        route, path = self.router.find(request.path)
        if route is None:
            raise Problem("ROUTE_NOT_FOUND", "There is nothing at this path.")
        return route, path

    def options(self, request: ReceivedRequest, route: Route) -> HttpResponse:
        return HttpResponse(204, [(b"allow", self.allow(route))], b"")

    def find_operation(
        self, request: ReceivedRequest, route: Route, path: dict[str, str]
    ) -> tuple[Operation, dict[str, str]]:
        """The operation of a request; HEAD has that of GET. Raises Problem(405)."""
        operation = route.methods.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            raise self.method_not_allowed(request, route)
        return operation, path

    def method_not_allowed(self, request: ReceivedRequest, route: Route) -> Problem:
        return Problem(
            "METHOD_NOT_ALLOWED",
            f"This resource does not have the method {request.method[:20]}.",
            headers=[(b"allow", self.allow(route))],
        )

    def allow(self, route: Route) -> bytes:
        return route.allow

    # The order of judgement

    def admit(self, context: RequestContext) -> HttpResponse:
        if context.operation.security and self._authenticator is not None:
            self.authenticate(context)
            self.authorize(context)
        self.locate(context)
        context.body = self.body(context)
        validator = self._validators[context.operation.id]
        context.query = validator.query(context.request.query)
        context.headers = validator.headers(context.request.headers)
        return self.perform(context)

    def authenticate(self, context: RequestContext) -> None:
        """Verify the token and take from the rate limit. Raises Problem(401) or Problem(429)."""
        assert self._authenticator is not None
        kind = "refresh" if context.operation.security[0] == "refreshToken" else "access"
        context.claims = self._authenticator.claims(context.request.headers.get(b"authorization"), kind)
        if self._limiter is not None:
            context.fields = self._limiter.take(context.claims)

    def authorize(self, context: RequestContext) -> None:
        assert context.claims is not None
        require(context.operation.permission, context.claims)

    def locate(self, context: RequestContext) -> None:
        """Find the item or category that the path names. Raises Problem(404), for malformed ids, too."""
        for name in context.path:
            context.found = self._locators[name](context)
            if context.found is None:
                raise Problem(
                    _NOT_FOUND.get(name, "ROUTE_NOT_FOUND"),
                    f"There is no {_NOUN.get(name, name)} with the id {context.path[name][:64]}.",
                )

    def body(self, context: RequestContext) -> Any:
        return self._validators[context.operation.id].body(context.request)

    def perform(self, context: RequestContext) -> HttpResponse:
        return self._handlers[context.operation.id](context)

    # Errors

    def refused(self, request: ReceivedRequest, problem: Problem) -> HttpResponse:
        return problem.response(self.request_id(request))

    def failure_detail(self) -> str:
        """The detail of a 500. It has no traceback and no reason, which are on stderr."""
        return "The server failed."

    def request_id(self, request: ReceivedRequest) -> str:
        """The caller's X-Request-Id if it has a valid form, else one of the server's."""
        named = request.headers.get(b"x-request-id", b"")
        return named.decode("latin-1") if _NAME.fullmatch(named) else self.own_id()

    def own_id(self) -> str:
        return f"r-{self.answered:016d}"
