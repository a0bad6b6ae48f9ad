"""The application for another document, which translates its names, statuses and forms to our contract and back.

Operations that only the other document has are answered from its examples (`example_application`). A request that it refuses and our
contract would accept is refused at the same place in the order of judgement.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

from contracts.dialect.serving import ServingDialect
from contracts.schema import compile_schema, readings
from contracts.spec import Operation, Parameter, Spec
from mock_server.application import Application
from mock_server.http.example_application import ExampleApplication
from mock_server.message import HttpResponse, ReceivedRequest

BROKEN = b"{"
"""A body that is not JSON, which our application refuses at its place in the order of judgement."""
NOWHERE = b"/-"
UNFILTERED = {"platforms": "web,ios,android"}
"""Parameters of ours that leave something out by default, with the value that leaves out nothing."""


class AnsweringApplication(Protocol):
    """The interface of an application that the adapters use."""

    largest_body: int

    def handle(self, request: ReceivedRequest) -> HttpResponse: ...


class TranslatedApplication:
    """The translation around our application (`inner`); `outside` answers the operations that only the other document has."""

    def __init__(self, inner: Application, outside: ExampleApplication, serving: ServingDialect) -> None:
        self._inner = inner
        self._outside = outside
        self._serving = serving
        self._theirs = serving.dialect.theirs
        self.largest_body = inner.largest_body

    def handle(self, request: ReceivedRequest) -> HttpResponse:
        for prefix in sorted(self._theirs.prefixes, key=len, reverse=True):
            start = f"{prefix}/".encode()
            if request.path.startswith(start):
                path = request.path[len(prefix) :]
                return self._handle(request, prefix, path)
        return self._inner.handle(_changed(request, path=NOWHERE))

    def _handle(self, request: ReceivedRequest, prefix: str, path: bytes) -> HttpResponse:
        operation, values, methods = self._theirs.match(request.method, path.decode("latin-1"))
        mount = prefix if prefix in self._serving.dialect.ours.prefixes else ""
        for role, endpoint in self._theirs.oauth.items():
            # RFCs define the names at these endpoints, so nothing is translated.
            if endpoint.path.encode() == path and role in self._serving.dialect.ours.oauth:
                ours = self._serving.dialect.ours.oauth[role].path
                return self._inner.handle(_changed(request, path=f"{mount}{ours}".encode()))
        if not methods:
            return self._inner.handle(_changed(request, path=NOWHERE))
        if operation is None:
            return self._outside.handle(request)
        if operation.id not in self._serving.dialect.ours.operations:
            return self._response(self._outside.handle(request), operation, prefix, mount)
        inside = _changed(request, path=mount.encode() + self._path(operation, values))
        response = self._inner.handle(self._request(inside, operation))
        return self._response(response, operation, prefix, mount)

    def _path(self, operation: Operation, values: Mapping[str, str]) -> bytes:
        """Our path of an operation that the other document may have elsewhere; the parameters of both stand in the same order."""
        path = self._serving.dialect.ours[operation.id].path
        for value in values.values():
            before, _, after = path.partition("{")
            path = f"{before}{value}{after.partition('}')[2]}"
        return path.encode("latin-1")

    def _request(self, request: ReceivedRequest, operation: Operation) -> ReceivedRequest:
        dropped = {name.encode() for name in self._serving.dialect.unknown_headers(operation.id)}
        headers = {name: value for name, value in request.headers.items() if name not in dropped}
        query, body = request.query, request.body
        ours = self._serving.dialect.ours
        known = _guarded(_joined(query, operation), operation, self._serving.dialect.parameters)
        inside = self._serving.dialect.queries.canonical(known.decode("latin-1")).encode("latin-1")
        inside = self._unfiltered(operation, inside)
        if not _is_allowed(self._theirs, operation, query) and _is_allowed(ours, ours[operation.id], inside):
            inside = _refused_query(ours[operation.id], inside)
        if body and operation.body:
            body = self._body(operation, body)
        return _changed(request, query=inside, body=body, headers=headers)

    def _unfiltered(self, operation: Operation, query: bytes) -> bytes:
        """The query with what makes a filter of ours leave nothing out, where the other document has no such filter."""
        mine = {parameter.name for parameter in self._serving.dialect.ours[operation.id].parameters}
        names = {self._serving.dialect.parameters.get(one.name, one.name) for one in operation.parameters}
        unsaid = [
            f"{name}={everything}"
            for name, everything in UNFILTERED.items()
            if name in mine and name not in names
        ]
        return b"&".join(filter(None, (query, "&".join(unsaid).encode())))

    def _body(self, operation: Operation, body: bytes) -> bytes:
        """The translated body; BROKEN if the other document refuses it and ours would accept it."""
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return body
        inside = self._serving.body(operation, value)
        if not self._serving.accepts(operation, value) and self._serving.accepts_inside(operation, inside):
            return BROKEN
        return body if inside == value else json.dumps(inside).encode()

    def _response(
        self, response: HttpResponse, operation: Operation, prefix: str, mount: str
    ) -> HttpResponse:
        dropped = {
            name.encode() for name in self._serving.dropped_response_headers(operation, response.status)
        }
        headers = [(name, value) for name, value in response.headers if name not in dropped]
        headers = [
            (name, self._located(value.decode("latin-1").removeprefix(mount), prefix))
            if name == b"location" and value.startswith(b"/") else (name, value)
            for name, value in headers
        ]  # fmt: skip
        body = response.body
        if body:
            value = json.loads(body)
            page = self._serving.page_headers(operation, value) if response.status < 400 else {}
            headers += [(name.encode(), text.encode()) for name, text in page.items()]
            media, value = self._serving.answer(operation, response.status, value)
            body = json.dumps(value, ensure_ascii=False).encode()
            headers = [(name, media.encode() if name == b"content-type" else text) for name, text in headers]
        status = self._serving.status(operation, response.status)
        self._inner.journal.correct(operation.id, status)
        return HttpResponse(status, headers, body)

    def _located(self, path: str, prefix: str) -> bytes:
        return f"{prefix}{self._theirs.spelled(path)}".encode("latin-1")


def _is_allowed(spec: Spec, operation: Operation, query: bytes) -> bool:
    """Whether the document allows the values of all its parameters in a query."""
    sent = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    known = {p.name: p for p in operation.parameters if p.location == "query"}
    return all(_is_valid(spec, known[name], text) for name, text in sent if name in known)


def _is_valid(spec: Spec, parameter: Parameter, text: str) -> bool:
    validator = compile_schema(spec, parameter.schema)
    return any(validator.is_valid(one) for one in (*readings(text), text.split(",")))


def _guarded(query: bytes, operation: Operation, names: Mapping[str, str]) -> bytes:
    """The query in which our name of a parameter that this operation calls otherwise is unknown, as it is to the other document."""
    own = {parameter.name for parameter in operation.parameters}
    foreign = {ours for meant in names.values() for ours in meant.strip("-").split(",")} - own
    return b"&".join(
        b"unknown-" + part if unquote(part.partition(b"=")[0].decode("latin-1")) in foreign else part
        for part in query.split(b"&")
    )


def _joined(query: bytes, operation: Operation) -> bytes:
    """The query with the elements of a repeated list joined by commas, as our document writes lists."""
    lists = {
        p.name.encode()
        for p in operation.parameters
        if p.location == "query" and p.explode and "array" in p.types
    }
    found: dict[bytes, bytes] = {}
    parts: list[bytes] = []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        if name in lists:
            found[name] = b",".join([*found.get(name, b"").split(b","), value]) if name in found else value
        else:
            parts.append(part)
    return b"&".join([*parts, *(name + b"=" + value for name, value in found.items())])


def _refused_query(operation: Operation, query: bytes) -> bytes:
    """The query with a known name twice, which our application refuses."""
    names = [p.name for p in operation.parameters if p.location == "query"]
    return query + f"&{names[0]}=&{names[0]}=".encode() if names else query


def _changed(request: ReceivedRequest, **changes: Any) -> ReceivedRequest:
    parts = {name: getattr(request, name) for name in ReceivedRequest.__slots__}
    return ReceivedRequest(**{**parts, **changes})
