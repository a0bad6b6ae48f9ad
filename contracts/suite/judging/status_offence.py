"""The offence of an exchange whose status is another one than the document promises.

A request that the document allows and the server refuses is one cause at all operations, whichever check sends it: random data, the edge of a
keyword, Schemathesis. Its most frequent form has a name of its own: the server's validator refuses members that no schema names (NestJS'
`forbidNonWhitelisted`, pydantic's `extra="forbid"`), and the document does not say `additionalProperties: false`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import unquote

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
FOR_WHOM = re.compile(r"^[1-5]\d\d( (?:for|after) [^(]+)$")
"""The rest of an expectation that says when its status is right: `200 for another user`."""
JUDGED_RIGHT = "every case judged right by Schemathesis"
"""What a check of Schemathesis' judgement expects."""
WIDE = re.compile(r"=-?[0-9]{20,}(?![0-9.])")
LOWER = re.compile(r"=[0-9]{4}-[0-9]{2}-[0-9]{2}(t|T[0-9:.]+z)")
FAR = re.compile(r"=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+[+ -](19|2[0-3]):")
SHORT_NAME = 3
"""The length up to which a name may stand in a sentence by chance."""
KINDS = (("is not of type", "another type"), ("codec can't decode", "not UTF-8"))
"""Part of a validator's message, and the kind of what a server takes although its document refuses it: coerced values, replaced bytes."""
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
    if wanted[1] < "300" and (odd := _refusal(last, summary, recorder)) is not None and odd.fault:
        return odd
    expected = f"{wanted[1]}{wanted[2] or ''}"
    if summary == expected or (not wanted[2] and wanted[1] == str(last.status)):
        return None
    symptom: Literal["status", "accepted"] = "status"
    fault = ""
    whose = FOR_WHOM.match(error.expected)
    text = f"{operation} answers {summary} where {expected}{whose[1] if whose else ''} is right"
    if recorder.judge.refusable(last):
        if wanted[1] in REFUSED and last.status < 300:
            symptom = "accepted"
            text = (
                f"{operation} takes a request that the document refuses: {summary} where {expected} is right"
            )
            because = _because(last, recorder)
            text += because
            fault = next((kind for mark, kind in KINDS if mark in because), "")
        elif wanted[1] in REFUSED:
            text += _because(last, recorder)
        elif wanted[1] < "300" and str(last.status) in REFUSED:
            text = f"{operation} answers {summary} to a value that an earlier answer gave: the document does not allow it"
    if expected < "300" <= summary:
        expected = VALID  # 200, 201 or 202: the same refusal is one cause
    return Offence(
        symptom=symptom, operation=operation, fault=fault, expected=expected, got=summary, text=text
    )


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
    odd = ""
    unnamed = _tells_unnamed_member(operation, last, recorder)
    cased = _in_other_case(operation, last, recorder)
    if cased:
        odd = f"a member {cased!r} that no schema names but in other case (some parsers read it as that one)"
        text = f"{operation.id} refuses a request that the document allows, with {odd}: {summary}"
    elif unnamed:
        text = (
            f"{operation.id} refuses a member that its schema does not name, and the document allows all "
            f"(no additionalProperties: false): {summary}"
        )
    elif odd := _odd_form(last):
        text = f"{operation.id} refuses a request that the document allows, with {odd}: {summary}"
    fault = "other case" if cased else "unnamed member" if unnamed else odd
    return Offence(
        symptom="status", operation=operation.id, fault=fault, expected=VALID, got=summary, text=text
    )


def _odd_form(exchange: Exchange) -> str:
    """The first valid form in a request that readers often refuse, because their own types are narrower than the document's; empty if none.

    It names what the request has; the server may have refused it for something else."""
    body = exchange.request.body or b""
    url = unquote(exchange.request.query)
    try:
        value = loose_value_of(body)
    except (ValueError, RecursionError):
        value = None
    numbers = list(_numbers(value))
    if any(isinstance(number, float) and number.is_integer() for number in numbers):
        return "a whole number that is written as 1.0 or 1e0 (an integer in JSON Schema 2020-12)"
    if any(abs(number) >= 1 << 63 for number in numbers) or WIDE.search(url):
        return "an integer of more than 64 bits, to which the document sets no bound"
    if LOWER.search(url):
        return "a date-time with t or z in lower case (RFC 3339, 5.6)"
    if FAR.search(url):
        return "a date-time with an offset of more than 18 hours (Java has none)"
    if any(ord(sign) > 0xFFFF for text in _texts(value) for sign in text):
        return "characters above U+FFFF, which Java, JavaScript and C# count twice (JSON Schema, 6.3.1)"
    members = value.values() if isinstance(value, Mapping) else ()
    blank = any(isinstance(text, str) and not text.strip() for text in members)
    return "an empty or blank text, to which the document sets no bound" if blank else ""


def _in_other_case(operation: Operation, exchange: Exchange, recorder: Recorder) -> str:
    """A member of the body that its schema names in other case only; empty if there is none."""
    described = request_members(recorder.spec, operation)
    try:
        sent = loose_value_of(exchange.request.body or b"")
    except (ValueError, RecursionError):
        return ""
    plain = {name.lower() for name in described.named}
    names = sent if isinstance(sent, Mapping) else ()
    return next((name for name in names if name not in described.named and name.lower() in plain), "")


def _numbers(value: Any) -> Iterator[int | float]:
    """The numbers in a JSON value."""
    for part in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _numbers(part)
    if isinstance(value, int | float):
        yield value


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
