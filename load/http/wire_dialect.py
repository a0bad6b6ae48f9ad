"""The translation between the canonical contract and that of a target with a document of its own, for the load.

Without a dialect (None) the target has our own document, and nothing is translated.
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
    """The draft in the form of the target's document."""
    if dialect is None:
        return draft
    query, headers, body = fitted(dialect, operation.id, draft.query, draft.headers, draft.body)
    return replace(draft, query=query, headers=headers, body=body)


def decoded(dialect: Dialect | None, operation: Operation, reply: HttpReply) -> DecodedAnswer:
    """The answer in the canonical contract. Its value is `...` if the body is not JSON, and None without a body; members that the
    document does not promise are `Unpromised`."""
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


def in_their_words(
    dialect: Dialect | None, operation: Operation, expects: int, reply: HttpReply
) -> tuple[int, Any]:
    """The target's status for an expected one of ours, and the value of its answer as it was sent, for a reader of its logs."""
    wanted = expects if dialect is None else dialect.their_status(operation.id, expects)
    return wanted, decoded(None, operation, reply).value
