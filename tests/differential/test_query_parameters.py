"""No query parameter of the document is accepted and ignored: by the server, by the model, or by the random programs.

For each parameter two requests are sought that differ in nothing else and have different answers. The values come from its schema
and from the answers themselves, so a new parameter needs nothing here. What the server then answers to the one, the model must not
accept as the answer to the other.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import pytest

from contracts.model import Request, Response
from contracts.model.model import RULES
from contracts.spec.operation import Parameter
from tests.differential.harness.content_harness import ENDLESS, ContentHarness, world
from tests.differential.harness.http_client import send, serve, spec, write
from tests.differential.programs import drawn_values
from tests.differential.programs.content_programs import draw
from tests.differential.programs.steps import Ask

PARAMETERS = [
    (operation.id, parameter.name)
    for operation in spec().operations.values()
    for parameter in operation.parameters
    if parameter.location == "query"
]
BROKEN_BY = {
    ("getContentItems", "page"): "page-from-zero",
    ("getContentItems", "limit"): "limit-ignored",
    ("getContentItems", "category"): "list-category-ignored",
    ("getContentItems", "status"): "list-status-ignored",
    ("getContentItems", "sortBy"): "sort-key-ignored",
    ("getContentItems", "sortOrder"): "sort-order-ignored",
    ("getContentItems", "search"): "search-ignored",
    ("getContentItem", "version"): "version-asked-ignored",
    ("getContentVersions", "limit"): "versions-limit-ignored",
    ("getContentCategories", "includeEmpty"): "tree-hides-empty",
    ("getContentByCategory", "page"): "page-from-zero",
    ("getContentByCategory", "limit"): "limit-ignored",
    ("getContentByCategory", "includeSubcategories"): "subcategories-ignored",
    ("getContentByCategory", "status"): "category-status-ignored",
    ("getContentByCategory", "startDate"): "range-ignored",
    ("getContentByCategory", "endDate"): "range-ignored",
    ("syncContent", "lastSyncTimestamp"): "sync-border-twice",
    ("syncContent", "includeDeleted"): "sync-deleted-missing",
    ("syncContent", "platforms"): "sync-platforms-ignored",
}
"""A fault of the catalogue that ignores the parameter, or that takes it for another value; so the suite has a check for it."""
LONG_AGO = "2000-01-01T00:00:00Z"


class Pair(NamedTuple):
    """Two requests that differ in one parameter, and their answers."""

    path: Mapping[str, str]
    without: Mapping[str, Any]
    given: Mapping[str, Any]
    answers: tuple[Response, Response]


class Seeker:
    """A world in which each operation has something to choose from, and the requests to it."""

    def __init__(self) -> None:
        self.harness = ContentHarness(serve(drawn_values.start(0), ENDLESS))
        names = world().focus
        for number, name in enumerate((*names, *names)):
            body = {
                "title": f"new {number}",
                "category": name,
                "platforms": ["web"] if number % 2 else ["ios"],
            }
            self._write(number, "createContentItem", body=body)
        item = self.harness._made[0]
        for number, options in enumerate(
            ({"version": 1, "title": "second"}, {"version": 2, "body": "third"}), 10
        ):
            self._write(number, "updateContentItem", path={"id": item}, body=options)
        self._write(20, "publishContent", path={"id": item}, body={})
        self._write(21, "archiveContent", path={"id": self.harness._made[1]}, body={})
        self.harness.server.clock.advance(3 * drawn_values.DAY)
        self._write(
            22, "updateContentItem", path={"id": self.harness._made[2]}, body={"version": 1, "title": "late"}
        )
        self.paths = {"id": item, "category": names[0]}
        self.texts = (LONG_AGO, *_texts(self.get("getContentItems", {"limit": 100}).body))

    def _write(self, number: int, operation: str, **parts: Any) -> None:
        step = Ask(number=number, caller="demo", operation=operation, **parts)
        _, response, complaints = self.harness.ask(step)
        assert response.status < 300 and not complaints, (operation, response, complaints)

    def get(self, operation: str, query: Mapping[str, Any]) -> Response:
        token = self.harness.tokens["demo"]
        return send(
            self.harness.server, write(operation, path=self._path(operation), query=query, token=token)
        )

    def _path(self, operation: str) -> dict[str, str]:
        return {
            p.name: self.paths[p.name]
            for p in spec().operations[operation].parameters
            if p.location == "path"
        }

    def get_with(self, fault: str, operation: str, query: Mapping[str, Any]) -> Response:
        self.harness.server.faults.set([fault])
        try:
            return self.get(operation, query)
        finally:
            self.harness.server.faults.set([])

    def judged(self, operation: str, query: Mapping[str, Any], response: Response) -> bool:
        """Whether the model takes the answer."""
        request = Request(
            operation=operation, caller=self.harness.callers["demo"], path=self._path(operation), query=query
        )
        return self.harness.model.step(request, response)[1] == ()

    def pairs(self, operation: str, parameter: Parameter) -> Iterator[Pair]:
        others = [
            p for p in spec().operations[operation].parameters if p.location == "query" and p is not parameter
        ]
        needed = {p.name: next(self._values(p.schema)) for p in others if p.required}
        for base in ({}, {"limit": 1}, {"includeSubcategories": True}):
            known = {name: value for name, value in base.items() if name in {p.name for p in others}}
            if base and not known:
                continue
            without = {**needed, **known}
            values = list(self._values(parameter.schema))
            if parameter.required:
                without = {**without, parameter.name: values[0]}
            plain = self.get(operation, without)
            for value in values:
                given = {**without, parameter.name: value}
                answer = self.get(operation, given)
                if answer.status == plain.status == 200 and answer.body != plain.body:
                    yield Pair(self._path(operation), without, given, (plain, answer))

    def _values(self, schema: Any) -> Iterator[Any]:
        """Values that a schema allows, and texts that stand in answers."""
        schema = self._meant(schema)
        yield from schema.get("enum", ())
        match schema.get("type"):
            case "array":
                yield from ([value] for value in self._values(schema["items"]))
            case "boolean":
                yield from (True, False)
            case "integer":
                yield from (1, 2, schema.get("minimum", 1), schema.get("maximum", 3))
            case "string":
                yield from (*self.texts, "1", "2")
        for inner in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from self._values(inner)

    def _meant(self, schema: Any) -> Any:
        while "$ref" in schema:
            found: Any = spec().document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _texts(part)


@cache
def seeker() -> Seeker:
    return Seeker()


@cache
def pairs(operation: str, name: str) -> tuple[Pair, ...]:
    asked = spec().operations[operation].parameters
    (parameter,) = [p for p in asked if (p.name, p.location) == (name, "query")]
    return tuple(seeker().pairs(operation, parameter))


@pytest.mark.parametrize(("operation", "name"), PARAMETERS)
def test_the_server_heeds_the_parameter(operation: str, name: str) -> None:
    """The same request twice has the same answer, so a different one comes from the parameter."""
    assert pairs(operation, name), f"the reference server ignores {name} of {operation}"
    found = pairs(operation, name)[0]
    assert seeker().get(operation, found.without).body == found.answers[0].body


@pytest.mark.parametrize(("operation", "name"), PARAMETERS)
def test_the_model_heeds_the_parameter(operation: str, name: str) -> None:
    ignored = f"the model ignores {name} of {operation}"
    for found in pairs(operation, name):
        plain, answer = found.answers
        assert seeker().judged(operation, found.without, plain), f"{operation} {found.without}"
        assert seeker().judged(operation, found.given, answer), f"{ignored}, or differs: {found.given}"
        assert not seeker().judged(operation, found.without, answer), ignored
        assert not seeker().judged(operation, found.given, plain), ignored


@pytest.mark.parametrize(("operation", "name"), PARAMETERS)
def test_a_fault_of_the_catalogue_breaks_the_parameter(operation: str, name: str) -> None:
    fault = BROKEN_BY.get((operation, name))
    assert fault is not None, f"no fault ignores {name} of {operation}: add one to the catalogue and here"
    assert not all(
        seeker().judged(operation, found.given, seeker().get_with(fault, operation, found.given))
        for found in pairs(operation, name)
    )


def test_the_programs_use_every_parameter() -> None:
    drawn = {
        (step.operation, name)
        for step in draw(1, 2000, world())
        if isinstance(step, Ask) and step.operation in RULES
        for name in step.query
    }
    missing = {(operation, name) for operation, name in PARAMETERS if operation in RULES} - drawn
    assert missing == set(), "content_programs never draws these"
