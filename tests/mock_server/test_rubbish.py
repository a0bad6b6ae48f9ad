"""No input makes the server answer 500 or break its own spec: 20,000 hostile requests, seeded (make fuzz: 100,000)."""

import json
import os
import random
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest

from contracts.spec import Operation, Spec, load
from mock_server.build import ServerOptions, build
from mock_server.clock import Clock
from mock_server.message import ReceivedRequest

REQUESTS = int(os.environ.get("TCHAT_FUZZ", "20000"))

TEXTS = [
    "", " ", "\0", "%", "%%", "_", "'", '"', "''; DROP TABLE items; --", '"*', "a OR b", "NEAR(", "ſ", "İ", "ß", "é", "e\u0301",
    "\u202e", "😀", "\ud7ff", "\uffff", "x" * 201, "../..", "bulk", "welcome", "item-000001", "temp-1", "news", "null", "true", "NaN",
    "0", "-1", "1", "2", "1e3", "0x10", "9" * 30, "1.0", "1;2", "{{7*7}}", "${x}", "2026-02-30", "2026-01-01", "0000-01-01",
    "2026-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00+23:59", "2016-12-31T23:59:60Z",
    "2026-01-01t00:00:00z", "2026-01-01T24:00:00Z", "web", "web,ios", "web,web", ",", "draft", "archived", "asc", "publishedAt",
]  # fmt: skip
VALUES: list[Any] = [
    *TEXTS, None, True, False, 0, -1, 1, 2, 3.0, 1.5, 2**31, 2**63, 2**64, 10**40, -(10**40), [], [[]], {}, {"": ""}, ["a"] * 25,
    {"type": "archive", "id": "welcome"}, {"title": "x"}, [None], {"__proto__": 1},
]  # fmt: skip
RAW = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"title":"\\ud800"}', b'{"title":1e999}', b'{"version":1,"version":2,"title":"t"}',
    b"[" * 5000, b'{"a":' * 5000, b"\x00", b'{"title":"\x00"}', b'"', b"1" * 5000, b"NaN", b'{"title":NaN}', b"\xef\xbb\xbf{}",
]  # fmt: skip
HEADERS = [
    b"", b"*", b'"v1"', b'W/"v2"', b'"v1", "v2"', b"v1", b'"', b"\xff", b"k", b"k" * 300, b"Bearer", b"Bearer undefined", b"\x00",
    b"application/json", b"text/plain", b"application/json;charset=latin-1", b";", b"gzip", b"bytes=0-1", b"chunked",
]  # fmt: skip
NAMES = [
    b"if-match",
    b"if-none-match",
    b"idempotency-key",
    b"content-type",
    b"accept",
    b"origin",
    b"range",
    b"cookie",
]


class Hostile:
    """Draws requests that begin as valid ones of the spec and are then spoilt in zero to three places."""

    def __init__(self, spec: Spec, tokens: list[bytes], seed: int) -> None:
        self._chance = random.Random(seed)
        self._operations = list(spec)
        self._tokens = tokens

    def draw(self) -> ReceivedRequest:
        chance = self._chance
        operation = chance.choice(self._operations)
        headers = {b"authorization": chance.choice(self._tokens), b"content-type": b"application/json"}
        for _ in range(chance.choice((0, 0, 1, 2))):
            headers[chance.choice(NAMES)] = chance.choice(HEADERS)
        method = (
            operation.method
            if chance.random() < 0.95
            else chance.choice(["HEAD", "PATCH", "DELETE", "OPTIONS", "BREW"])
        )
        path = chance.choice(["", "/api"]) + self._path(operation)
        return ReceivedRequest(
            method, path.encode("utf-8", "replace"), self._query(operation), headers, self._body(operation)
        )

    def _path(self, operation: Operation) -> str:
        path = operation.path
        for name in ("{id}", "{category}"):
            path = path.replace(name, quote(self._known_or_rubbish(), safe=self._chance.choice(["", "/%"])))
        return (
            path
            if self._chance.random() < 0.97
            else path + self._chance.choice(["/", "//", "/x", "%00", "%ff", "?"])
        )

    def _known_or_rubbish(self) -> str:
        known = ["welcome", "item-000001", "item-000003", "news", "empty"]
        return self._chance.choice(known if self._chance.random() < 0.7 else TEXTS)

    def _query(self, operation: Operation) -> bytes:
        parts = [
            f"{parameter.name}={quote(self._chance.choice(TEXTS), safe=self._chance.choice(['', '&=%+']))}"
            for parameter in operation.parameters
            if parameter.location == "query" and self._chance.random() < 0.5
        ]
        if self._chance.random() < 0.1:
            parts.append(
                self._chance.choice(
                    ["%ff=1", "page=1&page=2", "=", "&&", "lastSyncTimestamp=%FF", "search=%C0%80"]
                )
            )
        return "&".join(parts).encode("utf-8", "replace")

    def _body(self, operation: Operation) -> bytes:
        if operation.body is None or self._chance.random() < 0.1:
            return self._chance.choice(RAW)
        document = json.loads(json.dumps(self._chance.choice(list(operation.body.examples.values()))))
        for _ in range(self._chance.choice((0, 1, 1, 2, 3))):
            document = self._spoilt(document)
        return json.dumps(document).encode()

    def _spoilt(self, node: Any) -> Any:
        chance = self._chance
        if isinstance(node, dict) and node and chance.random() < 0.8:
            name = chance.choice(list(node))
            if chance.random() < 0.15:
                return {key: value for key, value in node.items() if key != name}
            return {**node, name: self._spoilt(node[name])}
        if isinstance(node, list) and node and chance.random() < 0.7:
            place = chance.randrange(len(node))
            return [self._spoilt(value) if i == place else value for i, value in enumerate(node)]
        return chance.choice(VALUES)


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load()


def test_nothing_makes_it_fail_or_break_its_word(spec: Spec, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock(source=lambda: 1_790_000_000_000_000)  # no token ends on a slow machine
    server = build(ServerOptions(items=50, check_answers=True), clock=clock)
    login = json.dumps({"email": "demo@tchat.com", "password": "demo-password"}).encode()
    answer = server.application.handle(
        ReceivedRequest("POST", b"/auth/login", b"", {b"content-type": b"application/json"}, login)
    )
    tokens = json.loads(answer.body)["tokens"]
    bearers = [b"Bearer " + tokens["accessToken"].encode()] * 8
    bearers += [b"Bearer " + tokens["refreshToken"].encode(), b"", b"Bearer x.y.z", b"Basic abc"]
    hostile = Hostile(spec, bearers, seed=1)
    statuses: Counter[int] = Counter()
    for number in range(REQUESTS):
        request = hostile.draw()
        if request.path.endswith(b"/logout"):
            continue  # the session is needed to the end
        response = server.application.handle(request)
        statuses[response.status] += 1
        assert response.status < 500, (
            number,
            request.method,
            request.path,
            request.query,
            request.body,
            response.body,
        )
    assert capsys.readouterr().err == ""
    # The rubbish must have been good enough to pass the gates, or nothing was tested.
    assert {200, 201, 400, 401, 404, 405, 409, 412, 415} <= set(statuses), statuses
