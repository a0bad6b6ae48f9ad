"""A check of every keyword of every request schema, with a body that violates only it and bodies at its bound: 400 exactly for the former."""

from typing import Any

from contracts.model.unpromised import UnpromisedError
from contracts.schema import compile_schema
from contracts.spec import load
from contracts.suite.api.api import ALL_PLATFORMS, Api
from contracts.suite.api.successful_requests import METRICS, RECIPES, parts, takes_json
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.judging.request_oracle import ExpectedStatus, RequestOracle
from contracts.suite.plugin.registry import family
from contracts.suite.programs.complete_body import completed
from contracts.suite.programs.keyword_variants import Variant, variants

check = family("conformance")

TOLD = frozenset(
    {
        "type", "enum", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "minItems", "maxItems",
        "uniqueItems", "minProperties", "maxProperties",
    }
)  # fmt: skip
"""Keywords whose break has one place, which details.errors must name."""

CONTENT = {
    "title": "t",
    "body": "b",
    "category": None,
    "tags": ["a"],
    "platforms": ALL_PLATFORMS,
    "metadata": {"k": "v"},
}
WITH_BODY = [operation.id for operation in load() if takes_json(operation)]


def complete(api: Api, operation: str, id: str) -> Any:
    """A valid body with every member."""
    if operation not in RECIPES:
        return parts(api, operation)["body"]
    if operation == "createContentItem":
        return {**CONTENT, "title": "t"}
    if operation == "updateContentItem":
        return {"version": 1, **CONTENT}
    if operation == "publishContent":
        return {"notify": True, "platforms": ["web"]}
    if operation == "archiveContent":
        return {"reason": "r"}
    if operation == "revertContentVersion":
        return {"versionId": api.versions(id)[0]["id"], "createBackup": True}
    if operation == "bulkUpdateContent":
        return {
            "operations": [
                {"type": "update", "id": id, "version": 1, "data": CONTENT},
                {"type": "publish", "id": id, "data": {"notify": True, "platforms": ["web"]}},
                {"type": "archive", "id": id, "data": {"reason": "r"}},
            ]
        }
    if operation == "login":
        return {"email": f"{api.word()}@nobody.example", "password": "p", "deviceId": "d", "platform": "ios"}
    return {**METRICS, "session": {**METRICS["session"], "userId": "u"}}


@check("keywords.exact", "R20, openapi", over=WITH_BODY)
def exact(api: Api, value: str) -> None:
    """Each keyword of a request schema is enforced, at its edge exactly, and a problem document names the place."""
    operation = api.spec[value]
    if operation.body is None:
        raise UnpromisedError(f"the document has no body of {value}")
    schema = next(iter(operation.body.media_types.values()))
    made = parts(api, value)
    path, own = made.get("path", {}), {"token": made["token"]} if "token" in made else {}
    id = path.get("id") or (api.create()["id"] if value == "bulkUpdateContent" else "")
    base = completed(api.target.spec, schema, complete(api, value, id))
    oracle = RequestOracle(api.target.spec)
    count = 0
    validator = compile_schema(api.target.spec, schema)
    for variant in variants(api.target.spec, schema, base):
        body = variant.body
        if validator.is_valid(body) != variant.valid:
            continue  # an edge of one keyword may break another one beside it (`enum` in a list of unique items)
        if value == "login" and isinstance(body, dict) and body.get("email") == base["email"]:
            # Five failures of one address would throttle it.
            body = {**body, "email": f"{api.word()}@nobody.example"}
        answer = api.call(value, path=path, body=body, **own)
        count += 1
        about = f"{variant.keyword} at {variant.where or 'the root'} {'kept at its edge' if variant.valid else 'broken'}"
        if variant.valid:
            wrong = oracle.wrong(operation, ExpectedStatus(None), answer.exchange.status)
            if wrong:
                raise ContractViolation(f"{wrong}: {about}", answer.summary(), [answer.exchange])
        elif not oracle.judge(operation, answer.exchange.request, path).ambiguous:
            answer.must(400, "VALIDATION_FAILED", why=about)
            if api.promises("members of problems"):
                _names_the_place(value, variant, answer)
    if not count:
        raise UnpromisedError(f"the document has no keyword in the body of {value} that can be broken alone")


def _names_the_place(operation: str, variant: Variant, answer: Any) -> None:
    # A choice between several schemas has several ways to tell what is wrong in one of them; and no law says what an operation of
    # somebody else's tells.
    if variant.keyword not in TOLD or operation == "bulkUpdateContent" or operation not in RECIPES:
        return
    listed = [(error["pointer"], error["rule"]) for error in answer.member("details", "errors")]
    wanted = (variant.where, variant.keyword)
    # The same value may break a neighbouring keyword in the same place, and a server may tell either.
    if not any(pointer == variant.where for pointer, _ in listed):
        raise ContractViolation(
            f"{wanted[1]} at {wanted[0] or 'the root'} in details.errors", str(listed), [answer.exchange]
        )
