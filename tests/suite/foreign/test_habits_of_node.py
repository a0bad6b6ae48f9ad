"""What servers in Node do by habit (Fastify, oidc-provider), with a document that says so: lists by cursor. None of it is a failure, and what is
wrong beside it is one."""

import base64
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import yaml

from contracts.dialect import dialect_of
from contracts.dialect.values.list_cursors import ListCursor, list_cursor
from contracts.run import parse
from contracts.run.failure_groups import failure_groups
from contracts.run.result import CheckResult, Offence
from contracts.spec import SpecError, load
from contracts.suite.api.capabilities import DENIED
from contracts.suite.checks.test_expiry import SECRET
from contracts.suite.judging.schema_keywords import cells_of
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite, run_through_proxy
from tests.suite.foreign.foreign_document import TEXT, many
from tests.suite.foreign.test_habits_of_frameworks import messages_alone, own, silent, without_codes
from tests.suite.mutating_proxy import Passing, mutating
from tests.suite_command import run_suite

NUMBERS = itertools.count(1)
LISTS = ("/content/items", "/content/categories/{category}/items")
PROVEN = (
    "items.pages-disjoint", "items.pages-of-everything", "items.order", "items.order-across-pages", "items.ids-fresh", "items.filter-status",
    "items.filter-category", "categories.paging", "categories.items", "isolation.lists", "stateful.model",
)  # fmt: skip
"""Checks that read whole lists."""


def by_cursor() -> dict[str, Any]:
    """Our document with lists that are read on by a cursor, without a total."""
    theirs = own()
    page = theirs["components"]["schemas"]["ContentPageResponse"]["properties"]["data"]
    page["properties"] |= {"nextCursor": {"type": ["string", "null"]}}
    del page["properties"]["pagination"]
    page["required"] = ["data", "nextCursor"]
    for path in LISTS:
        listing = theirs["paths"][path]["get"]
        kept = [each for each in listing["parameters"] if not each.get("$ref", "").endswith("/Page")]
        listing["parameters"] = [*kept, {"name": "cursor", "in": "query", "schema": TEXT}]
    return theirs


def lists(wrong: Callable[[int, list[Any], str | None], tuple[list[Any], str | None]]) -> Any:
    """A server of such lists; `wrong` changes the items of a page with this number, and its cursor."""

    def spoil(passing: Passing) -> Passing:
        path, _, query = passing.path.partition("?")
        if passing.method != "GET" or not path.endswith("/items") or passing.status != 200:
            return passing
        asked = dict(parse_qsl(query, keep_blank_values=True))
        page = base64.urlsafe_b64decode(asked.pop("cursor")).decode() if "cursor" in asked else "1"
        if page != "1":
            status, headers, body = passing.send("GET", f"{path}?{urlencode(asked | {'page': page})}", b"")
            passing = replace(passing, status=status, headers=headers, body=body)
        found = passing.json["data"]
        more = base64.urlsafe_b64encode(str(int(page) + 1).encode()).decode()
        items, cursor = wrong(int(page), found["data"], more if found["pagination"]["hasNext"] else None)
        return passing.with_json({"data": {"data": items, "nextCursor": cursor}})

    return spoil


def test_lists_by_cursor_are_read_to_their_ends(suite: Suite, tmp_path: Path) -> None:
    right = lists(lambda page, items, cursor: (items, cursor))
    run = run_through_proxy(suite, tmp_path, by_cursor(), right, " or ".join(PROVEN))
    assert [(one.id, one.reason) for one in run.checks if one.grade != "PASS"] == []
    assert {one.id for one in run.checks} >= set(PROVEN), [(one.id, one.reason) for one in run.not_applicable]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda page, items, cursor: (items[: -1 if cursor else None], cursor), id="an item is lost"),
        pytest.param(lambda page, items, cursor: ([*items[:1], *items] if page > 1 else items, cursor), id="an item twice"),
        pytest.param(lambda page, items, cursor: (items[::-1] if page > 1 else items, cursor), id="another order"),
        pytest.param(lambda page, items, cursor: (items, cursor if page < 2 else None), id="an early end"),
        pytest.param(lambda page, items, cursor: (items, cursor or "MQ=="), id="no end"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_list_by_cursor_is_found(suite: Suite, tmp_path: Path, wrong: Any) -> None:
    chosen = "items.pages-disjoint or items.order-across-pages"
    run = run_through_proxy(suite, tmp_path, by_cursor(), lists(wrong), chosen)
    assert [one for one in run.checks if one.grade == "FAIL"]


def _answer(**members: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": [*members], "properties": members}
    return {"description": "", "content": {"application/json": {"schema": schema}}}


@pytest.mark.parametrize(
    ("parameter", "members", "declared", "found"),
    [
        ("page_token", {"items": many(TEXT), "next_page_token": TEXT}, {}, ("next_page_token",)),
        ("after", {"edges": many(TEXT), "pageInfo": {"type": "object", "properties": {"endCursor": TEXT}}}, {}, ("pageInfo", "endCursor")),
        ("cursor", {"next": {"type": ["string", "null"]}, "results": many(TEXT)}, {}, ("next",)),
        ("from", {"upTo": TEXT, "items": many(TEXT)}, {"parameter": "from", "member": "upTo"}, ("upTo",)),
        ("from", {"upTo": TEXT, "items": many(TEXT)}, {}, None),
        ("page", {"next": TEXT, "items": many(TEXT)}, {}, None),
    ],
)  # fmt: skip
def test_a_cursor_is_known_by_its_name_or_by_the_dialect(
    tmp_path: Path, parameter: str, members: dict[str, Any], declared: dict[str, str], found: Any
) -> None:
    theirs = own() | {"x-dialect": {"cursor": declared}}
    listing = theirs["paths"]["/content/items"]["get"]
    listing["parameters"] = [{"name": parameter, "in": "query", "schema": TEXT}]
    listing["responses"]["200"] = _answer(**members)
    spec = _load(tmp_path, theirs)
    cursor = list_cursor(spec, spec["getContentItems"])
    assert (cursor and cursor.places) == (found and (found,))


@pytest.mark.parametrize(
    ("value", "link", "following"),
    [
        ({"next": "https://h/items?limit=2&cursor=cD0y%3D"}, "", "cD0y="),
        ({"next": None}, "", ""),
        ({"next": 0}, "", "0"),
        ({"next": "b2Zm", "has_more": False}, "", ""),
        ([], '<https://h/items?cursor=p>; rel="prev", <https://h/items?cursor=n>; rel="next"', "n"),
        ([], '<https://h/items?cursor=p>; rel="prev"', ""),
    ],
)
def test_the_next_cursor_is_read_as_it_is_told(value: Any, link: str, following: str) -> None:
    assert ListCursor("cursor", (("next",),), link=True).following(value, link) == following


def test_what_a_target_lacks_by_intent_does_not_apply(suite: Suite, tmp_path: Path) -> None:
    theirs = own() | {"x-dialect": {"origins": False, "channel": False}}
    chosen = "own-origin or exposed-headers or origin-counts or realtime.handshake"
    run = run_through_proxy(suite, tmp_path, theirs, lambda passing: passing, chosen)
    told = {one.id: one.reason for one in run.not_applicable}
    assert set(told) == {
        "http.own-origin",
        "http.exposed-headers",
        "caches.origin-counts",
        "realtime.handshake",
    }
    assert set(told.values()) == {reason for _, reason in DENIED.values()}


@pytest.mark.parametrize(
    ("dialect", "place"),
    [({"cursor": {"param": "from"}}, "cursor"), ({"origins": ["https://app"]}, "origins"), ({"origins": True}, "origins")],
)  # fmt: skip
def test_a_dialect_that_says_nothing_is_refused(tmp_path: Path, dialect: dict[str, Any], place: str) -> None:
    with pytest.raises(SpecError, match=f"/x-dialect/{place}"):
        dialect_of(_load(tmp_path, own() | {"x-dialect": dialect}))


def _load(folder: Path, theirs: dict[str, Any]) -> Any:
    path = folder / "theirs.json"
    path.write_text(json.dumps(theirs))
    return load(path)


def of_uuids() -> dict[str, Any]:
    """Our document with ids that have a form, and without the prose of errors, challenges, throttles and deletions."""
    theirs = silent()
    theirs["components"]["parameters"]["ItemId"]["schema"] = {"type": "string", "format": "uuid"}
    answers = [theirs["components"]["responses"]]
    answers += [
        one["responses"] for item in theirs["paths"].values() for one in item.values() if "responses" in one
    ]
    for answer in (answer for named in answers for answer in named.values()):
        answer.get("headers", {}).pop("WWW-Authenticate", None)
    theirs["components"]["responses"]["LoginThrottled"] = {"description": "Too many requests"}
    for path, method in (("/content/items", "post"), ("/content/sync", "get"), ("/auth/login", "post")):
        theirs["paths"][path][method]["description"] = "In no words."
    return theirs


def test_keywords_are_checked_without_problem_documents(suite: Suite, tmp_path: Path) -> None:
    run = run_through_proxy(suite, tmp_path, without_codes(), messages_alone, "keywords.exact")
    told = {one.operation: (one.grade, one.reason) for one in run.checks if one.id == "keywords.exact"}
    assert "createContentItem" in told and not run.not_applicable, run.not_applicable
    assert {grade for grade, _ in told.values()} == {"PASS"}, told


def described(passing: Passing) -> Passing:
    found = passing.path.rpartition("/")[2] in ("openapi.json", "docs", "health")
    return replace(passing, status=200).with_json({"openapi": "3.0.3"}) if found else passing


def debugged(passing: Passing) -> Passing:
    return replace(passing, status=200).with_json({}) if passing.path.endswith("/debug") else passing


@pytest.mark.parametrize(("spoil", "grade"), [(described, "PASS"), (debugged, "FAIL")])
def test_what_tells_of_the_api_is_no_hidden_path(
    suite: Suite, tmp_path: Path, spoil: Any, grade: str
) -> None:
    run = run_through_proxy(suite, tmp_path, silent(), spoil, "no-hidden-paths or unknown-routes")
    checks = {one.id: one.grade for one in run.checks if one.id.startswith("http.")}
    assert checks == {"http.no-hidden-paths": grade, "http.unknown-routes": grade}


def limited(passing: Passing) -> Passing:
    """A limit of the rate of logins with a code, whoever asks: every second one is refused, and may be sent again at once."""
    if not passing.path.endswith("/auth/login") or next(NUMBERS) % 2:
        return passing
    told = {"code": "RATE_LIMITED", "message": "Try again."}
    return replace(
        passing, status=429, headers={"Retry-After": "0", "Content-Type": "application/problem+json"}
    ).with_json(told)


def test_logins_that_are_refused_for_their_rate_are_sent_again(suite: Suite, tmp_path: Path) -> None:
    """Where the document does not say what becomes of failed logins, a 429 of one says nothing of the account."""
    chosen = "auth.expires-in or login-refused-alike or isolation.by-id"
    run = run_through_proxy(suite, tmp_path, of_uuids(), limited, chosen)
    assert [(one.id, one.reason) for one in run.checks if one.grade != "PASS"] == []
    assert {"auth.expires-in", "isolation.by-id"} <= {one.id for one in run.checks}


def signs_out_elsewhere(passing: Passing) -> Passing:
    if not passing.path.endswith("/auth/sign-out"):
        return passing
    status, headers, body = passing.send(
        passing.method, passing.path.replace("sign-out", "logout"), passing.sent
    )
    return replace(passing, status=status, headers=headers, body=body)


def test_a_logout_that_nobody_has_named_ends_no_session_of_others(tmp_path: Path) -> None:
    """At a path of its own it is an operation that no law knows, and is called all the same."""
    theirs = silent()
    theirs["paths"]["/auth/sign-out"] = theirs["paths"].pop("/auth/logout")
    spec, out = tmp_path / "theirs.yaml", tmp_path / "run.json"
    spec.write_text(yaml.safe_dump(theirs, sort_keys=False), "utf-8")
    chosen = "smoke.reaches or smoke.in-time or conformance.examples"
    with embedded_server() as server, mutating(server.url, signs_out_elsewhere) as url:
        run_suite("--spec", str(spec), "--target", url, "-k", chosen, "--run-out", str(out))
    run = parse(out.read_bytes(), name=out.name)
    assert [(one.id, one.operation, one.reason) for one in run.checks if one.grade == "FAIL"] == []
    assert "postAuthSignOut" in {one.operation for one in run.checks if one.id == "smoke.reaches"}


def coerced(passing: Passing) -> Passing:
    """Ajv with `coerceTypes` makes texts of numbers, which then name nobody."""
    if passing.status != 400 or not passing.path.endswith("/auth/login"):
        return passing
    sent = json.loads(passing.sent)
    if not isinstance(sent, dict) or "zzz" in sent or not any(isinstance(v, int) for v in sent.values()):
        return passing
    told = {"code": "INVALID_CREDENTIALS", "message": "Wrong."}
    return replace(passing, status=401).with_json(passing.json | told | {"status": 401})


def test_another_refusal_than_that_of_the_request_says_what_the_request_breaks(
    suite: Suite, tmp_path: Path
) -> None:
    run = run_through_proxy(suite, tmp_path, silent(), coerced, "keywords.exact and login")
    [wrong] = [one for one in run.checks if one.id == "keywords.exact" and one.grade == "FAIL"]
    assert (
        "answers 401 INVALID_CREDENTIALS where 400 is right (body: " in wrong.reason
        and "is not of type" in wrong.reason
    )


def without_grace() -> dict[str, Any]:
    """A refresh token is good once, from its first use on."""
    theirs = own()
    told = yaml.safe_load(yaml.safe_dump(theirs).replace("REFRESH_REUSED", "TOKEN_INVALID"))
    del told["info"]["description"]
    for path in ("/oauth/token", "/auth/refresh"):
        told["paths"][path]["post"]["description"] = "In no words."
    return told | {"x-dialect": {"promises": ["single use"], "tokens": {"grace": 0, "rotates": True}}}


def good_once(used: set[str]) -> Any:
    def spoil(passing: Passing) -> Passing:
        fields = dict(parse_qsl(passing.sent.decode("latin-1")))
        bearer = {name.lower(): value for name, value in passing.request_headers.items()}.get(
            "authorization", ""
        )
        token = fields.get("refresh_token", "") or bearer.removeprefix("Bearer ")
        if (
            passing.status != 200
            or not passing.path.endswith(("/oauth/token", "/auth/refresh"))
            or "code=" in passing.sent.decode("latin-1")
        ):
            return passing
        if token in used:
            refusal = {"error": "invalid_grant"} if fields else {"code": "TOKEN_INVALID", "message": "used"}
            return replace(passing, status=400 if fields else 401).with_json(refusal)
        used.add(token)
        return passing

    return spoil


@pytest.mark.parametrize("once", [True, False])
def test_a_refresh_token_without_grace_is_good_once(suite: Suite, tmp_path: Path, once: bool) -> None:
    spoil = good_once(set()) if once else lambda passing: passing
    chosen = "oauth.refresh-rules or races.parallel-refreshes"
    run = run_through_proxy(suite, tmp_path, without_grace(), spoil, chosen)
    told = {one.id: (one.grade, one.reason) for one in run.checks if not one.id.startswith("shape")}
    assert {name: grade for name, (grade, _) in told.items()} == dict.fromkeys(
        ("oauth.refresh-rules", "races.parallel-refreshes"), "PASS" if once else "FAIL"
    ), told


UUID = re.compile(r"/content/items/[0-9a-f-]{36}(/|$|\?)")
ITEM = re.compile(r"/content/items/(?!bulk)([^/?]+)")


def fastify(passing: Passing) -> Passing:
    """A schema for the path parameter, a limit of its length, and challenges without an error."""
    found = ITEM.search(passing.path)
    if passing.status == 404 and found and not UUID.search(passing.path):
        told = {"code": "VALIDATION_FAILED", "message": "no uuid"}
        return replace(passing, status=414 if len(found[1]) > 100 else 400).with_json(told)
    bare = {name: 'Bearer realm="acme"' if name.lower() == "www-authenticate" else value for name, value in passing.headers.items()}  # fmt: skip
    return replace(passing, headers=bare)


def test_what_only_our_prose_says_is_asked_of_no_other(suite: Suite, tmp_path: Path) -> None:
    chosen = "items.not-found or fuzz.ids or login-throttled or idempotency or sync.platforms or tokens.empty or auth.verify or dates-inclusive"
    run = run_through_proxy(suite, tmp_path, of_uuids(), fastify, chosen)
    assert [(one.id, one.reason) for one in run.checks if one.grade != "PASS"] == []
    assert "auth.login-throttled" in {one.id for one in run.not_applicable}
    assert {"items.not-found", "sync.platforms", "http.idempotency-replay"} <= {one.id for one in run.checks}


def missing_is_200(passing: Passing) -> Passing:
    gone = passing.status == 404 and ITEM.search(passing.path)
    return replace(passing, status=403).with_json({"code": "FORBIDDEN", "message": "no"}) if gone else passing


def test_a_missing_item_is_told_although_ids_have_a_form(suite: Suite, tmp_path: Path) -> None:
    run = run_through_proxy(suite, tmp_path, of_uuids(), missing_is_200, "items.not-found")
    assert "items.not-found" in {one.id for one in run.checks if one.grade == "FAIL"}


@pytest.mark.parametrize(
    ("schema", "cells"),
    [
        ({"type": "object", "required": []}, {"/ type valid", "/ type invalid", "/ required valid"}),
        ({"type": "string", "minLength": 0}, {"/ type valid", "/ type invalid", "/ minLength valid"}),
        ({"type": "string", "minLength": 1}, {"/ type valid", "/ type invalid", "/ minLength valid", "/ minLength invalid"}),
    ],
)  # fmt: skip
def test_no_value_breaks_a_keyword_that_restricts_nothing(schema: dict[str, Any], cells: set[str]) -> None:
    assert set(cells_of(load(), schema)) == cells


@pytest.mark.parametrize(
    ("claims", "secret"),
    [({"client_id": "password"}, False), ({"gty": "password"}, False), ({"at_hash": "x"}, False), ({"passwordHash": "x"}, True)],
)  # fmt: skip
def test_a_secret_in_a_token_is_the_name_of_a_claim(claims: dict[str, str], secret: bool) -> None:
    assert any(SECRET.search(name) for name in claims) is secret


def _taken(operation: str, got: str, fault: str) -> CheckResult:
    offence = Offence(symptom="accepted", operation=operation, fault=fault, expected="400", got=got, text=f"{operation}: {got}")  # fmt: skip
    return CheckResult(id="keywords.exact", operation=operation, grade="FAIL", offence=offence)


def test_coerced_values_are_one_cause_whatever_the_success_and_replaced_bytes_another() -> None:
    rows = [_taken(op, got, "another type") for op, got in (("a", "200"), ("b", "201"), ("c", "202"))]
    causes = failure_groups([*rows, _taken("b", "201", "not UTF-8")])
    assert [len(cause.results) for cause in causes] == [3, 1]
