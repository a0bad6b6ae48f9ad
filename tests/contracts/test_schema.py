"""violations(): each way in which an answer can leave the shape that openapi.yaml gives it."""

import json

import pytest

from contracts.schema import LONG, violations
from contracts.spec import Spec, load

ITEM = {
    "id": "a1", "title": "T", "body": "", "category": None, "tags": [], "platforms": ["web"], "metadata": {},
    "status": "draft", "version": 1, "createdAt": "2026-01-01T00:00:00.000000Z", "createdBy": "u1",
    "updatedAt": "2026-01-01T00:00:00.000000Z", "updatedBy": "u1", "publishedAt": None,
}  # fmt: skip
HEADERS = {"Content-Type": "application/json", "ETag": '"v1"', "Cache-Control": "private, no-cache"}


@pytest.fixture(scope="module")
def api() -> Spec:
    return load()


def found(
    api: Spec, status: int = 200, headers: dict[str, str] | None = None, body: object = None
) -> list[str]:
    raw = body if isinstance(body, bytes) else json.dumps({"data": ITEM} if body is None else body).encode()
    told = violations(api, api["getContentItem"], status, HEADERS if headers is None else headers, raw)
    return [f"{v.place} {v.pointer} {v.rule}" for v in told]


def test_a_right_answer_has_none(api: Spec) -> None:
    assert found(api) == []
    assert found(api, headers={name.upper(): value for name, value in HEADERS.items()}) == []
    assert found(api, headers={**HEADERS, "Content-Type": "application/json; charset=utf-8"}) == []
    assert found(api, headers={**HEADERS, "X-Anything": "else"}) == []


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        pytest.param({"version": "1"}, "body /data/version type", id="mistyped"),
        pytest.param({"version": 0}, "body /data/version minimum", id="out of range"),
        pytest.param({"secret": 1}, "body /data additionalProperties", id="extra"),
        pytest.param({"createdAt": "yesterday"}, "body /data/createdAt", id="no date"),
        pytest.param({"status": "live"}, "body /data/status enum", id="no such status"),
        pytest.param({"id": "temp-1"}, "body /data/id not", id="temporary id (S:230)"),
    ],
)
def test_a_wrong_body(api: Spec, change: dict[str, object], violation: str) -> None:
    assert any(v.startswith(violation) for v in found(api, body={"data": {**ITEM, **change}}))


def test_a_missing_member(api: Spec) -> None:
    assert found(api, body={"data": {k: v for k, v in ITEM.items() if k != "tags"}}) == [
        "body /data required"
    ]


def test_a_missing_envelope(api: Spec) -> None:
    assert "body  required" in found(api, body=ITEM)


@pytest.mark.parametrize(
    ("headers", "violation"),
    [
        pytest.param({"ETag": None}, "header ETag required", id="missing header"),
        pytest.param({"ETag": "v1"}, "header ETag schema", id="malformed header"),
        pytest.param({"Content-Type": "text/html"}, "header Content-Type media-type", id="wrong media type"),
        pytest.param({"Content-Type": None}, "header Content-Type media-type", id="no media type"),
    ],
)
def test_wrong_headers(api: Spec, headers: dict[str, str | None], violation: str) -> None:
    merged = {name: value for name, value in {**HEADERS, **headers}.items() if value is not None}
    assert violation in found(api, headers=merged)


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        pytest.param(b'{"data":', "body  json", id="truncated"),
        pytest.param(b"\xff", "body  json", id="not UTF-8"),
        pytest.param(b"", "body  json", id="empty"),
    ],
)
def test_a_body_that_is_no_json(api: Spec, body: bytes, violation: str) -> None:
    assert found(api, body=body) == [violation]


def test_what_is_wrong_with_a_huge_body_is_told_in_one_line(api: Spec) -> None:
    """Piece by piece an answer of 16 MiB costs 600 of memory."""
    [wrong] = violations(api, api["getContentItem"], 200, HEADERS, b"[" + b"0," * LONG + b"0]")
    assert (wrong.rule, len(wrong.message) < 99) == ("schema", True)


def test_an_undocumented_status(api: Spec) -> None:
    assert found(api, status=418) == ["status  status"]


def test_a_lone_surrogate_is_told_as_that(api: Spec) -> None:
    """It is JSON by its grammar."""
    [wrong] = violations(api, api["getContentItem"], 200, HEADERS, b'{"data": "\\ud800"}')
    assert (wrong.rule, "lone surrogate" in wrong.message, "not JSON" in wrong.message) == (
        "json",
        True,
        False,
    )


def test_a_304_has_no_body(api: Spec) -> None:
    assert found(api, status=304, body=b"") == []
    assert found(api, status=304, body=b"x") == ["body  empty"]


def test_a_redirect_has_a_note_for_people(api: Spec) -> None:
    """RFC 9110, 15.4; a document says nothing of it."""
    headers = {"Location": "https://app.tchat.com/oauth/callback", "Cache-Control": "no-store"}
    operation = api.oauth["consent"]
    assert violations(api, operation, 303, headers, b"Redirecting to the client") == ()


def test_an_integer_header_is_read_from_its_text(api: Spec) -> None:
    problem = {
        "type": "tag:tchat.com,2026:rate-limited", "title": "t", "status": 429, "detail": "d",
        "code": "RATE_LIMITED", "message": "d", "requestId": "r",
    }  # fmt: skip
    raw = json.dumps(problem).encode()
    operation = api["getContentItem"]
    media = {"Content-Type": "application/problem+json"}
    assert violations(api, operation, 429, {**media, "Retry-After": "30"}, raw) == ()
    assert violations(api, operation, 429, {**media, "Retry-After": "soon"}, raw)


WRONG_TOKENS = [
    {"tokens": {"accessToken": "opaque+token/1~x", "refreshToken": 'a"b\\opaque2'}},
    {"tokens": ["opaque+token/1~x"], "refresh_token": 'a"b\\opaque2'},
]


@pytest.mark.parametrize("body", WRONG_TOKENS)
def test_what_is_wrong_with_a_login_tells_no_token(api: Spec, body: object) -> None:
    found = violations(api, api["login"], 200, HEADERS, json.dumps(body).encode())
    assert found and not [each for each in found if "opaque" in each.message]
