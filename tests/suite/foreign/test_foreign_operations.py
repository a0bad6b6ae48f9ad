"""Operations that only the target's document has, with parameters of every style and several media types: no red where the target keeps
the document, and one where it does not."""

import http.client
import json
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.run import parse
from contracts.verdict import Grade
from tests.fork_server import embedded_server
from tests.suite.mutating_proxy import Passing, mutating
from tests.suite_command import run_suite
from tests.waiting import HANG

OVERLAY = Path(__file__).with_name("operations_of_every_style.yaml")
FOREIGN = "getShared or listNotes or createNote or getNote or deleteNote or patchNote or upload or exportCsv or dotted or serverSent or traceEvents"
"""Its operations."""


CHOSEN = f"(keywords or coverage or ignored or smoke or shape or http) and ({FOREIGN}) or (keywords.exact and archiveContent)"


def takes_every_note(passing: Passing) -> Passing:
    """A note that the document refuses is made as well."""
    if not passing.path.endswith("/notes") or passing.status != 400:
        return passing
    headers = {**passing.headers, "content-type": "application/json"}
    return replace(passing, status=201, headers=headers).with_json({"kind": "text", "text": "x"})


def test_foreign_operations_of_every_style_are_judged_by_their_document(tmp_path: Path) -> None:
    words = ("--overlay", str(OVERLAY))
    runs = []
    with embedded_server(*words) as server, mutating(server.url, takes_every_note) as wrong:
        for number, (url, checks) in enumerate(
            [(server.url, CHOSEN), (wrong, "keywords.exact and createNote")]
        ):
            out = tmp_path / f"{number}.json"
            done = run_suite("--target", url, *words, "-k", checks, "--run-out", str(out))
            runs.append(parse(out.read_bytes(), name=out.name))
            assert "a bug of the harness" not in done.stdout
    right, broken = runs
    assert [
        (check.id, check.operation, check.reason) for check in right.checks if check.grade != "PASS"
    ] == []
    assert len(right.checks) > 70
    assert right.not_applicable == []
    assert broken.grade is Grade.FAIL and broken.checks[0].reason.startswith("createNote takes a request")


@pytest.mark.parametrize(
    ("example", "location"), [("https://example.com/x", "https://example.com/x"), ("/there", "/api/there")]
)
def test_a_location_on_another_host_is_left_as_it_is(example: str, location: str, tmp_path: Path) -> None:
    """The reference server put the API's base path before it."""
    headers = {"Location": {"required": True, "schema": {"type": "string", "example": example}}}
    answer = {"description": "It is elsewhere.", "headers": headers}
    moved = {"/moved": {"get": {"operationId": "getMoved", "security": [], "responses": {"303": answer}}}}
    overlay = tmp_path / "overlay.json"
    overlay.write_text(
        json.dumps(
            {
                "overlay": "1.0.0",
                "info": {"title": "Moved", "version": "1"},
                "actions": [{"target": "$.paths", "update": moved}],
            }
        )
    )
    with embedded_server("--overlay", str(overlay)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=HANG)
        connection.request("GET", "/api/moved")
        response = connection.getresponse()
        response.read()
        connection.close()
    assert (response.status, response.headers["Location"]) == (303, location)
