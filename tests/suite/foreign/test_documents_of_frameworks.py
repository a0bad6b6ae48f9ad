"""Our API in the form in which frameworks write documents: a slash at the end of each path (Django REST framework), no operationIds (ASP.NET),
none of our extension keys. The contract is the same, so nothing is red, and what breaks it is."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from contracts.run import parse
from contracts.spec.document import own_path
from contracts.suite.schemathesis.schemathesis_session import SchemathesisSession
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite
from tests.suite.mutating_proxy import Passing, mutating

METHODS = ("get", "put", "post", "delete", "patch")
CHOSEN = "smoke or shape or http or items.location or items.past or tokens.header or fuzz.paths or conformance.examples or stateful.links"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


def slashes_at_the_end(document: dict[str, Any]) -> None:
    document["paths"] = {
        path if "oauth" in path else f"{path}/": item for path, item in document["paths"].items()
    }
    for path, method, operation in operations(document):
        operation["operationId"] = f"api{path.translate(str.maketrans('/{}', '___'))}{method}"
    del document["components"]["headers"]["Location"]["schema"]["pattern"]


def no_operation_ids(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        del operation["operationId"]
        for answer in operation["responses"].values():
            answer.pop("links", None)


def no_extension_keys(node: Any) -> None:
    """Nobody else's document has ours. (Those that stay say what others say in OpenAPI's own words.)"""
    if isinstance(node, dict):
        for key in [
            key for key in node if key.startswith("x-") and key not in ("x-state-headers", "x-oauth")
        ]:
            del node[key]
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        no_extension_keys(child)


FORMS: dict[str, Callable[[dict[str, Any]], None]] = {
    "slashes": slashes_at_the_end,
    "no ids": no_operation_ids,
    "no extension keys": no_extension_keys,
}


def written(form: str, folder: Path) -> Path:
    document = copy.deepcopy(yaml.safe_load(own_path().read_text("utf-8")))
    FORMS[form](document)
    path = folder / "theirs.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    return path


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_document_is_no_difference(suite: Suite, tmp_path: Path, form: str) -> None:
    def lost(passing: Passing) -> Passing:
        moved = passing.method == "POST" and passing.path.rstrip("/").endswith("/content/items")
        return replace(passing, status=200) if moved and passing.status == 201 else passing

    words = ("--spec", str(written(form, tmp_path)))
    out = tmp_path / "run.json"
    with embedded_server(*words) as server, mutating(server.url, lost) as broken:
        right = suite(*words, "--target", server.url, "-k", CHOSEN, "--run-out", str(out))
        checks = parse(out.read_bytes(), name=out.name).checks
        assert [(one.id, one.operation, one.reason) for one in checks if one.grade != "PASS"] == []
        assert right.returncode == 0 and len(checks) > 150
        wrong = suite(*words, "--target", broken, "-k", "smoke.reaches and createContentItem")
    assert wrong.returncode == 1 and "createContentItem: 200 is not documented" in wrong.stdout


@pytest.mark.parametrize("form", FORMS)
def test_the_hooks_know_the_operations(
    server: str, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = written(form, tmp_path)
    monkeypatch.setenv("TCHAT_SPEC", str(theirs))
    session = SchemathesisSession(f"{server}/api", {})
    ours = {
        (path, method): operation["operationId"]
        for path, method, operation in operations(yaml.safe_load(own_path().read_text("utf-8")))
        if "oauth" not in path
    }
    found = {
        (path.removesuffix("/"), method): session.operation_of(
            SimpleNamespace(operation=SimpleNamespace(method=method, path=f"{mount}{path}"))
        )
        for mount in ("", "/api")
        for path, method, _ in operations(yaml.safe_load(theirs.read_text("utf-8")))
        if "oauth" not in path
    }
    session.close()
    assert found == ours
