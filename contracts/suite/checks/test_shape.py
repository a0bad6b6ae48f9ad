"""Checks of every answer of the whole run against the document. They run last and report the findings of all other checks' exchanges.

`contracts.suite.judging.answer_judgement` judges every exchange when it is recorded, whatever its check is about.
"""

from contracts.spec import load
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import reach
from contracts.suite.contract_violation import ContractViolation, Unchecked, if_promised
from contracts.suite.judging.foreign_form import unknown_maker
from contracts.suite.plugin.registry import family

check = family("smoke", needs=())


def _settle(api: Api, slug: str, operation: str | None) -> None:
    """Raise one ContractViolation for all findings of this check (of one operation, or of all)."""
    if found := api.target.recorder.summed(slug, operation):
        fault, got = found
        raise ContractViolation(fault.finding.expected, got, finding=fault.finding, shown=fault.curl)


@check("shape.answers", "openapi", over=load().operations)
def answers(api: Api, value: str) -> None:
    """Every answer has a documented status, its headers, its media type and its schema."""
    reach(api, value)
    _settle(api, "shape.answers", value)


@check("shape.problems", "R18, R24")
def problems(api: Api) -> None:
    """Problem documents are consistent: status, type of the code, message = detail, challenge."""
    api.call("verifyToken", token=None)
    api.call("getContentItems", query={"limit": 0})
    _settle(api, "shape.problems", None)


@check("shape.options", "RFC 9110 10.2.1, R37")
def options(api: Api) -> None:
    """Every OPTIONS is 204, and Allow is exact wherever it comes."""
    answer = api.raw("OPTIONS", "/content/items")
    _settle(api, "shape.options", None)
    if foreign := api.target.recorder.judge.foreign_form(answer.exchange):
        raise Unchecked(unknown_maker(foreign))


@check("shape.secrets", "OWASP API8, R11")
def secrets(api: Api) -> None:
    """No answer repeats a token or the password of its request, or has a stack trace."""
    own = api.fresh()
    api.call("getContentItems", token=own.session.refresh)
    api.call("refreshTokens", token=own.session.access)
    email, password = f"{api.word()}@nobody.example", f"not-the-password-{api.word()}"
    for body in (
        {"email": email, "password": password},
        {"email": "nobody", "password": password},
        {"email": email, "password": password, "x": 1},
        {"email": email, "password": password * 20},
    ):
        with if_promised():
            api.call("login", body=body)
    _settle(api, "shape.secrets", None)


@check("shape.no-server-errors", "R20, openapi")
def no_server_errors(api: Api) -> None:
    """No request of the run, valid or invalid, is answered with a server error (500 or above)."""
    api.call("verifyToken")
    _settle(api, "shape.no-server-errors", None)
