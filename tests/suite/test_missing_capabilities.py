"""What a target lacks is told with its true reason: what somebody named is not told as if nobody had."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.dialect.document_needs import promises
from contracts.run import parse
from contracts.spec import Spec, canonical, load
from contracts.suite.api import capabilities
from contracts.suite.api.capabilities import Capabilities
from contracts.suite.api.suite_world import World
from contracts.suite.client.http_exchange import LARGE
from contracts.suite.world.control import find
from contracts.suite.world.suite_settings import settings
from tests.hostile.behaviours import BEHAVIOURS
from tests.hostile.hostile_server import serving
from tests.suite.conftest import Suite
from tests.suite.foreign.foreign_document import document
from tests.suite.mutating_proxy import Passing, mutating


@pytest.mark.parametrize(
    ("need", "options", "told"),
    [
        pytest.param("viewer", {"viewer": "a@b:c"}, "refuses to log in a@b, the account of --viewer", id="a named account"),
        pytest.param("stranger", {"stranger": "a@b:c"}, "the account of --stranger", id="another"),
        pytest.param("spare", {"spare": "a@b:c"}, "refuses to log in a@b, the account of --spare", id="one that may be locked"),
        pytest.param("viewer", {}, "there is no account that may only read (--viewer", id="a demo account"),
        pytest.param("write", {}, "the account may not write", id="an account that may not write"),
        pytest.param("write", {"read-only": True}, "(--read-only", id="a target that may not be written to"),
        pytest.param("control", {"control": "http://127.0.0.1:1/c"}, "answers at http://127.0.0.1:1/c (--control)", id="a named interface"),
        pytest.param("control", {"control": "off"}, "is switched off (--control off)", id="one that is switched off"),
        pytest.param("expiry", {}, "live 900 s, a check waits for 30 s at most (--budget 9000s lets it wait), and the target has no control", id="tokens that live long"),
        pytest.param("expiry", {"budget": "2h"}, "a check waits for 720 s at most", id="tokens that live longer than there is time"),
        pytest.param("control", {}, "the target has no control interface (/_control)", id="nobody named one"),
    ],
)  # fmt: skip
def test_the_reason_is_the_true_one(
    monkeypatch: pytest.MonkeyPatch, need: str, options: dict[str, Any], told: str
) -> None:
    monkeypatch.setattr(capabilities, "find", lambda *_: None)
    chosen = settings({"target": "http://127.0.0.1:1", **options}, {}, insist=True)
    target: Any = SimpleNamespace(settings=chosen, embedded=False, spec=canonical())
    accounts: Any = SimpleNamespace(
        session=lambda role: SimpleNamespace(permissions=(), life=900.0), can_log_in=lambda role: False,
        stated_permissions=lambda role: frozenset(),
    )  # fmt: skip
    assert told in Capabilities(target, accounts).missing(need)


def _of(spec: Spec, answers: dict[str, int], *permissions: str) -> Capabilities:
    """The capabilities of accounts with these permissions on a target that answers operations so."""

    def call(operation: str, **parts: Any) -> Any:
        return SimpleNamespace(status=answers.get(operation, 200), member=lambda *path: "a")

    chosen = settings({"target": "http://127.0.0.1:1", "editor": "a@b:c"}, {})
    target: Any = SimpleNamespace(settings=chosen, embedded=False, spec=spec, call=call)
    session = SimpleNamespace(permissions=permissions, access="t")
    told = frozenset(permissions) if promises(spec, "permissions") else None
    accounts: Any = SimpleNamespace(
        session=lambda role: session, can_log_in=lambda role: True, stated_permissions=lambda role: told
    )
    return Capabilities(target, accounts)


@pytest.mark.parametrize(
    ("answers", "writes", "publishes"),
    [({}, True, True), ({"archiveContent": 403}, True, False), ({"createContentItem": 403}, False, False)],
)
def test_requests_tell_what_an_account_may_do_where_the_document_names_no_permission(
    tmp_path: Path, answers: dict[str, int], writes: bool, publishes: bool
) -> None:
    """The words in the answer to a login are the target's own."""
    theirs = document()
    for operation in (one for item in theirs["paths"].values() for one in item.values()):
        operation.pop("x-permission", None)
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(theirs))
    found = _of(load(path), answers, "author")
    assert (found.has("write"), found.has("publish")) == (writes, publishes)
    assert not _of(canonical(), answers, "author").has("write")


def test_an_account_with_too_many_permissions_is_not_told_as_none() -> None:
    told = _of(canonical(), {}, "content:read", "content:archive").missing("editor")
    assert told == "a@b, the account of --editor, has more permissions than it should"
    assert _of(canonical(), {}, "content:read").has("editor")


@pytest.mark.parametrize(
    ("life", "leeway", "budget", "waits"),
    [(30.0, 0, "", True), (31.0, 0, "", False), (60.0, 0, "10m", True), (30.0, 1, "", False)],
)
def test_a_token_that_lives_shortly_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, life: float, leeway: int, budget: str, waits: bool
) -> None:
    monkeypatch.setattr(capabilities, "find", lambda *_: None)
    target: Any = SimpleNamespace(
        settings=settings({"target": "http://127.0.0.1:1", "budget": budget}, {}),
        spec=SimpleNamespace(document={"x-dialect": {"tokens": {"leeway": leeway}}}),
        embedded=False,
    )
    accounts: Any = SimpleNamespace(session=lambda role: SimpleNamespace(life=life), can_log_in=bool)
    assert Capabilities(target, accounts).has("expiry") == waits


STRANGE = (
    "JSON of 15 MiB", "number of a million digits", "JSON nested a million deep", "number beyond all bounds", "JSON of NaN and Infinity",
    "bytes that are no UTF-8", "no body at all", "HTML", "gzip bomb", "gzip that is none", "HTTP/0.9", "redirects to another host",
)  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_answer_is_no_control_interface(name: str, tmp_path: Path) -> None:
    """An answer of 15 MiB ended the run with a bug of ours: nobody looks into one that long, which no check had asked for."""
    (behaviour,) = (each for each in BEHAVIOURS if each.name == name)
    with serving(behaviour, ("127.0.0.1", 1), tmp_path) as url:
        world = World(settings({"target": url, "request-timeout": "5"}, {}), load())
        assert find(world.target, world.accounts) is None


def test_an_account_that_may_only_read_is_no_fault_of_the_target(
    suite: Suite, server: str, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    words = ("--email", "viewer@tchat.com", "--password", "demo-password", "--control", "off")
    done = suite("--target", server, *words, "-k", "smoke.reaches or smoke.in or shape.answers", "--run-out", str(out))  # fmt: skip
    grades = {(one.operation, one.grade) for one in parse(out.read_bytes(), name=out.name).checks}
    assert done.returncode == 2 and ("createContentItem", "UNKNOWN") in grades
    assert ("getContentItem", "PASS") in grades and "FAIL" not in {grade for _, grade in grades}
    assert "the account may not: its login tells no permission content:write" in done.stdout


def test_who_refuses_a_large_body_is_not_guessed(suite: Suite, server: str, tmp_path: Path) -> None:
    """Django, as gateways do, answers 400 without a code: nobody can tell from outside whether a gateway has."""

    def refused(passing: Passing) -> Passing:
        return replace(passing, status=400, body=b"<p>") if len(passing.sent) > LARGE else passing

    out = tmp_path / "run.json"
    with mutating(server, refused) as target:
        words = ("--target", target, "--run-out", str(out), "-k", "http.too-large and ingestMetrics")
        assert suite(*words).returncode == 2
    (made,) = parse(out.read_bytes(), name=out.name).checks
    assert "is refused with 400 and no code, by the server or by what stands before it" in made.reason


def test_a_handshake_that_is_refused_is_shown(suite: Suite, server: str) -> None:
    """What it lacks (an Origin, for Channels' OriginValidator) is to be seen."""
    words = ("--target", server, "--ws-path", "/auth/verify", "-k", "realtime.handshake")
    told = suite(*words)
    assert told.returncode == 1
    (line,) = [line for line in told.stdout.splitlines() if "requests" in line and "curl" in line]
    assert f'curl -sS -i "{server}/api/auth/verify?token=$TOKEN"' in line and "'Upgrade: websocket'" in line
