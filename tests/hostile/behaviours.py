"""What a hostile target sends: bytes once, bytes again and again, and how it ends. A row each.

`honest` are requests that are answered well all the same: without a login no client comes far enough to be harmed.
"""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

End = Literal["close", "reset", "hold"]
Kind = Literal["http", "tls", "socket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileBehaviour:
    """`start` once and `repeat` for ever with `pause` seconds between, then `end`. `at_once`: login is no exception. `only`: requests
    whose first line has these bytes, and no others."""

    name: str
    kind: Kind = "http"
    start: bytes | Callable[[], bytes] = b""
    repeat: bytes = b""
    pause: float = 0.0
    end: End = "close"
    at_once: bool = False
    only: bytes = b""

    @property
    def first(self) -> bytes:
        return self.start if isinstance(self.start, bytes) else self.start()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
OSC = b"\x1b]52;c;aGFja2Vk\x07\x1b[2J\x9b31m"
MANY = 10_000


def whole(body: bytes, head: bytes = OK) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@cache
def bomb() -> bytes:
    """1 GiB of zeros in a megabyte of gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(bytes(1 << 20)) for _ in range(1024)) + packer.flush()
    return whole(body, OK + b"Content-Encoding: gzip\r\n")


@cache
def bomb_of_bombs() -> bytes:
    return whole(gzip.compress(bomb().partition(b"\r\n\r\n")[2]), OK + b"Content-Encoding: gzip, gzip\r\n")


def http(
    name: str, start: bytes | Callable[[], bytes] = b"", repeat: bytes = b"", **more: object
) -> HostileBehaviour:
    return HostileBehaviour(name=name, start=start, repeat=repeat, **more)  # type: ignore[arg-type]


def moved(status: int, place: bytes) -> bytes:
    return b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, place)


HTTP = [
    http("accepts and says nothing", end="hold", at_once=True),
    http("closes at once", at_once=True),
    http("resets at once", end="reset", at_once=True),
    http("says nothing after login", end="hold"),
    http("closes after the request"),
    http("resets after the request", end="reset"),
    http("resets within the headers", OK + b"X-A: b", end="reset"),
    http("resets within the body", OK + b"Content-Length: 999\r\n\r\n{", end="reset"),
    http("closes within the status line", b"HTTP/1.1 2"),
    http("closes within the headers", OK + b"X-A"),
    http("closes within the body", OK + b"Content-Length: 999\r\n\r\n{"),
    http("holds within the status line", b"HTTP/1.1 2", end="hold"),
    http("holds within the headers", OK, end="hold"),
    http("holds within the body", OK + b"Content-Length: 999\r\n\r\n{", end="hold"),
    http("drips headers", OK, b"X-A: b\r\n", pause=0.2),
    http("drips one header line", OK + b"X-A: ", b"b", pause=0.2),
    http("drips its body", OK + b"Content-Length: 999999999\r\n\r\n", b" ", pause=0.2),
    http("drips chunks", OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", pause=0.2),
    http("drips its login", OK, b"X-A: b\r\n", pause=0.2, at_once=True),
    http("headers without end", OK, b"X-A: " + b"b" * 1000 + b"\r\n"),
    http("one header line without end", OK + b"X-A: ", b"b" * 65536),
    http("status line without end", b"HTTP/1.1 200 ", b"b" * 65536),
    http("body without length or end", OK + b"\r\n", b" " * 65536),
    http("body of a terabyte", OK + b"Content-Length: 1099511627776\r\n\r\n", b" " * 65536),
    http("chunks without end", OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
    http("body without end at login", OK + b"\r\n", b" " * 65536, at_once=True),
    http("chunk of all bytes there are", OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", b" " * 65536),
    http("chunk size that is none", OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    http("chunk size below zero", OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n"),
    http("chunk longer than its size", OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}}}}}\r\n0\r\n\r\n"),
    http("chunk extension without end", OK + b"Transfer-Encoding: chunked\r\n\r\n1;a=", b"b" * 65536),
    http("trailers without end", OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: b\r\n"),
    http("flood of 103", b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    http("flood of 100", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    http("103 every now and then", b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", pause=0.5),
    http("flood of 103 at login", b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", at_once=True),
    http("101 that nobody asked for", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", b"\x00" * 1024),
    http("two lengths", OK + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}"),
    http("length below zero", OK + b"Content-Length: -5\r\n\r\n{}"),
    http("length that is no number", OK + b"Content-Length: two\r\n\r\n{}"),
    http("length and chunks", OK + b"Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    http("gzip bomb", bomb),
    http("gzip bomb within a gzip bomb", bomb_of_bombs),
    http("gzip bomb at login", bomb, at_once=True),
    http("gzip that is none", whole(b"not gzip", OK + b"Content-Encoding: gzip\r\n")),
    http("half of a gzip", whole(gzip.compress(b"{}" * 999)[:-20], OK + b"Content-Encoding: gzip\r\n")),
    http("encoding that nobody knows", whole(b"{}", OK + b"Content-Encoding: br, zstd, x-no\r\n")),
    http("redirects to itself", moved(302, b"/api/content/items")),
    http("redirects to another host", moved(302, b"http://127.0.0.2:1/a")),
    http("redirects a POST to another host", moved(307, b"http://127.0.0.2:1/a"), at_once=True),
    http("redirects to a file", moved(301, b"file:///etc/passwd")),
    http("redirects to nowhere", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"),
    http("null in a header", whole(b"{}", OK + b"X-A: a\x00b\r\n")),
    http("null in a body", whole(b'{"data": "\x00"}')),
    http("control sequences in a body", whole(b'{"code": "' + OSC + b'"}', b"HTTP/1.1 500 No\r\n")),
    http("control sequences in a header", whole(b"{}", OK + b"X-Request-Id: " + OSC + b"\r\nServer: " + OSC + b"\r\n")),
    http("control sequences in the reason", whole(b"{}", b"HTTP/1.1 500 " + OSC + b"\r\n")),
    http("control sequences at login", whole(json.dumps({"code": OSC.decode("latin-1"), "message": OSC.decode("latin-1")}).encode(), b"HTTP/1.1 401 " + OSC + b"\r\nContent-Type: application/json\r\n"), at_once=True),
    http("bytes that are no UTF-8", whole(b'{"data": "\xff\xfe\xc0\x80"}')),
    http("header that is no UTF-8", whole(b"{}", OK + b"X-A: \xff\xfe\r\n")),
    http("JSON nested a million deep", whole(b"[" * 1_000_000)),
    http("JSON objects nested deep", whole(b'{"data":' * 100_000 + b"1" + b"}" * 100_000)),
    http("number of a million digits", whole(b'{"data": ' + b"9" * 1_000_000 + b"}")),
    http("number beyond all bounds", whole(b'{"data": 1e999999999}')),
    http("JSON of NaN and Infinity", whole(b'{"data": NaN, "expiresIn": Infinity}')),
    http("JSON of 15 MiB", whole(b"[" + b"0," * 7_800_000 + b"0]")),
    http("the same key ten thousand times", whole(b"{" + b'"data": 1,' * MANY + b'"data": 2}')),
    http("no body at all", whole(b"")),
    http("HTML", whole(b"<html><script>alert(1)</script>", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")),
    http("status 999", whole(b"{}", b"HTTP/1.1 999 No\r\n")),
    http("status that is no number", whole(b"{}", b"HTTP/1.1 abc No\r\n")),
    http("HTTP/0.9", b"{}"),
    http("HTTP/3.7", whole(b"{}", b"HTTP/3.7 200 OK\r\n")),
    http("line feeds alone", b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}"),
    http("header without a colon", whole(b"{}", OK + b"no colon here\r\n")),
    http("blank before the colon", whole(b"{}", OK + b"X-A : b\r\n")),
    http("folded header", whole(b"{}", OK + b"X-A: b\r\n c\r\n")),
    http("204 with a body", whole(b"{}", b"HTTP/1.1 204 No Content\r\n")),
    http("two answers to one request", whole(b"{}") + whole(b'{"data": "of nobody"}')),
    http("an answer before the request", whole(b"{}") * 50, end="hold"),
    http("greeting of SSH", b"SSH-2.0-OpenSSH_9.0\r\n", end="hold", at_once=True),
    http("alert of TLS", b"\x15\x03\x03\x00\x02\x02\x28", at_once=True),
    http("ten thousand cookies", whole(b"{}", OK + b"Set-Cookie: a=b\r\n" * MANY)),
    http("try again in thirty years", whole(b"{}", b"HTTP/1.1 429 Slow\r\nRetry-After: 999999999\r\n")),
    http("try again before now", whole(b"{}", b"HTTP/1.1 429 Slow\r\nRetry-After: -5\r\n")),
    http("try again never", whole(b"{}", b"HTTP/1.1 503 No\r\nRetry-After: soon\r\n")),
    http("date of the year 9999", whole(b"{}", OK + b"Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n")),
    http("401 to every token", whole(b"{}", b"HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\n")),
    http("one operation is never answered", end="hold", only=b" /api/content/sync"),
    http("one operation drips", OK, b"X-A: b\r\n", pause=0.2, only=b"POST /api/content/items "),
    http("reads of items have no end", OK + b"\r\n", b" " * 65536, only=b"GET /api/content/items"),
    http("500 to everything", whole(b"{}", b"HTTP/1.1 500 No\r\n"), at_once=True),
]  # fmt: skip

TLS = [
    http("handshake that never ends", kind="tls", end="hold", at_once=True),
    http("handshake that drips", b"\x16\x03\x03\x40\x00", b"\x00", pause=0.2, kind="tls", at_once=True),
    http("handshake of another protocol", b"HTTP/1.1 400 Bad Request\r\n\r\n", kind="tls", at_once=True),
    http("closes at the handshake", kind="tls", at_once=True),
    http("resets at the handshake", end="reset", kind="tls", at_once=True),
    http("alert at the handshake", b"\x15\x03\x03\x00\x02\x02\x28", kind="tls", at_once=True),
    http("record larger than allowed", b"\x16\x03\x03\xff\xff", b"\x00" * 65536, kind="tls", at_once=True),
    http("certificate of nobody", b"certificate", kind="tls", at_once=True),
]


def frame(opcode: int, payload: bytes, *, fin: bool = True, rsv: int = 0, mask: bool = False) -> bytes:
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    size, bit = len(payload), 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    return head + (b"\x00\x00\x00\x00" if mask else b"") + payload


def socket(
    name: str, start: bytes | Callable[[], bytes] = b"", repeat: bytes = b"", **more: object
) -> HostileBehaviour:
    """After a right handshake, and `start` that begins with HTTP in place of one."""
    return http(name, start, repeat, kind="socket", **more)


SOCKETS = [
    socket("handshake never answered", b"HTTP", end="hold"),
    socket("handshake that drips headers", b"HTTP/1.1 101 Switching Protocols\r\n", b"X-A: b\r\n", pause=0.2),
    socket("handshake without end", b"HTTP/1.1 101 Switching Protocols\r\nX-A: ", b"b" * 65536),
    socket("handshake of a wrong key", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n", end="hold"),
    socket("handshake refused without end", b"HTTP/1.1 403 No\r\n\r\n", b" " * 65536),
    socket("flood of 103 before the handshake", b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    socket("resets after the handshake", end="reset"),
    socket("says nothing after the handshake", end="hold"),
    socket("frame of nine exabytes", b"\x81\x7f\x7f" + b"\xff" * 7, b" " * 65536),
    socket("frame of 5 GB", b"\x81\x7f" + struct.pack("!Q", 5 << 30), b" " * 65536),
    socket("frame that drips", b"\x81\x7e\xff\xff", b" ", pause=0.2),
    socket("fragments without end", frame(1, b"[", fin=False), frame(0, b" " * 60000, fin=False)),
    socket("masked frame", frame(1, b"{}", mask=True), end="hold"),
    socket("reserved bits", frame(1, b"{}", rsv=7), end="hold"),
    socket("compressed though nobody agreed", frame(1, zlib.compress(bytes(1 << 24), 9)[2:-4], rsv=4), end="hold"),
    socket("reserved opcode", frame(11, b"{}"), end="hold"),
    socket("ping longer than allowed", frame(9, b" " * 500), end="hold"),
    socket("ping in fragments", frame(9, b"a", fin=False), end="hold"),
    socket("flood of pings", b"", frame(9, b"a") * 1000),
    socket("flood of messages", b"", frame(1, b'{"type": "content_updated"}') * 1000),
    socket("flood of messages that are no JSON", b"", frame(1, b"no JSON") * 1000),
    socket("message that is no UTF-8", frame(1, b"\xff\xfe"), end="hold"),
    socket("message of binary", frame(2, b"\x00\x01"), end="hold"),
    socket("message nested deep", frame(1, b"[" * 1_000_000), end="hold"),
    socket("message of control sequences", frame(1, json.dumps({"type": OSC.decode("latin-1")}).encode()), end="hold"),
    socket("close without a handshake of its own", frame(8, b""), end="hold"),
    socket("close with a code that is none", frame(8, struct.pack("!H", 1005)), end="hold"),
    socket("close with control sequences", frame(8, struct.pack("!H", 4001) + OSC), end="close"),
    socket("HTTP in place of frames", b"HELLO HTTP/1.1 400 Bad Request\r\n\r\n", end="hold"),
]  # fmt: skip

BEHAVIOURS: list[HostileBehaviour] = [*HTTP, *TLS, *SOCKETS]
