"""What a client sees of the short way on uvicorn, byte by byte: the same HTTP as the long way, in the same order."""

import json
import re
import socket
from collections.abc import Iterator

import httpx
import pytest

from contracts.spec import load
from tests.fork_server import ReferenceServer, reference_server
from tests.waiting import HANG


@pytest.fixture(scope="module")
def server() -> Iterator[ReferenceServer]:
    with reference_server("--items", "3", "--control") as made:
        yield made


@pytest.fixture(scope="module")
def token(server: ReferenceServer) -> str:
    body = {"email": "demo@tchat.com", "password": "demo-password"}
    answer = httpx.post(f"{server.url}/auth/login", json=body)
    return str(answer.json()["tokens"]["accessToken"])


class Line:
    """One TCP connection."""

    def __init__(self, server: ReferenceServer, token: str) -> None:
        host, port = server.url.removeprefix("http://").split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=HANG)
        self._file = self._socket.makefile("rb")
        self._token = token

    def request(self, line: str, *fields: str, body: str = "") -> bytes:
        known = ["Host: 127.0.0.1", f"Authorization: Bearer {self._token}", *fields]
        return "\r\n".join([line, *known, "", body]).encode()

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self._socket.sendall(part)

    def answer(self, *, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        status = int(self._file.readline().split()[1])
        fields: dict[str, str] = {}
        while (line := self._file.readline().decode().strip()) != "":
            name, _, value = line.partition(": ")
            fields[name] = value
        size = 0 if head or status in (204, 304) else int(fields["content-length"])
        return status, fields, self._file.read(size)

    def is_at_its_end(self) -> bool:
        return self._file.read(1) == b""

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@pytest.fixture
def line(server: ReferenceServer, token: str) -> Iterator[Line]:
    made = Line(server, token)
    yield made
    made.close()


def put(line: Line, version: int, title: str) -> bytes:
    body = json.dumps({"version": version, "title": title})
    return line.request(
        "PUT /content/items/item-000003 HTTP/1.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        body=body,
    )


def test_pipelined_requests_are_answered_in_order(line: Line) -> None:
    """Short and long ways by turns; the write is answered before the read behind it, which shows it."""
    get = line.request("GET /content/items/item-000003 HTTP/1.1")
    line.send(get)
    version = json.loads(line.answer()[2])["data"]["version"]
    control = line.request("GET /_control/state HTTP/1.1")
    line.send(put(line, version, "first") + get + control + put(line, version, "second") + get)
    answers = [line.answer() for _ in range(5)]
    assert [status for status, _, _ in answers] == [200, 200, 200, 409, 200]
    assert [json.loads(answers[n][2])["data"]["title"] for n in (0, 1, 4)] == ["first"] * 3
    assert "sockets" in json.loads(answers[2][2])


def test_a_body_in_pieces_and_in_chunks(line: Line) -> None:
    whole = line.request(
        "POST /content/items HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked",
        body='6\r\n{"titl\r\n9\r\ne": "abc"\r\n1\r\n}\r\n0\r\n\r\n',
    )  # fmt: skip
    line.send(*(whole[n : n + 7] for n in range(0, len(whole), 7)))
    status, fields, body = line.answer()
    assert status == 201 and json.loads(body)["data"]["title"] == "abc" and "location" in fields


def test_a_body_that_is_too_long_is_refused_and_the_connection_goes_on(line: Line) -> None:
    size = 12 << 20
    line.send(
        line.request(
            "POST /content/items HTTP/1.1", "Content-Type: application/json", f"Content-Length: {size}"
        )
    )
    line.send(*(b" " * (1 << 20) for _ in range(size >> 20)))
    assert line.answer()[0] == 413
    line.send(line.request("GET /content/items/item-000003 HTTP/1.1"))
    assert line.answer()[0] == 200


def test_head_expectations_and_conditional_reads(line: Line) -> None:
    line.send(line.request("GET /content/items/welcome HTTP/1.1"))
    _, whole, body = line.answer()
    line.send(line.request("HEAD /content/items/welcome HTTP/1.1"))
    status, fields, _ = line.answer(head=True)
    assert status == 200 and {**fields, "date": ""} == {**whole, "date": ""}
    assert int(fields["content-length"]) == len(body) > 0 and re.fullmatch(r"\w+, .+ GMT", whole["date"])
    line.send(line.request("GET /content/items/welcome HTTP/1.1", f"If-None-Match: {whole['etag']}"))
    status, fields, _ = line.answer()
    assert status == 304 and "content-length" not in fields
    wait = "Expect: 100-continue"
    line.send(
        line.request(
            "POST /content/items HTTP/1.1", wait, "Content-Type: application/json", "Content-Length: 13"
        )
    )
    assert line._file.readline() == b"HTTP/1.1 100 Continue\r\n" and line._file.readline() == b"\r\n"
    line.send(b'{"title":"e"}')
    assert line.answer()[0] == 201


@pytest.mark.parametrize(
    ("version", "fields"),
    [("1.1", ("Connection: close",)), ("1.0", ()), ("1.0", ("Connection: keep-alive",))],
)
def test_a_connection_ends_when_it_is_to(line: Line, version: str, fields: tuple[str, ...]) -> None:
    line.send(line.request(f"GET /content/items/welcome HTTP/{version}", *fields))
    status, told, _ = line.answer()
    assert status == 200 and told["connection"] == "close"
    assert line.is_at_its_end()


def test_targets_in_absolute_form_and_targets_that_are_no_path(line: Line) -> None:
    line.send(line.request("GET http://x/content/items/welcome?version=1 HTTP/1.1"))
    status, _, body = line.answer()
    assert status == 200 and json.loads(body)["data"]["version"] == 1
    line.send(line.request("GET //content/items HTTP/1.1"))
    assert line.answer()[0] == 404
    line.send(line.request("OPTIONS * HTTP/1.1"))
    assert line.answer()[0] == 404


def test_a_repeated_field_is_a_list(line: Line) -> None:
    line.send(
        line.request("GET /content/items/welcome HTTP/1.1", 'If-None-Match: "no"', 'if-none-match: "v2"')
    )
    assert line.answer()[0] == 304


@pytest.mark.parametrize("faults", [[], ["title-cut"]], ids=["short way", "long way"])
def test_one_byte_more_than_the_largest_body(server: ReferenceServer, line: Line, faults: list[str]) -> None:
    """In several pieces; ways differ in who counts."""
    body = load().operations["ingestMetrics"].body
    assert body is not None
    size = body.limit + 1
    httpx.put(f"{server.url}/_control/faults", json={"faults": faults}).raise_for_status()
    try:
        for length, expected in ((size, 413), (size - 1, 400)):
            line.send(
                line.request(
                    "POST /metrics HTTP/1.1", "Content-Type: application/json", f"Content-Length: {length}"
                )
            )
            line.send(*(b" " * min(100_000, length - at) for at in range(0, length, 100_000)))
            assert line.answer()[0] == expected
    finally:
        httpx.put(f"{server.url}/_control/faults", json={"faults": []}).raise_for_status()


def test_faults_go_the_long_way(server: ReferenceServer, line: Line) -> None:
    faults = f"{server.url}/_control/faults"
    httpx.put(faults, json={"faults": ["body-cut:rate=1"]}).raise_for_status()
    try:
        line.send(line.request("GET /content/items/welcome HTTP/1.1"))
        assert line._file.readline().startswith(b"HTTP/1.1 200")
        rest = line._file.read()  # the connection ends in the middle of the body
        head, _, body = rest.partition(b"\r\n\r\n")
        size = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
        assert 0 < len(body) < size
    finally:
        httpx.put(faults, json={"faults": []}).raise_for_status()
