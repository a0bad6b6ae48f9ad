"""The application: a function of (method, path, query, headers, body), and the order in which it judges.

404 route, 405, 401, 429, 403, 404 of what the path names, 413, 415, 400, then the handler.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from contracts.schema import violations
from contracts.spec import Operation, Spec
from mock_server.authentication import Authenticator, require
from mock_server.clock import Clock
from mock_server.cors import Cors
from mock_server.exchange import Exchange
from mock_server.journal import Journal
from mock_server.limits import RateLimiter
from mock_server.message import Request, Response
from mock_server.problem import Problem
from mock_server.router import Router
from mock_server.validation import RequestValidator

Handler = Callable[[Exchange], Response]
Locator = Callable[[Exchange], Any]

NO_STORE = (b"cache-control", b"no-store")
_NOT_FOUND = {"id": "CONTENT_NOT_FOUND", "category": "CATEGORY_NOT_FOUND"}
_NOUN = {"id": "item", "category": "category"}


class AnswerBreaksSpec(AssertionError):
    """The server's own answer is not what openapi.yaml promises: our fault, never the caller's."""


class Application:
    """`locators` finds what a path parameter names; `handlers` has one entry for each operation of the spec."""

    def __init__(
        self,
        spec: Spec,
        *,
        handlers: Mapping[str, Handler],
        locators: Mapping[str, Locator],
        clock: Clock,
        journal: Journal,
        authenticator: Authenticator | None = None,
        limiter: RateLimiter | None = None,
        cors: Cors | None = None,
        check_answers: bool = False,
    ) -> None:
        missing = set(spec.operations) ^ set(handlers)
        if missing:
            raise LookupError(f"operations and handlers differ: {', '.join(sorted(missing))}")
        self.spec = spec
        self._router = Router(spec)
        self._handlers = handlers
        self._locators = locators
        self._validators = {operation.id: RequestValidator(spec, operation) for operation in spec}
        self._clock = clock
        self._authenticator = authenticator
        self._limiter = limiter
        self._cors = cors or Cors(())
        self._check_answers = check_answers
        self._answered = 0
        self.journal = journal
        self.largest_body = max(validator.limit for validator in self._validators.values())

    def handle(self, request: Request) -> Response:
        """Answer a request. Never raises: what goes wrong in here is a 500 and a traceback on stderr."""
        self._answered += 1
        operation, response = self._answer(request)
        if self._check_answers and operation is not None:
            response = self._checked(operation, request, response)
        self.journal.note(operation.id if operation else "", response.status, self._clock.now())
        self._cors.apply(request, response)
        return response

    def _answer(self, request: Request) -> tuple[Operation | None, Response]:
        operation = None
        try:
            route, path = self._router.find(request.path)
            if route is None:
                raise Problem("ROUTE_NOT_FOUND", "There is nothing at this path.")
            if request.method == "OPTIONS":
                return None, Response(204, [(b"allow", route.allow)], b"")
            operation = route.methods.get("GET" if request.method == "HEAD" else request.method)
            if operation is None:
                raise Problem(
                    "METHOD_NOT_ALLOWED",
                    f"This resource does not have the method {request.method[:20]}.",
                    headers=[(b"allow", route.allow)],
                )
            prefix = "/api" if request.path.startswith(b"/api/") else ""
            exchange = Exchange(request=request, operation=operation, prefix=prefix, path=path)
            response = self._admit(exchange)
        except Problem as problem:
            response = problem.response(self._request_id())
        except Exception:  # the fault is ours, whatever it is
            traceback.print_exc(file=sys.stderr)
            response = Problem("INTERNAL", "The server failed.").response(self._request_id())
        if operation is not None and operation.tag == "Auth":
            response.headers.append(NO_STORE)
        return operation, response

    def _admit(self, exchange: Exchange) -> Response:
        operation, request = exchange.operation, exchange.request
        if operation.security and self._authenticator is not None:
            kind = "refresh" if operation.security[0] == "refreshToken" else "access"
            exchange.claims = self._authenticator.claims(request.headers.get(b"authorization"), kind)
            if self._limiter is not None:
                self._limiter.take(exchange.claims.sub)
            require(operation.permission, exchange.claims)
        validator = self._validators[operation.id]
        for name in exchange.path:
            if validator.path_is_valid(exchange.path):
                exchange.found = self._locators[name](exchange)
            if exchange.found is None:
                raise Problem(
                    _NOT_FOUND.get(name, "ROUTE_NOT_FOUND"),
                    f"There is no {_NOUN.get(name, name)} with the id {exchange.path[name][:64]}.",
                )
        exchange.body = validator.body(request)
        exchange.query = validator.query(request.query)
        exchange.headers = validator.headers(request.headers)
        return self._handlers[operation.id](exchange)

    def _checked(self, operation: Operation, request: Request, response: Response) -> Response:
        headers = {name.decode(): value.decode("latin-1") for name, value in response.headers}
        found = violations(self.spec, operation, response.status, headers, response.body)
        if not found:
            return response
        told = f"{operation.label} answered {response.status}, but {found[0]}"
        print(f"answer breaks the spec: {told}", file=sys.stderr, flush=True)
        return Problem("INTERNAL", told).response(self._request_id())

    def _request_id(self) -> str:
        return f"r-{self._answered:016d}"
