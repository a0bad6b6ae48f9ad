"""Every journey makes a request that keeps openapi.yaml, holds what it uses, and gives it back when it is settled."""

import random
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
import pytest

from contracts.model.unpromised import Unpromised, unpromised
from contracts.schema import compile_schema
from contracts.spec import Operation, load, oauth_clients
from load.http.request_bytes import render
from load.http.target import parse
from load.journeys import ALL, DecodedAnswer, JourneyError, Unlearnable, catalogue
from load.journeys.data_pool import (
    AccountCredentials,
    DataPool,
    DataPoolEmpty,
    Draft,
    KnownItem,
    LoginSession,
    SyncChain,
)

SPEC = load()
TARGET = parse("http://127.0.0.1:1", prefix="/api")


def data_pool() -> DataPool:
    made = DataPool(
        random.Random(1), name="w0", account=AccountCredentials("demo@tchat.com", "demo-password")
    )
    made.categories = ["news"]
    made.callers = [LoginSession("caller", "access-token", "refresh-token", expires=0)]
    for n in range(60):
        made.place(KnownItem(f"w{n}", 3), "working")
        made.remember(f"w{n}")
    made.place(KnownItem("d1", 1), "drafts")
    made.place(KnownItem("p1", 2), "published")
    made.place(KnownItem("r1", 5, ancestor="r1-v1"), "revertable")
    made.welcome(LoginSession("guest", "guest-access", "guest-refresh", expires=0))
    made.chains.append(SyncChain("w0.sync1", "2026-01-01T00:00:00.000000Z"))
    return made


def by_state(made: DataPool) -> dict[str, list[tuple[str, int]]]:
    return {name: sorted((i.id, i.version) for i in state) for name, state in made.by_state.items()}


def value_of(text: str, schema: object) -> object:
    """A query value as the schema's type."""
    found = schema if isinstance(schema, dict) else {}
    while "$ref" in found:
        found = SPEC.document["components"]["schemas"][found["$ref"].rsplit("/", 1)[1]]
    kind = found.get("type")
    if kind == "integer":
        return int(text)
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    return text.split(",") if kind == "array" else text


def check(operation: Operation, draft: Draft) -> None:
    raw = render(TARGET, operation, draft)
    head, _, body = raw.partition(b"\r\n\r\n")
    request, *lines = head.decode().split("\r\n")
    method, url, _ = request.split(" ")
    parts = urlsplit(url)
    assert SPEC.match(method, parts.path.removeprefix("/api"))[0] == operation
    query = dict(parse_qsl(parts.query))
    known = {p.name: p for p in operation.parameters if p.location == "query"}
    assert set(query) <= set(known)
    for name, text in query.items():
        compile_schema(SPEC, known[name].schema).validate(value_of(text, known[name].schema))
    assert {p.name for p in known.values() if p.required} <= set(query)
    headers = dict(line.split(": ", 1) for line in lines)
    if operation.body is not None:
        compile_schema(SPEC, operation.body.media_types["application/json"]).validate(
            msgspec.json.decode(body)
        )
        assert headers["Content-Type"] == "application/json"
    assert int(headers.get("Content-Length", 0)) == len(body)
    if operation.security:
        token = headers["Authorization"].removeprefix("Bearer ")
        assert ("refresh" in token) is (operation.security[0] == "refreshToken")
    else:
        assert "Authorization" not in headers


@pytest.mark.parametrize("name", ALL)
def test_the_request_keeps_the_document(name: str) -> None:
    check(SPEC[ALL[name].operation], ALL[name].build(data_pool()))


@pytest.mark.parametrize("name", ALL)
def test_a_request_that_changed_nothing_gives_everything_back(name: str) -> None:
    made = data_pool()
    before = (by_state(made), len(made.guests), len(made.chains))
    draft = ALL[name].build(made)
    made.give_back(draft)
    made.give_back(draft)
    assert (by_state(made), len(made.guests), len(made.chains)) == before


@pytest.mark.parametrize(
    "name",
    [n for n in ALL if n.startswith(("update", "publish", "archive", "bulk", "revert", "refresh", "logout"))],
)
def test_what_a_lost_answer_may_have_changed_is_never_used_again(name: str) -> None:
    made = data_pool()
    before = sum(map(len, made.by_state.values())) + len(made.guests)
    draft = ALL[name].build(made)
    held = len(draft.leases) + (draft.guest is not None)
    made.write_off(draft)
    assert held > 0
    assert sum(map(len, made.by_state.values())) + len(made.guests) == before - held
    assert made.lost.total() == held


@pytest.mark.parametrize("name", [n for n in ALL if n not in ("login", "ingestMetrics")])
def test_an_empty_world_is_starved_and_says_of_what(name: str) -> None:
    empty = DataPool(random.Random(1), name="w0", account=AccountCredentials("a@b.example", "x"))
    with pytest.raises(DataPoolEmpty, match=r"no "):
        ALL[name].build(empty)


def test_an_item_has_one_write_in_flight() -> None:
    made = data_pool()
    seen = [ALL["updateContentItem"].build(made).path["id"] for _ in range(60)]
    assert len(set(seen)) == 60


def item(identity: str, version: int, status: str = "draft") -> dict[str, object]:
    return {"id": identity, "version": version, "status": status, "updatedAt": "2026-01-01T00:00:01.000000Z"}


def answer(name: str, value: object, status: int | None = None) -> DecodedAnswer:
    return DecodedAnswer(status or ALL[name].expects, {}, value, at=0)


def test_an_update_comes_back_with_the_version_that_it_made() -> None:
    made = data_pool()
    draft = ALL["updateContentItem"].build(made)
    ALL["updateContentItem"].learn(made, draft, answer("updateContentItem", {"data": item("w0", 4)}))
    assert ("w0", 4) in by_state(made)["working"]
    assert draft.facts["base"] == 3 and draft.facts["version"] == 4
    assert draft.facts["at"] == "2026-01-01T00:00:01.000000Z"


def test_a_draft_that_is_published_moves_and_what_is_archived_is_gone() -> None:
    made = data_pool()
    draft = ALL["publishContent"].build(made)
    ALL["publishContent"].learn(made, draft, answer("publishContent", {"data": item("d1", 2, "published")}))
    assert by_state(made)["published"] == [("d1", 2), ("p1", 2)]
    draft = ALL["archiveContent"].build(made)
    ALL["archiveContent"].learn(made, draft, answer("archiveContent", {"success": True}))
    assert len(by_state(made)["published"]) == 1


def test_bulk_counts_its_failures_and_loses_only_those_items() -> None:
    made = data_pool()
    draft = ALL["bulkUpdateContent"].build(made)
    failed = [{"index": 1, "id": "w1", "code": "VERSION_CONFLICT", "error": "x"}]
    body = {"data": {"successfulOperations": 2, "failedOperations": failed}}
    with pytest.raises(Unlearnable, match="1 of 3 operations failed"):
        ALL["bulkUpdateContent"].learn(made, draft, answer("bulkUpdateContent", body))
    rows = by_state(made)["working"]
    assert ("w0", 4) in rows and ("w2", 4) in rows
    assert "w1" not in dict(rows)


def test_a_conflict_must_be_about_the_version() -> None:
    made = data_pool()
    draft = ALL["updateContentItem:conflict"].build(made)
    with pytest.raises(Unlearnable, match="INVALID_STATE"):
        ALL["updateContentItem:conflict"].learn(
            made, draft, answer("updateContentItem:conflict", {"code": "INVALID_STATE"})
        )


@pytest.mark.parametrize("details", [{"currentVersion": 3, "yourVersion": 1}, unpromised("details")])
def test_an_item_in_conflict_is_used_again_whatever_the_document_promises_of_the_error(details: Any) -> None:
    made = data_pool()
    before = by_state(made)
    draft = ALL["updateContentItem:conflict"].build(made)
    told = {
        "code": unpromised("codes") if isinstance(details, Unpromised) else "VERSION_CONFLICT",
        "details": details,
    }
    ALL["updateContentItem:conflict"].learn(made, draft, answer("updateContentItem:conflict", told))
    assert by_state(made) == before


def test_a_refresh_that_does_not_rotate_is_noticed() -> None:
    made = data_pool()
    same = {"accessToken": "a", "refreshToken": "guest-refresh", "expiresIn": 900}
    with pytest.raises(Unlearnable, match="not rotated"):
        ALL["refreshTokens"].learn(
            made, ALL["refreshTokens"].build(made), answer("refreshTokens", {"tokens": same})
        )


def test_sync_goes_on_from_where_it_ended() -> None:
    made = data_pool()
    draft = ALL["syncContent"].build(made)
    window = {"items": [], "deleted": [], "syncTimestamp": "2026-01-01T00:00:09.000000Z", "hasMore": False}
    ALL["syncContent"].learn(made, draft, answer("syncContent", {"data": window}))
    assert dict(ALL["syncContent"].build(made).query)["lastSyncTimestamp"] == "2026-01-01T00:00:09.000000Z"


@pytest.mark.parametrize("spoil", [{"state": "other"}, {"code": ""}], ids=["state", "no code"])
def test_a_login_by_code_keeps_the_document_and_notices_what_comes_back_wrong(spoil: dict[str, str]) -> None:
    table, made = catalogue(SPEC), data_pool()
    made.oauth_clients = oauth_clients(SPEC)
    with pytest.raises(DataPoolEmpty):
        table["exchangeToken"].build(made)
    draft = table["signIn"].build(made)
    told = {"code": "c", "state": draft.body["state"]}
    for wrong in (spoil, {}):
        location = f"{draft.body['redirect_uri']}?{urlencode(told | wrong)}"
        redirect = DecodedAnswer(303, {"location": location}, None, 0)
        if wrong:
            with pytest.raises(Unlearnable, match="no code, or another state"):
                table["signIn"].learn(made, draft, redirect)
        else:
            table["signIn"].learn(made, draft, redirect)
    second = table["exchangeToken"].build(made)
    for name, sent in (("signIn", draft), ("exchangeToken", second)):
        (schema,) = SPEC[name].body.media_types.values()  # type: ignore[union-attr]
        assert compile_schema(SPEC, schema).is_valid(sent.body)
        head, _, body = render(TARGET, SPEC[name], sent).partition(b"\r\n\r\n")
        assert (
            b"Content-Type: application/x-www-form-urlencoded" in head
            and dict(parse_qsl(body.decode())) == sent.body
        )
    pair = {"access_token": "a", "refresh_token": "r", "expires_in": 900}
    table["exchangeToken"].learn(made, second, DecodedAnswer(200, {}, pair, 0))
    assert [guest.refresh for guest in made.guests] == ["guest-refresh", "r"] and made.code is None


def test_an_operation_without_a_journey_is_an_error_at_the_start() -> None:
    added = replace(SPEC["getContentItem"], id="getContentHistory")
    spec = replace(SPEC, operations={**SPEC.operations, added.id: added})
    with pytest.raises(JourneyError, match=r"getContentHistory .*no journey"):
        catalogue(spec)


def test_a_journey_that_expects_an_undocumented_status_is_an_error_at_the_start() -> None:
    wrong = {**ALL, "login": replace(ALL["login"], expects=201)}
    with pytest.raises(JourneyError, match="expects 201"):
        catalogue(SPEC, wrong)


def test_a_journey_without_an_operation_is_an_error_at_the_start() -> None:
    wrong = {**ALL, "old": replace(ALL["login"], name="old")}
    with pytest.raises(JourneyError, match="does not have"):
        catalogue(SPEC, wrong)
