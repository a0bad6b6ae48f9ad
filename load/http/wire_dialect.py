"""Between the words of our contract and those of a target with a document of its own, on the wire of the load.

`dialect` None is the target that keeps our document: then nothing is looked at twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from contracts.dialect import Dialect, fitted
from contracts.json_text import JsonError, value_of
from contracts.spec import Operation
from load.http.connection import HttpReply
from load.journeys.data_pool import Draft


class CanonicalReply(NamedTuple):
    """An answer in our words. `value` is `...` where the body is no JSON, None where there is none."""

    status: int
    headers: Mapping[str, Any]
    value: Any


def translated(dialect: Dialect | None, operation: Operation, draft: Draft) -> Draft:
    """As the target's document has it."""
    if dialect is None:
        return draft
    query, headers, body = fitted(dialect, operation.id, draft.query, draft.headers, draft.body)
    return replace(draft, query=query, headers=headers, body=body)


def decoded(dialect: Dialect | None, operation: Operation, reply: HttpReply) -> CanonicalReply:
    """The answer of the target in our words. Members that the document does not promise stand in it as `Unpromised`."""
    if dialect is not None:
        status, headers, value = dialect.answer(operation.id, reply.status, reply.headers, reply.body)
        return CanonicalReply(status, headers, value if reply.body else None)
    value = None
    if reply.body:
        try:
            value = value_of(reply.body)
        except JsonError:
            value = ...
    return CanonicalReply(reply.status, reply.headers, value)
