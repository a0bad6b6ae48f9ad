"""A server as Spring teams write one: `Pageable` from 0 and `Page<T>`, words in upper case, `Set<String>`, UUIDs that are refused for their form, a firewall before
all paths. None of it is a failure, and an item that a page skips is found all the same."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import pytest

from contracts.run import Run, parse
from contracts.suite.checks.test_expiry import HASHED, SECRET
from tests.contracts.dialect.test_habits_of_spring_data import PAGE, SET, pageable
from tests.suite.conftest import Suite
from tests.suite.foreign.foreign_document import ITEM, TAGS, TEXT, answer, data, document, record
from tests.suite.foreign.foreign_server import ForeignServer
from tests.suite.foreign.foreign_wire import running
from tests.suite.serving import Received, Reply, forwarded, serving

WORDS = ["draft", "published", "archived", "update", "publish", "archive"]
UPPER = {word: word.upper() for word in WORDS}
LOWER = {upper: word for word, upper in UPPER.items()}
LISTS = ("/content/items", "/content/categories/{category}/items")
SPELLED = [(f'"{word}"', f'"{upper}"') for word, upper in UPPER.items()]
ID = re.compile(r"/items/([^/?]+)")
PROVEN = (
    "items.pages-disjoint", "items.pages-of-everything", "items.order", "items.order-across-pages", "items.past-the-end", "items.pagination-agrees", "items.empty-list", "items.defaults", "items.archived-hidden",
    "items.create-keeps-what-was-sent", "items.not-found", "bulk.all-succeed", "bulk.partial-failure", "bulk.invalid-document", "revert.foreign-version", "revert.content", "versions.newest-first",
    "versions.unknown", "sync.deleted", "fuzz.ids", "fuzz.paths", "races.one-winner", "stateful.model",
)  # fmt: skip
"""Checks that pass only where pages, words, sets and refusals for the form are understood."""


def _spelled(value: Any, words: dict[str, str]) -> Any:
    """A JSON value with its `status` and `type` in other words."""
    if isinstance(value, list):
        return [_spelled(part, words) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: words.get(part, part) if name in ("status", "type") and isinstance(part, str) else part
        if name in ("tags", "metadata")
        else _spelled(part, words)
        for name, part in value.items()
    }  # fmt: skip


def _asked(query: str) -> str:
    found = []
    for name, text in parse_qsl(query, True):
        if name == "sort":
            key, _, order = text.partition(",")
            found += [("sortBy", key.replace("updatedAt", "updated_at")), ("sortOrder", order or "asc")]
        elif name == "page" and text.isdecimal():
            found.append(("page", str(int(text) + 1)))
        else:
            found.append(({"size": "limit"}.get(name, name), LOWER.get(text, text)))
    return urlencode([(name, text.replace("updated_at", "updatedAt")) for name, text in found])


def _page(value: Any, skips: bool) -> Any:
    told, rows = value["data"]["pagination"], value["data"]["data"]
    number, pages = told["page"] - 1, told["total_pages"]
    rows = [] if number >= pages else rows[1:] if skips and number else rows
    return {
        "data": {
            "content": rows, "totalElements": told["total"], "totalPages": pages, "number": number, "size": told["limit"],
            "first": number == 0, "last": number + 1 >= pages,
        }
    }  # fmt: skip


def _of_a_set(value: Any) -> Any:
    for row in (value, *value.values()) if isinstance(value, dict) else ():
        if isinstance(row, dict) and isinstance(row.get("tags"), list):
            row["tags"] = sorted(row["tags"], reverse=True)
    return value


@contextmanager
def _of_spring(url: str, skips: bool) -> Iterator[str]:
    """The URL of a Spring server: the foreign server is asked in its own words, and its answers are changed."""

    def respond(received: Received) -> Reply:
        path, mark, query = received.path.partition("?")
        if re.search(r"(?i)%(25|2f|5c|00|0a|3b|2e)|;|//", path):
            refusal = {"message": "The request was rejected"}
            return Reply(400, {"Content-Type": "application/json"}.items(), json.dumps(refusal).encode())
        id = ID.search(path)
        known = re.fullmatch(r"/v1/content/items/[^/]+(/(versions|publish|archive|revert))?", path)
        if id and known and id[1] != "bulk" and not re.fullmatch("[0-9a-f]{16}", unquote(id[1])):
            body = {"code": "BAD_REQUEST", "message": "Failed to convert value"}
            return Reply(400, {"Content-Type": "application/json"}.items(), json.dumps(body).encode())
        try:
            sent = json.dumps(_spelled(json.loads(received.body), LOWER)).encode()
        except ValueError:
            sent = received.body
        asked = Received(received.method, f"{path}{mark}{_asked(query)}", received.headers, sent)
        reply = forwarded(url, asked)
        value = _of_a_set(_spelled(json.loads(reply.body), UPPER))
        if reply.status == 200 and path.endswith("/items") and received.method == "GET":
            value = _page(value, skips)
        return Reply(reply.status, reply.headers, json.dumps(value).encode())

    with serving(respond) as at:
        yield at


def _document() -> dict[str, Any]:
    text = json.dumps(document())
    for old, new in (*SPELLED, (json.dumps(TAGS), json.dumps(SET))):
        text = text.replace(old, new)
    theirs = json.loads(text)
    row = record(*ITEM["properties"], **{**ITEM["properties"], "tags": SET, "status": {"enum": [UPPER[word] for word in WORDS[:3]]}})  # fmt: skip
    for path, item in theirs["paths"].items():
        for operation in item.values():
            if "/{id}" in path:
                operation["responses"]["400"] = answer(record(message=TEXT))
                operation["parameters"][0]["schema"] = {"type": "string", "pattern": "^[0-9a-f]{16}$"}
    for path in LISTS:
        listing = theirs["paths"][f"/v1{path}"]["get"]
        listing["responses"]["200"] = answer(data({**PAGE, "properties": PAGE["properties"] | {"content": {"type": "array", "items": row}}}))  # fmt: skip
        kept = [p for p in listing["parameters"] if p["name"] in ("category", "includeSubcategories")]
        listing["parameters"] = [*pageable(0), *kept]
    for method in ("get", "put"):
        theirs["paths"]["/v1/content/items/{id}"][method]["responses"]["200"] = answer(data(row))
    theirs["paths"]["/v1/content/items"]["post"]["responses"]["200"] = answer(data(row))
    return theirs


def _run(suite: Suite, folder: Path, skips: bool, *selection: str) -> Run:
    spec, out = folder / "spring.json", folder / "run.json"
    spec.write_text(json.dumps(_document()))
    with running(ForeignServer()) as url, _of_spring(url, skips) as target:
        suite("--target", target, "--spec", str(spec), "--ws-path", "off", "--run-out", str(out), *selection)
    return parse(out.read_bytes(), name=out.name)


def test_no_habit_is_a_failure_and_the_laws_hold(suite: Suite, tmp_path: Path) -> None:
    run = _run(suite, tmp_path, False, "-k", " or ".join(PROVEN))
    assert [(one.id, one.grade, one.reason) for one in run.checks if one.grade != "PASS"] == []
    assert {one.id for one in run.checks} >= {*PROVEN}, [(one.id, one.reason) for one in run.not_applicable]


@pytest.mark.parametrize("check", ["items.pages-disjoint"])
def test_an_item_that_a_page_skips_is_found(suite: Suite, tmp_path: Path, check: str) -> None:
    run = _run(suite, tmp_path, True, "-k", check)
    assert {one.id for one in run.checks if one.grade == "FAIL"} == {check}


class _Twice(ForeignServer):
    """A broker between the services, which delivers each event at least once."""

    def __init__(self, regression: str, versioned: bool) -> None:
        self.versioned = versioned
        super().__init__(regression)

    def _send(self, item: dict[str, Any]) -> None:
        told = {"contentId": item["id"], "title": item["title"]}
        told |= {"version": item["version"]} if self.versioned else {}
        for queue in list(self.sockets.values()) * 2:
            queue.put_nowait(json.dumps({"type": "content_updated", "data": told}))


@pytest.mark.parametrize(
    ("regression", "versioned", "grades"),
    [("", True, ["PASS", "PASS"]), ("", False, ["PASS", "UNKNOWN"]), ("publish-not-told", True, ["FAIL", "PASS"])],
)  # fmt: skip
def test_an_event_that_comes_twice_breaks_no_law_and_hides_no_missing_one(
    suite: Suite, tmp_path: Path, regression: str, versioned: bool, grades: list[str]
) -> None:
    spec, out = tmp_path / "theirs.json", tmp_path / "run.json"
    spec.write_text(json.dumps(document()))
    checks = ["realtime.event-per-change", "realtime.read-after-event"]
    with running(_Twice(regression, versioned)) as url:
        suite("--target", url, "--spec", str(spec), "--run-out", str(out), "-k", " or ".join(checks))
    found = {one.id: (one.grade, one.reason) for one in parse(out.read_bytes(), name=out.name).checks}
    assert [found[check][0] for check in checks] == grades, found


@contextmanager
def _tagged(url: str, stale: bool) -> Iterator[str]:
    """The URL of a server that gives entity tags of itself (`ShallowEtagHeaderFilter`), of the whole body or of no more than the status of an item."""

    def respond(received: Received) -> Reply:
        reply = forwarded(url, received)
        if received.method != "GET" or reply.status != 200:
            return reply
        told = re.findall(rb'"status": "[a-z]+"', reply.body) if stale else reply.body
        tag = f'"{sha256(repr(told).encode()).hexdigest()[:16]}"'
        sent = {name.lower(): text for name, text in received.headers.items()}
        fresh = sent.get("if-none-match") == tag
        return Reply(304 if fresh else 200, [*reply.headers, ("ETag", tag)], b"" if fresh else reply.body)

    with serving(respond) as at:
        yield at


@pytest.mark.parametrize(("stale", "grade"), [(False, "PASS"), (True, "FAIL")])
def test_a_tag_that_outlives_its_content_is_found_though_no_document_has_304(
    suite: Suite, tmp_path: Path, stale: bool, grade: str
) -> None:
    spec, out, check = tmp_path / "theirs.json", tmp_path / "run.json", "caches.fresh-after-writes"
    spec.write_text(json.dumps(document()))
    with running(ForeignServer()) as url, _tagged(url, stale) as target:
        suite("--target", target, "--spec", str(spec), "--ws-path", "off", "--run-out", str(out), "-k", check)
    assert [one.grade for one in parse(out.read_bytes(), name=out.name).checks if one.id == check] == [grade]


@contextmanager
def _of_own_pages(url: str, credulous: bool) -> Iterator[str]:
    """The URL of a server that refuses foreign origins altogether (`CorsFilter`), or that lets them all in."""

    def respond(received: Received) -> Reply:
        sent = {name.lower(): text for name, text in received.headers.items()}
        origin = sent.get("origin", "")
        if origin and "localhost" not in origin and not credulous:
            return Reply(403, [("Content-Type", "text/plain")], b"Invalid CORS request")
        reply = forwarded(url, received)
        allowed = [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true")]
        return Reply(reply.status, [*reply.headers, *(allowed if origin else ())], reply.body)

    with serving(respond) as at:
        yield at


@pytest.mark.parametrize(("credulous", "grade"), [(False, "PASS"), (True, "FAIL")])
def test_a_foreign_origin_that_is_refused_is_not_let_in(
    suite: Suite, tmp_path: Path, credulous: bool, grade: str
) -> None:
    spec, out, check = tmp_path / "theirs.json", tmp_path / "run.json", "caches.origin-counts"
    spec.write_text(json.dumps(document()))
    with running(ForeignServer()) as url, _of_own_pages(url, credulous) as target:
        suite("--target", target, "--spec", str(spec), "--ws-path", "off", "--run-out", str(out), "-k", check)
    run = parse(out.read_bytes(), name=out.name)
    assert [one.grade for one in run.checks if one.id == check] == [grade], run.not_applicable


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("at_hash", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", False), ("email", "alice@acme.example", False), ("scope", "profile email", False),
        ("passwordHash", "x", True), ("scope", "content:read hash:5f4d", True), ("x", "$2b$12$EXRkfkdmXn", True), ("x", "$argon2id$v=19$m=65536", True),
    ],
)  # fmt: skip
def test_a_claim_with_a_secret_is_one_by_its_name_or_by_its_value(name: str, value: str, told: bool) -> None:
    assert bool(SECRET.search(name) or HASHED.search(value)) == told
