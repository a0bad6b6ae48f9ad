"""Adopting the harness for a server of one's own: what fails today is accepted with one command, and what gets worse is red."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from contracts.run import Run, parse
from contracts.run.failure_groups import failure_groups
from contracts.verdict import Grade
from reports.cli import main
from reports.decision.decide import decide
from reports.decision.policy import PolicyEffect, read
from tests.suite.conftest import Suite
from tests.suite.foreign.foreign_document import document, record
from tests.suite.foreign.foreign_server import REGRESSIONS, ForeignServer
from tests.suite.foreign.foreign_wire import running

TODAY = datetime.now(UTC).date()
EXPIRES = date(TODAY.year + 1, 1, 31)
SEEN_BY = {
    "version-unchecked": "items.conflict-on-stale-version or races.one-winner",
    "token-unverified": "tokens.required-everywhere or conformance.auth-not-ignored",
    "viewer-writes": "permissions.matrix",
    "archive-does-nothing": "items.archive or items.archived-hidden",
    "validation-open": "items.length-in-code-points or items.title-bounds",
    "refresh-reusable": "auth.refresh-reuse-revokes-family",
    "drafts-listed": "items.filter-status or items.archived-hidden",
    "sync-misses-deletes": "sync.deleted or sync.full-state",
    "bulk-failure-as-success": "bulk.partial-failure or bulk.all-fail",
    "publish-not-told": "realtime.event-per-change",
    "event-not-sent": "realtime.delivery or realtime.every-socket",
}
"""Regression -> some of the checks that see it; a run of all others would only take longer."""
OWN_FAULTS = ("400", "counts", "past the end", "items on page")
"""Words of each cause that is true of the server as it is."""
TRUE = (*OWN_FAULTS, "itemCount")
FAST = "smoke or semantics or auth or realtime or races"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("foreign") / "openapi.json"
    path.write_text(json.dumps(document()))
    return str(path)


def run_of(suite: Suite, server: ForeignServer, spec: str, folder: Path, *selection: str) -> Run:
    out = folder / "run.json"
    with running(server) as url:
        suite("--target", url, "--spec", spec, "--run-out", str(out), *selection)
    return parse(out.read_text(), name=out.name)


class Adopted(NamedTuple):
    """The server as it is, the run of it, and the policy that accepts what the run found."""

    server: ForeignServer
    run: Run
    policy: Path


@pytest.fixture(scope="module")
def today(suite: Suite, spec: str, tmp_path_factory: pytest.TempPathFactory) -> Adopted:
    """Of a server that locks an account for good after five wrong passwords."""
    folder, server = tmp_path_factory.mktemp("today"), ForeignServer(lock_after=5)
    found = run_of(suite, server, spec, folder, "-m", FAST)
    policy = folder / "policy.yaml"
    words = ["--owner", "content team", "--expires", EXPIRES.isoformat(), "-o", str(policy)]
    assert main(["accept", str(folder / "run.json"), *words]) == 0
    return Adopted(server, found, policy)


def test_every_reason_is_true_of_the_server(today: Adopted) -> None:
    told = [group.text for group in failure_groups(today.run.checks)]
    assert {word for word in OWN_FAULTS if any(word in text for text in told)} == set(OWN_FAULTS), told
    assert [text for text in told if not any(word in text for word in TRUE)] == []
    assert not [check.reason for check in today.run.checks if "bug of the harness" in check.reason]


def test_no_wrong_password_is_sent_for_an_account_of_the_run(today: Adopted) -> None:
    assert today.server.wrong and not today.server.wrong.keys() & today.server.users.keys()


def test_what_a_run_has_made_is_archived_at_its_end(today: Adopted) -> None:
    """Whatever status tells that it was made: this document says 200."""
    left = [versions[-1] for versions in today.server.items.values() if versions[-1]["status"] != "archived"]
    assert {item["title"] for item in left} == {"item 0", "item 1", "item 2"}


def test_one_command_makes_the_gate_green(today: Adopted) -> None:
    _, run, policy = today
    assert len(policy.read_text().splitlines()) < 300
    decision = decide(run, read(policy), TODAY)
    assert decision.word == "PASS", [
        (j.verdict.check, j.verdict.reason) for j in decision.judged if j.effect is PolicyEffect.BLOCK
    ]
    assert decide(run, read(policy), date(EXPIRES.year, 2, 1)).word == "FAIL"


@pytest.mark.parametrize("regression", REGRESSIONS)
def test_a_regression_is_red_under_the_policy(
    regression: str, today: Adopted, suite: Suite, spec: str, tmp_path: Path
) -> None:
    run = run_of(suite, ForeignServer(regression), spec, tmp_path, "-k", SEEN_BY[regression])
    decision = decide(run, read(today.policy), TODAY)
    red = {
        judged.verdict.check
        for judged in decision.judged
        if judged.effect is PolicyEffect.BLOCK and judged.verdict.grade is Grade.FAIL
    }
    assert red & set(SEEN_BY[regression].split(" or "))
    assert decision.word == "FAIL"


def test_a_world_without_categories_and_items_breaks_nothing(suite: Suite, spec: str, tmp_path: Path) -> None:
    run = run_of(suite, ForeignServer(empty=True), spec, tmp_path, "-m", "smoke or semantics")
    assert not [check.reason for check in run.checks if "bug of the harness" in check.reason]
    told = [group.text for group in failure_groups(run.checks)]
    assert [text for text in told if not any(word in text for word in TRUE)] == []


def test_a_login_may_answer_tokens_alone(suite: Suite, tmp_path: Path) -> None:
    """Who somebody is and what they may do is then not known, and all the rest is held to the document."""
    theirs = document()
    answer = theirs["paths"]["/v1/auth/login"]["post"]["responses"]["200"]["content"]["application/json"]
    answer["schema"] = record(tokens=answer["schema"]["properties"]["tokens"])
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(theirs))
    run = run_of(suite, ForeignServer(bare=True), str(path), tmp_path, "-m", "smoke or semantics or auth")
    told = [group.text for group in failure_groups(run.checks)]
    assert [text for text in told if not any(word in text for word in TRUE)] == []
    assert not [check.reason for check in run.checks if "bug of the harness" in check.reason]
    passed = {check.id for check in run.checks if check.grade == "PASS"}
    assert passed >= {"items.conflict-on-stale-version", "items.update-merges", "auth.refresh-rotates"}
    assert "permissions.matrix" in {check.id for check in run.not_applicable}
