"""What servers in Go do by habit, with a document that says so: `omitempty`, nil slices, nanoseconds, one code for all that is missing,
plain-text errors, names that differ from operation to operation. None of it is a failure, and what is wrong beside it is one."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from contracts.checkers.bulk_accounting import bulk
from contracts.dialect import Dialect, dialect_of
from contracts.dialect.fitted_request import with_their_ids
from contracts.history import OK, Call
from contracts.spec import Spec, load
from contracts.suite.client.http_exchange import Exchange, HttpRequest, may_be_too_large
from contracts.suite.judging.request_oracle import RequestOracle
from contracts.suite.judging.status_offence import _in_other_case, _odd_form
from contracts.verdict import Grade
from load.journeys import ALL
from load.journeys.foreign_journeys import foreign_journeys
from load.scenarios.arrival_plan import PlanError
from load.scenarios.scenario_reader import read
from tests.suite.conftest import Suite, run_through_proxy
from tests.suite.foreign.foreign_document import COUNT, TEXT, answer, document, record
from tests.suite.foreign.test_habits_of_frameworks import own, silent
from tests.suite.mutating_proxy import Passing, Spoil

OMITTED = ("category", "publishedAt", "tags", "body", "metadata", "parentId", "children")
NIL_SLICES = ("data", "items", "deleted", "failedOperations")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
MISSING = re.compile(r"(CONTENT|VERSION|CATEGORY)_NOT_FOUND")
QUERIES = {"getContentItems": {"limit": "page_size", "search": "q"}, "syncContent": {"lastSyncTimestamp": "last_sync_timestamp"}}  # fmt: skip


def _nodes(value: Any) -> Any:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(part)


def with_empties() -> dict[str, Any]:
    theirs = own()
    schemas = theirs["components"]["schemas"]
    for name in ("ContentItem", "Category"):
        schemas[name]["required"] = [member for member in schemas[name]["required"] if member not in OMITTED]
    for node in _nodes(schemas):
        for name in NIL_SLICES:
            member = node.get("properties", {}).get(name, {})
            if member.get("type") == "array":
                member["type"] = ["array", "null"]
    return theirs


def _omitted(value: Any) -> Any:
    if isinstance(value, list):
        return [_omitted(part) for part in value]
    if not isinstance(value, dict):
        return value
    kept = {n: part for n, part in value.items() if not (n in OMITTED and part in (None, "", [], {}))}
    return {n: None if n in NIL_SLICES and part == [] else _omitted(part) for n, part in kept.items()}


def omitempty(passing: Passing) -> Passing:
    return passing.with_json(_omitted(passing.json)) if passing.body and passing.status < 300 else passing


def loses_categories(passing: Passing) -> Passing:
    """`omitempty` of a member that is not empty: the server has lost it."""
    found = omitempty(passing)
    if not found.body or found.status >= 300:
        return found
    value = found.json
    for node in _nodes(value):
        if "title" in node:
            node.pop("category", None)
    return found.with_json(value)


def of_any_form() -> dict[str, Any]:
    theirs = silent()
    theirs["components"]["schemas"]["Timestamp"] = {"type": "string", "format": "date-time"}
    return theirs


def nanoseconds(passing: Passing) -> Passing:
    """Stamps with nine digits, at a local offset."""

    def local(found: re.Match[str]) -> str:
        there = datetime.fromisoformat(found[0]).astimezone(timezone(timedelta(hours=1)))
        return f"{there:%Y-%m-%dT%H:%M:%S.%f}500+01:00"

    return replace(passing, body=STAMP.sub(local, passing.body.decode()).encode())


def one_code() -> dict[str, Any]:
    theirs = yaml.safe_load(MISSING.sub("NOT_FOUND", yaml.safe_dump(silent(), sort_keys=False)))
    for node in _nodes(theirs):
        if isinstance(node.get("enum"), list):
            node["enum"] = list(dict.fromkeys(node["enum"]))
    return theirs | {"x-dialect": {"codes": {"NOT_FOUND": "CONTENT_NOT_FOUND"}}}


def not_found(passing: Passing) -> Passing:
    return replace(passing, body=MISSING.sub("NOT_FOUND", passing.body.decode()).encode())


def of_text() -> dict[str, Any]:
    theirs = own()
    for item in theirs["paths"].values():
        for operation in (one for one in item.values() if isinstance(one, dict) and "responses" in one):
            for status in {"401", "403"} & operation["responses"].keys():
                operation["responses"][status] = {"description": "", "content": {"text/plain": {"schema": TEXT}}}  # fmt: skip
    return theirs


def http_error(passing: Passing) -> Passing:
    if passing.status not in (401, 403):
        return passing
    headers = {k: v for k, v in passing.headers.items() if k.lower() != "content-type"}
    return replace(passing, headers={**headers, "Content-Type": "text/plain"}, body=b"no\n")


def other_queries() -> dict[str, Any]:
    theirs = silent()
    parameters = theirs["components"]["parameters"]
    for item in theirs["paths"].values():
        for operation in (one for one in item.values() if isinstance(one, dict)):
            names = QUERIES.get(operation.get("operationId", ""), {})
            for place, raw in enumerate(operation.get("parameters", ())):
                plain = copy.deepcopy(parameters[raw["$ref"].rpartition("/")[2]] if "$ref" in raw else raw)
                if plain["name"] in names:
                    operation["parameters"][place] = plain | {"name": names[plain["name"]]}
    return theirs | {"x-dialect": {"parameters": {"page_size": "limit", "q": "search"}}}


def takes_other_queries(passing: Passing) -> Passing:
    path, mark, query = passing.path.partition("?")
    operation = {"/content/items": "getContentItems", "/content/sync": "syncContent"}.get(
        path.removeprefix("/api"), ""
    )
    asked = query
    for mine, theirs in QUERIES.get(operation, {}).items():
        # The server knows no other name, so that ours are unknown to it.
        asked = re.sub(rf"\b{mine}=", f"x{mine}=", asked)
        asked = re.sub(rf"\b{theirs}=", f"{mine}=", asked)
    if asked == query:
        return passing
    status, headers, body = passing.send(passing.method, f"{path}{mark}{asked}", passing.sent)
    return replace(passing, status=status, headers=headers, body=body)


HABITS: dict[str, tuple[Callable[[], dict[str, Any]], Spoil, str]] = {
    "omitempty": (with_empties, omitempty,
        "bulk.all-succeed or bulk.partial or filter-category or sync.nothing-new or sync.future or create-defaults or "
        "create-keeps or include-empty or races.sync-under-writes or stateful.model"),
    "nanoseconds": (of_any_form, nanoseconds, "sync.instants or sync.border or sync.full-state or categories.dates or races.sync-under-writes"),
    "one code": (one_code, not_found, "versions.unknown or missing-then-there or categories.unknown or items.not-found"),
    "plain text": (of_text, http_error, "login-refused-alike or permissions.matrix or stateful.model"),
    "other queries": (other_queries, takes_other_queries, "caches"),
}  # fmt: skip


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_that_the_document_tells_is_no_red(suite: Suite, tmp_path: Path, habit: str) -> None:
    theirs, spoil, chosen = HABITS[habit]
    run = run_through_proxy(suite, tmp_path, theirs(), spoil, chosen)
    assert [(one.id, one.reason) for one in run.checks if one.grade not in ("PASS", "ADVISORY")] == []
    passed = {one.id for one in run.checks if one.grade == "PASS"}
    assert len(passed) > 2, [(one.id, one.reason) for one in run.not_applicable]


def test_a_member_that_is_lost_is_red_although_it_may_be_absent(suite: Suite, tmp_path: Path) -> None:
    chosen = "create-keeps or filter-category or stateful.model"
    run = run_through_proxy(suite, tmp_path, with_empties(), loses_categories, chosen)
    assert [one for one in run.checks if one.grade == "FAIL"]


def of_cursors() -> dict[str, Any]:
    """A list that is read by a cursor has no pages; the tags of items are not their versions."""
    theirs = own()
    theirs["components"]["headers"]["ETag"]["schema"] = {"type": "string"}
    listing = theirs["paths"]["/content/items"]["get"]
    listing["parameters"] = [p for p in listing["parameters"] if not p.get("$ref", "").endswith("/Page")]
    return theirs


def opaque_tags(passing: Passing) -> Passing:
    """Tags that only the server can make: of ours none is that of an item."""
    asked = {name.lower(): value for name, value in passing.request_headers.items()}
    if asked.get("if-match", "*") != "*" and passing.status < 300:
        told = {"type": "tag:tchat.com,2026:precondition-failed", "title": "Precondition failed", "status": 412, "requestId": "r-1",
            "code": "PRECONDITION_FAILED", "detail": "another tag", "message": "another tag"}  # fmt: skip
        return replace(passing, status=412).with_json(told)
    return passing


def test_what_a_list_by_cursor_lacks_is_asked_of_no_url(suite: Suite, tmp_path: Path) -> None:
    run = run_through_proxy(suite, tmp_path, of_cursors(), lambda passing: passing, "caches")
    assert [(one.id, one.reason) for one in run.checks if one.grade == "FAIL"] == []
    assert "caches.query-counts" in {one.id for one in run.checks if one.grade == "PASS"}


def test_programs_send_no_tag_that_only_the_server_can_make(suite: Suite, tmp_path: Path) -> None:
    run = run_through_proxy(suite, tmp_path, of_cursors(), opaque_tags, "stateful.model")
    assert [(one.id, one.reason) for one in run.checks if one.grade == "FAIL"] == []


@pytest.mark.parametrize(("operation", "open"), [("patchContentItem", True), ("createContentItem", True)])
def test_a_category_is_open_wherever_no_law_says_what_becomes_of_it(
    tmp_path: Path, operation: str, open: bool
) -> None:
    theirs = document()
    theirs["paths"]["/v1/content/items/{id}"]["patch"] = {
        "operationId": "patchContentItem", "responses": {"200": answer(TEXT), "400": answer(TEXT)},
        "requestBody": {"content": {"application/json": {"schema": record("category", category=TEXT)}}},
    }  # fmt: skip
    spec, _ = _read(tmp_path, theirs)
    headers = {"Content-Type": "application/json"}
    body = b'{"title": "x", "category": "zz"}'
    request = HttpRequest(method="POST", url="http://h/x", headers=headers, body=body)
    assert RequestOracle(spec).judge(spec[operation], request, {}).ambiguous is open


def _read(folder: Path, theirs: dict[str, Any]) -> tuple[Spec, Dialect]:
    path = folder / "theirs.json"
    path.write_text(json.dumps(theirs))
    spec = load(path)
    dialect = dialect_of(spec)
    assert dialect is not None
    return spec, dialect


def test_a_custom_method_is_the_operation_with_a_slash(tmp_path: Path) -> None:
    theirs = document()
    for verb in ("publish", "archive", "revert"):
        theirs["paths"][f"/v1/content/items/{{id}}:{verb}"] = theirs["paths"].pop(
            f"/v1/content/items/{{id}}/{verb}"
        )
    beside = {"operationId": "other", "responses": {"200": answer(TEXT)}}
    theirs["paths"]["/v1/content/items/{id}:versions"] = {"get": beside}
    spec, _ = _read(tmp_path, theirs)
    assert spec["publishContent"].path == "/content/items/{id}:publish"
    found, values, methods = spec.match("POST", "/content/items/c1:publish")
    assert found is spec["publishContent"] and values == {"id": "c1"} and methods == ("POST",)
    assert spec["getContentVersions"].path == "/content/items/{id}/versions" and "other" in spec.operations


def test_numbers_as_ids_are_sent_as_numbers_under_another_name(tmp_path: Path) -> None:
    theirs = document()
    body = theirs["paths"]["/v1/content/items/{id}/revert"]["post"]["requestBody"]["content"]
    body["application/json"]["schema"] = record(version_id=COUNT)
    _, dialect = _read(tmp_path, theirs)
    assert with_their_ids(dialect, "revertContentVersion", {"version_id": "7"}) == {"version_id": 7}
    assert dialect.body("revertContentVersion", {"versionId": "7"}) == {"version_id": 7}


@pytest.mark.parametrize(
    ("query", "schema", "open"),
    [
        ("page_token=0", TEXT, True),
        ("page_token=0", {"type": "string", "pattern": "^[0-9]+$"}, False),
        ("search=x", TEXT, False),
    ],
)
def test_a_text_of_no_stated_form_may_be_the_servers_own(
    tmp_path: Path, query: str, schema: dict[str, Any], open: bool
) -> None:
    theirs = document()
    theirs["paths"]["/v1/content/items"]["get"]["parameters"] += [{"name": "page_token", "in": "query", "schema": schema}]  # fmt: skip
    spec, _ = _read(tmp_path, theirs)
    request = HttpRequest(method="GET", url=f"http://h/content/items?{query}")
    assert RequestOracle(spec).judge(spec["getContentItems"], request, {}).ambiguous is open


@pytest.mark.parametrize(
    ("size", "more", "open"),
    [(1 << 17, {}, True), (100, {}, False), (1 << 17, {"x-body-limit": 1 << 20}, False)],
)
def test_a_413_without_a_limit_is_open_for_a_large_body(
    tmp_path: Path, size: int, more: dict[str, int], open: bool
) -> None:
    theirs = document()
    creation = theirs["paths"]["/v1/content/items"]["post"]
    creation |= more
    creation["responses"]["413"] = {"description": ""}
    spec, _ = _read(tmp_path, theirs)
    body = json.dumps({"title": "x", "body": "x" * size}).encode()
    headers = {"Content-Type": "application/json"}
    request = HttpRequest(method="POST", url="http://h/content/items", headers=headers, body=body)
    assert may_be_too_large(spec["createContentItem"], request) is open
    assert RequestOracle(spec).judge(spec["createContentItem"], request, {}).ambiguous is open


@pytest.mark.parametrize(
    ("query", "body", "named"),
    [
        ("", '{"version": 1.0}', "1.0"),
        ("", '{"version": 1, "x": 1.5}', ""),
        ("limit=23824967552423358464", "", "64 bits"),
        ("since=2026-01-01t00%3A00%3A00Z", "", "lower case"),
        ("since=2026-01-01T00%3A00%3A00Z", "", ""),
        ("since=2026-01-01T00%3A00%3A00-22%3A34", "", "18 hours"),
        ("since=2026-01-01T00%3A00%3A00%2B14%3A00", "", ""),
        ("", '{"title": "\\ud834\\udd1e"}', "U+FFFF"),
        ("", '{"title": " "}', "blank"),
        ("", '{"title": "é", "data": {"title": ""}}', ""),
    ],
)
def test_a_refusal_names_what_its_request_has_of_odd_forms(query: str, body: str, named: str) -> None:
    request = HttpRequest(method="POST", url=f"http://h/x?{query}", body=body.encode())
    exchange = Exchange(operation="", request=request, status=400, headers={}, body=b"", sent=0, done=1)
    found = _odd_form(exchange)
    assert named in found and bool(found) == bool(named)


@pytest.mark.parametrize(("body", "named"), [('{"Title": -1}', "Title"), ('{"title": 1}', ""), ("[]", "")])
def test_a_member_in_other_case_is_named(tmp_path: Path, body: str, named: str) -> None:
    spec, _ = _read(tmp_path, document())
    request = HttpRequest(method="POST", url="http://h/x", body=body.encode())
    exchange = Exchange(operation="", request=request, status=400, headers={}, body=b"", sent=0, done=1)
    recorder: Any = SimpleNamespace(spec=spec)
    assert _in_other_case(spec["createContentItem"], exchange, recorder) == named


@pytest.mark.parametrize("name", ["getContentItem:unchanged", "patchContentItem"])
def test_a_scenario_file_is_told_why_a_journey_cannot_be_sent(tmp_path: Path, name: str) -> None:
    theirs = document()
    item = theirs["paths"]["/v1/content/items/{id}"]
    item["get"]["responses"]["304"] = {"description": ""}
    item["patch"] = {"operationId": "patchContentItem", "responses": {"200": answer(TEXT)}}
    spec, dialect = _read(tmp_path, theirs)
    path = tmp_path / "mix.yaml"
    path.write_text(f'name: a\nload: [{{name: a, stages: [{{rate: 1, for: 1s}}], mix: {{"{name}": 1}}}}]\n')
    reason = foreign_journeys(dialect, ALL).left_out[name]
    with pytest.raises(PlanError, match=f"{name} cannot be sent: {re.escape(reason)}"):
        read(path, spec)


def test_load_leaves_out_conditional_reads_where_no_tag_is_a_versions(tmp_path: Path) -> None:
    theirs = document()
    theirs["paths"]["/v1/content/items/{id}"]["get"]["responses"]["304"] = {"description": ""}
    _, dialect = _read(tmp_path, theirs)
    assert "entity tag" in foreign_journeys(dialect, ALL).left_out["getContentItem:unchanged"]


def _call(operation: str, **facts: Any) -> Call:
    return Call(client="c", operation=operation, due=0, sent=1, done=2, outcome=OK, facts=facts)


@pytest.mark.parametrize(
    ("facts", "grade"),
    [({"failed": [[0, None, "i"]]}, "PASS"), ({}, "PASS"), ({"failed": []}, "FAIL")],
)
def test_a_bulk_answer_without_codes_is_counted_all_the_same(facts: dict[str, Any], grade: str) -> None:
    call = _call("bulkUpdateContent", ops=[["publish", "i", None]], succeeded=0, **facts)
    assert bulk([call]).grade is Grade[grade]
