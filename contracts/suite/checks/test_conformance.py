"""Schemathesis for every operation. Each phase is a test of its own, so that a failure of one does not stop another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.spec import canonical, load
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import parts
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import ContractViolation, expect
from contracts.suite.plugin.registry import family

if TYPE_CHECKING:
    from contracts.suite.schemathesis.schemathesis_runner import SchemathesisRunner

check = family("conformance")


def conformer(world: World) -> SchemathesisRunner:
    """The Schemathesis runner of this process. It is imported when the first of these checks runs, because the import takes as long as
    that of the whole suite."""
    from contracts.suite.schemathesis import schemathesis_runner as schemathesis

    return schemathesis.schemathesis_runner(world)


@check("conformance.examples", "openapi", over=load().operations)
def examples(api: Api, value: str) -> None:
    """Every example of the document is a request that the server accepts as documented."""
    conformer(api.world).run(api, value, "examples", "positive").settle()


@check("conformance.coverage-positive", "openapi", over=load().operations)
def coverage_positive(api: Api, value: str) -> None:
    """Boundary values that the schema allows are accepted."""
    conformer(api.world).run(api, value, "coverage", "positive").settle()


@check("conformance.coverage-negative", "openapi", over=load().operations)
def coverage_negative(api: Api, value: str) -> None:
    """Boundary values that the schema forbids are refused."""
    conformer(api.world).run(api, value, "coverage", "negative").settle()


@check("conformance.fuzzing-positive", "openapi", over=load().operations)
def fuzzing_positive(api: Api, value: str) -> None:
    """Random data that is valid for the schema is accepted, and some of it succeeds."""
    collected = conformer(api.world).run(api, value, "fuzzing", "positive")
    collected.settle()
    # Random credentials never log anybody in; everywhere else success must have been reached, or it was all for nothing.
    # A sign-in may end in redirects only.
    promised = any(200 <= status < 300 for status in api.spec[value].answers)
    # What no law knows may need what no random value is, such as a registered client.
    promised = promised and value in canonical().operations
    if value != "login" and promised and collected.sent and not collected.succeeded:
        raise ContractViolation("a 2xx among the valid cases", f"none of {collected.sent}")


@check("conformance.fuzzing-negative", "openapi", over=load().operations)
def fuzzing_negative(api: Api, value: str) -> None:
    """Random data that is invalid for the schema is refused."""
    conformer(api.world).run(api, value, "fuzzing", "negative").settle()


@check("conformance.auth-not-ignored", "OWASP API2", over=load().operations)
def auth_not_ignored(api: Api, value: str) -> None:
    """No operation that needs a token (all but login) succeeds without one or with a bad one; one that needs none asks for none."""
    if value == "login":
        api.call("login", **parts(api, "login")).must(200)
        return
    made = {name: part for name, part in parts(api, value).items() if name != "token"}
    if not api.spec[value].security:
        answer = api.call(value, token=None, **made)
        expect(answer.status != 401, "no token is asked for", answer.summary(), answer)
        return
    for token in (None, "undefined", "a.b.c", ""):
        api.call(value, token=token, **made).must(401, why=f"the token {token!r}")
