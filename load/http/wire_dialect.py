"""Between the words of our contract and those of a target with a document of its own, on the wire of the load.

`dialect` None is the target that keeps our document: then nothing is looked at twice.
"""

from dataclasses import replace
from typing import Any

from contracts.dialect import Dialect, fitted
from contracts.json_text import JsonError, value_of
from contracts.spec import Operation
from load.http.connection import HttpReply
from load.journeys.data_pool import Draft
from load.journeys.journey import DecodedAnswer


def translated(dialect: Dialect | None, operation: Operation, draft: Draft) -> Draft:
    """As the target's document has it."""
    if dialect is None:
        return draft
    query, headers, body = fitted(dialect, operation.id, draft.query, draft.headers, draft.body)
    return replace(draft, query=query, headers=headers, body=body)


def decoded(dialect: Dialect | None, operation: Operation, reply: HttpReply) -> DecodedAnswer:
    """The answer of the target in our words. The value is `...` where the body is no JSON, None where there is none; members that the
    document does not promise stand in it as `Unpromised`."""
    if dialect is not None:
        status, headers, value = dialect.answer(operation.id, reply.status, reply.headers, reply.body)
        return DecodedAnswer(status, headers, value if reply.body else None, reply.last)
    found: Any = None
    if reply.body:
        try:
            found = value_of(reply.body)
        except JsonError:
            found = ...
    return DecodedAnswer(reply.status, reply.headers, found, reply.last)
