"""The offence of an exchange whose status is another one than the document promises.

A request that the document allows and the server refuses is one cause at all operations, whichever check sends it: random data, the edge of a
keyword, Schemathesis. Its most frequent form has a name of its own: the server's validator refuses members that no schema names (NestJS'
`forbidNonWhitelisted`, pydantic's `extra="forbid"`), and the document does not say `additionalProperties: false`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from contracts.dialect.schema_members import Members, request_members
from contracts.json_text import loose_value_of
from contracts.run import Offence
from contracts.spec import Operation
from contracts.suite.client.http_exchange import Exchange, HttpAnswer
from contracts.suite.contract_violation import ContractViolation, shortened
from contracts.suite.judging.recorder import Recorder
from contracts.suite.judging.request_oracle import KEPT

REFUSED = ("400", "422")
"""The statuses that answer a request which the document does not allow."""
STATUS = re.compile(r"^(?:status\b[^=]* = )?([1-5]\d\d)\b( [A-Z][A-Z_]+)?")
JUDGED_RIGHT = "every case judged right by Schemathesis"
"""What a check of Schemathesis' judgement expects."""
SHORT_NAME = 3
"""The length up to which a name may stand in a sentence by chance."""
VALID = "a success"
"""The expectation of an offence that refuses what the document allows."""


def status_offence(
    error: ContractViolation, last: Exchange, operation: str, recorder: Recorder
) -> Offence | None:
    """A status or an error code other than the check expected; None if the check is about something else."""
    wanted = STATUS.search(error.expected)
    summary = HttpAnswer(last).summary()
    if wanted is None and (KEPT in error.expected or error.expected == JUDGED_RIGHT):
        return _refusal(last, summary, recorder)
    if wanted is None or not error.got.startswith(str(last.status)):
        return None
    expected = f"{wanted[1]}{wanted[2] or ''}"
    if summary == expected or (not wanted[2] and wanted[1] == str(last.status)):
        return None
    symptom: Literal["status", "accepted"] = "status"
    text = f"{operation} answers {summary} where {expected} is right"
    if recorder.judge.refusable(last):
        if wanted[1] in REFUSED and last.status < 300:
            symptom = "accepted"
            text = (
                f"{operation} takes a request that the document refuses: {summary} where {expected} is right"
            )
            text += _because(last, recorder)
        elif wanted[1] < "300" and str(last.status) in REFUSED:
            text = f"{operation} answers {summary} to a value that an earlier answer gave: the document does not allow it"
    if expected < "300" <= summary:
        expected = VALID  # 200, 201 or 202: the same refusal is one cause
    return Offence(symptom=symptom, operation=operation, expected=expected, got=summary, text=text)


def _because(last: Exchange, recorder: Recorder) -> str:
    judged = recorder.judge.expected_of(last)
    return f" ({shortened(judged.broken)})" if judged and judged.broken else ""


def _refusal(last: Exchange, summary: str, recorder: Recorder) -> Offence | None:
    """The refusal of a request as invalid that the document allows; None if it is none."""
    operation, _ = recorder.routed(last.request)
    if operation is None or str(last.status) not in REFUSED or not recorder.judge.allowed(last):
        return None
    if last.status == 422 and 400 in operation.answers:
        return None  # of the state, not of the request
    text = f"{operation.id} refuses a request that the document allows: {summary}"
    unnamed = _tells_unnamed_member(operation, last, recorder)
    if unnamed:
        text = (
            f"{operation.id} refuses a member that its schema does not name, and the document allows all "
            f"(no additionalProperties: false): {summary}"
        )
    fault = "unnamed member" if unnamed else ""
    return Offence(
        symptom="status", operation=operation.id, fault=fault, expected=VALID, got=summary, text=text
    )


def _tells_unnamed_member(operation: Operation, exchange: Exchange, recorder: Recorder) -> bool:
    """Whether a refusal speaks of a member that no schema names. One that has such members may be refused for something else."""
    try:
        sent, told = loose_value_of(exchange.request.body or b""), loose_value_of(exchange.body)
    except (ValueError, RecursionError):
        return False
    names = set(_unnamed(sent, request_members(recorder.spec, operation)))
    texts = list(_texts(told))
    return any(_speaks_of(name, text) for name in names for text in texts)


def _unnamed(value: Any, described: Members) -> Iterator[str]:
    """The members of objects in a value which their schemas, that name others, do not name."""
    if isinstance(value, list):
        for part in value:
            yield from _unnamed(part, described.elements)
    elif isinstance(value, Mapping) and described.named:
        for name, part in value.items():
            if name not in described.named:
                yield name
            yield from _unnamed(part, described.of(name))


def _texts(value: Any) -> Iterator[str]:
    """The names and the texts in a JSON value."""
    for part in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(part)
    if isinstance(value, Mapping):
        yield from value
    elif isinstance(value, str):
        yield value


def _speaks_of(name: str, text: str) -> bool:
    """Whether a text names a member: as a JSON pointer or a path, in quotes, or as a word that is no usual one for its length.

    >>> [_speaks_of("x", text) for text in ("/x", "property x should not exist", "body.x", "a box", "category: no x of y")]
    [True, True, True, False, False]
    """
    pointer = name.replace("~", "~0").replace("/", "~1")
    if text == name or text.endswith((f"/{pointer}", f".{name}")):
        return True
    if any(f"{quote}{name}{quote}" in text for quote in "\"'`") or f"property {name} " in text:
        return True
    return len(name) > SHORT_NAME and name in text
