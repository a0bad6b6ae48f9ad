"""A server as Laravel teams write one: API Resources with `links` and `meta`, `filter[status]` and `sort=-updated_at`, foreign keys with `_id`, 422 for a
wrong password, an ORM that writes nothing where nothing differs. None of it is a failure, and what is wrong beside it is one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from contracts.dialect import Dialect, dialect_of
from contracts.model.unpromised import Unpromised, UnpromisedError
from contracts.run import Run, parse
from contracts.run.failure_groups import failure_groups
from contracts.spec import load
from contracts.suite.api.suite_world import World
from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.recorder import LARGE_ITEM, Recorder
from tests.suite.conftest import Suite
from tests.suite.foreign import foreign_server
from tests.suite.foreign.foreign_document import COUNT, ITEM, TEXT, answer, document, many, record
from tests.suite.foreign.foreign_server import PASSWORD, ForeignServer, Refusal
from tests.suite.foreign.foreign_wire import running
from tests.suite.serving import Received, Reply, forwarded, serving

LINK = {"type": ["string", "null"]}
NAMES = {"category": "category_id", "itemCount": "items_count"}
OURS = {theirs: ours for ours, theirs in NAMES.items()}
QUERY = {
    "filter[status]": "status",
    "filter[category_id]": "category",
    "filter[search]": "search",
    "per_page": "limit",
}
LISTS = ("/v1/content/items", "/v1/content/categories/{category}/items")
PROVEN = (
    "items.create-keeps-what-was-sent", "items.create-is-draft", "items.server-fields-refused", "items.update-bumps-version", "items.filter-category", "items.order", "items.pagination-agrees", "items.archived-hidden",
    "categories.subcategories", "caches.fresh-after-writes", "races.one-winner", "races.sync-under-writes", "stateful.model",
    "keywords.exact", "fuzz.requests",
)  # fmt: skip
"""Checks that pass only where filters, sorting, foreign keys, refused logins and updates without a change are understood."""


class _Laravel(ForeignServer):
    """`any_password` logs in whoever is known; `trims` applies TrimStrings to all texts at the top of a body; `fillable` are members of it that a creation takes although they are the
    server's; `ahead` are hours of a time zone in which it tells when an item was made; `borders` says what a sync makes of the second from which
    it is asked: "again" or "lost"."""

    def __init__(self, regression: str = "", *, trims: bool = False, fillable: tuple[str, ...] = (), ahead: int = 0, borders: str = "", any_password: bool = False) -> None:  # fmt: skip
        self.borders, self.any_password = borders, any_password
        self.trims, self.fillable, self.ahead = trims, fillable, timedelta(hours=ahead)
        super().__init__(regression)

    def _sync(self, asked: Any, sent: Any, caller: Any) -> Any:
        if self.borders != "again":
            return super()._sync(asked, sent, caller)
        since = datetime.fromisoformat(asked["lastSyncTimestamp"].upper()) - timedelta(microseconds=1)
        return super()._sync(asked | {"lastSyncTimestamp": since.isoformat()}, sent, caller)

    def _create(self, asked: Any, sent: Any, caller: Any) -> Any:
        item = super()._create(asked, sent, caller)["data"]
        item |= {name: sent[name] for name in self.fillable if name in sent}
        made = datetime.fromisoformat(item["created_at"]) + self.ahead
        item["created_at"] = made.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {"data": item}

    def _body(self, operation: Any, body: bytes) -> Any:
        sent = super()._body(operation, body)
        return {n: v.strip() if isinstance(v, str) else v for n, v in sent.items()} if self.trims else sent

    def _login(self, asked: Any, sent: Any, caller: Any) -> Any:
        known = sent["password"] == PASSWORD or self.any_password
        if sent["email"] not in self.users or not known:
            raise Refusal(422, "These credentials do not match our records.")
        return super()._login(asked, sent, caller)

    def _save(self, item: dict[str, Any], **changes: Any) -> dict[str, Any]:
        dirty = any(item[name] != value for name, value in changes.items())
        return super()._save(item, **changes) if dirty else item

    def _page(self, found: list[Any], asked: Any) -> Any:
        past = (asked.get("page", 1) - 1) * asked.get("limit", 20) >= len(found)
        page = super()._page(found, asked)
        return {"data": {**page["data"], "data": []}} if past else page


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    return {names.get(name, name): _renamed(part, names) for name, part in value.items()}


def _asked(query: str) -> str:
    found = []
    for name, text in parse_qsl(query, True):
        if name == "sort":
            key = text.removeprefix("-").replace("updated_at", "updatedAt")
            found += [("sortBy", key), ("sortOrder", "desc" if text[:1] == "-" else "asc")]
        elif name not in QUERY.values():  # the server knows no other name, so that ours are unknown to it
            found.append((QUERY.get(name, name), text))
    return urlencode(found)


@contextmanager
def _of_laravel(url: str) -> Iterator[str]:
    """The URL of a Laravel server: the foreign server is asked in its own words, and its answers are changed."""

    def respond(received: Received) -> Reply:
        path, mark, query = received.path.partition("?")
        query = _asked(query) if path.endswith("/items") else query
        try:
            sent = json.dumps(_renamed(json.loads(received.body), OURS)).encode()
        except ValueError:
            sent = received.body
        reply = forwarded(url, Received(received.method, f"{path}{mark}{query}", received.headers, sent))
        value = _renamed(json.loads(reply.body), NAMES)
        if reply.status >= 400:
            value = {"message": value.get("message", "no")}
        elif path.endswith("/items") and received.method == "GET":
            told = value["data"]["pagination"]
            meta = {"current_page": told["page"], "last_page": max(1, told["total_pages"]), "per_page": told["limit"], "total": told["total"]}  # fmt: skip
            links = {"prev": "?page=1" if told["page"] > 1 else None, "next": "?page=2" if told["page"] < told["total_pages"] else None}  # fmt: skip
            value = {"data": value["data"]["data"], "links": links, "meta": meta}
        status = (
            422 if reply.status == 400 else reply.status
        )  # what is no JSON has none of the required fields
        return Reply(status, reply.headers, json.dumps(value).encode())

    with serving(respond) as at:
        yield at


def _document() -> dict[str, Any]:
    theirs = document()
    for item in theirs["paths"].values():
        for operation in item.values():
            for part in ("requestBody", "responses"):
                text = json.dumps(operation.get(part, {}))
                for ours, named in NAMES.items():
                    text = text.replace(f'"{ours}"', f'"{named}"')
                operation[part] = json.loads(text)
            operation["responses"] |= {s: answer(record(message=TEXT)) for s in operation["responses"] if s >= "400"}  # fmt: skip
            if not operation["requestBody"]:
                del operation["requestBody"]
    del theirs["paths"]["/v1/auth/login"]["post"]["responses"]["401"]
    names = {ours: named for named, ours in QUERY.items()}
    item = json.loads(json.dumps(ITEM).replace('"category"', '"category_id"'))
    page = record(data=many(item), links=record(prev=LINK, next=LINK),
        meta=record(current_page=COUNT, last_page=COUNT, per_page=COUNT, total=COUNT))  # fmt: skip
    for path in LISTS:
        listing = theirs["paths"][path]["get"]
        kept = [p for p in listing["parameters"] if p["name"] not in ("sortBy", "sortOrder")]
        listing["parameters"] = [p if p["in"] == "path" else p | {"name": names.get(p["name"], p["name"])} for p in kept]  # fmt: skip
        listing["responses"]["200"] = answer(page)
    sort = {"name": "sort", "in": "query", "schema": {"type": "string", "default": "-updated_at"}}
    theirs["paths"][LISTS[0]]["get"]["parameters"].append(sort)
    return theirs


def _run(suite: Suite, folder: Path, server: ForeignServer, chosen: str, *more: str) -> Run:  # fmt: skip
    spec, out = folder / "laravel.json", folder / "run.json"
    spec.write_text(json.dumps(_document()))
    with running(server) as url, _of_laravel(url) as target:
        suite("--target", target, "--spec", str(spec), "--ws-path", "off", "--run-out", str(out), "-k", chosen, *more)  # fmt: skip
    return parse(out.read_bytes(), name=out.name)


def test_no_habit_is_a_failure_and_the_laws_hold(suite: Suite, tmp_path: Path) -> None:
    run = _run(suite, tmp_path, _Laravel(), " or ".join(PROVEN))
    odd = [f"{one.id} {one.operation} {one.grade} {one.reason}" for one in run.checks if one.grade != "PASS"]
    assert "\n".join(odd) == ""
    assert {one.id for one in run.checks} >= {*PROVEN}, [(one.id, one.reason) for one in run.not_applicable]


def test_a_lost_update_is_found(suite: Suite, tmp_path: Path) -> None:
    chosen = "races.one-winner or races.counter or items.update-bumps-version"
    run = _run(suite, tmp_path, _Laravel("version-unchecked"), chosen)
    assert {one.id for one in run.checks if one.grade == "FAIL"} == {"races.one-winner", "races.counter"}


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        ({"fillable": ("status",)}, "items.server-fields-refused"),
        ({"fillable": ("created_at",)}, "items.server-fields-refused"),
        ({"ahead": 1}, "items.create-is-draft"),
    ],
)
def test_what_only_the_server_may_set_is_its_own(suite: Suite, tmp_path: Path, broken: dict[str, Any], check: str) -> None:  # fmt: skip
    run = _run(suite, tmp_path, _Laravel(**broken), "items.server-fields-refused or items.create-is-draft")
    assert {one.id for one in run.checks if one.grade == "FAIL"} == {check}


@pytest.mark.parametrize(("any_password", "grade"), [(False, "PASS"), (True, "FAIL")])
def test_a_wrong_password_is_refused_with_whatever_status(suite: Suite, tmp_path: Path, any_password: bool, grade: str) -> None:  # fmt: skip
    run = _run(suite, tmp_path, _Laravel(any_password=any_password), "login-refused-alike", "--spare", f"viewer@tchat.com:{PASSWORD}")  # fmt: skip
    assert [one.grade for one in run.checks if one.id == "auth.login-refused-alike"] == [grade]


@pytest.mark.parametrize(("borders", "lost"), [("again", False), ("lost", True)])
def test_whole_seconds_are_no_failure_and_what_they_lose_is(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, borders: str, lost: bool
) -> None:
    """Eloquent keeps whole seconds, so that changes share a stamp: an update need not have a later one, a window may repeat its first second."""
    monkeypatch.setattr(foreign_server, "now", lambda: "2026-12-01T00:00:00.000000Z")
    wide = "items.publish or items.archive or items.update-bumps-version or items.stamps-order or revert.content or races.creates"
    chosen = (
        "sync.border or sync.chain or sync.instants or sync.deleted or sync.nothing-new or sync.full-state"
    )
    run = _run(suite, tmp_path, _Laravel(borders=borders), f"{wide} or {chosen}")
    failed = [f"{one.id}: {one.reason}" for one in run.checks if one.grade != "PASS"]
    assert bool(failed) is lost and all(line.startswith("sync.") for line in failed), failed


def test_trimmed_texts_are_one_cause_that_says_so(suite: Suite, tmp_path: Path) -> None:
    run = _run(suite, tmp_path, _Laravel(trims=True), "items.create-keeps or unicode-survives")
    (group,) = failure_groups(run.checks)
    assert len(group.results) == 2
    assert group.text.startswith(
        "createContentItem takes a text and keeps it without the white space around it"
    )


def _dialect(folder: Path, theirs: dict[str, Any]) -> Dialect:
    spec = folder / "theirs.json"
    spec.write_text(json.dumps(theirs))
    found = dialect_of(load(spec))
    assert found is not None
    return found


def _asking(*parameters: tuple[str, Any]) -> dict[str, Any]:
    theirs = document()
    theirs["paths"][LISTS[0]]["get"]["parameters"] = [{"name": name, "in": "query", "schema": schema} for name, schema in parameters]  # fmt: skip
    return theirs


MINUS, WORDS = {"type": "string", "default": "-updated_at"}, {"type": "array", "items": {"enum": ["updated_at", "-updated_at"]}}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "schema", "ours", "sent"),
    [
        ("filter[status]", TEXT, {"status": "draft"}, {"filter[status]": "draft"}),
        ("filter[category_id]", TEXT, {"category": "news"}, {"filter[category_id]": "news"}),
        ("categoryId", TEXT, {"category": "news"}, {"categoryId": "news"}),
        ("page[number]", COUNT, {"page": 2}, {"page[number]": 2}),
        ("page[size]", COUNT, {"limit": 5}, {"page[size]": 5}),
        ("sort", MINUS, {"sortBy": "updatedAt", "sortOrder": "asc"}, {"sort": "updated_at"}),
        ("sort", MINUS, {"sortBy": "title", "sortOrder": "desc"}, {"sort": "-title"}),
        ("ordering", MINUS, {"sortOrder": "asc"}, {"ordering": "updated_at"}),
        ("sort", WORDS, {"sortBy": "updatedAt"}, {"sort": "-updated_at"}),
    ],
)
def test_a_parameter_of_another_form_is_found_and_read_back(
    tmp_path: Path, name: str, schema: Any, ours: dict[str, Any], sent: dict[str, Any]
) -> None:
    dialect = _dialect(tmp_path, _asking((name, schema)))
    assert dialect.queries.sent(ours, dialect.theirs["getContentItems"]) == sent
    back = dict(parse_qsl(dialect.queries.canonical("&".join(f"{n}={v}" for n, v in sent.items()))))
    assert {**back, **{n: str(v) for n, v in ours.items()}} == back


def test_a_filter_that_is_one_object_is_a_parameter_for_each_member(tmp_path: Path) -> None:
    """Scramble writes one parameter for each filter, l5-swagger's users one `deepObject` for all."""
    theirs = _asking(("filter", record("status", status=TEXT)), ("page", record(number=COUNT, size=COUNT)))
    for parameter in theirs["paths"][LISTS[0]]["get"]["parameters"]:
        parameter |= {"style": "deepObject", "explode": True}
    dialect = _dialect(tmp_path, theirs)
    sent = dialect.queries.sent({"status": "draft", "page": 2, "limit": 5}, dialect.theirs["getContentItems"])
    assert sent == {"filter[status]": "draft", "page[number]": 2, "page[size]": 5}


@pytest.mark.parametrize("name", ["filter[owner]", "page[after]", "status[]", "title"])
def test_a_parameter_that_means_none_of_ours_is_left_alone(tmp_path: Path, name: str) -> None:
    assert _dialect(tmp_path, _asking((name, TEXT))).parameters == {}


def test_a_sort_with_a_minus_is_told_where_no_document_shows_it(tmp_path: Path) -> None:
    theirs = _asking(("ordering", TEXT))
    theirs["x-dialect"]["parameters"] = {"ordering": "-sortBy"}
    dialect = _dialect(tmp_path, theirs)
    sent = dialect.queries.sent({"sortBy": "createdAt"}, dialect.theirs["getContentItems"])
    assert sent == {"ordering": "-created_at"}


@pytest.mark.parametrize(
    ("told", "following"),
    [
        ({"data": [], "meta": {"current_page": 2, "last_page": 3, "per_page": 20, "total": 41}}, None),
        ({"data": [], "meta": {"current_page": 2, "last_page": 3, "per_page": 20, "total": 41}, "links": {"prev": "a", "next": None}}, False),
        ({"data": [], "current_page": 2, "last_page": 3, "per_page": 20, "total": 41}, None),
        ({"data": [], "meta": {"page": 2, "total_pages": 3, "page_size": 20, "total_count": 41}}, None),
        ({"data": [], "meta": {"currentPage": 2, "totalPages": 3, "itemsPerPage": 20, "totalItems": 41}}, None),
    ],
)  # fmt: skip
def test_a_page_beside_its_list_is_a_page_of_ours(tmp_path: Path, told: Any, following: bool | None) -> None:
    def described(value: Any) -> Any:
        if isinstance(value, dict):
            return record(**{name: described(part) for name, part in value.items()})
        return many(ITEM) if isinstance(value, list) else COUNT if isinstance(value, int) else LINK

    theirs = document()
    theirs["paths"][LISTS[0]]["get"]["responses"]["200"] = answer(described(told))
    value = _dialect(tmp_path, theirs).answer("getContentItems", 200, {}, json.dumps(told).encode()).value
    page = value["data"]["pagination"]
    assert [page[name] for name in ("page", "totalPages", "limit", "total")] == [2, 3, 20, 41]
    assert isinstance(page["hasNext"], Unpromised) if following is None else page["hasNext"] is following


def test_a_member_count_alone_is_no_page(tmp_path: Path) -> None:
    theirs = document()
    theirs["paths"][LISTS[0]]["get"]["responses"]["200"] = answer(record(data=many(ITEM), meta=record(total=COUNT)))  # fmt: skip
    told = {"data": [], "meta": {"total": 1}}
    value = _dialect(tmp_path, theirs).answer("getContentItems", 200, {}, json.dumps(told).encode()).value
    with pytest.raises(UnpromisedError):
        str(value["data"]["pagination"])


def test_a_large_item_is_archived_when_its_check_has_ended(tmp_path: Path) -> None:
    """A hundred of 600 kB made every list longer than what the suite reads, and the run ended with nothing known."""
    spec = load()
    recorder, sent = Recorder(spec, AnswerJudge(spec, ("/api",))), []
    for id, size in (("small", 10), ("large", LARGE_ITEM)):
        request = HttpRequest(method="POST", url="http://h/api/content/items", headers={"Authorization": "Bearer t"})  # fmt: skip
        body = json.dumps({"data": {"id": id, "body": "x" * size}}).encode()
        recorder.record(Exchange(operation="createContentItem", request=request, status=201,
            headers={"content-type": "application/json"}, body=body, sent=0, done=1))  # fmt: skip
    world: Any = object.__new__(World)
    world._embedded = None
    world.target = SimpleNamespace(recorder=recorder, call=lambda name, **parts: sent.append(parts))
    world.archive_large()
    world.archive_large()
    assert sent == [{"body": {"operations": [{"type": "archive", "id": "large"}]}, "token": "t"}]
