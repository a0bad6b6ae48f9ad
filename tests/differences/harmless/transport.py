"""Harmless differences of how messages travel: what any proxy, load balancer or framework may do to them.

None of these changes what an answer means, so no check may go red.
"""

import asyncio
import gzip
import random
import re
from dataclasses import replace

from tests.differences.proxy.http_messages import Framing
from tests.differences.proxy.message import Answer, Forward, Request
from tests.differences.row import Answers, Intercept, Row

BROUGHT = (
    ("Via", "1.1 edge-7 (nginx)"), ("Server", "nginx/1.25.3"), ("X-Powered-By", "Express"),
    ("X-Request-Id", "edge-00af31"), ("X-Cache", "MISS"), ("Vary", "Accept-Encoding, Origin"),
    ("Strict-Transport-Security", "max-age=63072000"), ("Alt-Svc", 'h3=":443"; ma=86400'),
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Age", "0"),
    ("Content-Language", "en"), ("Server-Timing", "app;dur=3.1"), ("Link", '</docs>; rel="help"'),
    ("Accept-Ranges", "none"), ("Last-Modified", "Sun, 01 Nov 2026 00:00:00 GMT"),
)  # fmt: skip


class Forwarding(Intercept):
    """Tells the server who asked, as reverse proxies do."""

    def request(self, request: Request) -> Request:
        brought = (
            ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "api.tchat.example"),
            ("X-Real-IP", "203.0.113.9"), ("Via", "1.1 edge-7"), ("Forwarded", "for=203.0.113.9;proto=https"),
            ("X-Forwarded-Prefix", "/edge"), ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        )  # fmt: skip
        return replace(request, headers=(*request.headers, *brought))

    opening = request


class Slow(Intercept):
    """Every answer late by `least` seconds and up to `more` on top."""

    def __init__(self, least: float, more: float = 0.0) -> None:
        self._least, self._more = least, more
        self._chance = random.Random(4)

    async def handle(self, request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        await asyncio.sleep(self._least + self._more * self._chance.random())
        return answer


GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))(?:;|,|$)")
"""Asked for, and not by a quality of 0, which refuses it (RFC 9110, 12.4.2)."""


def packed(request: Request, answer: Answer) -> Answer:
    """Compressed where asked for; the tag grows weak, because these are other bytes (RFC 9110, 8.8.1)."""
    if not GZIP.search(request.header("accept-encoding")) or not answer.body:
        return answer
    if answer.header("etag"):
        answer = answer.with_header("ETag", f"W/{answer.header('etag').removeprefix('W/')}")
    answer = answer.with_header("Content-Encoding", "gzip").with_header("Vary", "Accept-Encoding")
    return replace(answer, body=gzip.compress(answer.body, 1))


def _cookie(request: Request, answer: Answer) -> Answer:
    return replace(answer, headers=(*answer.headers, ("Set-Cookie", "AWSALB=x7Jk2f9aQm; Path=/; HttpOnly")))


def _other_clock(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Date", "Mon, 03 Feb 2020 04:05:06 GMT")


def _no_date(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Date", None).with_header("Server", None)


def _reversed(request: Request, answer: Answer) -> Answer:
    return replace(answer, headers=tuple(reversed(answer.headers)))


def _comma(request: Request, answer: Answer) -> Answer:
    """Lists in fields without the space after the comma, methods in another order."""
    allow = answer.header("allow")
    if allow:
        answer = answer.with_header("Allow", ",".join(reversed(allow.replace(" ", "").split(","))))
    if answer.header("cache-control") == "private, no-cache":
        answer = answer.with_header("Cache-Control", "no-cache, private")
    return answer


def _no_store(request: Request, answer: Answer) -> Answer:
    told = answer.header("cache-control")
    return (
        answer.with_header("Cache-Control", "private, no-store, max-age=0") if told == "no-store" else answer
    )


def _charset(request: Request, answer: Answer) -> Answer:
    told = answer.header("content-type")
    return answer.with_header("Content-Type", f"{told}; charset=utf-8") if told else answer


def _charset_loud(request: Request, answer: Answer) -> Answer:
    told = answer.header("content-type")
    kind = told.partition(";")[0].replace("application/json", "Application/JSON")
    return answer.with_header("Content-Type", f'{kind};charset="UTF-8"') if told else answer


def _more_cors(request: Request, answer: Answer) -> Answer:
    brought = (("Access-Control-Expose-Headers", "ETag, Location"), ("Access-Control-Max-Age", "600"))
    return replace(answer, headers=(*answer.headers, *brought))


RFC = "RFC 9110 7.6: an intermediary may"
SILENT = "openapi.yaml names the fields that an answer must have and forbids no other"
TRANSPORT: tuple[Row, ...] = (
    Row(name="honest", why=f"{RFC} forward"),
    Row(name="channel-altered", why="RFC 6455 5.4: fragments and frames have no meaning of their own", channel="alter"),
    Row(name="channel-reframed", why="RFC 6455 5.4: an intermediary may split and join frames", channel="reframe"),
    Row(name="upstream-host", why="RFC 9110 7.2: Host names the server that is asked", host="upstream"),
    Row(name="fresh-connections", why="RFC 9112 9.3: persistence is optional", fresh=True),
    Row(name="forwarding", why=f"{RFC} add Via and Forwarded (RFC 7239)", make=Forwarding),
    Row(name="more-headers", why=SILENT, adds=BROUGHT),
    Row(name="header-names-lower", why="RFC 9110 5.1: names are case-insensitive", manner=Framing(case=str.lower)),
    Row(name="header-names-upper", why="RFC 9110 5.1: names are case-insensitive", manner=Framing(case=str.upper)),
    Row(name="header-names-title", why="RFC 9110 5.1: names are case-insensitive", manner=Framing(case=str.title)),
    Row(name="header-order", why="RFC 9110 5.3: fields of different names have no order", make=lambda: Answers(_reversed)),
    Row(name="header-lists", why="RFC 9110 5.6.1; `Allow`: in any order", make=lambda: Answers(_comma)),
    Row(name="no-store-and-more", why="the header NoStore: no-store among other directives", make=lambda: Answers(_no_store)),
    Row(name="close-each", why="RFC 9112 9.6: either side may close after any answer", manner=Framing(closes_after=1)),
    Row(name="close-untold", why="RFC 9112 9.5: a server may close an idle connection at any time", manner=Framing(closes_after=5, tells_close=False)),
    Row(name="to-the-end", why="RFC 9112 6.3: the close may end a body", manner=Framing(to_the_end=True)),
    Row(name="chunked", why="RFC 9112 7.1", manner=Framing(chunk=100)),
    Row(name="chunked-one-byte", why="RFC 9112 7.1", manner=Framing(chunk=1)),
    Row(name="many-writes", why="TCP keeps no boundaries of writes", manner=Framing(slice=40)),
    Row(name="continue-first", why="RFC 9110 15.2: interim answers may come before any final one", manner=Framing(continues=True)),
    Row(name="head-without-length", why="RFC 9110 9.3.2: HEAD may leave out what only content tells", manner=Framing(head_length=False)),
    Row(name="gzip", why="R37: gzip optional, where it is asked for", make=lambda: Answers(packed)),
    Row(name="balancer-cookie", why="R9: cookies never authenticate; an affinity cookie does not", make=lambda: Answers(_cookie)),
    Row(name="date-of-another-clock", why="RFC 9110 6.6.1: Date is the origin's; no law reads it", make=lambda: Answers(_other_clock)),
    Row(name="no-date", why="RFC 9110 6.6.1: a server without a clock sends none", make=lambda: Answers(_no_date)),
    Row(name="charset", why="openapi: the media type is judged, its parameters are not", make=lambda: Answers(_charset)),
    Row(name="charset-quoted", why="RFC 9110 8.3.1: type, subtype and quoting are free", make=lambda: Answers(_charset_loud)),
    Row(name="more-cors", why=SILENT, make=lambda: Answers(_more_cors)),
    Row(name="jitter", why="no law of one answer has a time; x-slo is judged under load", make=lambda: Slow(0.0, 0.02)),
    Row(name="late-30ms", why="no law of one answer has a time; x-slo is judged under load", make=lambda: Slow(0.03)),
    Row(name="late-50ms", why="no law of one answer has a time; x-slo is judged under load", make=lambda: Slow(0.05)),
)  # fmt: skip
"""Without a control interface, on another name, on another path: see `settings`."""
