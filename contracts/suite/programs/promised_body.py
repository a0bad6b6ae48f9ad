"""The body of an answer for the reference model, if the target has another document: translated, with unpromised parts marked."""

from typing import Any

from contracts.model.unpromised import Unpromised, unpromised
from contracts.model.workspace import STAMP
from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import HttpAnswer

STAMPS = ("createdAt", "updatedAt", "publishedAt", "deletedAt", "syncTimestamp")


def promised_body(api: Api, answer: HttpAnswer) -> Any:
    """The body of an answer, with `Unpromised` for all parts that the target's document does not promise."""
    value = answer.json if answer.body else None
    if answer.status >= 400:
        return _problem(api, answer, value if isinstance(value, dict) else {})
    value = _stamped(value, one_a_change=api.promises("stamps"))
    if answer.operation == "syncContent" and not api.promises("sync order"):
        data = value["data"]
        for name, stamp in (("items", "updatedAt"), ("deleted", "deletedAt")):
            if not any(isinstance(row[stamp], Unpromised) for row in data[name]):
                data[name] = sorted(data[name], key=lambda row: str(row[stamp]))
    return value


def _problem(api: Api, answer: HttpAnswer, value: dict[str, Any]) -> dict[str, Any]:
    assert api.target.dialect is not None
    promised = api.target.dialect.promises_code(answer.operation, answer.status)
    return {
        "status": answer.status,
        "code": answer.code if promised else unpromised(f"the codes of {answer.operation}"),
        "details": value.get("details") or unpromised(f"details of {answer.operation}"),
    }


def _stamped(value: Any, *, one_a_change: bool) -> Any:
    """The value with unusable stamps marked unpromised: those of another form, and `publishedAt` if it need not be the change's own stamp."""
    if isinstance(value, list):
        return [_stamped(part, one_a_change=one_a_change) for part in value]
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
