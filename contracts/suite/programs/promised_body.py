"""Headers and body of an answer for the reference model, with unpromised parts marked if the target has another document."""

from typing import Any

from contracts.model.unpromised import Unpromised, unpromised
from contracts.model.workspace import STAMP
from contracts.network.http_fields import list_members
from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation

STAMPS = ("createdAt", "updatedAt", "publishedAt", "deletedAt", "syncTimestamp")


def promised_headers(api: Api, answer: HttpAnswer) -> dict[str, Any]:
    """The headers of an answer in the one form of several that the model has."""
    headers: dict[str, Any] = {**answer.headers}
    # The members of a list may have any order (RFC 9110, 5.6.1).
    if isinstance(directives := headers.get("cache-control", ""), str):
        headers["cache-control"] = ", ".join(reversed(list_members(directives)))
    # Location is a URI reference (RFC 9110, 10.2.2): a path, or the whole URL, under the place of the API.
    if isinstance(location := headers.get("location"), str):
        headers["location"] = location.removeprefix(api.target.host).removeprefix(api.target.settings.prefix)
    described = api.spec[answer.operation].response_to(answer.exchange.status)
    named = {header.name.lower() for header in described.headers} if described else set()
    if api.target.dialect is not None and "cache-control" not in named:
        headers["cache-control"] = unpromised(f"Cache-Control of {answer.operation}")
    return headers


def promised_body(api: Api, answer: HttpAnswer) -> Any:
    """The body of an answer, with `Unpromised` for all parts that the target's document does not promise."""
    if answer.status >= 400:
        return _problem(api, answer)
    value = answer.json if answer.body else None
    value = _stamped(value, one_a_change=api.promises("stamps"))
    if answer.operation == "syncContent" and not api.promises("sync order"):
        data = value["data"]
        for name, stamp in (("items", "updatedAt"), ("deleted", "deletedAt")):
            if not any(isinstance(row[stamp], Unpromised) for row in data[name]):
                data[name] = sorted(data[name], key=lambda row: str(row[stamp]))
    return value


def _problem(api: Api, answer: HttpAnswer) -> dict[str, Any]:
    try:
        value = answer.json if answer.body else None
    except ContractViolation:
        value = None  # a text (Go's http.Error), which the document may allow: the answer judge tells where it does not
    assert api.target.dialect is not None
    promised = api.target.dialect.promises_code(answer.operation, answer.status)
    details = value.get("details") if isinstance(value, dict) else None
    return {
        "status": answer.status,
        "code": answer.code if promised else unpromised(f"the codes of {answer.operation}"),
        "details": details
        if isinstance(details, dict) and details
        else unpromised(f"details of {answer.operation}"),
    }


def _stamped(value: Any, *, one_a_change: bool) -> Any:
    """The value with unusable stamps marked unpromised: those of another form, and `publishedAt` if it need not be the change's own stamp."""
    if isinstance(value, list):
        return type(value)(_stamped(part, one_a_change=one_a_change) for part in value)
    if not isinstance(value, dict):
        return value
    found = {name: _stamped(part, one_a_change=one_a_change) for name, part in value.items()}
    for name in STAMPS:
        stamp = found.get(name)
        if isinstance(stamp, str) and (
            not STAMP.fullmatch(stamp) or (name in ("createdAt", "publishedAt") and not one_a_change)
        ):
            found[name] = unpromised(f"the form of {name}")
    return found
