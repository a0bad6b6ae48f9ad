"""Checks of content codings: Accept-Encoding decides about the compression of an answer and never changes its content; and of fields that
make no sense."""

from contracts.suite.api.api import Api
from contracts.suite.contract_violation import equal, expect
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
MALFORMED = (
    ("Accept-Encoding", "gzip;q=x"),
    ("Accept-Encoding", ";q=,;"),
    ("Accept-Language", "de;q=x"),
    ("Cookie", "=;;="),
    ("If-Modified-Since", "yesterday"),
    ("If-None-Match", 'W/"'),
    ("Origin", "http://["),
    ("X-Forwarded-For", ",x"),
)
PATH = "/content/items?limit=100"


@check("http.content-coding", "RFC 9110 12.5.3, RFC 9110 8.4", operations=["getContentItems"], needs=())
def content_coding(api: Api) -> None:
    """No answer has a coding that its client does not accept, and the content is the same with and without one."""
    asked = ("", *FIELDS)
    plain, again, *others = api.quiet(lambda: [api.unpacked(PATH, field).must(200) for field in ("", *asked)])
    equal(again.json, plain.json, "the content of the same request, sent twice", plain, again)
    for answer, (field, allowed) in zip(others, FIELDS.items(), strict=True):
        coding = answer.headers.get("content-encoding", "")
        expect(
            not coding or coding in allowed, f"no coding but {sorted(allowed)} for {field!r}", coding, answer
        )
        equal(answer.json, plain.json, f"the content for Accept-Encoding: {field}", plain, answer)


@check("http.malformed-fields", "RFC 9110 5.5", operations=["getContentItems"], needs=())
def malformed_fields(api: Api) -> None:
    """A header field whose value makes no sense is ignored or refused, and is no error of the server."""
    for name, value in MALFORMED:
        answer = api.call("getContentItems", headers={name: value})
        expect(answer.status < 500, f"no server error for {name}: {value}", f"{answer.status}", answer)
