"""Ids that no item has: in the form that the target's document asks of ids (`absent_id`), and in any (`must_be_absent`).

A document with UUIDs refuses `none-1`, so that the refusal would be one of the form and not of a missing item.
"""

import re

from contracts.dialect.values.value_forms import absent_value
from contracts.schema import compile_schema, is_unlisted_414
from contracts.spec import Spec
from contracts.suite.client.http_exchange import HttpAnswer

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def absent_id(spec: Spec, word: str) -> str:
    """The absent id of a word that is new in each call.

    >>> from contracts.spec import canonical
    >>> absent_id(canonical(), "a1")
    'none-a1'
    """
    reading = spec.operations.get("getContentItem")
    path = [p for p in reading.parameters if p.location == "path"] if reading else []
    return absent_value(spec, path[0].schema if path else {}, word)


def must_be_absent(answer: HttpAnswer, id: str, code: str) -> None:
    """Raise a ContractViolation unless the answer to this id in the path is 404, or 400 if the target's document has that as well and the id
    is malformed: for its schema (a UUID), or with characters that frameworks refuse in every path."""
    spec = answer.dialect.theirs if answer.dialect else None
    theirs = spec.operations.get(answer.operation) if spec else None
    if theirs and is_unlisted_414(theirs, answer.status, answer.exchange.request.url):
        return
    if spec and theirs and answer.status == 400 and 400 in theirs.answers:
        schema = next((p.schema for p in theirs.parameters if p.location == "path"), {})
        if not ID.fullmatch(id) or not compile_schema(spec, schema).is_valid(id):
            return
    answer.must(404, code, why=f"id {id[:30]!r}")
