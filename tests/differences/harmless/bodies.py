"""Harmless differences of what bodies look like: JSON written otherwise, other words, more members where it is open.

`text` and `value` change every JSON body, and the messages of the channel alike.
"""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tests.differences.proxy.http_messages import Framing
from tests.differences.proxy.message import Answer, Request
from tests.differences.row import Answers, Intercept, Row


class Rewritten(Intercept):
    """Every JSON text of the server, written anew."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        self._write = write

    def answer(self, request: Request, answer: Answer) -> Answer:
        return answer if answer.json is None else replace(answer, body=self._write(answer.json).encode())

    refusal = answer

    def down(self, text: str) -> Iterable[tuple[float, str]]:
        yield 0.0, self._write(json.loads(text))


def _turned(value: Any) -> Any:
    """Members in the reverse order."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(part) for part in value] if isinstance(value, list) else value


def _spaced(value: Any) -> str:
    return "\n\t " + json.dumps(value, indent=3, ensure_ascii=False, separators=(" , ", " : ")) + " \r\n"


def _escaped(value: Any) -> str:
    """Every character of a string as \\uXXXX, as JSON allows for any."""
    text = json.dumps(value)
    return re.sub(r'"((?:[^"\\]|\\.)*)"', lambda m: '"' + _all_escaped(json.loads(m[0])) + '"', text)


def _all_escaped(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02X}" for n in range(0, len(units), 2))


def _problem(change: Callable[[dict[str, Any], Request], dict[str, Any]]) -> Callable[[], Intercept]:
    """Change problem documents only."""

    def alter(request: Request, answer: Answer) -> Answer:
        value = answer.json
        if answer.status < 400 or not isinstance(value, dict) or "code" not in value:
            return answer
        return answer.with_json(change(value, request))

    return lambda: Answers(alter)


def _other_words(value: dict[str, Any], request: Request) -> dict[str, Any]:
    words = f"Das ging nicht ({value['status']})."
    value = {**value, "title": f"Fehler: {value['code'].lower()}", "detail": words, "message": words}
    if value["code"] == "VALIDATION_FAILED":
        errors = [{**error, "message": "stimmt nicht"} for error in reversed(value["details"]["errors"])]
        value["details"] = {"errors": errors}
    return value


def _long_words(value: dict[str, Any], request: Request) -> dict[str, Any]:
    words = (
        f"{value['detail']} Gesendet war {request.method} — «{request.path[:80]}» 🙂. "
        + "Bitte prüfen. " * 40
    )
    return {**value, "detail": words, "message": words}


def _more_members(value: dict[str, Any], request: Request) -> dict[str, Any]:
    more = {
        "instance": request.path.replace("//", "/"),
        "timestamp": "2020-01-01T00:00:00Z",
        "trace": {"span": 7},
        "retryable": False,
    }
    details = {"help": "https://docs.tchat.example", **value.get("details", {})}
    if "errors" in details:
        details["errors"] = [
            {**error, "value": None, "index": n} for n, error in enumerate(details["errors"])
        ]
    return {**value, **more, "instance": "/some/where", "details": details}


def _varying(value: dict[str, Any], request: Request) -> dict[str, Any]:
    """As frameworks do that log what they tell: a time and a number of their own in each."""
    incident = uuid.uuid4().hex
    words = f"{value['detail']} (incident {incident})"
    return {**value, "detail": words, "message": words, "timestamp": time.time_ns(), "traceId": incident}


def _other_request_id(value: dict[str, Any], request: Request) -> dict[str, Any]:
    own = request.header("x-request-id")
    return (
        value if value["requestId"] == own else {**value, "requestId": f"0198c0de-{value['requestId']}"[:64]}
    )


def _challenge(request: Request, answer: Answer) -> Answer:
    """More parameters behind, as the pattern of the header allows."""
    told = answer.header("www-authenticate")
    return (
        answer.with_header("WWW-Authenticate", f'{told}, error_description="see the log"') if told else answer
    )


def _bulk_words(request: Request, answer: Answer) -> Answer:
    if not request.path.endswith("/items/bulk") or answer.status != 200:
        return answer
    value = answer.json
    for failed in value["data"]["failedOperations"]:
        failed["error"] = f"Nr. {failed['index']} nicht: {failed['code']}"
    return answer.with_json(value)


def _login_more(request: Request, answer: Answer) -> Answer:
    if not request.path.endswith("/auth/login") or answer.status != 200:
        return answer
    value = answer.json
    value["user"]["role"] = "editor-in-chief"
    value["permissions"] = value["permissions"][::-1]
    return answer.with_json(value)


def _retry_after(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Retry-After", "1") if answer.header("retry-after") else answer


class NoEcho(Intercept):
    def down(self, text: str) -> Iterable[tuple[float, str]]:
        value = json.loads(text)
        if value["type"] == "heartbeat_response":
            value["data"].pop("echo", None)
        yield 0.0, json.dumps(value)


class OtherErrors(Intercept):
    def down(self, text: str) -> Iterable[tuple[float, str]]:
        value = json.loads(text)
        if value["type"] == "error":
            value["data"]["message"] = "Das verstehe ich nicht."
        yield 0.0, json.dumps(value, ensure_ascii=False)


JSON = "RFC 8259: whitespace, escapes and the order of members mean nothing"
OPEN = "openapi: problem documents alone are open; title, detail and message are for people"
LENGTHLESS = Framing(head_length=False)
BODIES: tuple[Row, ...] = (
    Row(name="json-order", why=JSON, make=lambda: Rewritten(lambda v: json.dumps(_turned(v))), manner=LENGTHLESS, channel="alter"),
    Row(name="json-pretty", why=JSON, make=lambda: Rewritten(_spaced), manner=LENGTHLESS, channel="alter"),
    Row(name="json-escaped", why=JSON, make=lambda: Rewritten(_escaped), manner=LENGTHLESS, channel="alter"),
    Row(name="json-raw-utf8", why=JSON, make=lambda: Rewritten(lambda v: json.dumps(v, ensure_ascii=False)), manner=LENGTHLESS, channel="alter"),
    Row(name="problem-words", why=OPEN, make=_problem(_other_words)),
    Row(name="problem-long-words", why=OPEN, make=_problem(_long_words)),
    Row(name="problem-more-members", why=OPEN, make=_problem(_more_members)),
    Row(name="problem-varying", why=OPEN, make=_problem(_varying)),
    Row(name="problem-request-id", why="Problem.requestId: an id of the server's own", make=_problem(_other_request_id)),
    Row(name="challenge-parameters", why="the header Challenge allows further parameters", make=lambda: Answers(_challenge)),
    Row(name="bulk-words", why="failedOperations.error: a sentence for people", make=lambda: Answers(_bulk_words)),
    Row(name="login-role", why="user.role is optional, permissions have no order", make=lambda: Answers(_login_more)),
    Row(name="retry-after-least", why="the header RetryAfter: at least 1; when to come back is the server's to say", make=lambda: Answers(_retry_after)),
    Row(name="heartbeat-without-echo", why="asyncapi: a server may leave the echo out", make=NoEcho, channel="alter"),
    Row(name="channel-words", why="asyncapi: error.message is for a person", make=OtherErrors, channel="alter"),
)  # fmt: skip
