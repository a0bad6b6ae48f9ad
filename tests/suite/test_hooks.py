"""The hooks in the real `st` command: silent about a right server, and they find what it alone cannot know.

The runs are short (few examples, some operations); `make power` has long ones.
"""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from schemathesis.core.transport import Response

from contracts.suite.schemathesis.schemathesis_session import SchemathesisSession
from tests.fork_server import embedded_server
from tests.power.runs import schemathesis_command
from tests.power.runs.fault_bench import steer

WRITES = [
    "--include-tag-regex",
    "Content",
    "--exclude-operation-id",
    "bulkUpdateContent",
    "--max-failures",
    "1",
]


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    with embedded_server() as server:
        yield server.url


@pytest.fixture
def clean(target: str) -> Iterator[str]:
    """The server's URL, as new and without a fault."""
    yield target
    steer(target, "PUT", "/faults", {"faults": []})
    steer(target, "POST", "/reset", {"seed": 1, "items": 300})


def served(url: str) -> Counter[tuple[str, int]]:
    rows = steer(url, "GET", "/journal")["served"]
    return Counter({(row["operation"], row["status"]): row["count"] for row in rows})


def listed(url: str) -> int:
    """Items that are not archived."""

    def call(path: str, token: str = "", body: dict[str, str] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        data = json.dumps(body).encode() if body else None
        with urllib.request.urlopen(urllib.request.Request(f"{url}/api{path}", data, headers)) as answer:
            return json.load(answer)

    login = call("/auth/login", body={"email": "demo@tchat.com", "password": "demo-password"})
    total: int = call("/content/items", login["tokens"]["accessToken"])["data"]["pagination"]["total"]
    return total


# Schemathesis needs ten seconds until it draws the first body for these; `make power` and `conformance.fuzzing-…` take them.
LARGE = ["createContentItem", "updateContentItem", "bulkUpdateContent"]


@pytest.mark.parametrize(
    ("words", "reached"),
    [
        # What random ids would never reach.
        pytest.param(
            ["--max-examples", "1", "--phases", "examples,stateful"],
            {
                "updateContentItem": 2,
                "publishContent": 2,
                "revertContentVersion": 2,
                "getContentVersions": 2,
                "bulkUpdateContent": 2,
            },
            id="examples and links",
        ),
        pytest.param(
            [
                *("--max-examples", "2", "--phases", "fuzzing"),
                *(word for name in LARGE for word in ("--exclude-operation-id", name)),
            ],
            {"getContentVersions": 2},
            id="right and wrong data",
        ),
        # Nor spent tokens: each of these ends its own session.
        pytest.param(
            [
                *("--max-examples", "10", "--phases", "fuzzing", "--mode", "positive"),
                *("--include-operation-id", "logout", "--include-operation-id", "refreshTokens"),
            ],
            {"logout": 8, "refreshTokens": 8},
            id="sessions",
        ),
    ],
)
def test_a_right_server_is_called_right_and_left_as_it_was(
    clean: str, tmp_path: Path, words: list[str], reached: dict[str, int]
) -> None:
    before = listed(clean)
    done = schemathesis_command.run(
        clean, tmp_path, ["--seed", "1", *words, "--continue-on-failure"], hooks=True
    )
    assert done.said == "missed", (done.told, done.output[-2000:])
    count = served(clean)
    assert {name for name, least in reached.items() if count[name, 200] < least} == set(), count
    assert listed(clean) == before  # all that was made is archived again
    assert "eyJ" not in done.output and "demo-password" not in done.output


@pytest.mark.parametrize(
    ("fault", "law", "phases"),
    [
        pytest.param("lost-update", "stateful.model", "examples,stateful", id="lost update"),
        pytest.param(
            "problem-status-differs", "shape.problems", "examples", id="a problem that contradicts itself"
        ),
    ],
)
def test_a_fault_of_meaning_is_found(clean: str, tmp_path: Path, fault: str, law: str, phases: str) -> None:
    steer(clean, "PUT", "/faults", {"faults": [fault]})
    words = ["--seed", "1", "--max-examples", "4", "--phases", phases, *WRITES]
    done = schemathesis_command.run(clean, tmp_path, words, hooks=True)
    assert done.said == "found" and law in done.titles, (done.titles, done.output[-2000:])


def test_a_server_that_lets_nobody_in_is_a_finding_and_no_crash(clean: str, tmp_path: Path) -> None:
    steer(clean, "PUT", "/faults", {"faults": ["login-wrapped"]})
    words = ["--seed", "1", "--include-tag", "Auth", "--phases", "examples"]
    done = schemathesis_command.run(clean, tmp_path, [*words, "--continue-on-failure"], hooks=True)
    assert done.said == "found" and "Traceback" not in done.output, done.output[-2000:]


def test_what_may_not_be_written_to_is_not_written_to(clean: str, tmp_path: Path) -> None:
    steer(clean, "POST", "/reset", {"seed": 1, "items": 300})
    done = schemathesis_command.run(clean, tmp_path, [], hooks=True, TCHAT_READ_ONLY="1")
    assert done.told.startswith("st: TCHAT_READ_ONLY is set"), done
    assert not served(clean)


def test_what_the_hooks_find_is_told_without_secrets(clean: str) -> None:
    session = SchemathesisSession(f"{clean}/api", {})
    try:
        token = session.token("getContentItem")
        answer = requests.get(
            f"{clean}/api/content/items", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
        told = Response.from_requests(answer, verify=True)
        told.content = json.dumps(
            {
                "data": {
                    "items": [{"status": token, "title": "demo-password"}],
                    "pagination": {"page": token},
                },
                token: 1,
            }
        ).encode()
        session.after(SimpleNamespace(id="one"), "getContentItems", told)
        found = session.findings(SimpleNamespace(id="one"), "")
        assert token and found
        texts = [f"{each.expected} {each.got}" for each in found]
        assert not [text for text in texts for secret in (token[:60], "demo-password") if secret in text]
    finally:
        session.close()
