"""Content codings: what a client accepts decides how an answer is packed, and never what is in it."""

import zlib
from dataclasses import replace

from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.contract_violation import ContractViolation, equal, expect
from contracts.suite.plugin.registry import family

check = family("semantics")

# Accept-Encoding -> the codings that may come, beside none at all.
FIELDS = {
    "gzip": {"gzip", "x-gzip"},
    "gzip;q=0.001, deflate;q=0": {"gzip", "x-gzip"},
    "gzip;q=0": set(),
    "identity;q=1, *;q=0": set(),
    "identity": set(),
}
PATH = "/content/items?limit=100"


@check("http.content-coding", "RFC 9110 12.5.3, RFC 9110 8.4", operations=["getContentItems"], needs=())
def content_coding(api: Api) -> None:
    """No answer has a coding that its client does not accept, and packed or plain the content is the same."""

    def all_of_them() -> list[HttpAnswer]:
        return [_asked(api, field) for field in ("", *FIELDS)]

    plain, *others = api.quiet(all_of_them)
    for answer, (field, allowed) in zip(others, FIELDS.items(), strict=True):
        coding = answer.headers.get("content-encoding", "")
        expect(
            not coding or coding in allowed, f"no coding but {sorted(allowed)} for {field!r}", coding, answer
        )
        equal(answer.json, plain.json, f"the content for Accept-Encoding: {field}", plain, answer)


def _asked(api: Api, field: str) -> HttpAnswer:
    """The answer unpacked: what judges every answer reads the content and not its packing."""
    more = {"Accept-Encoding": field} if field else {}
    request = HttpRequest(method="GET", url=f"{api.target.base}{PATH}", headers=api.bearer(**more))
    exchange = api.target.connection.send(request, "getContentItems")
    coding = {name.lower(): value for name, value in exchange.headers.items()}.get("content-encoding", "")
    if coding in ("gzip", "x-gzip") and exchange.body:
        try:
            exchange = replace(exchange, body=zlib.decompress(exchange.body, wbits=31))
        except zlib.error as error:
            api.target.recorder.record(exchange)
            raise ContractViolation("a gzip body, as Content-Encoding says", str(error), [exchange]) from None
    api.target.recorder.record(exchange)
    return HttpAnswer(exchange).must(200)
