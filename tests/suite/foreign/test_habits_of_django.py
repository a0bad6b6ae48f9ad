"""What a framework does where a document is silent: Django answers OPTIONS with 200, judges the token before the method, makes entity tags of
bodies for GET alone, and has no page past the end. None of it is a failure."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from contracts.run import parse
from contracts.spec import parse as parse_document
from contracts.spec.document import own_path
from contracts.suite.api.absent_ids import absent_id
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite
from tests.suite.mutating_proxy import Passing, mutating

CHECKS = "http.options or http.method-not-allowed or http.head or past-the-end or empty-list or pagination-agrees or own-origin or shape.options"


def _of_django(passing: Passing) -> Passing:
    fields = {name.lower(): text for name, text in passing.request_headers.items()}
    if passing.method == "OPTIONS":
        return replace(passing, status=200, headers={**passing.headers, "Content-Type": "application/json"}, body=b"{}")  # fmt: skip
    if passing.status == 405 and "authorization" not in fields:
        return replace(passing, status=401)
    reads = passing.path.partition("?")[0]
    if reads.endswith("/content/items") and passing.status == 200 and passing.method in ("GET", "HEAD"):
        told = {"ETag": '"0123"'} if passing.method == "GET" else {}
        passing = replace(passing, headers={**passing.headers, **told})
        pages = passing.json["data"]["pagination"] if passing.method == "GET" else {"page": 1}
        if pages["page"] > max(1, pages.get("totalPages", 1)):
            return replace(passing, status=404, headers={}, body=b"")
    return passing


def _silent(folder: Path) -> Path:
    document = yaml.safe_load(own_path().read_text("utf-8"))
    document["info"]["description"] = "What our framework has written."
    listing = document["paths"]["/content/items"]["get"]
    listing["responses"]["404"] = {"description": "There is no such page."}
    path = folder / "theirs.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    return path


def test_no_habit_is_a_failure(suite: Suite, tmp_path: Path) -> None:
    words = ("--spec", str(_silent(tmp_path)))
    out = tmp_path / "run.json"
    with embedded_server(*words) as server, mutating(server.url, _of_django) as target:
        suite(*words, "--target", target, "-k", CHECKS, "--run-out", str(out))
    run = parse(out.read_bytes(), name=out.name)
    assert [(one.id, one.operation, one.reason) for one in run.checks if one.grade != "PASS"] == []
    told = {one.reason for one in run.not_applicable}
    assert "the document does not say how OPTIONS is answered" in told
    assert "the document has a 404 of getContentItems, perhaps for a page past the end" in told


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ({"type": "string"}, r"none-a\d"),
        ({"type": "string", "format": "uuid"}, r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ({"type": "integer"}, r"21[0-9]{8}"),
    ],
)
def test_an_absent_id_has_the_form_of_ids(schema: dict[str, str], form: str) -> None:
    document = yaml.safe_load(own_path().read_text("utf-8"))
    document["components"]["parameters"]["ItemId"]["schema"] = schema
    spec = parse_document(json.dumps(document).encode())
    first, second = absent_id(spec, "a1"), absent_id(spec, "a2")
    assert first != second and first == absent_id(spec, "a1")
    assert re.fullmatch(form, first) and re.fullmatch(form, second)
