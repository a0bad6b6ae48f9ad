"""A server as Rails teams write one: `lock_version` from 0, a list without an object around it and its page in headers, words of its own for what is
sorted by, errors without codes, a login under `/sessions`. None of it is a failure, and a lost update is found all the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from contracts.command.exit_code import ExitCode
from contracts.run import Run, parse
from tests.suite.conftest import Suite
from tests.suite.foreign.foreign_document import ITEM, TEXT, answer, data, document, many, record
from tests.suite.foreign.foreign_server import ForeignServer
from tests.suite.foreign.foreign_wire import running
from tests.suite.serving import Received, Reply, forwarded, serving

VERSION, LOCK = "version", "lock_version"
PARAMETERS = {"per_page": "limit", "sort": "sortBy", "order": "sortOrder", "q": "search"}
WORDS = {"updated_at": "updatedAt"}
ITEMS = "/content/items"
PROVEN = (
    "items.update-once", "items.archived-hidden", "versions.newest-first", "revert.content",
    "bulk.all-succeed", "races.one-winner", "races.counter", "sync.deleted", "stateful.model",
)  # fmt: skip
"""Checks that pass only where versions, lists, windows and words are understood in both directions."""


def _moved(value: Any, old: str, new: str, by: int) -> Any:
    """A JSON value with the member of versions under its other name."""
    if isinstance(value, list):
        return [_moved(each, old, new, by) for each in value]
    if not isinstance(value, dict):
        return value
    parts = {name: part if name == "tags" else _moved(part, old, new, by) for name, part in value.items()}
    if isinstance(parts.get(old), int):
        parts[new] = parts.pop(old) + by
    return parts


@contextmanager
def _of_rails(url: str) -> Iterator[str]:
    """The URL of a Rails server: the foreign server is asked in its own words, and its answers are changed."""

    def respond(received: Received) -> Reply:
        path, mark, query = received.path.replace("/sessions", "/auth/login").partition("?")
        asked = [(PARAMETERS.get(name, name), WORDS.get(text, text)) for name, text in parse_qsl(query, True)]
        asked = [
            (name, str(int(text) + 1) if name == VERSION and text.isdecimal() else text)
            for name, text in asked
        ]
        try:
            sent = json.dumps(_moved(json.loads(received.body), LOCK, VERSION, 1)).encode()
        except ValueError:
            sent = received.body
        reply = forwarded(
            url, Received(received.method, f"{path}{mark}{urlencode(asked)}", received.headers, sent)
        )
        value, headers = _moved(json.loads(reply.body), VERSION, LOCK, -1), dict(reply.headers)
        if reply.status >= 400:
            value = {"error": value.get("message", "no")}
        elif path.endswith("/items") and received.method == "GET":
            page = value["data"]["pagination"]
            headers |= {"X-Total": str(page["total"]), "X-Total-Pages": str(page["total_pages"])}
            value = {"data": value["data"]["data"]}
        return Reply(reply.status, headers.items(), json.dumps(value).encode())

    with serving(respond) as at:
        yield at


def _renamed(schema: Any) -> Any:
    text = json.dumps(schema)
    return json.loads(
        text.replace('"version": {"type"', f'"{LOCK}": {{"type"').replace(f'"{VERSION}"', f'"{LOCK}"')
    )


def _document() -> dict[str, Any]:
    theirs = document()
    paths = theirs["paths"]
    for item in paths.values():
        for operation in item.values():
            for part in (operation.get("requestBody", {}), operation["responses"]):
                part.update(_renamed(part))
            for status, response in operation["responses"].items():
                response.update(answer(record(error=TEXT)) if status >= "400" else {})
            for parameter in operation["parameters"]:
                names = {ours: name for name, ours in PARAMETERS.items()}
                if not operation["operationId"].startswith("versions"):
                    parameter["name"] = names.get(parameter["name"], parameter["name"])
                if parameter["name"] == "sort":
                    parameter["schema"] = {"enum": ["updated_at", "title"]}
    for path in (ITEMS, "/content/categories/{category}/items"):
        success = paths[f"/v1{path}"]["get"]["responses"]["200"]
        success.update(answer(data(many(_renamed(ITEM)))))
        success["headers"] = {"X-Total": {"schema": TEXT}, "X-Total-Pages": {"schema": TEXT}}
    paths["/v1/sessions"] = paths.pop("/v1/auth/login")
    theirs["x-dialect"] |= {
        "members": {LOCK: VERSION},
        "parameters": PARAMETERS,
        "operations": {"POST /v1/sessions": "login"},
        "firstVersion": 0,
    }
    return theirs


def _run(suite: Suite, folder: Path, broken: str, *selection: str) -> Run:
    spec, out = folder / "rails.json", folder / "run.json"
    spec.write_text(json.dumps(_document()))
    with running(ForeignServer(broken)) as url, _of_rails(url) as target:
        suite("--target", target, "--spec", str(spec), "--ws-path", "off", "--run-out", str(out), *selection)
    return parse(out.read_bytes(), name=out.name)


def test_no_habit_is_a_failure_and_the_laws_hold(suite: Suite, tmp_path: Path) -> None:
    run = _run(suite, tmp_path, "", "-k", " or ".join(PROVEN))
    assert [(one.id, one.grade, one.reason) for one in run.checks if one.grade != "PASS"] == []
    assert {one.id for one in run.checks} >= {*PROVEN}, [(one.id, one.reason) for one in run.not_applicable]


def test_a_lost_update_is_found(suite: Suite, tmp_path: Path) -> None:
    run = _run(suite, tmp_path, "version-unchecked", "-k", "races.one-winner or races.counter")
    assert {one.id for one in run.checks if one.grade == "FAIL"} == {"races.one-winner", "races.counter"}


@pytest.mark.parametrize("declared", [True, False])
def test_a_login_at_another_path_is_named_or_asked_for(suite: Suite, tmp_path: Path, declared: bool) -> None:
    theirs = _document()
    if not declared:
        del theirs["x-dialect"]["operations"]
    spec = tmp_path / "rails.json"
    spec.write_text(json.dumps(theirs))
    with running(ForeignServer()) as url, _of_rails(url) as target:
        done = suite("--target", target, "--spec", str(spec), "--ws-path", "off", "-k", "smoke.reaches")
    assert done.returncode == (ExitCode.PASS if declared else ExitCode.USAGE), done.stdout
    if not declared:
        assert 'x-dialect: {operations: {"POST /sessions": login}}' in done.stdout + done.stderr
