"""HTTP/1.1 as bytes over asyncio streams: one message read whole, one message written in a given manner.

It knows framing (Content-Length, chunks, end of connection) and nothing of what the messages mean.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from tests.differences.proxy.message import Answer, Headers, Request

LIMIT = 2**20
BODILESS = (204, 304)


class Gone(Exception):
    """The other side closed before a message was complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How answers are put on the wire; the default is the plainest there is."""

    chunk: int = 0
    """Bytes of each chunk of a chunked answer; 0 sends Content-Length."""
    slice: int = 0
    """Bytes of each write of a body; 0 writes it at once."""
    case: Callable[[str], str] = str
    """How names of header fields are spelt."""
    closes_after: int = 0
    """Answers on one connection before it is closed, as `Connection: close` then tells; 0 never closes."""
    tells_close: bool = True
    to_the_end: bool = False
    """The end of the connection ends the body, as in HTTP/1.0."""
    continues: bool = False
    """An interim 100 before every answer to a request with a body."""
    head_length: bool = True
    """Whether an answer to HEAD has the Content-Length that GET would have."""


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None where the client has closed between two."""
    try:
        first, headers = await _head(reader)
    except Gone:
        return None
    method, _, rest = first.partition(" ")
    target = rest.rpartition(" ")[0]
    request = Request(method=method, target=target, headers=headers, body=b"")
    if "chunked" in request.header("transfer-encoding").lower():
        body = await _chunks(reader)
    else:
        body = await _exactly(reader, int(request.header("content-length") or 0))
    return Request(method=method, target=target, headers=headers, body=body)


async def read_answer(reader: asyncio.StreamReader, method: str) -> Answer:
    """The next final answer; interim ones are dropped but for 101."""
    status = 100
    while 100 <= status < 200 and status != 101:
        first, headers = await _head(reader)
        _, _, rest = first.partition(" ")
        number, _, reason = rest.partition(" ")
        status = int(number)
    answer = Answer(status=status, reason=reason, headers=headers, body=b"")
    if method == "HEAD" or status in BODILESS or status == 101:
        return answer
    if "chunked" in answer.header("transfer-encoding").lower():
        body = await _chunks(reader)
    elif answer.header("content-length"):
        body = await _exactly(reader, int(answer.header("content-length")))
    else:
        body = await reader.read()
    return Answer(status=status, reason=reason, headers=headers, body=body)


async def _head(reader: asyncio.StreamReader) -> tuple[str, Headers]:
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        raise Gone from None
    first, *lines = text[:-4].split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, tuple((name, value.strip(" \t")) for name, _, value in pairs)


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        raise Gone from None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    try:
        while size := int((await reader.readline()).partition(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readline()
        while (await reader.readline()).strip():
            pass  # trailers
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        raise Gone from None
    return body


async def write_request(writer: asyncio.StreamWriter, request: Request) -> None:
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    if request.body:
        writer.write(request.body)
    # A server may refuse a long body before it has read it; its answer is there all the same.
    with contextlib.suppress(ConnectionError):
        await writer.drain()


async def write_answer(
    writer: asyncio.StreamWriter, request: Request, answer: Answer, manner: Framing, *, last: bool
) -> None:
    """`answer.headers` have no framing of their own but, for HEAD, the Content-Length that GET would have."""
    body = b"" if request.method == "HEAD" or answer.status in BODILESS else answer.body
    headers = list(answer.headers)
    bodiless = request.method == "HEAD" or answer.status in BODILESS or answer.status == 101
    if not bodiless and manner.chunk:
        headers.append(("Transfer-Encoding", "chunked"))
    elif not bodiless and not manner.to_the_end:
        headers.append(("Content-Length", str(len(body))))
    if last and manner.tells_close:
        headers.append(("Connection", "close"))
    reason = answer.reason or HTTPStatus(answer.status).phrase
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    lines += [f"{manner.case(name)}: {value}" for name, value in headers]
    if manner.continues and request.body:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    if not bodiless:
        await _write_body(writer, body, manner)
    await writer.drain()


async def _write_body(writer: asyncio.StreamWriter, body: bytes, manner: Framing) -> None:
    if manner.chunk:
        for start in range(0, len(body), manner.chunk):
            if writer.is_closing():  # asyncio warns of each write to a client that has left
                raise Gone
            part = body[start : start + manner.chunk]
            writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        writer.write(b"0\r\n\r\n")
        return
    size = manner.slice or max(len(body), 1)
    for start in range(0, len(body), size):
        writer.write(body[start : start + size])
        if manner.slice:
            await writer.drain()
            await asyncio.sleep(0)
